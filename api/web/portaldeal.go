package web

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
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

func (c *caller) promiseForm() error {
	return c.promisePage(http.StatusOK, view.PromiseModel{}, nil)
}

func (c *caller) promisePage(code int, m view.PromiseModel, wrong error) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		if err != nil {
			return err
		}
		rules, err := arrangement.SettingsOf(ctx, tx, p.adm.ID)
		today := date.Of(p.shell.Now)
		m.Shell, m.Invoices, m.First, m.Last = p.shell, options(p.shell, pick(all.open, nil)), today, today.AddDays(rules.PromiseDays)
		if wrong != nil {
			m.Problem = debtorWords(p.shell, wrong)
		}
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
	return c.show(code, view.Promise(m))
}

// chosenClaim is the claim that a form is about.
func chosenClaim(list []view.Claim, id string) (view.Claim, bool) {
	i := slices.IndexFunc(list, func(x view.Claim) bool { return x.ID == id && x.State == view.Open })
	if i < 0 {
		return view.Claim{}, false
	}
	return list[i], true
}

func (c *caller) promise() error {
	m := view.PromiseModel{Day: c.r.FormValue("day"), Amount: strings.TrimSpace(c.r.FormValue("amount")), Errors: component.Errors{}}
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) error {
		about, ok := chosenClaim(all.open, c.r.FormValue("invoice"))
		if !ok {
			return errNotHere
		}
		on := dayIn(m.Day)
		if on.IsZero() {
			m.Errors["day"] = "promise.noday"
		}
		amount, ok := amountIn(m.Amount, about.Amount)
		if !ok {
			m.Errors["amount"] = "err.promise.amount"
		}
		if len(m.Errors) > 0 {
			return nil
		}
		_, err := c.Desk.Promise(ctx, tx, arrangement.NewPromise{Invoice: uuid.MustParse(about.ID), Amount: amount, PayOn: on, Channel: "portal", By: arrangement.ByDebtor, Tell: true})
		return err
	})
	switch {
	case refused(err) && !errors.Is(err, errNotHere):
		return c.promisePage(http.StatusUnprocessableEntity, m, err)
	case err != nil:
		return err
	case len(m.Errors) > 0:
		return c.promisePage(http.StatusUnprocessableEntity, m, nil)
	}
	return c.thanks(shell, "promise")
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

func (c *caller) promiseUndo() error {
	return c.own(func(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
		p, err := tx.Promise(ctx, id)
		return p.DebtorID, err
	}, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		return c.Desk.WithdrawPromise(ctx, tx, id, arrangement.ByDebtor)
	})
}

func (c *caller) disputeUndo() error {
	return c.own(func(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
		d, err := tx.Dispute(ctx, id)
		return d.DebtorID, err
	}, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		return c.Desk.WithdrawDispute(ctx, tx, id, arrangement.ByDebtor)
	})
}

// planUndo takes back a proposal that nobody has decided on.
func (c *caller) planUndo() error {
	return c.own(c.planDebtor, func(ctx context.Context, tx store.Tx, id uuid.UUID) error {
		p, err := tx.PaymentPlan(ctx, id)
		if err != nil {
			return err
		}
		if p.State != string(arrangement.PlanProposed) {
			return fault.New(fault.Conflict, "plan_started", "The plan has started; ask the creditor to end it.")
		}
		return c.Desk.Cancel(ctx, tx, id, "The debtor took the proposal back.", arrangement.ByDebtor)
	})
}

