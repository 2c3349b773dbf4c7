package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// claims are a debtor's invoices as the portal shows them.
type claims struct {
	open, settled []view.Claim
	total         money.Amount // of what can be paid at once
}

// settledShown is how many settled invoices the portal lists.
const settledShown = 12

func (c *caller) claims(ctx context.Context, tx store.Tx, p party) (out claims, err error) {
	rows, err := tx.PortalInvoices(ctx, p.debtor.ID)
	if err != nil {
		return out, fmt.Errorf("load the debtor's invoices: %w", err)
	}
	disputed, err := tx.OpenDisputes(ctx, p.debtor.ID)
	if err != nil {
		return out, fmt.Errorf("load disputes: %w", err)
	}
	pending, err := tx.PendingCheckouts(ctx, p.debtor.ID)
	if err != nil {
		return out, fmt.Errorf("load payments under way: %w", err)
	}
	settled, err := tx.SettledOn(ctx, p.debtor.ID)
	if err != nil {
		return out, fmt.Errorf("load payments: %w", err)
	}
	debits, err := debitsOf(ctx, tx, rows)
	if err != nil {
		return out, err
	}
	on := map[uuid.UUID]date.Date{}
	for _, s := range settled {
		on[s.InvoiceID] = s.OnDay
	}
	for _, row := range rows {
		claim, ok := c.claim(row, p)
		if !ok {
			continue
		}
		if claim.State == view.Settled {
			if claim.Settled = on[row.ID]; !claim.Settled.IsZero() {
				out.settled = append(out.settled, claim)
			}
			continue
		}
		switch {
		case slices.Contains(disputed, row.ID):
			claim.State = view.Disputed
		case slices.ContainsFunc(pending, func(q db.PendingCheckoutsRow) bool { return q.InvoiceID == row.ID }):
			claim.State = view.Pending
		case debits[row.ID].ID != uuid.Nil:
			claim.State = view.Collected
		}
		claim.Collect = debits[row.ID].CollectOn
		out.open = append(out.open, claim)
	}
	slices.SortFunc(out.settled, func(a, b view.Claim) int { return b.Settled.Compare(a.Settled) })
	out.settled = out.settled[:min(len(out.settled), settledShown)]
	out.total = payable(out.open, nil)
	return out, nil
}

// claim is one invoice; false for a credit note and what is no claim.
func (c *caller) claim(row db.PortalInvoicesRow, p party) (view.Claim, bool) {
	if row.Kind != string(sdk.SalesInvoice) || row.Status == string(sdk.Void) || row.Status == string(sdk.Uncollectible) {
		return view.Claim{}, false
	}
	open, total := money.Of(row.OpenMinor-row.Received, row.Currency), money.Of(row.TotalMinor, row.Currency)
	claim := view.Claim{
		ID: row.ID.String(), Number: row.Number, Amount: open, Due: row.Due, State: view.Open,
		Late: calendar.Overdue(row.Due, p.shell.Now, p.shell.Now.Location()),
	}
	if row.HasDocument {
		claim.PDF = c.base() + "/pdf/" + row.ID.String()
	}
	if row.Status == string(sdk.Paid) || !open.Positive() {
		claim.State, claim.Amount = view.Settled, total
		return claim, total.Positive()
	}
	if open.Minor != total.Minor {
		claim.Lines = []view.ClaimRow{
			{Label: p.shell.T("claim.invoice"), Amount: total}, {Label: p.shell.T("claim.received"), Amount: money.Of(open.Minor-total.Minor, row.Currency)},
		}
	}
	return claim, true
}

// payable sums what can be paid at once: the claims in the currency of the
// first, or those chosen of them.
func payable(list []view.Claim, chosen []uuid.UUID) (sum money.Amount) {
	for _, c := range pick(list, chosen) {
		if next, err := sum.Add(c.Amount); err == nil {
			sum = next
		}
	}
	return sum
}

// pick returns the claims that can be paid together: open, of one currency, and
// chosen where anything is chosen.
func pick(list []view.Claim, chosen []uuid.UUID) (out []view.Claim) {
	for _, c := range list {
		if c.State != view.Open && (c.State != view.Collected || len(chosen) == 0) || len(chosen) > 0 && !slices.ContainsFunc(chosen, func(id uuid.UUID) bool { return id.String() == c.ID }) {
			continue
		}
		if len(out) == 0 || out[0].Amount.Currency == c.Amount.Currency {
			out = append(out, c)
		}
	}
	return out
}

func (c *caller) overview() error {
	var m view.OverviewModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		all, err := c.claims(ctx, tx, p)
		if err != nil {
			return err
		}
		m = view.OverviewModel{
			Shell: p.shell, Name: cmp.Or(p.debtor.Attention, p.debtor.Name), Total: all.total, Claims: all.open, Paid: all.settled, Consumer: p.debtor.Kind != string(sdk.Business),
		}
		if m.Mandate, err = c.mandates(ctx, tx, p); err != nil {
			return err
		}
		credit, err := tx.CreditOf(ctx, uuid.NullUUID{UUID: p.debtor.ID, Valid: true})
		for _, cr := range credit {
			if cr.Amount > 0 {
				m.Credit = money.Of(cr.Amount, cr.Currency)
			}
		}
		return err
	}); err != nil {
		return err
	}
	return c.show(http.StatusOK, view.Overview(m))
}

