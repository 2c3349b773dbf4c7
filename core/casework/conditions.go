package casework

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/claim"
)

// lateDays is how long after its last day a payment may still come to our
// knowledge, with a value date that was in time.
const lateDays = 3

// conditions ends what hangs on a waiver with a day: paid by then, what came up
// since is let go; not paid, what was waived is owed again (R104).
func (l *look) conditions(soon func(time.Time, string)) error {
	if l.file.Case.State == "closed" {
		return nil
	}
	list, err := l.file.Conditions(l.today)
	if err != nil {
		return err
	}
	for _, c := range list {
		switch judge := c.Until.AddDays(lateDays + 1); {
		case c.Kept && l.state.Principal == 0 && l.state.Charges() > 0:
			o, err := claim.Waive(l.ctx, l.tx, l.file.Case.ID, claim.Waiver{
				Costs: l.state.Costs, Interest: l.state.Interest, Scope: claim.Final, By: "voldaan",
				Reason: fmt.Sprintf("What was asked by %s is paid: what came up since is let go.", c.Until),
			}, l.now)
			if err != nil {
				return err
			}
			return l.after(o)
		case c.Kept:
		case l.today.Before(judge):
			soon(judge.At(hour, 0, l.file.Zone), "A waiver holds only when it is paid by a day")
		default:
			o, err := claim.Revive(l.ctx, l.tx, l.file.Case.ID, c.Plan(), l.now, "voldaan")
			if err != nil {
				return err
			}
			return l.after(o)
		}
	}
	return nil
}
