package dunning

import (
	"slices"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
)

// erasures reads which debtors asked to be erased and are kept for the law alone.
func (l *loader) erasures() error {
	ids, err := l.tx.LedgerRestricted(l.ctx, l.debtors)
	for _, id := range ids {
		if led := l.byDebtor[id]; led != nil {
			led.restricted = true
		}
	}
	return err
}

// courtesy reports whether a step is not needed to keep or to enforce the claim:
// what comes before the last notice, and offers.
func courtesy(s policy.Step) bool {
	early := s.Reminds() && !s.Phase.Beyond(receivable.Reminding) && !s.Statutory && s.ID != policy.PaymentReversed
	return early || s.Kind() == policy.PlanOffer
}

// niceties are the words that nobody has to say. The others answer what the debtor
// did, are owed under a mandate, or keep the claim alive.
var niceties = []outreach.Step{outreach.InstalmentDue, outreach.PaymentReceived, outreach.PlanCompleted, outreach.PlanOffer}

// spared reports whether a word is left out for a debtor who asked to be erased
// (R116).
func (f *fence) spared(w *Word) bool {
	return f.led.restricted && !w.Legal && slices.Contains(niceties, w.Step)
}
