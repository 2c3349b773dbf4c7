package debit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// InvoicesChanged plans collections of invoices that the books told of; whoever
// observes a sync calls it after the planner.
func (s *Service) InvoicesChanged(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices []uuid.UUID) error {
	return s.planFor(ctx, tx, administration, invoices, nil)
}

// planFor schedules what may be collected of the invoices, or of all invoices of
// the debtors.
func (s *Service) planFor(ctx context.Context, tx store.Tx, administration uuid.UUID, invoices, debtors []uuid.UUID) error {
	if len(invoices) == 0 && len(debtors) == 0 {
		return nil
	}
	rows, err := tx.DebitCandidates(ctx, db.DebitCandidatesParams{Invoices: invoices, Debtors: debtors})
	if err != nil {
		return fmt.Errorf("find what may be collected: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	sc, err := s.scene(ctx, tx, administration)
	if err != nil {
		return err
	}
	list := make([]claim, len(rows))
	for i, r := range rows {
		list[i] = claim{invoice: r.ID, number: r.Number, debtor: r.DebtorID, mandate: r.MandateID, due: r.Due, open: money.Of(r.Open, r.Currency)}
	}
	_, err = s.plan(ctx, tx, sc, list, voldaan)
	return err
}

// claim is an invoice that may be collected.
type claim struct {
	invoice, debtor, mandate uuid.UUID
	number                   string
	due                      date.Date
	open                     money.Amount
}

// plan schedules claims, given by debtor: those of one day go in one collection,
// as far as the limits allow.
func (s *Service) plan(ctx context.Context, tx store.Tx, sc scene, list []claim, by string) (planned int, err error) {
	free, err := s.unobstructed(ctx, tx, sc, list)
	if err != nil {
		return 0, err
	}
	var batch []claim
	var slot sepa.Slot
	var m db.Mandate
	travels := 0 // days that the announcement is on its way
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		planned += len(batch)
		err := s.queue(ctx, tx, sc, m, slot, batch, by)
		batch = nil
		return err
	}
	for _, c := range free {
		if c.mandate != m.ID {
			if err := flush(); err != nil {
				return planned, err
			}
			if err := lockDebtor(ctx, tx, c.debtor); err != nil {
				return planned, err
			}
			if m, err = tx.LockMandate(ctx, c.mandate); err != nil {
				return planned, fmt.Errorf("load mandate %s: %w", c.mandate, err)
			}
			if travels, err = dunning.Travels(ctx, tx, c.debtor); err != nil {
				return planned, err
			}
		}
		at := sepa.Schedule(c.due, sc.today, int(m.LeadDays)+travels)
		if _, ok := sepa.Usable(sepa.State(m.State), m.SignedOn, m.LastUsed, at.Collect); !ok {
			continue
		}
		sum := total(batch) + c.open.Minor
		if at != slot || sc.setting.LimitMinor > 0 && sum > sc.setting.LimitMinor {
			if err := flush(); err != nil {
				return planned, err
			}
			slot, sum = at, c.open.Minor
		}
		month, err := tx.CollectedInMonth(ctx, db.CollectedInMonthParams{DebtorID: c.debtor, Day: at.Collect})
		if err != nil {
			return planned, fmt.Errorf("sum the month: %w", err)
		}
		if why, ok := limits(sc.setting).Allow(sum, month); !ok {
			if err := task(ctx, tx, sc, "debit_limit", c.invoice, "Invoice "+c.number+" is not collected", why+" Collect it by hand, or let the debtor transfer it."); err != nil {
				return planned, err
			}
			continue
		}
		batch = append(batch, c)
	}
	return planned, flush()
}

func total(list []claim) (sum int64) {
	for _, c := range list {
		sum += c.open.Minor
	}
	return sum
}

// unobstructed leaves out what is settled, disputed, paused, on a plan, or covered
// by credit.
func (s *Service) unobstructed(ctx context.Context, tx store.Tx, sc scene, list []claim) ([]claim, error) {
	scopes := []uuid.UUID{sc.adm.ID}
	for _, c := range list {
		scopes = append(scopes, c.invoice, c.debtor)
	}
	held, err := obstacles(ctx, tx, sc, scopes, uuid.Nil)
	if err != nil {
		return nil, err
	}
	credit := map[uuid.UUID]int64{}
	var out []claim
	for _, c := range list {
		if c.open.Minor <= 0 || held[c.invoice] != "" || held[c.debtor] != "" || held[sc.adm.ID] != "" {
			continue
		}
		if _, known := credit[c.debtor]; !known {
			if credit[c.debtor], err = creditOf(ctx, tx, c.debtor, c.open.Currency); err != nil {
				return nil, err
			}
		}
		if credit[c.debtor] >= c.open.Minor {
			continue // R33: the credit is applied first
		}
		out = append(out, c)
	}
	return out, nil
}

// obstacles are the reasons why an invoice, its debtor or its administration keeps
// an invoice from being collected, beside the collection that it is about.
func obstacles(ctx context.Context, tx store.Tx, sc scene, scopes []uuid.UUID, beside uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := tx.DebitObstacles(ctx, db.DebitObstaclesParams{Scopes: scopes, At: sc.now, Beside: beside})
	if err != nil {
		return nil, fmt.Errorf("look for holds: %w", err)
	}
	held := map[uuid.UUID]string{}
	for _, r := range rows {
		held[r.ScopeID] = r.Reason
	}
	return held, nil
}

// creditOf is what a debtor has to its credit: unapplied payments and credit notes.
func creditOf(ctx context.Context, tx store.Tx, debtor uuid.UUID, currency money.Currency) (sum int64, err error) {
	paid, err := tx.LedgerCredit(ctx, []uuid.UUID{debtor})
	if err != nil {
		return 0, fmt.Errorf("load the debtor's credit: %w", err)
	}
	for _, p := range paid {
		if p.Currency == currency {
			sum += max(0, p.Amount)
		}
	}
	notes, err := tx.OpenCreditNotes(ctx, db.OpenCreditNotesParams{DebtorID: debtor, Currency: currency})
	if err != nil {
		return 0, fmt.Errorf("load credit notes: %w", err)
	}
	return sum + max(notes, -notes), nil
}

// queue adds one collection, and lets reminders of its invoices wait for it (R83).
func (s *Service) queue(ctx context.Context, tx store.Tx, sc scene, m db.Mandate, slot sepa.Slot, list []claim, by string) error {
	id := uuid.New()
	if err := tx.AddDebit(ctx, db.AddDebitParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: sc.adm.ID, DebtorID: m.DebtorID, MandateID: m.ID, Attempt: 1, Currency: list[0].open.Currency,
		AmountMinor: total(list), AnnounceOn: slot.Announce, SubmitOn: slot.Submit, CollectOn: slot.Collect, Why: slot.Why, CreatedAt: sc.now,
	}); err != nil {
		return fmt.Errorf("schedule the collection: %w", err)
	}
	for _, c := range list {
		if err := tx.AddDebitInvoice(ctx, db.AddDebitInvoiceParams{DebitID: id, InvoiceID: c.invoice, TenantID: tx.Tenant, AmountMinor: c.open.Minor}); err != nil {
			return fmt.Errorf("schedule the collection: %w", err)
		}
		if _, err := s.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfInvoice, ID: c.invoice, Reason: receivable.DirectDebit, Note: "by mandate " + Reference(m), By: by}); err != nil {
			return err
		}
	}
	if err := audit(ctx, tx, sc.now, by, "debit.scheduled", "debit/"+id.String(), map[string]any{"minor": total(list), "on": slot.Collect, "mandate": m.ID}); err != nil {
		return err
	}
	return matter.Set(ctx, tx, matter.Item{Kind: DebitMatter, ID: id, At: sc.slot(slot.Announce), Why: "Announce the collection of " + slot.Collect.String()})
}

// Collect schedules one invoice because a person wants it: also where collecting is
// not switched on, and after an attempt that failed.
func (s *Service) Collect(ctx context.Context, tenant, invoice uuid.UUID, by string) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		r, err := tx.DebitTarget(ctx, invoice)
		if none(err) {
			return fault.New(fault.Conflict, "not_collectable", "This invoice cannot be collected: it takes a valid mandate, a creditor id under settings, an open amount in euros, and no collection under way.")
		}
		if err != nil {
			return fmt.Errorf("load invoice %s: %w", invoice, err)
		}
		sc, err := s.scene(ctx, tx, r.AdministrationID)
		if err != nil {
			return err
		}
		n, err := s.plan(ctx, tx, sc, []claim{{invoice: r.ID, number: r.Number, debtor: r.DebtorID, mandate: r.MandateID, due: r.Due, open: money.Of(r.Open, r.Currency)}}, by)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "not_collectable", "Something keeps this invoice from being collected: it is settled, paused, disputed, on a plan, covered by credit, or above a limit.")
		}
		return err
	})
}
