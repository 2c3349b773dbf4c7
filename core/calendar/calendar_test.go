package calendar_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
)

func calendarOf(t testing.TB, code string) *calendar.Calendar {
	t.Helper()
	c, err := calendar.For(code)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestObservedHolidays(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		code, day, name string // name empty: no holiday
	}{
		{"NL", "2026-04-27", "Koningsdag"},
		{"NL", "2025-04-26", "Koningsdag"}, // 27 April 2025 is a Sunday
		{"NL", "2025-04-27", ""},
		{"NL", "2026-04-03", "Goede Vrijdag"},
		{"NL", "2027-05-05", "Bevrijdingsdag"},
		{"NL", "2026-05-25", "Tweede Pinksterdag"},
		{"NL", "2026-05-01", ""},
		{"BE", "2026-07-21", "Nationale Feestdag"},
		{"BE", "2026-04-03", ""},
		{"FR", "2026-07-14", "Fête Nationale"},
		{"FR", "2026-04-03", ""},
		{"FR-67", "2026-04-03", "Good Friday"},
		{"DE", "2026-10-03", "Tag der Deutschen Einheit"},
		{"DE-MV", "2024-03-08", "Frauentag"},
		{"DE-MV", "2022-03-08", ""},
		{"DE-BY", "2026-01-06", "Heilige Drei Könige"},
		{"DE-HH", "2026-01-06", ""},
		{"GB", "2021-12-27", "Christmas Day"}, // Saturday, observed on Monday
		{"GB", "2021-12-28", "Boxing Day"},
		{"GB", "2021-12-25", ""},
		{"GB", "2022-09-19", "State Funeral of Queen Elizabeth II"},
		{"GB", "2023-09-19", ""},
		{"GB", "2026-04-06", "Easter Monday"},
		{"GB-SCT", "2026-04-06", ""},
		{"GB-SCT", "2026-01-02", "2nd January"},
		{"GB-SCT", "2022-01-03", "New Year's Day"},
		{"GB-SCT", "2022-01-04", "2nd January"},
		{"GB-SCT", "2026-08-03", "Summer Bank Holiday"},
		{"GB-SCT", "2026-08-31", ""},
		{"GB-NIR", "2026-07-13", "Battle of the Boyne"}, // 12 July is a Sunday
		{"GB-NIR", "2026-03-17", "St Patrick's Day"},
		{"TARGET", "2026-05-01", "Labour Day"},
		{"TARGET", "2026-05-05", ""},
	} {
		name, ok := calendarOf(t, tc.code).Holiday(date.MustParse(tc.day))
		if ok != (tc.name != "") || ok && name != tc.name {
			t.Errorf("%s %s: %q, %v; want %q", tc.code, tc.day, name, ok, tc.name)
		}
	}
}

func TestHolidaysOfAYearAreInOrder(t *testing.T) {
	t.Parallel()
	got := calendarOf(t, "NL").Holidays(2026)
	want := []string{"2026-01-01", "2026-04-03", "2026-04-06", "2026-04-27", "2026-05-05", "2026-05-14", "2026-05-25", "2026-12-25", "2026-12-26"}
	if len(got) != len(want) {
		t.Fatalf("%d holidays: %v", len(got), got)
	}
	for i := range want {
		if got[i].Date.String() != want[i] {
			t.Errorf("holiday %d is %s, want %s", i, got[i].Date, want[i])
		}
	}
}

func TestWithAddsADayForOneCopyOnly(t *testing.T) {
	t.Parallel()
	nl := calendarOf(t, "NL")
	bridge := date.MustParse("2026-05-15")
	more := nl.With(calendar.Holiday{Date: bridge, Name: "equated by royal decree"})
	if name, _ := more.Holiday(bridge); name != "equated by royal decree" {
		t.Errorf("the added day is %q", name)
	}
	if _, ok := nl.Holiday(bridge); ok {
		t.Error("the shared calendar changed")
	}
}

func TestForRefusesAnUnknownCode(t *testing.T) {
	t.Parallel()
	if _, err := calendar.For("XX"); !fault.Is(err, fault.NotFound) {
		t.Errorf("For(XX) = %v", err)
	}
	if _, err := calendar.SendingDays("NL", "XX"); !fault.Is(err, fault.NotFound) {
		t.Errorf("SendingDays(XX) = %v", err)
	}
}
