package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/sepa"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) portalMandateRoutes() {
	s.inside("GET /p/{token}/mandate", (*caller).mandatePage)
	s.inside("POST /p/{token}/mandate", (*caller).giveMandate)
	s.inside("POST /p/{token}/mandate/revoke", (*caller).revokeMandate)
}

// offer is the mandate that the debtor may give, nil for none.
func (c *caller) offer(ctx context.Context, tx store.Tx, p party) (*view.Offer, error) {
	if c.Debits == nil {
		return nil, nil
	}
	o, ok, err := c.Debits.Offer(ctx, tx, p.debtor, p.shell.Lang)
	if err != nil || !ok {
		return nil, err
	}
	return &view.Offer{Reference: o.Reference, Text: o.Paragraphs}, nil
}

// current is the debtor's mandate that has not ended.
func current(list []db.Mandate) (db.Mandate, bool) {
	for _, m := range list {
		if !sepa.State(m.State).Ended() {
			return m, true
		}
	}
	return db.Mandate{}, false
}

// mandates reports whether the page of mandates has anything to show.
func (c *caller) mandates(ctx context.Context, tx store.Tx, p party) (bool, error) {
	list, err := tx.MandatesOf(ctx, p.debtor.ID)
	if err != nil {
		return false, fmt.Errorf("load mandates: %w", err)
	}
	if _, ok := current(list); ok {
		return true, nil
	}
	o, err := c.offer(ctx, tx, p)
	return o != nil, err
}

// debitsOf are the debits to come of invoices.
func debitsOf(ctx context.Context, tx store.Tx, rows []db.PortalInvoicesRow) (map[uuid.UUID]db.DebitsOfInvoicesRow, error) {
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	list, err := tx.DebitsOfInvoices(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load debits to come: %w", err)
	}
	out := map[uuid.UUID]db.DebitsOfInvoicesRow{}
	for _, d := range list {
		out[d.InvoiceID] = d
	}
	return out, nil
}

func (c *caller) mandatePage() error { return c.showMandate(http.StatusOK, "", "") }

// showMandate shows the page with a note or a problem, by the keys of their texts.
func (c *caller) showMandate(code int, note, problem string) error {
	m := view.MandateModel{Cost: money.EUR(1)}
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		m.Shell = p.shell
		if note != "" {
			m.Note = p.shell.T(note)
		}
		if problem != "" {
			m.Error = p.shell.T(problem)
		}
		list, err := tx.MandatesOf(ctx, p.debtor.ID)
		if err != nil {
			return fmt.Errorf("load mandates: %w", err)
		}
		if now, ok := current(list); ok {
			if m.Given, err = c.given(ctx, tx, now); err != nil {
				return err
			}
		}
		m.Offer, err = c.offer(ctx, tx, p)
		return err
	}); err != nil {
		return err
	}
	c.allowProvider()
	return c.show(code, view.Mandate(m))
}

func (c *caller) given(ctx context.Context, tx store.Tx, m db.Mandate) (*view.Given, error) {
	setting, err := debit.Setting(ctx, tx, m.AdministrationID)
	if err != nil {
		return nil, err
	}
	g := &view.Given{State: m.State, Reference: debit.Reference(m), CreditorID: setting.CreditorID, Account: m.AccountLast, Since: m.SignedOn, Text: strings.Split(m.Wording, "\n\n")}
	list, err := tx.DebitsOf(ctx, m.DebtorID)
	if err != nil {
		return nil, fmt.Errorf("load debits: %w", err)
	}
	for _, d := range list {
		if d.State != "scheduled" && d.State != "announced" && d.State != "submitted" {
			continue
		}
		parts, err := tx.DebitInvoices(ctx, d.ID)
		if err != nil {
			return nil, fmt.Errorf("load debits: %w", err)
		}
		var numbers []string
		for _, p := range parts {
			numbers = append(numbers, p.Number)
		}
		g.Coming = append(g.Coming, view.Coming{On: d.CollectOn, Amount: money.Of(d.AmountMinor, d.Currency), Numbers: strings.Join(numbers, ", ")})
	}
	return g, nil
}

// payAndAgree pays invoices and gives a mandate with the same payment.
func (c *caller) payAndAgree(chosen []uuid.UUID, method mollie.Method, reference string) error {
	if method != mollie.IDEAL {
		var text string
		if err := c.read(func(ctx context.Context, tx store.Tx) error {
			p, err := c.party(ctx, tx)
			text = p.shell.T("mandate.ideal")
			return err
		}); err != nil {
			return err
		}
		return c.payPage(http.StatusUnprocessableEntity, chosen, text)
	}
	url, err := c.agree(chosen, reference)
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
		return c.payPage(status[f.Kind], chosen, f.Message)
	}
	if err != nil {
		return err
	}
	http.Redirect(c.w, c.r, url, http.StatusSeeOther)
	return nil
}

// agree begins a mandate in the language that its text was shown in.
func (c *caller) agree(invoices []uuid.UUID, reference string) (string, error) {
	var lang string
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		lang = p.shell.Lang
		return err
	}); err != nil {
		return "", err
	}
	base := c.base()
	return c.Debits.Begin(c.r.Context(), debit.Consent{
		Tenant: c.debtor.Tenant, Debtor: c.debtor.Debtor, Invoices: invoices, Method: mollie.IDEAL, Language: lang, Locale: providerLocale(lang), Reference: reference,
		Return: func(checkout uuid.UUID) string {
			if len(invoices) == 0 {
				return c.Public + base + "/mandate"
			}
			return c.Public + base + "/paid/" + checkout.String()
		},
	})
}

func (c *caller) giveMandate() error {
	reference := c.r.FormValue("mandate")
	if reference == "" {
		return c.showMandate(http.StatusUnprocessableEntity, "", "mandate.must")
	}
	url, err := c.agree(nil, reference)
	if f := fault.Of(err); err != nil && f.Code == "mandate_changed" {
		return c.showMandate(http.StatusUnprocessableEntity, "", "mandate.changed")
	}
	if err != nil {
		return err
	}
	http.Redirect(c.w, c.r, url, http.StatusSeeOther)
	return nil
}

func (c *caller) revokeMandate() error {
	var id uuid.UUID
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		list, err := tx.MandatesOf(ctx, c.debtor.Debtor)
		if m, ok := current(list); ok {
			id = m.ID
		}
		return err
	}); err != nil {
		return err
	}
	if id == uuid.Nil {
		return c.mandatePage()
	}
	if err := c.Debits.Revoke(c.r.Context(), c.debtor.Tenant, id, "debtor"); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return c.showMandate(http.StatusOK, "mandate.revoked", "")
}
