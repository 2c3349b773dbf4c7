package casework

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// LimitedOn is the day after which the first claim of a case cannot be enforced
// any more; none where the law does not say (R111). Demands and what is on record
// as an acknowledgement make a new term begin as far as the law of the case lets
// them.
func LimitedOn(ctx context.Context, tx store.Tx, f *claim.File) (date.Date, error) {
	var acts []law.Act
	at, err := tx.LastDemand(ctx, f.Case.ID)
	if err != nil {
		return date.Date{}, fmt.Errorf("find the last demand: %w", err)
	}
	if at.Unix() > 0 {
		acts = append(acts, law.Act{On: date.Of(at.In(f.Zone)), Kind: law.Demand})
	}
	if !f.Case.InterruptedOn.IsZero() {
		acts = append(acts, law.Act{On: f.Case.InterruptedOn, Kind: law.Demand})
	}
	known, err := tx.Acknowledgements(ctx, f.Case.ID)
	if err != nil {
		return date.Date{}, fmt.Errorf("load what the debtor acknowledged: %w", err)
	}
	kinds := []string{"contract"}
	if f.Account().Debtor != law.Business {
		kinds = []string{"consumer_sale_price", "contract"} // the shorter term, to be safe
	}
	var first date.Date
	for _, p := range f.Account().Principals {
		mine := acts[:len(acts):len(acts)]
		for _, a := range known {
			if !a.InvoiceID.Valid || a.InvoiceID.UUID == p.Invoice {
				mine = append(mine, law.Act{On: a.OnDay, Kind: law.ActKind(a.Kind)})
			}
		}
		for _, kind := range kinds {
			limit, err := f.Pack.LimitationAfter(kind, p.Due, mine...)
			if fault.Is(err, fault.NotFound) {
				continue
			}
			if err != nil {
				return date.Date{}, err
			}
			if first.IsZero() || limit.LastDay.Before(first) {
				first = limit.LastDay
			}
			break
		}
	}
	return first, nil
}

// acknowledged puts on record by what the debtor acknowledged the debt, as far as
// the law of the case makes something of it: a payment of a part that the debtor
// named, a plan that the debtor asked for, a day that the debtor promised. A payment
// that was taken back does not stand.
func (l *look) acknowledged() error {
	var invoices []uuid.UUID
	number := map[uuid.UUID]string{}
	for _, i := range l.file.Invoices {
		invoices, number[i.InvoiceID] = append(invoices, i.InvoiceID), i.Number
	}
	stands := map[uuid.UUID]bool{}
	if article, ok := l.acknowledges(law.PaidInPart); ok {
		paid, err := l.tx.PaymentsInPart(l.ctx, db.PaymentsInPartParams{Zone: l.file.Case.TimeZone, Invoices: invoices})
		if err != nil {
			return fmt.Errorf("look for payments in part: %w", err)
		}
		for _, p := range paid {
			stands[p.PaymentID] = true
			if err := l.note(p.InvoiceID, law.PaidInPart, p.OnDay, p.PaymentID, "The debtor paid a part of "+number[p.InvoiceID]+" and named it ("+article+").", "voldaan"); err != nil {
				return err
			}
		}
	}
	if article, ok := l.acknowledges(law.PlanProposed); ok {
		asked, err := l.tx.AskedToPayLater(l.ctx, invoices)
		if err != nil {
			return fmt.Errorf("look for plans of the debtor: %w", err)
		}
		for _, a := range asked {
			if err := l.note(a.InvoiceID, law.PlanProposed, date.Of(a.CreatedAt.In(l.file.Zone)), a.ID, "The debtor proposed "+a.What+" for "+number[a.InvoiceID]+" ("+article+").", "voldaan"); err != nil {
				return err
			}
		}
	}
	known, err := l.tx.Acknowledgements(l.ctx, l.file.Case.ID)
	if err != nil {
		return fmt.Errorf("load what the debtor acknowledged: %w", err)
	}
	for _, a := range known {
		if a.Kind != string(law.PaidInPart) || stands[a.SourceID] {
			continue
		}
		if err := l.unnote(a, "The payment was taken back, so it acknowledges nothing.", "voldaan"); err != nil {
			return err
		}
	}
	return nil
}

func (l *look) acknowledges(k law.ActKind) (article string, ok bool) {
	_, article, ok = l.file.Pack.Acknowledges(k)
	return article, ok
}

// note records an acknowledgement, once.
func (l *look) note(invoice uuid.UUID, kind law.ActKind, on date.Date, source uuid.UUID, why, by string) error {
	id := uuid.New()
	if source == uuid.Nil {
		source = id
	}
	n, err := l.tx.AddAcknowledgement(l.ctx, db.AddAcknowledgementParams{
		ID: id, TenantID: l.tx.Tenant, CaseID: l.file.Case.ID, InvoiceID: nullID(invoice), Kind: string(kind), OnDay: on, SourceID: source, Why: why, Actor: by, At: l.now,
	})
	if err != nil {
		return fmt.Errorf("note an acknowledgement: %w", err)
	}
	if n == 0 {
		return nil
	}
	return claim.Note(l.ctx, l.tx, l.file.Case.ID, l.now, "acknowledged", by, "On "+on.String()+" the debt was acknowledged, so that limitation begins anew. "+why, map[string]any{"acknowledgement": id, "kind": kind, "on": on})
}

func (l *look) unnote(a db.Acknowledgement, why, by string) error {
	n, err := l.tx.EndAcknowledgement(l.ctx, db.EndAcknowledgementParams{ID: a.ID, EndedAt: &l.now, EndedWhy: why})
	if err != nil {
		return fmt.Errorf("end an acknowledgement: %w", err)
	}
	if n == 0 {
		return nil
	}
	return claim.Note(l.ctx, l.tx, l.file.Case.ID, l.now, "acknowledgement_ended", by, "What was noted of "+a.OnDay.String()+" is no acknowledgement. "+why, map[string]any{"acknowledgement": a.ID})
}

// Acknowledged notes that the debtor acknowledged the debt of a case in writing, with
// why that is so; its proof is added to the evidence of the case. A fault of kind
// Invalid says what is missing, or that it came too late.
func (d *Desk) Acknowledged(ctx context.Context, tenant, id uuid.UUID, on date.Date, why, by string) error {
	return d.on(ctx, tenant, id, func(l *look) error {
		why = strings.TrimSpace(why)
		last, err := LimitedOn(ctx, l.tx, l.file)
		switch {
		case err != nil:
			return err
		case l.file.Case.State == "closed":
			return fault.New(fault.Conflict, "case_closed", "This case is closed; its limitation matters no more.")
		case on.IsZero() || on.After(l.today):
			return fault.New(fault.Invalid, "acknowledged_on", "Give the day on which the debtor wrote it, not later than today.")
		case why == "":
			return fault.New(fault.Invalid, "acknowledged_why", "Say what the debtor wrote and where it is, such as: e-mail of that day, in the dossier.")
		case !last.IsZero() && on.After(last):
			return fault.New(fault.Invalid, "acknowledged_late", "The claim lapsed after %s, before that day. What comes after it does not bring it back by this law; ask a lawyer.", last)
		}
		article, _ := l.acknowledges(law.InWriting)
		if err := l.note(uuid.Nil, law.InWriting, on, uuid.Nil, why+" ("+article+")", by); err != nil {
			return err
		}
		if err := audit(ctx, l.tx, l.now, by, "case_acknowledged", id); err != nil {
			return err
		}
		return l.wakeNow("The debtor acknowledged the debt")
	})
}
