package dunning

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Ahead is a step that follows if nobody pays, writes or pauses.
type Ahead = policy.Foreseen

// mostAhead bounds a rehearsal; no flow has as many steps.
const mostAhead = 24

// Ahead rehearses the rest of an invoice's flow with the functions that plan it.
// It writes nothing. A closed or unknown invoice has nothing ahead.
func (p Planner) Ahead(ctx context.Context, tx store.Tx, invoice uuid.UUID) ([]Ahead, error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	inv, err := tx.Invoice(ctx, invoice)
	if err != nil {
		return nil, fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	ledgers, err := loadLedgers(ctx, tx, []uuid.UUID{inv.DebtorID})
	if err != nil || len(ledgers) == 0 {
		return nil, err
	}
	it := ledgers[0].item(invoice)
	if it == nil || it.state != nil && it.state.Phase == string(receivable.Closed) {
		return nil, nil
	}
	steps := ledgers[0].rehearse(it, now, mostAhead)
	if it.state != nil && it.state.NextAt != nil && len(steps) > 0 && string(steps[0].Step.ID) == it.state.NextStep {
		steps[0].At = *it.state.NextAt // what the gate made of it
	}
	return steps, nil
}

// rehearse takes the steps of an invoice's flow in thought.
func (l *ledger) rehearse(it *item, now time.Time, most int) []Ahead {
	statutory := policy.Step{ID: policy.FourteenDay, Statutory: true}
	return policy.Path(l.flow(it), l.moment(it, policy.Step{}, now).State, most, func(posted date.Date) date.Date { return l.costsFrom(statutory, posted) })
}

// costsFrom is the first day after the term of the notice that a step is, posted
// on a day; zero for another step or where the creditor's law is not known.
func (l *ledger) costsFrom(step policy.Step, posted date.Date) date.Date {
	pack, err := l.jurisdiction()
	if err != nil {
		return date.Date{}
	}
	kind, ok := l.noticeOf(pack, step)
	if !ok {
		return date.Date{}
	}
	term, err := pack.NoticeTerm(law.Delivery{Kind: kind, Sent: posted, Channel: law.Post})
	if err != nil {
		return date.Date{}
	}
	return term.CostsFrom
}

// Rehearsed is what going live would do with one invoice first.
type Rehearsed struct {
	Invoice, Debtor uuid.UUID
	Number, Name    string
	Open            money.Amount
	Old             bool // from before the go-live date
	First           Ahead
}

// mostRehearsed bounds the memory of rehearsing a whole administration.
const mostRehearsed = 5000

// Rehearse tells what would be sent first for every invoice that is not planned
// yet, if an administration went live on a day and older invoices entered at a
// step (R16). It writes nothing.
func (p Planner) Rehearse(ctx context.Context, tx store.Tx, administration uuid.UUID, on date.Date, entry policy.StepID) ([]Rehearsed, error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, err
	}
	open, err := tx.UnplannedInvoices(ctx, db.UnplannedInvoicesParams{AdministrationID: administration, Most: mostRehearsed})
	if err != nil || len(open) == 0 {
		return nil, err
	}
	wanted := make(map[uuid.UUID]bool, len(open))
	for _, id := range open {
		wanted[id] = true
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, open)
	if err != nil {
		return nil, fmt.Errorf("find the debtors of invoices: %w", err)
	}
	var out []Rehearsed
	for some := range slices.Chunk(debtors, debtorsAtOnce) {
		ledgers, err := loadLedgers(ctx, tx, some)
		if err != nil {
			return nil, err
		}
		for _, l := range ledgers {
			l.adm.GoLiveOn, l.adm.EntryStep = on, string(entry)
			for _, it := range l.items {
				if !wanted[it.invoice.ID] {
					continue
				}
				if first := l.rehearse(it, now, 1); len(first) > 0 {
					out = append(out, Rehearsed{
						Invoice: it.invoice.ID, Debtor: l.debtor.ID, Number: it.invoice.Number, Name: l.debtor.Name,
						Open: money.Of(it.invoice.OpenMinor-it.received, it.invoice.Currency), Old: it.invoice.Issued.Before(on), First: first[0],
					})
				}
			}
		}
	}
	return out, nil
}
