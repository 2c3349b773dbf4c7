package arrangement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// detail is what a word says besides what the debtor owes. It is kept with the
// decision, so that the message says what was decided.
type detail struct {
	Plan     *outreach.Plan     `json:"plan,omitempty"`
	Promise  *outreach.Promise  `json:"promise,omitempty"`
	Decision *outreach.Decision `json:"decision,omitempty"`
	// Ask says that it asks for payment, of the instalment Seq of PlanID.
	Ask    bool      `json:"ask,omitempty"`
	PlanID uuid.UUID `json:"plan_id,omitzero"`
	Seq    int       `json:"seq,omitempty"`
	Rule   string    `json:"rule,omitempty"`
	Why    string    `json:"why,omitempty"`
}

// say leaves a word for the debtor: it goes out at the next moment that is good
// for an e-mail, and once for its key.
func (d *Desk) say(ctx context.Context, tx store.Tx, s dunning.Standing, step outreach.Step, key string, invoices []uuid.UUID, what detail) error {
	raw, err := json.Marshal(what)
	if err != nil {
		return err
	}
	id := uuid.NewSHA1(s.Debtor.ID, []byte("word/"+string(step)+"/"+key))
	if err := tx.AddWord(ctx, db.AddWordParams{
		ID: id, TenantID: tx.Tenant, DebtorID: s.Debtor.ID, Step: string(step), Invoices: invoices, Detail: raw, CreatedAt: s.Now,
	}); err != nil {
		return fmt.Errorf("leave a word for the debtor: %w", err)
	}
	at := s.Days.NextSlot(s.Now, calendar.DefaultWindow(calendar.Email), s.Zone)
	return matter.Set(ctx, tx, matter.Item{Kind: KindWord, ID: id, At: at, Why: "The debtor is told: " + string(step)})
}

// wakeWord sends a word.
func (d *Desk) wakeWord(ctx context.Context, tenant, id uuid.UUID) error {
	var row db.ArrangementWord
	var what detail
	due := false
	if err := d.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if due, err = matter.Due(ctx, tx, d.Real, KindWord, id); err != nil || !due {
			return err
		}
		if row, err = tx.Word(ctx, id); err != nil {
			return fmt.Errorf("load word %s: %w", id, err)
		}
		return json.Unmarshal(row.Detail, &what)
	}); err != nil || !due {
		return err
	}
	outcome := ""
	if row.ToldAt == nil {
		_, err := d.Teller.Tell(ctx, tenant, dunning.Word{
			Debtor: row.DebtorID, Step: outreach.Step(row.Step), Key: id.String(), Invoices: row.Invoices, Ask: what.Ask, Rule: what.Rule, Why: what.Why,
			Fill: func(c *outreach.Content) { c.Plan, c.Promise, c.Decision = what.Plan, what.Promise, what.Decision },
			Still: func(ctx context.Context, tx store.Tx) (bool, error) {
				if step := outreach.Step(row.Step); step != outreach.InstalmentDue && step != outreach.InstalmentWarning {
					return true, nil
				}
				return d.stillDue(ctx, tx, what.PlanID, what.Seq)
			},
		})
		switch {
		case errors.Is(err, dunning.ErrMoot):
			outcome = "not called for any more"
		case fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid):
			outcome = fault.Of(err).Code
		case err != nil:
			return err
		}
	}
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, d.Real)
		if err != nil {
			return err
		}
		if err := tx.EndWord(ctx, db.EndWordParams{ID: id, ToldAt: &now, Outcome: outcome}); err != nil {
			return fmt.Errorf("note that the debtor was told: %w", err)
		}
		return matter.Close(ctx, tx, KindWord, id)
	})
}
