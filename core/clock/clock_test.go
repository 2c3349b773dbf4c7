package clock_test

import (
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
)

func TestScale(t *testing.T) {
	t.Parallel()
	real := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	origin := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	s := clock.Scale{RealOrigin: real, Origin: origin, DayLength: 2 * time.Second, Until: origin.AddDate(0, 0, 60)}
	for _, tc := range []struct {
		name string
		real time.Duration
		want time.Time
	}{
		{"the origins meet", 0, origin},
		{"two seconds are a day", 2 * time.Second, origin.AddDate(0, 0, 1)},
		{"half a second is six hours", 500 * time.Millisecond, origin.Add(6 * time.Hour)},
		{"the fast part ends", 120 * time.Second, origin.AddDate(0, 0, 60)},
		{"then an hour is an hour", 120*time.Second + time.Hour, origin.AddDate(0, 0, 60).Add(time.Hour)},
	} {
		got := s.Tenant(real.Add(tc.real))
		if !got.Equal(tc.want) {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
		if back := s.Real(got); !back.Equal(real.Add(tc.real)) {
			t.Errorf("%s: Real(Tenant(x)) = %s, want %s", tc.name, back, real.Add(tc.real))
		}
	}
	if got := (clock.Scale{}).Tenant(real); !got.Equal(real) {
		t.Errorf("the zero scale moved time to %s", got)
	}
}
