package calendar_test

import (
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"pgregory.net/rapid"
)

func window(t testing.TB, from, to string) calendar.Window {
	t.Helper()
	var w calendar.Window
	if err := w.From.UnmarshalText([]byte(from)); err != nil {
		t.Fatal(err)
	}
	if err := w.To.UnmarshalText([]byte(to)); err != nil {
		t.Fatal(err)
	}
	if err := w.Check(); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestOverdue(t *testing.T) {
	t.Parallel()
	ams := zone(t, "Europe/Amsterdam")
	due := date.MustParse("2026-10-24") // the clocks go back in the night after it
	for _, tc := range []struct {
		name string
		at   time.Time
		want bool
	}{
		{"R12 not at 23:59 on the due date", time.Date(2026, 10, 24, 23, 59, 59, 0, ams), false},
		{"R12 from 00:00 on the day after", time.Date(2026, 10, 25, 0, 0, 0, 0, ams), true},
		{"R12 not when only London or UTC is still behind", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), true},
		{"R12 nor when only Tokyo is ahead", time.Date(2026, 10, 25, 6, 0, 0, 0, zone(t, "Asia/Tokyo")), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.Overdue(due, tc.at, ams); got != tc.want {
				t.Errorf("overdue at %s: %v, want %v", tc.at, got, tc.want)
			}
		})
	}
	t.Run("R12 no due date is never overdue", func(t *testing.T) {
		t.Parallel()
		if calendar.Overdue(date.Date{}, time.Date(2030, 1, 1, 0, 0, 0, 0, ams), ams) {
			t.Error("an invoice without a due date is overdue")
		}
	})
	t.Run("R12 the moment and the test agree in every zone", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			// Cairo and São Paulo have skipped midnight itself.
			name := rapid.SampledFrom([]string{"Europe/Amsterdam", "Europe/London", "Africa/Cairo", "America/Sao_Paulo", "UTC"}).Draw(t, "zone")
			loc, err := time.LoadLocation(name)
			if err != nil {
				t.Skip(name, err)
			}
			due := date.New(2015, 1, 1).AddDays(rapid.IntRange(0, 4500).Draw(t, "due"))
			from := calendar.OverdueFrom(due, loc)
			if !calendar.Overdue(due, from, loc) || calendar.Overdue(due, from.Add(-time.Nanosecond), loc) {
				t.Fatalf("due %s in %s: overdue from %s does not split the days", due, name, from)
			}
		})
	})
}

func TestSlot(t *testing.T) {
	t.Parallel()
	ams := zone(t, "Europe/Amsterdam")
	nl := sendingDays(t, "NL")
	sms := window(t, "09:00", "20:00")
	for _, tc := range []struct {
		name string
		at   time.Time
		want time.Time
	}{
		{"R14 inside the window it stays", time.Date(2026, 11, 20, 19, 59, 0, 0, ams), time.Date(2026, 11, 20, 19, 59, 0, 0, ams)},
		{"R14 before the window it waits for the same day", time.Date(2026, 11, 20, 6, 0, 0, 0, ams), time.Date(2026, 11, 20, 9, 0, 0, 0, ams)},
		{"R14 after the window on Friday it is Monday", time.Date(2026, 11, 20, 20, 0, 0, 0, ams), time.Date(2026, 11, 23, 9, 0, 0, 0, ams)},
		{"R14 on a holiday it is the next sending day", time.Date(2026, 4, 27, 12, 0, 0, 0, ams), time.Date(2026, 4, 28, 9, 0, 0, 0, ams)},
		{"R14 the debtor's wall clock counts, not ours", time.Date(2026, 11, 20, 19, 30, 0, 0, time.UTC), time.Date(2026, 11, 23, 9, 0, 0, 0, ams)},
		{"R14 the summer offset applies after the clocks change", time.Date(2026, 3, 27, 21, 0, 0, 0, ams), time.Date(2026, 3, 30, 7, 0, 0, 0, time.UTC)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := nl.NextSlot(tc.at, sms, ams); !got.Equal(tc.want) {
				t.Errorf("%s -> %s, want %s", tc.at, got, tc.want)
			}
		})
	}
	t.Run("R14 a window that starts in the skipped hour opens after it", func(t *testing.T) {
		t.Parallel()
		// Jerusalem skips 02:00 to 03:00 on a Friday, which is a sending day here.
		jerusalem := zone(t, "Asia/Jerusalem")
		got := calendar.Slot(date.MustParse("2026-03-27"), window(t, "02:30", "05:00"), jerusalem, nil)
		if want := time.Date(2026, 3, 27, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
			t.Errorf("opens at %s, want %s", got, want.In(jerusalem))
		}
		got = calendar.Slot(date.MustParse("2026-03-27"), window(t, "02:15", "02:45"), jerusalem, nil)
		if want := time.Date(2026, 3, 30, 2, 15, 0, 0, jerusalem); !got.Equal(want) {
			t.Errorf("a skipped window opens at %s, want %s", got, want)
		}
	})
	t.Run("R14 every slot is allowed, not early and the first", func(t *testing.T) {
		t.Parallel()
		zones := []*time.Location{ams, zone(t, "Europe/London"), zone(t, "America/New_York"), time.UTC}
		rapid.Check(t, func(t *rapid.T) {
			loc := rapid.SampledFrom(zones).Draw(t, "zone")
			from := rapid.IntRange(0, 1438).Draw(t, "from")
			w := calendar.Window{From: calendar.TimeOfDay(from), To: calendar.TimeOfDay(rapid.IntRange(from+1, 1440).Draw(t, "to"))}
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "minute")) * time.Minute)
			got := nl.NextSlot(at, w, loc)
			if got.Before(at) || !w.Contains(got) || !nl.IsSendingDay(date.Of(got)) {
				t.Fatalf("%s -> %s is not allowed", at.In(loc), got)
			}
			if again := nl.NextSlot(got, w, loc); !again.Equal(got) {
				t.Fatalf("the slot %s moves again to %s", got, again)
			}
			if earlier := got.Add(-time.Minute); earlier.After(at) && w.Contains(earlier) && nl.IsSendingDay(date.Of(earlier)) {
				t.Fatalf("%s was allowed before %s", earlier, got)
			}
		})
	})
}

func TestWindow(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "9:00", "09.00", "24:01", "12:60", "-1:00", "09:000"} {
		if got, err := calendar.ParseTimeOfDay(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseTimeOfDay(%q) = %s, %v", bad, got, err)
		}
	}
	for _, w := range []calendar.Window{{From: 600, To: 600}, {From: 1200, To: 480}, {From: 0, To: 1441}} {
		if err := w.Check(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s-%s was accepted: %v", w.From, w.To, err)
		}
	}
	for _, c := range []calendar.Channel{calendar.Email, calendar.Letter, calendar.SMS, calendar.Voice, calendar.Call, calendar.Peppol} {
		if err := calendar.DefaultWindow(c).Check(); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
}