func (c *caller) planDebtor(ctx context.Context, tx store.Tx, id uuid.UUID) (uuid.UUID, error) {
	p, err := tx.PaymentPlan(ctx, id)
	return p.DebtorID, err
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

// planNumbers are the numbers of instalments that the calculator offers.
var planNumbers = []int{2, 3, 4, 5, 6, 8, 10, 12}

func (c *caller) planForm() error {
	q := c.r.URL.Query()
	return c.calculator(http.StatusOK, q["invoice"], q.Get("n"), q.Get("every"), q.Get("first"), "", nil)
}

func (c *caller) calculator(code int, chosen []string, number, every, first, words string, wrong error) error {
	var m view.PlanModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		if err != nil {
			return err
		}
		today := date.Of(p.shell.Now)
		m = view.PlanModel{Shell: p.shell, Number: number, Every: every, First: first, Note: words, From: today, To: today.AddDays(31)}
		if m.Every != string(arrangement.Weekly) {
			m.Every = string(arrangement.Monthly)
		}
		if dayIn(first).IsZero() {
			m.First = today.AddDays(7).String()
		}
		can := pick(all.open, nil)
		picked := pick(all.open, parseIDs(chosen))
		m.Total = payable(all.open, parseIDs(chosen))
		for _, x := range can {
			m.Invoices = append(m.Invoices, view.PlanInvoice{ID: x.ID, Number: x.Number, Amount: x.Amount, Chosen: slices.ContainsFunc(picked, func(y view.Claim) bool { return y.ID == x.ID })})
		}
		rules, err := arrangement.SettingsOf(ctx, tx, p.adm.ID)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(number)
		for _, k := range planNumbers {
			each := m.Total.Minor / int64(k)
			if k > rules.PlanMostMonths || each < rules.PlanMinMinor {
				continue
			}
			m.Choices = append(m.Choices, view.PlanChoice{Number: k, Each: money.Of(each, m.Total.Currency), Selected: k == n || n == 0 && len(m.Choices) == min(1, len(m.Choices))})
		}
		if wrong == nil && number != "" && len(picked) > 0 {
			m.Quote, wrong = c.quote(ctx, tx, p, m, n, idsOf(picked))
		}
		if wrong != nil {
			if !refused(wrong) {
				return wrong
			}
			m.Problem = debtorWords(p.shell, wrong)
		}
		return nil
	}); err != nil {
		return err
	}
	if len(m.Invoices) == 0 {
		return c.toHome()
	}
	onlyOne(m.Choices)
	return c.show(code, view.Plan(m))
}

// onlyOne keeps one choice selected: the one that was chosen, else the first.
func onlyOne(list []view.PlanChoice) {
	found := false
	for i := range list {
		if list[i].Selected && found {
			list[i].Selected = false
		}
		found = found || list[i].Selected
	}
	if !found && len(list) > 0 {
		list[0].Selected = true
	}
}

func idsOf(list []view.Claim) (out []uuid.UUID) {
	for _, x := range list {
		out = append(out, uuid.MustParse(x.ID))
	}
	return out
}

func (c *caller) quote(ctx context.Context, tx store.Tx, p party, m view.PlanModel, n int, invoices []uuid.UUID) (*view.PlanQuote, error) {
	s, err := c.Planner.Standing(ctx, tx, p.debtor.ID)
	if err != nil {
		return nil, err
	}
	q, err := c.Desk.Quote(ctx, tx, s, arrangement.NewPlan{Debtor: p.debtor.ID, Invoices: invoices, Number: n, First: dayIn(m.First), Every: arrangement.Interval(m.Every), ByDebtor: true})
	if err != nil {
		return nil, err
	}
	out := &view.PlanQuote{Automatic: q.Automatic, Total: money.Of(q.Covered.Total(), q.Currency)}
	for _, in := range q.Instalments {
		out.Instalments = append(out.Instalments, view.PlanLine{Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), q.Currency)})
	}
	return out, nil
}

func (c *caller) plan() error {
	number, every, first, words := c.r.FormValue("n"), c.r.FormValue("every"), c.r.FormValue("first"), strings.TrimSpace(c.r.FormValue("note"))
	chosen := c.r.Form["invoice"]
	n, _ := strconv.Atoi(number)
	var state arrangement.PlanState
	shell, err := c.inTurn(func(ctx context.Context, tx store.Tx, p party, all claims) (err error) {
		picked := pick(all.open, parseIDs(chosen))
		if len(chosen) == 0 || len(picked) == 0 {
			return errNotHere
		}
		_, state, err = c.Desk.Propose(ctx, tx, arrangement.NewPlan{
			Debtor: p.debtor.ID, Invoices: idsOf(picked), Number: n, First: dayIn(first), Every: arrangement.Interval(every), Note: cutText(words, 2000), By: arrangement.ByDebtor, ByDebtor: true,
		})
		return err
	})
	switch {
	case refused(err):
		return c.calculator(http.StatusUnprocessableEntity, chosen, number, every, first, words, err)
	case err != nil:
		return err
	case state == arrangement.PlanActive:
		return c.thanks(shell, "plan")
	}
	return c.thanks(shell, "proposal")
}

