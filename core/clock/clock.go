// Package clock tells the time of a tenant: the real one, or a faster one for
// demonstrations and simulations.
package clock

import (
	"math/bits"
	"time"
)

// Clock tells the moment that decisions are made at.
type Clock interface {
	Now() time.Time
}

// Func makes a function a Clock.
type Func func() time.Time

// Now calls the function.
func (f Func) Now() time.Time { return f() }

// Real is the machine's clock in UTC.
var Real Clock = Func(func() time.Time { return time.Now().UTC() })

// At is a clock that stands still.
func At(t time.Time) Clock { return Func(func() time.Time { return t }) }

// Day is the length of a day that is not sped up.
const Day = 24 * time.Hour

// Scale maps real time to the time a tenant lives in. From RealOrigin on, each
// DayLength of real time is one day after Origin, until the tenant's time
// reaches Until; from there on it runs at real pace. The zero Scale is real
// time.
type Scale struct {
	RealOrigin time.Time     `json:"realOrigin"`
	Origin     time.Time     `json:"origin"`
	DayLength  time.Duration `json:"dayLength"`
	Until      time.Time     `json:"until"`
}

// IsReal reports whether the scale changes nothing.
func (s Scale) IsReal() bool { return s.DayLength == 0 || s.RealOrigin.IsZero() }

// Tenant returns the tenant's time at a real moment.
func (s Scale) Tenant(real time.Time) time.Time {
	if s.IsReal() {
		return real
	}
	span := stretch(real.Sub(s.RealOrigin), Day, s.DayLength)
	if fast := s.fastSpan(); fast >= 0 && span > fast {
		return s.Until.Add(real.Sub(s.RealOrigin) - stretch(fast, s.DayLength, Day))
	}
	return s.Origin.Add(span)
}

// Real returns the real moment at which the tenant's time is t. It is the
// inverse of Tenant.
func (s Scale) Real(t time.Time) time.Time {
	if s.IsReal() {
		return t
	}
	span := t.Sub(s.Origin)
	if fast := s.fastSpan(); fast >= 0 && span > fast {
		return s.RealOrigin.Add(stretch(fast, s.DayLength, Day) + span - fast)
	}
	return s.RealOrigin.Add(stretch(span, s.DayLength, Day))
}

// Clock returns the tenant's clock over a real one.
func (s Scale) Clock(real Clock) Clock {
	return Func(func() time.Time { return s.Tenant(real.Now()) })
}

func (s Scale) fastSpan() time.Duration {
	if s.Until.IsZero() {
		return -1
	}
	return s.Until.Sub(s.Origin)
}

// stretch returns d*num/den, exact to the nanosecond for spans of centuries.
func stretch(d, num, den time.Duration) time.Duration {
	if d < 0 {
		return -stretch(-d, num, den)
	}
	hi, lo := bits.Mul64(uint64(d), uint64(num))
	q, _ := bits.Div64(hi, lo, uint64(den))
	return time.Duration(q)
}
