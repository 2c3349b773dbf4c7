package dunning

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// TextOf names the words of a message.
type TextOf struct {
	Administration uuid.NullUUID // none for the whole organisation
	Language       outreach.Language
	Step           outreach.Step
	Form           outreach.Form
}

// OwnText returns the words that a message is written with at this moment, nil
// for those that Voldaan ships. They are looked up when a message is composed at
// its gate, so that a change counts from the next one on (R118).
func OwnText(ctx context.Context, tx store.Tx, of TextOf) (*outreach.Own, error) {
	rows, err := tx.OwnText(ctx, db.OwnTextParams{
		Language: string(of.Language), Step: string(of.Step), Form: string(cmp.Or(of.Form, outreach.Formal)), Administration: of.Administration.UUID,
	})
	if err != nil {
		return nil, fmt.Errorf("load the words of %s: %w", of.Step, err)
	}
	for _, r := range rows {
		if r.Body != "" {
			return &outreach.Own{Version: int(r.Version), Subject: r.Subject, Body: r.Body}, nil
		}
	}
	return nil, nil
}

// Reword keeps other words for a message, and returns their version. It refuses
// what would lose a protected block (R95).
func (p Planner) Reword(ctx context.Context, tx store.Tx, of TextOf, o outreach.Own, by string) (int, error) {
	if err := o.Check(of.Language, of.Step); err != nil {
		return 0, err
	}
	return p.reword(ctx, tx, of, o, by, "text.changed")
}

// Unword goes back to the words of the organisation, or to those that are
// shipped.
func (p Planner) Unword(ctx context.Context, tx store.Tx, of TextOf, by string) error {
	_, err := p.reword(ctx, tx, of, outreach.Own{}, by, "text.reset")
	return err
}

func (p Planner) reword(ctx context.Context, tx store.Tx, of TextOf, o outreach.Own, by, action string) (int, error) {
	if of.Administration.Valid {
		if _, err := tx.Administration(ctx, of.Administration.UUID); err != nil {
			return 0, fmt.Errorf("find the administration: %w", err)
		}
	}
	form := string(cmp.Or(of.Form, outreach.Formal))
	old, err := tx.OwnTextVersions(ctx, db.OwnTextVersionsParams{Language: string(of.Language), Step: string(of.Step), Form: form, Administration: of.Administration})
	if err != nil {
		return 0, fmt.Errorf("load earlier words: %w", err)
	}
	if o.Body == "" && (len(old) == 0 || old[0].Body == "") {
		return 0, nil
	}
	version := int32(1)
	if len(old) > 0 {
		version = old[0].Version + 1
	}
	now, err := Now(ctx, tx, p.Real)
	if err != nil {
		return 0, err
	}
	if err := tx.AddOwnText(ctx, db.AddOwnTextParams{
		TenantID: tx.Tenant, AdministrationID: of.Administration, Language: string(of.Language), Step: string(of.Step), Form: form, Version: version,
		Subject: o.Subject, Body: o.Body, MadeBy: by, MadeAt: now,
	}); err != nil {
		return 0, fmt.Errorf("keep the words: %w", err)
	}
	return int(version), audit(ctx, tx, now, by, action, "text/"+string(of.Language)+"/"+string(of.Step))
}

// reworded puts the creditor's own words in place.
func (f *fence) reworded(ctx context.Context, c *outreach.Content) error {
	if c.Own != nil {
		return nil
	}
	own, err := OwnText(ctx, f.tx, TextOf{uuid.NullUUID{UUID: f.led.adm.ID, Valid: true}, c.Language, c.Step, c.Form})
	c.Own = own
	return err
}

// PreviewText writes words for an open invoice, as they would read now, without
// sending or keeping anything. A statutory block is stood in for.
func (s *Steps) PreviewText(ctx context.Context, tx store.Tx, invoice uuid.UUID, of TextOf, o outreach.Own) (m outreach.Message, err error) {
	if err := o.Check(of.Language, of.Step); err != nil {
		return m, err
	}
	row, err := tx.Collection(ctx, invoice)
	if err != nil {
		return m, fmt.Errorf("load invoice %s: %w", invoice, err)
	}
	f := &fence{Steps: s, tx: tx, trial: true, asker: woken{tenant: tx.Tenant, adm: row.AdministrationID, invoice: invoice}}
	if f.scale, err = Scale(ctx, tx); err != nil {
		return m, err
	}
	f.at(f.scale.Tenant(s.Real.Now()))
	if err := f.load(ctx, row.DebtorID); err != nil {
		return m, err
	}
	if f.it == nil || row.Phase == string(receivable.Closed) {
		return m, fault.New(fault.Conflict, "invoice_closed", "This invoice is settled. Choose an open one.")
	}
	c := f.led.content("", parts{demanded: []*item{f.it}}, f.today)
	c.Step, c.Language, c.Form, c.Own = of.Step, of.Language, of.Form, &o
	c.PortalURL, c.PayURL, c.GenuineURL = f.Links.Portal(previewLink), f.Links.Pay(previewLink), f.Links.Genuine(invoice)
	c.PayBy = f.led.days.Next(f.today.AddDays(7))
	if of.Step.Statutory() {
		ask := f.it.ask()
		w, err := outreach.WordsOf(of.Language)
		if err != nil {
			return m, err
		}
		zero := ask
		zero.Minor = 0
		c.PayBy = c.PayBy.AddDays(0)
		c.Notice = &outreach.Notice{Heading: "…", Paragraphs: []string{"[ " + w.Amount(zero) + " ]"}, Covers: []string{f.it.invoice.Number}, Principal: ask, Costs: zero}
	}
	return outreach.Render(c)
}
