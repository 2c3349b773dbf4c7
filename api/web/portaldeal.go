package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) dealRoutes() {
	s.inside("GET /p/{token}/promise", (*caller).promiseForm)
	s.inside("POST /p/{token}/promise", (*caller).promise)
	s.inside("POST /p/{token}/promise/{id}/undo", (*caller).promiseUndo)
	s.inside("GET /p/{token}/plan", (*caller).planForm)
	s.inside("POST /p/{token}/plan", (*caller).plan)
	s.inside("GET /p/{token}/plan/{id}", (*caller).planPage)
	s.inside("POST /p/{token}/plan/{id}/pay", (*caller).planPay)
	s.inside("POST /p/{token}/plan/{id}/undo", (*caller).planUndo)
	s.inside("GET /p/{token}/paid", (*caller).paidForm)
	s.uploading("POST /p/{token}/paid", (*caller).paidAlready)
	s.inside("POST /p/{token}/dispute/{id}/undo", (*caller).disputeUndo)
}

// debtorWords are the faults that a debtor is told of in words of their own.
func debtorWords(s view.Shell, err error) string {
	key := "err." + strings.ReplaceAll(fault.Of(err).Code, "_", ".")
	if text := s.T(key); text != key {
		return text
	}
	return s.T("err.other")
}

// refused reports whether a fault is the debtor's to mend.
func refused(err error) bool {
	return err != nil && (fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict))
}

// inTurn runs f with the debtor's pages in one transaction.
func (c *caller) inTurn(f func(ctx context.Context, tx store.Tx, p party, all claims) error) (shell view.Shell, err error) {
	err = c.Store.In(c.r.Context(), c.debtor.Tenant, func(tx store.Tx) error {
		p, all, err := c.overviewOf(c.r.Context(), tx)
		if err != nil {
			return err
		}
		shell = p.shell
		return f(c.r.Context(), tx, p, all)
	})
	return shell, err
}

func (c *caller) thanks(shell view.Shell, kind string) error {
	return c.show(http.StatusOK, view.Thanks(view.ThanksModel{Shell: shell, Kind: kind}))
}

// dayIn reads a day of a form; none when it is empty or no day.
func dayIn(text string) date.Date {
	d, err := date.Parse(strings.TrimSpace(text))
	if err != nil {
		return date.Date{}
	}
	return d
}

// own runs f when a thing is this debtor's (W4), and leads back to the overview.
func (c *caller) own(debtorOf func(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error), f func(ctx context.Context, tx store.Tx, id uuid.UUID) error) error {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return errNotHere
	}
	err = c.Store.In(c.r.Context(), c.debtor.Tenant, func(tx store.Tx) error {
		whose, err := debtorOf(c.r.Context(), tx, id)
		if err != nil || whose != c.debtor.Debtor {
			return errNotHere
		}
		return f(c.r.Context(), tx, id)
	})
	if err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	return c.toHome()
}

func (c *caller) disputeUndo() error {
	return c.own(func(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
		d, err := tx.Dispute(ctx, id)
		return d.DebtorID, err
	}, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		return c.Desk.WithdrawDispute(ctx, tx, id, arrangement.ByDebtor)
	})
}

// deals are what stands between the debtor and the creditor besides invoices.
func (c *caller) deals(ctx context.Context, tx store.Tx, p party) (out []view.Deal, err error) {
	promises, err := tx.PromisesOfDebtor(ctx, p.debtor.ID)
	if err != nil {
		return nil, fmt.Errorf("load promises: %w", err)
	}
	for _, r := range promises {
		if r.State == "open" {
			out = append(out, view.Deal{Kind: "promise", Number: r.Number, Amount: money.Of(r.AmountMinor, r.Currency), On: r.PayOn, Undo: c.base() + "/promise/" + r.ID.String() + "/undo"})
		}
	}
	plans, err := tx.PlansOfDebtor(ctx, p.debtor.ID)
	if err != nil {
		return nil, fmt.Errorf("load plans: %w", err)
	}
	for _, r := range plans {
		if r.State != "active" && r.State != "proposed" {
			continue
		}
		pr, err := arrangement.ProgressOf(ctx, tx, r.ID, date.Of(p.shell.Now))
		if err != nil {
			return nil, err
		}
		d := view.Deal{Kind: "plan", Amount: pr.Rest(), Href: c.base() + "/plan/" + r.ID.String()}
		if next := pr.NextDue(0); next > 0 {
			d.On = pr.Instalments[next-1].Due
		}
		if r.State == "proposed" {
			d.Kind, d.Undo = "proposal", c.base()+"/plan/"+r.ID.String()+"/undo"
		}
		out = append(out, d)
	}
	disputes, err := tx.DisputesOfDebtor(ctx, p.debtor.ID)
	if err != nil {
		return nil, fmt.Errorf("load disputes: %w", err)
	}
	for _, r := range disputes {
		inv, err := tx.Invoice(ctx, r.InvoiceID)
		if err != nil {
			return nil, fmt.Errorf("load the invoice of a dispute: %w", err)
		}
		switch {
		case r.State == "open":
			out = append(out, view.Deal{Kind: "dispute", Number: inv.Number, Amount: money.Of(r.AmountMinor, r.Currency), On: r.Deadline, Undo: c.base() + "/dispute/" + r.ID.String() + "/undo"})
		case r.State == "accepted" && r.CreditedAt == nil && r.AcceptedMinor > 0:
			out = append(out, view.Deal{Kind: "credit", Number: inv.Number, Amount: money.Of(r.AcceptedMinor, r.Currency)})
		}
	}
	paid, err := tx.PaidClaimsOfDebtor(ctx, p.debtor.ID)
	for _, r := range paid {
		if r.State == "open" {
			out = append(out, view.Deal{Kind: "paid", Number: r.Number, Amount: money.Of(r.AmountMinor, r.Currency), On: date.Of(r.Until.In(p.shell.Now.Location()))})
		}
	}
	return out, err
}
