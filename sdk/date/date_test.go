package date_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"pgregory.net/rapid"
)

func TestDate(t *testing.T) {
	t.Parallel()
	d := date.MustParse("2024-02-29")
	if got := d.AddYears(1).String(); got != "2025-03-01" {
		t.Errorf("29 February + 1 year = %s", got)
	}
	if got := d.AddDays(366).DaysSince(d); got != 366 {
		t.Errorf("DaysSince = %d", got)
	}
	if d.Weekday() != time.Thursday {
		t.Errorf("weekday = %s", d.Weekday())
	}
	if (date.Date{}).String() != "" || !(date.Date{}).IsZero() {
		t.Error("the zero value is not 'no date'")
	}
	if _, err := date.Parse("2026-02-30"); err == nil {
		t.Error("30 February was accepted")
	}
}

func TestOfUsesTheLocationOfTheMoment(t *testing.T) {
	t.Parallel()
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2026, 7, 1, 22, 30, 0, 0, time.UTC)
	if got := date.Of(late.In(ams)).String(); got != "2026-07-02" {
		t.Errorf("22:30 UTC is %s in Amsterdam, want 2026-07-02", got)
	}
}

func TestTextRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := date.New(2000, 1, 1).AddDays(rapid.IntRange(-300_000, 300_000).Draw(t, "days"))
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		var back date.Date
		if err := json.Unmarshal(b, &back); err != nil || back != d {
			t.Fatalf("%s -> %s -> %s, %v", d, b, back, err)
		}
		if v, _ := d.Value(); date.Of(v.(time.Time)) != d {
			t.Fatalf("%s does not survive the database value %v", d, v)
		}
	})
}
