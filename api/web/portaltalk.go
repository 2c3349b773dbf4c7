package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// longestText is how much a debtor may write at once.
const longestText = 8000

// topic is a question, or that it was paid already.
func topic(v string) string {
	if v == "paid" {
		return v
	}
	return "question"
}

func (c *caller) askForm() error {
	return c.askPage(http.StatusOK, view.AskModel{Topic: topic(c.r.URL.Query().Get("topic"))})
}

func (c *caller) askPage(code int, m view.AskModel) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		m.Shell, m.Invoices = p.shell, options(p.shell, all.open)
		for field, key := range m.Errors {
			m.Errors[field] = p.shell.T(key)
		}
		return err
	}); err != nil {
		return err
	}
	return c.show(code, view.Ask(m))
}

func (c *caller) overviewOf(ctx context.Context, tx store.Tx) (party, claims, error) {
	p, err := c.party(ctx, tx)
	if err != nil {
		return p, claims{}, err
	}
	all, err := c.claims(ctx, tx, p)
	return p, all, err
}

func options(s view.Shell, list []view.Claim) (out []component.Option) {
	for _, c := range list {
		out = append(out, component.Option{Value: c.ID, Label: c.Number + ", " + s.Money(c.Amount)})
	}
	return out
}

func (c *caller) ask() error {
	m := view.AskModel{Topic: topic(c.r.FormValue("topic")), Text: strings.TrimSpace(c.r.FormValue("text"))}
	if m.Text == "" || len(m.Text) > longestText {
		m.Errors = component.Errors{"text": "ask.empty"}
		return c.askPage(http.StatusUnprocessableEntity, m)
	}
	subject := "Question"
	if m.Topic == "paid" {
		subject = "Paid already"
	}
	var shell view.Shell
	if err := c.Store.In(c.r.Context(), c.debtor.Tenant, func(tx store.Tx) error {
		ctx := c.r.Context()
		p, all, err := c.overviewOf(ctx, tx)
		if err != nil {
			return err
		}
		shell = p.shell
		about := chosenOf(all.open, c.r.FormValue("invoice"))
		if err := c.file(ctx, tx, p, about, subject, m.Text); err != nil {
			return err
		}
		return c.Planner.HoldForReply(ctx, tx, p.debtor.ID, p.adm.ID)
	}); err != nil {
		return err
	}
	return c.show(http.StatusOK, view.Thanks(view.ThanksModel{Shell: shell, Kind: "ask"}))
}

// chosenOf is the invoice that was chosen, none when it is not one of these.
func chosenOf(list []view.Claim, id string) uuid.NullUUID {
	i := slices.IndexFunc(list, func(c view.Claim) bool { return c.ID == id })
	if i < 0 {
		return uuid.NullUUID{}
	}
	return uuid.NullUUID{UUID: uuid.MustParse(list[i].ID), Valid: true}
}

// file keeps what a debtor wrote with the conversation.
func (c *caller) file(ctx context.Context, tx store.Tx, p party, about uuid.NullUUID, subject, text string) error {
	now, err := tx.Now(ctx, c.Real)
	if err != nil {
		return err
	}
	if err := tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{
		ID: uuid.New(), TenantID: tx.Tenant, DebtorID: p.debtor.ID, InvoiceID: about, Direction: "in", Channel: "portal",
		Author: p.debtor.Name, Subject: subject, Body: text, At: now,
	}); err != nil {
		return fmt.Errorf("file what the debtor wrote: %w", err)
	}
	return nil
}

func (c *caller) disputeForm() error {
	return c.disputePage(http.StatusOK, view.DisputeModel{})
}

func (c *caller) disputePage(code int, m view.DisputeModel) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		m.Shell, m.Invoices = p.shell, options(p.shell, pick(all.open, nil))
		for field, key := range m.Errors {
			m.Errors[field] = p.shell.T(key)
		}
		return err
	}); err != nil {
		return err
	}
	if len(m.Invoices) == 0 {
		return c.toHome()
	}
	return c.show(code, view.Dispute(m))
}

func (c *caller) dispute() error {
	m := view.DisputeModel{
		Reason: c.r.FormValue("reason"), Amount: strings.TrimSpace(c.r.FormValue("amount")), Text: strings.TrimSpace(c.r.FormValue("text")),
		Lines: cutText(strings.TrimSpace(c.r.FormValue("lines")), 500), Errors: component.Errors{},
	}
	if !slices.Contains(view.Reasons, m.Reason) {
		m.Errors["reason"] = "dispute.noreason"
	}
	if m.Text == "" || len(m.Text) > longestText {
		m.Errors["text"] = "dispute.notext"
	}
	proof, ok := proofs(c.r.MultipartForm)
	if !ok {
		m.Errors["files"] = "files.wrong"
	}
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) error {
		about, ok := chosenClaim(all.open, c.r.FormValue("invoice"))
		if !ok {
			return errNotHere
		}
		amount, ok := amountIn(m.Amount, about.Amount)
		if !ok {
			m.Errors["amount"] = "dispute.noamount"
		}
		if len(m.Errors) > 0 {
			return nil
		}
		invoice := uuid.MustParse(about.ID)
		if err := c.file(ctx, tx, p, uuid.NullUUID{UUID: invoice, Valid: true}, "Dispute", m.Text); err != nil {
			return err
		}
		id, err := c.Desk.Dispute(ctx, tx, arrangement.NewDispute{Invoice: invoice, Amount: amount, Reason: m.Reason, Lines: m.Lines, Note: m.Text, By: arrangement.ByDebtor})
		if err != nil {
			return err
		}
		return c.keepProof(ctx, tx, id, proof)
	})
	if err != nil {
		return err
	}
	if len(m.Errors) > 0 {
		return c.disputePage(http.StatusUnprocessableEntity, m)
	}
	return c.thanks(shell, "dispute")
}

// amountIn reads an amount of at most what is open; nothing typed means all.
func amountIn(text string, open money.Amount) (money.Amount, bool) {
	if text == "" {
		return open, true
	}
	text = strings.NewReplacer("€", "", " ", "", "\u00a0", "").Replace(text)
	if i := strings.LastIndexAny(text, ",."); i >= 0 && len(text)-i <= 3 {
		text = strings.NewReplacer(",", "", ".", "").Replace(text[:i]) + "." + text[i+1:]
	} else {
		text = strings.NewReplacer(",", "", ".", "").Replace(text)
	}
	a, err := money.Parse(text, open.Currency)
	if err != nil || !a.Positive() || a.Minor > open.Minor {
		return money.Amount{}, false
	}
	return a, true
}