func (c *caller) planPage() error { return c.showPlan(http.StatusOK, "") }

func (c *caller) showPlan(code int, problem string) error {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return errNotHere
	}
	var m view.PlanPageModel
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		if err != nil {
			return err
		}
		pr, err := arrangement.ProgressOf(ctx, tx, id, date.Of(p.shell.Now))
		if err != nil || pr.Plan.DebtorID != c.debtor.Debtor {
			return errNotHere // W4
		}
		stopped, err := tx.LegalStopped(ctx, p.debtor.ID)
		m = planModel(p, pr, !stopped)
		m.Problem = problem
		return err
	}); err != nil {
		return err
	}
	c.allowProvider()
	return c.show(code, view.PlanPage(m))
}

func planModel(p party, pr arrangement.Progress, payable bool) view.PlanPageModel {
	today, cur := date.Of(p.shell.Now), pr.Plan.Currency
	m := view.PlanPageModel{Shell: p.shell, ID: pr.Plan.ID.String(), State: pr.Plan.State, Rest: pr.Rest(), Methods: portalMethods}
	var numbers []string
	for _, i := range pr.Invoices {
		numbers = append(numbers, i.Number)
	}
	m.Invoices = strings.Join(numbers, ", ")
	if pr.Plan.Waiver == "conditional" {
		m.Waived = money.Of(pr.Plan.WaiveMinor, cur)
	}
	if pr.Plan.State == "active" && pr.Plan.WarnedSeq > 0 {
		m.Cure = pr.Plan.CureOn
	}
	for _, in := range pr.Instalments {
		l := view.PlanLine{Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), cur), Left: pr.Left(in.Seq)}
		l.Paid = !l.Left.Positive()
		l.Late = !l.Paid && in.Due.Before(today) && pr.Plan.State == "active"
		m.Lines = append(m.Lines, l)
	}
	if next := pr.NextDue(0); next > 0 && pr.Plan.State == "active" && payable {
		m.Next = &m.Lines[next-1]
		if p.adm.Iban != "" {
			m.Transfer = &view.Transfer{Name: creditorName(p.adm), IBAN: grouped(p.adm.Iban), Reference: strings.Join(numbers, " ")}
		}
	}
	return m
}

// planPay starts the payment of exactly what is left of an instalment.
func (c *caller) planPay() error {
	id, err := uuid.Parse(c.r.PathValue("id"))
	if err != nil {
		return errNotHere
	}
	seq, _ := strconv.Atoi(c.r.FormValue("seq"))
	var amounts map[uuid.UUID]int64
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		s, err := c.Planner.Standing(ctx, tx, c.debtor.Debtor)
		if err != nil {
			return err
		}
		pr, err := arrangement.ProgressOf(ctx, tx, id, s.Today)
		if err != nil || pr.Plan.DebtorID != c.debtor.Debtor || pr.Plan.State != "active" || seq < 1 || seq > len(pr.Instalments) {
			return errNotHere // W4
		}
		amounts = spread(s, pr, seq)
		return nil
	}); err != nil {
		return err
	}
	return c.checkout(amounts, func(problem string) error { return c.showPlan(http.StatusUnprocessableEntity, problem) })
}

