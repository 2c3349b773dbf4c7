package calendar_test

import (
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/sdk/date"
	"pgregory.net/rapid"
)

func sendingDays(t testing.TB, codes ...string) calendar.Days {
	t.Helper()
	days, err := calendar.SendingDays(codes...)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestSendingDays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		codes      []string
		from, want string
		why        string
	}{
		{"R13 a working day stays", []string{"NL"}, "2026-11-20", "2026-11-20", ""},
		{"R13 a Saturday moves to Monday", []string{"NL"}, "2026-11-21", "2026-11-23", "Saturday"},
		{"R13 Easter moves from Friday to Tuesday", []string{"NL"}, "2026-04-03", "2026-04-07", "Goede Vrijdag (NL)"},
		{"R13 the holiday of the debtor counts", []string{"NL", "BE"}, "2026-07-21", "2026-07-22", "Nationale Feestdag (BE)"},
		{"R13 and of neither does not", []string{"NL", "NL"}, "2026-07-21", "2026-07-21", ""},
		{"R13 Christmas, a Saturday and a Sunday", []string{"NL", "DE"}, "2026-12-25", "2026-12-28", "Eerste Kerstdag (NL)"},
		{"R13 no calendar keeps weekends", nil, "2026-12-26", "2026-12-28", "Saturday"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			days := sendingDays(t, tc.codes...)
			from := date.MustParse(tc.from)
			if got := days.Next(from); got.String() != tc.want {
				t.Errorf("Next(%s) = %s, want %s", from, got, tc.want)
			}
			if got := days.Why(from); got != tc.why {
				t.Errorf("Why(%s) = %q, want %q", from, got, tc.why)
			}
		})
	}
	t.Run("R13 later steps keep their minimum gap", func(t *testing.T) {
		t.Parallel()
		planned := []date.Date{date.MustParse("2026-04-03"), date.MustParse("2026-04-10"), date.MustParse("2026-05-05")}
		got := sendingDays(t, "NL").Place(planned, 7)
		for i, want := range []string{"2026-04-07", "2026-04-14", "2026-05-06"} {
			if got[i].String() != want {
				t.Errorf("step %d is on %s, want %s", i, got[i], want)
			}
		}
	})
	t.Run("R22 today plus one sending day", func(t *testing.T) {
		t.Parallel()
		if got := sendingDays(t, "NL").Add(date.MustParse("2026-04-02"), 1); got.String() != "2026-04-07" {
			t.Errorf("the sending day after Maundy Thursday is %s", got)
		}
	})
	t.Run("R13 placed steps are sending days, in order, never early", func(t *testing.T) {
		t.Parallel()
		days := sendingDays(t, "NL", "BE", "DE-BY")
		rapid.Check(t, func(t *rapid.T) {
			minGap := rapid.IntRange(0, 14).Draw(t, "gap")
			d := date.New(2024, 1, 1).AddDays(rapid.IntRange(0, 1500).Draw(t, "start"))
			var planned []date.Date
			for _, n := range rapid.SliceOfN(rapid.IntRange(0, 20), 1, 8).Draw(t, "offsets") {
				d = d.AddDays(n)
				planned = append(planned, d)
			}
			for i, got := range days.Place(planned, minGap) {
				if !days.IsSendingDay(got) || got.Before(planned[i]) {
					t.Fatalf("step %d planned on %s is placed on %s (%s)", i, planned[i], got, days.Why(got))
				}
				if i > 0 && got.DaysSince(days.Place(planned, minGap)[i-1]) < minGap {
					t.Fatalf("step %d on %s is too close to the one before", i, got)
				}
			}
		})
	})
}

func BenchmarkNext(b *testing.B) {
	days := sendingDays(b, "NL", "BE")
	d := date.MustParse("2026-04-03")
	for b.Loop() {
		days.Next(d)
	}
}
