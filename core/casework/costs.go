package casework

import (
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/claim"
)

// hour of the day at which a case is looked at, in the creditor's zone.
const hour = 9

// costsLeft does what the creditor wants with costs and interest that remain
// when the principal is paid (R36).
func (l *look) costsLeft(soon func(time.Time, string)) error {
	since := l.file.Case.CostsOnlySince
	if since.IsZero() || l.state.Charges() == 0 || l.file.Case.State == "closed" || l.file.Policy.CostsLeft != claim.WaiveLater {
		return nil
	}
	day := since.AddDays(l.file.Policy.WaiveAfterDays)
	if l.today.Before(day) {
		soon(day.At(hour, 0, l.file.Zone), "Costs that remain are waived then")
		return nil
	}
	o, err := claim.Waive(l.ctx, l.tx, l.file.Case.ID, claim.Waiver{
		Costs: l.state.Costs, Interest: l.state.Interest, Scope: claim.Final, By: "voldaan",
		Reason: fmt.Sprintf("The principal is paid, and %d days went by: what remains is waived by the creditor's policy.", l.file.Policy.WaiveAfterDays),
	}, l.now)
	if err != nil {
		return err
	}
	return l.after(o)
}