// spread divides an instalment over the invoices of its plan, the oldest first.
// What is more than their principal, for costs and interest, goes with the last.
func spread(s dunning.Standing, pr arrangement.Progress, seq int) map[uuid.UUID]int64 {
	left, out, last := pr.Left(seq).Minor, map[uuid.UUID]int64{}, uuid.Nil
	for _, i := range pr.Invoices {
		o, ok := s.Of(i.InvoiceID)
		if !ok || left <= 0 {
			continue
		}
		n := min(left, o.Claim.Open().Minor)
		out[i.InvoiceID], left, last = n, left-n, i.InvoiceID
	}
	if left > 0 && last != uuid.Nil {
		out[last] += left
	}
	return out
}

func (c *caller) paidForm() error {
	return c.paidPage(http.StatusOK, view.PaidModel{}, nil)
}

func (c *caller) paidPage(code int, m view.PaidModel, wrong error) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, all, err := c.overviewOf(ctx, tx)
		m.Shell, m.Invoices, m.Today = p.shell, options(p.shell, pick(all.open, nil)), date.Of(p.shell.Now)
		if wrong != nil {
			m.Problem = debtorWords(p.shell, wrong)
		}
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
	return c.show(code, view.Paid(m))
}

func (c *caller) paidAlready() error {
	m := view.PaidModel{Day: c.r.FormValue("day"), Amount: strings.TrimSpace(c.r.FormValue("amount")), Text: cutText(strings.TrimSpace(c.r.FormValue("text")), longestText), Errors: component.Errors{}}
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
			m.Errors["amount"] = "err.paid.amount"
		}
		if len(m.Errors) > 0 {
			return nil
		}
		invoice := uuid.MustParse(about.ID)
		id, err := c.Desk.PaidAlready(ctx, tx, arrangement.NewPaidClaim{Invoice: invoice, Amount: amount, PaidOn: dayIn(m.Day), Note: m.Text, By: arrangement.ByDebtor})
		if err != nil {
			return err
		}
		return c.keepProof(ctx, tx, id, proof)
	})
	switch {
	case refused(err):
		return c.paidPage(http.StatusUnprocessableEntity, m, err)
	case err != nil:
		return err
	case len(m.Errors) > 0:
		return c.paidPage(http.StatusUnprocessableEntity, m, nil)
	}
	return c.thanks(shell, "paid")
}

const (
	mostProofs = 3
	proofBytes = 5 << 20
	portalFile = mostProofs*proofBytes + formBytes
)

// proofTypes are the files that a debtor may send along: what they look like
// counts, not what they are called.
var proofTypes = []string{"application/pdf", "image/png", "image/jpeg"}

// proof is a file that a debtor sent along.
type proof struct {
	name, kind string
	content    []byte
}

// proofs reads the files of a form; false when one of them is not allowed.
func proofs(form *multipart.Form) (out []proof, ok bool) {
	if form == nil {
		return nil, true
	}
	for _, h := range form.File["files"] {
		if h.Size == 0 {
			continue
		}
		if h.Size > proofBytes || len(out) == mostProofs {
			return nil, false
		}
		f, err := h.Open()
		if err != nil {
			return nil, false
		}
		content, err := io.ReadAll(io.LimitReader(f, proofBytes+1))
		_ = f.Close()
		kind := http.DetectContentType(content)
		if err != nil || len(content) > proofBytes || !slices.Contains(proofTypes, kind) {
			return nil, false
		}
		out = append(out, proof{name: fileName(h.Filename), kind: kind, content: content})
	}
	return out, true
}

// keepProof stores what came along with what it belongs to.
func (c *caller) keepProof(ctx context.Context, tx store.Tx, subject uuid.UUID, list []proof) error {
	now, err := dunning.Now(ctx, tx, c.Real)
	if err != nil {
		return err
	}
	for _, p := range list {
		sum := sha256.Sum256(p.content)
		if err := tx.AddDocument(ctx, db.AddDocumentParams{
			ID: uuid.New(), TenantID: tx.Tenant, SubjectID: subject, Kind: "upload", Name: p.name, MediaType: p.kind, Sha256: sum[:], Content: p.content, CreatedAt: now,
		}); err != nil {
			return fmt.Errorf("keep a file of the debtor: %w", err)
		}
	}
	return nil
}
