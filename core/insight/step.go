package insight

import (
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

// EffectWindow is how long at most a payment is put down to the step before it.
const EffectWindow = 14 * 24 * time.Hour

// ErrHeldBack is returned for a statutory notice in the hold-back group.
var ErrHeldBack = errors.New("a statutory notice is never held back; take its step out of the comparison")

// Demand is one step towards one debtor: sent, or held back for a while at
// random, to compare with. The step of a hold-back is sent later, not skipped.
type Demand struct {
	At        time.Time // when it was sent, or would have been
	Next      time.Time // of the next step, or of the delayed one; zero for none yet
	Demanded  money.Amount
	Receipts  []Receipt // of the invoices demanded
	HeldBack  bool
	Statutory bool
}

// Receipt is money that came in, at the moment it had value.
type Receipt struct {
	At     time.Time
	Amount money.Amount
}

// Effect is what a step brought in.
type Effect struct {
	Sent     Ratio // value paid after the step and before the next / value demanded
	HeldBack Ratio // the same of those who did not get it yet
	Lift     Ratio // Sent - HeldBack: what the step itself did
}

// StepEffect compares the demands of one step, in one currency, with its
// hold-back group: value paid after it and before the next, within 14 days, /
// value demanded. What is paid above a demand counts for other claims. Give only
// demands whose window is over. It returns ErrHeldBack and the errors of
// money.Amount.Add.
func StepEffect(demands []Demand) (Effect, error) {
	var paid, asked [2]money.Amount
	for _, d := range demands {
		group := 0
		if d.HeldBack {
			if group = 1; d.Statutory {
				return Effect{}, fmt.Errorf("step of %s: %w", d.At, ErrHeldBack)
			}
		}
		got, err := d.paid()
		if err != nil {
			return Effect{}, err
		}
		if paid[group], err = paid[group].Add(got); err != nil {
			return Effect{}, err
		}
		if asked[group], err = asked[group].Add(d.Demanded); err != nil {
			return Effect{}, err
		}
	}
	var e Effect
	var err error
	if e.Sent, err = Share(paid[0], asked[0]); err != nil {
		return Effect{}, err
	}
	if e.HeldBack, err = Share(paid[1], asked[1]); err != nil {
		return Effect{}, err
	}
	e.Lift = e.Sent.Less(e.HeldBack)
	return e, nil
}

// paid is what came within the window, at most what was demanded.
func (d Demand) paid() (total money.Amount, err error) {
	end := d.At.Add(EffectWindow)
	if !d.Next.IsZero() && d.Next.Before(end) {
		end = d.Next
	}
	for _, r := range d.Receipts {
		if r.At.After(d.At) && r.At.Before(end) {
			if total, err = total.Add(r.Amount); err != nil {
				return money.Amount{}, err
			}
		}
	}
	return atMost(total, d.Demanded)
}