// portalMethods are the ways to pay that the portal offers.
var portalMethods = []view.Method{view.Method(mollie.IDEAL), view.Method(mollie.CreditCard), view.Method(mollie.PayPal), view.Method(mollie.BankTransfer)}

func (c *caller) payForm() error {
	return c.payPage(http.StatusOK, parseIDs(c.r.URL.Query()["invoice"]), "")
}

func (c *caller) payPage(code int, chosen []uuid.UUID, problem string) error {
	var m view.PayModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		all, err := c.claims(ctx, tx, p)
		m = view.PayModel{Shell: p.shell, Claims: pick(all.open, chosen), Total: payable(all.open, chosen), Methods: portalMethods, Error: problem}
		if m.Total.Currency != "EUR" {
			m.Methods = []view.Method{view.Method(mollie.CreditCard), view.Method(mollie.PayPal)}
		}
		if p.adm.Iban != "" && len(m.Claims) > 0 {
			m.Transfer = &view.Transfer{Name: creditorName(p.adm), IBAN: grouped(p.adm.Iban), Reference: transferReference(m.Claims)}
		}
		if err == nil && m.Total.Currency == "EUR" {
			m.Offer, err = c.offer(ctx, tx, p)
		}
		m.Agreed = m.Offer != nil && problem != "" && c.r.Form.Get("mandate") == m.Offer.Reference
		return err
	}); err != nil {
		return err
	}
	if len(m.Claims) == 0 {
		return c.toHome()
	}
	c.allowProvider()
	return c.show(code, view.Pay(m))
}

// allowProvider lets the form of this page end at the payment provider and from
// there at any bank: browsers hold every redirect of a form to its policy.
func (c *caller) allowProvider() {
	c.w.Header().Set("Content-Security-Policy", assets.PagePolicy(c.elsewhere()...))
}

// elsewhere are the sources of other sites for form-action.
func (s *site) elsewhere() []string {
	if s.secure {
		return []string{"https:"}
	}
	return []string{"https:", "http:"} // an installation for trying out
}

func transferReference(list []view.Claim) string {
	var out string
	for _, c := range list {
		if out != "" {
			out += " "
		}
		out += c.Number
	}
	return out
}

// grouped writes an IBAN in groups of four.
func grouped(iban string) string {
	var out []byte
	for i := range len(iban) {
		if i > 0 && i%4 == 0 {
			out = append(out, ' ')
		}
		out = append(out, iban[i])
	}
	return string(out)
}

func (c *caller) pay() error {
	_ = c.r.FormValue("method") // reads the form
	chosen := parseIDs(c.r.Form["invoice"])
	method := mollie.Method(c.r.Form.Get("method"))
	if !slices.Contains(portalMethods, view.Method(method)) {
		method = "" // the provider lets the debtor choose
	}
	if len(chosen) == 0 {
		return c.payPage(http.StatusUnprocessableEntity, nil, "")
	}
	if reference := c.r.Form.Get("mandate"); reference != "" {
		return c.payAndAgree(chosen, method, reference)
	}
	base := c.base()
	url, err := c.Checkouts.Start(c.r.Context(), payment.NewCheckout{
		Tenant: c.debtor.Tenant, Debtor: c.debtor.Debtor, Invoices: chosen, Method: method, Locale: providerLocale(cookie(c.r, languageCookie)),
		Return: func(checkout uuid.UUID) string { return c.Public + base + "/paid/" + checkout.String() },
	})
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
		return c.payPage(status[f.Kind], chosen, f.Message)
	}
	if err != nil {
		return err
	}
	http.Redirect(c.w, c.r, url, http.StatusSeeOther)
	return nil
}

func providerLocale(lang string) string {
	if lang == "en" {
		return "en_US"
	}
	return "nl_NL"
}

// resultStates are what a debtor is told of each state of a checkout.
var resultStates = map[string]view.ResultState{"paid": view.PaidNow, "open": view.PendingNow, "pending": view.PendingNow}

// paid is where the provider sends the debtor back to. It asks the provider how
// the payment ended (W1).
func (c *caller) paid() error {
	id, err := uuid.Parse(c.r.PathValue("checkout"))
	if err != nil {
		return errNotHere
	}
	var row db.Checkout
	var m view.ResultModel
	if err := c.read(func(ctx context.Context, tx store.Tx) (err error) {
		if row, err = tx.Checkout(ctx, id); err != nil {
			return err
		}
		p, err := c.party(ctx, tx)
		m.Shell = p.shell
		return err
	}); err != nil {
		return err
	}
	if row.DebtorID != c.debtor.Debtor {
		return errNotHere // W4
	}
	if fresh, err := c.Checkouts.RefreshOne(c.r.Context(), c.debtor.Tenant, id); err == nil {
		row = fresh
	} else {
		c.log.WarnContext(c.r.Context(), "payment not refreshed", "checkout", id, "error", err)
	}
	m.Amount, m.On, m.Again = money.Of(row.AmountMinor, row.Currency), date.Of(m.Now), c.base()+"/pay"
	if m.State = resultStates[row.State]; m.State == "" {
		m.State = view.FailedNow
	}
	return c.show(http.StatusOK, view.Result(m))
}
