package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/assets"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/receivable"
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
	s, err := c.Planner.Standing(ctx, tx, p.debtor.ID)
	if err != nil {
		return out, err
	}
	deals, err := c.standings(ctx, tx, p)
	if err != nil {
		return out, err
	}
	for _, row := range rows {
		claim, ok := c.claim(row, p)
		if !ok {
			continue
		}
		if claim.State == view.Settled {
			if claim.Settled = on[row.ID]; !claim.Settled.IsZero() {
				out.settled = append(out.settled, claim.Claim)
			}
			continue
		}
		if o, known := s.Of(row.ID); known {
			claim.apart(o.Claim, p.shell)
		}
		switch deal, agreed := deals[row.ID]; {
		case !claim.Amount.Positive():
			claim.Amount, claim.State = claim.whole, view.Disputed
		case agreed:
			claim.State, claim.Until = deal.state, deal.until
		case slices.ContainsFunc(pending, func(q db.PendingCheckoutsRow) bool { return q.InvoiceID == row.ID }):
			claim.State = view.Pending
		case debits[row.ID].ID != uuid.Nil:
			claim.State = view.Collected
		}
		claim.Collect = debits[row.ID].CollectOn
		out.open = append(out.open, claim.Claim)
	}
	if err := c.charged(ctx, tx, p, &out); err != nil {
		return out, err
	}
	slices.SortFunc(out.settled, func(a, b view.Claim) int { return b.Settled.Compare(a.Settled) })
	out.settled = out.settled[:min(len(out.settled), settledShown)]
	out.total = payable(out.open, nil)
	return out, nil
}

// claim is one invoice; false for a credit note and what is no claim.
func (c *caller) claim(row db.PortalInvoicesRow, p party) (shownClaim, bool) {
	if row.Kind != string(sdk.SalesInvoice) || row.Status == string(sdk.Void) || row.Status == string(sdk.Uncollectible) {
		return shownClaim{}, false
	}
	open, total := money.Of(row.OpenMinor-row.Received, row.Currency), money.Of(row.TotalMinor, row.Currency)
	claim := shownClaim{whole: open}
	claim.Claim = view.Claim{
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

// shownClaim is a claim in the making: whole is what is open, disputed or not.
type shownClaim struct {
	view.Claim
	whole money.Amount
}

// apart takes off what is in dispute: the rest can be paid (R70).
func (s *shownClaim) apart(c receivable.Claim, shell view.Shell) {
	ask := c.Ask()
	if ask.Minor == s.Amount.Minor {
		return
	}
	if len(s.Lines) == 0 {
		s.Lines = append(s.Lines, view.ClaimRow{Label: shell.T("claim.invoice"), Amount: s.Amount})
	}
	s.Lines = append(s.Lines, view.ClaimRow{Label: shell.T("claim.disputed"), Amount: money.Of(ask.Minor-s.Amount.Minor, ask.Currency)})
	s.Amount = ask
}

// agreedOn is what was agreed about an invoice.
type agreedOn struct {
	state view.ClaimState
	until date.Date
}

// standings are the promises, plans and claims of payment by invoice. A promised
// invoice can be paid all the same.
func (c *caller) standings(ctx context.Context, tx store.Tx, p party) (map[uuid.UUID]agreedOn, error) {
	out := map[uuid.UUID]agreedOn{}
	promises, err := tx.PromisesOfDebtor(ctx, p.debtor.ID)
	if err != nil {
		return nil, fmt.Errorf("load promises: %w", err)
	}
	for _, r := range promises {
		if r.State == "open" {
			out[r.InvoiceID] = agreedOn{view.Promised, r.PayOn}
		}
	}
	paid, err := tx.PaidClaimsOfDebtor(ctx, p.debtor.ID)
	if err != nil {
		return nil, fmt.Errorf("load claims of payment: %w", err)
	}
	for _, r := range paid {
		if r.State == "open" {
			out[r.InvoiceID] = agreedOn{state: view.Claimed}
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
		rows, err := tx.PlanInvoices(ctx, r.ID)
		if err != nil {
			return nil, fmt.Errorf("load the invoices of a plan: %w", err)
		}
		for _, i := range rows {
			out[i.InvoiceID] = agreedOn{state: view.OnPlan}
		}
	}
	return out, nil
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
		if c.State != view.Open && (c.State != view.Promised && c.State != view.Collected || len(chosen) == 0) || len(chosen) > 0 && !slices.ContainsFunc(chosen, func(id uuid.UUID) bool { return id.String() == c.ID }) {
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
			Help: helpIn(p.shell.Lang, p.debtor.Country, cmp.Or(p.adm.LawCountry, p.adm.Country)),
		}
		if m.Mandate, err = c.mandates(ctx, tx, p); err != nil {
			return err
		}
		if m.Deals, err = c.deals(ctx, tx, p); err != nil {
			return err
		}
		if m.Stopped, err = tx.LegalStopped(ctx, p.debtor.ID); err != nil {
			return err
		}
		if m.Bailiffs, err = bailiffsOf(ctx, tx, p.debtor.ID); err != nil {
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
	if len(chosen) == 0 {
		return c.payPage(http.StatusUnprocessableEntity, nil, "")
	}
	if reference := c.r.Form.Get("mandate"); reference != "" {
		return c.payAndAgree(chosen, c.method(), reference)
	}
	amounts := map[uuid.UUID]int64{}
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		_, all, err := c.overviewOf(ctx, tx)
		for _, x := range pick(all.open, chosen) {
			amounts[uuid.MustParse(x.ID)] = x.Amount.Minor // not what is in dispute (R70)
		}
		return err
	}); err != nil {
		return err
	}
	if len(amounts) == 0 {
		return c.payPage(http.StatusConflict, chosen, "")
	}
	return c.checkout(amounts, func(problem string) error { return c.payPage(http.StatusConflict, chosen, problem) })
}

// checkout starts a payment of amounts by invoice and leads to the provider;
// again shows the form once more with what is wrong.
func (c *caller) checkout(amounts map[uuid.UUID]int64, again func(problem string) error) error {
	base := c.base()
	lang, err := c.spoken()
	if err != nil {
		return err
	}
	url, err := c.Checkouts.Start(c.r.Context(), payment.NewCheckout{
		Tenant: c.debtor.Tenant, Debtor: c.debtor.Debtor, Invoices: slices.Collect(maps.Keys(amounts)), Amounts: amounts, Method: c.method(),
		Locale: providerLocale(lang),
		Return: func(checkout uuid.UUID) string { return c.Public + base + "/paid/" + checkout.String() },
	})
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
		return again(f.Message)
	}
	if err != nil {
		return err
	}
	http.Redirect(c.w, c.r, url, http.StatusSeeOther)
	return nil
}

// method is the way to pay that was chosen; none lets the debtor choose at the
// provider.
func (c *caller) method() mollie.Method {
	method := mollie.Method(c.r.FormValue("method"))
	if !slices.Contains(portalMethods, view.Method(method)) {
		return ""
	}
	return method
}

// providerLocale is a language as the payment provider names it.
func providerLocale(lang string) string {
	return cmp.Or(map[string]string{"nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}[lang], "en_US")
}

// helpIn is who helps with debts in the first of the countries that we know it of.
func helpIn(lang string, countries ...string) string {
	words, err := outreach.WordsOf(outreach.Language(lang))
	if err != nil {
		return ""
	}
	for _, c := range countries {
		if help := words.Help[c]; help != "" {
			return help
		}
	}
	return words.Help["NL"]
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
