package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	moneybirdemu "github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/money"
)

// review is how the story ended.
type review struct {
	rows  []*row
	mails int      // that the debtors got
	wrong []string // about the mail as a whole
	told  []string // by the logs, of people and secrets
}

// row is what became of one invoice.
type row struct {
	actor  actor
	seed   int // which of the actor's invoices
	debtor string
	number string
	end    string
	wrong  []string

	found    db.StoryInvoiceRow
	state    db.Collection
	steps    map[string]db.LedgerStepsRow
	out      []db.Message // that demanded it, or brought it
	told     []db.Message // others that are about it
	payments []db.PaymentsOfInvoiceRow
	disputes []db.Dispute
	claims   []db.ClaimEntry
	reasons  []db.Decision
	agreed   []string // promises, plans and debits, with what became of each
	// atBailiff is its case, where the story brings that to a bailiff.
	atBailiff *collection
}

func (m *machine) review(ctx context.Context, s *store.Store) (*review, error) {
	tenants, err := s.Door().DoorTenants(ctx)
	if err != nil {
		return nil, err
	}
	if len(tenants) == 0 {
		return nil, fmt.Errorf("the demonstration tenant was not set up; see %s", m.dir("log"))
	}
	r := &review{}
	for _, a := range cast {
		first := len(r.rows)
		for i := range a.invoices {
			one := &row{actor: a, seed: i, debtor: name(a), number: a.invoices[i].Number}
			if err := s.In(ctx, tenants[0].ID, func(tx store.Tx) error { return one.load(ctx, tx) }); err != nil {
				one.miss(true, "never planned")
			} else {
				one.judge()
			}
			r.rows = append(r.rows, one)
		}
		r.hurried(r.rows[first:])
		if a.together {
			apart(r.rows[first:])
		}
	}
	if err := r.askBooks(m.url("moneybird"), m.url("mollie")); err != nil {
		return nil, err
	}
	list, err := mailsink.Log{URL: m.url("mail")}.List(ctx, url.Values{})
	if err != nil {
		return nil, err
	}
	r.compare(list.Messages)
	r.told, err = indiscretions(m.dir("log"))
	return r, err
}

// askBooks looks at the source and at the provider whether anything was paid twice.
func (r *review) askBooks(moneybird, mollie string) error {
	p := &player{moneybird: moneybird, mollie: mollie}
	var books []moneybirdemu.Summary
	if err := control("GET", p.moneybird+p.books("/invoices"), nil, &books); err != nil {
		return err
	}
	for _, o := range r.rows {
		for _, b := range books {
			o.miss(b.Number == o.number && len(b.Payments) > o.most(), "the books have %d payments of it", len(b.Payments))
		}
		begun, err := p.payments(o.number)
		if err != nil {
			return err
		}
		paid := 0
		for _, one := range begun {
			if one.Status == "paid" {
				paid++
			}
		}
		o.miss(paid > o.most() || paid < o.actor.ends[o.seed].online, "it was paid %d times online", paid)
	}
	return nil
}

// most is how often the invoice may be paid.
func (o *row) most() int { return max(1, o.actor.ends[o.seed].online) }

func name(a actor) string {
	if a.contact.CompanyName != "" {
		return a.contact.CompanyName
	}
	return a.contact.FirstName + " " + a.contact.LastName
}

// load reads all that is on record about the invoice.
func (o *row) load(ctx context.Context, tx store.Tx) (err error) {
	if o.found, err = tx.StoryInvoice(ctx, o.number); err != nil {
		return err
	}
	var id uuid.UUID
	if err := tx.QueryRow(ctx, "select id from invoice where number = $1", o.number).Scan(&id); err != nil {
		return err
	}
	if o.state, err = tx.Collection(ctx, id); err != nil {
		return err
	}
	steps, err := tx.LedgerSteps(ctx, []uuid.UUID{o.state.DebtorID})
	if err != nil {
		return err
	}
	o.steps = map[string]db.LedgerStepsRow{}
	for _, s := range steps {
		if s.InvoiceID == id {
			o.steps[s.Step] = s
		}
	}
	if o.payments, err = tx.PaymentsOfInvoice(ctx, id); err != nil {
		return err
	}
	if o.disputes, err = tx.DisputesOf(ctx, id); err != nil {
		return err
	}
	if err := o.messages(ctx, tx, id); err != nil {
		return err
	}
	if o.reasons, err = tx.Decisions(ctx, id); err != nil {
		return err
	}
	if o.agreed, err = agreements(ctx, tx, id); err != nil {
		return err
	}
	if o.actor.ends[o.seed].bailiff {
		if o.atBailiff, err = collectionOf(ctx, tx, id); err != nil {
			return err
		}
	}
	cases, err := tx.LedgerCases(ctx, []uuid.UUID{o.state.DebtorID})
	for _, c := range cases {
		if c.InvoiceID == id && err == nil {
			o.claims, err = tx.ClaimEntries(ctx, c.ID)
		}
	}
	return err
}

// agreements are the promises, plans and debits of an invoice.
func agreements(ctx context.Context, tx store.Tx, invoice uuid.UUID) (all []string, err error) {
	promises, err := tx.PromisesOfInvoice(ctx, invoice)
	if err != nil {
		return nil, err
	}
	for _, p := range promises {
		all = append(all, "promise "+p.State)
	}
	plans, err := tx.PlansOfInvoice(ctx, invoice)
	if err != nil {
		return nil, err
	}
	for _, p := range plans {
		all = append(all, "plan "+p.State)
	}
	debits, err := tx.StoryDebits(ctx, invoice)
	for _, state := range debits {
		all = append(all, "debit "+state)
	}
	return all, err
}

// messages sorts the messages of the invoice; those that merely list it beside
// others are left to those.
func (o *row) messages(ctx context.Context, tx store.Tx, id uuid.UUID) error {
	all, err := tx.MessagesOfInvoice(ctx, id)
	if err != nil {
		return err
	}
	for _, m := range all {
		listed, err := tx.MessageInvoices(ctx, []uuid.UUID{m.ID})
		if err != nil {
			return err
		}
		for _, l := range listed {
			switch {
			case l.InvoiceID != id:
			case l.Role == "demanded":
				o.out = append(o.out, m)
			case l.Role == "about":
				o.told = append(o.told, m)
			}
		}
	}
	return nil
}

func (o *row) miss(bad bool, format string, args ...any) {
	if bad {
		o.wrong = append(o.wrong, fmt.Sprintf(format, args...))
	}
}

// judge compares the invoice with the ending that the cast promises.
func (o *row) judge() {
	want := o.actor.ends[o.seed]
	beyond := want.phase == "case" && o.found.Phase == "bailiff" // the story went on
	o.miss(o.found.Phase != want.phase && !beyond, "its phase is %s, not %s", o.found.Phase, want.phase)
	o.miss(o.found.HeldRule != want.held, "it is held by %q, not %q", o.found.HeldRule, want.held)
	for _, s := range want.steps {
		done, ok := o.steps[s]
		o.miss(!ok || done.Outcome == policy.DoneSkipped && s != string(policy.Reminder1), "%s did not go out", s)
	}
	o.judgeDemands(want.demands)
	o.miss(o.remindedPayer(), "a demand went out after the money was there")
	o.miss(!o.explained(), "a step has no reason on record")
	for _, kind := range want.files {
		o.miss(!slices.Contains(fields(o.found.Files), kind), "there is no %s on file", kind)
	}
	o.miss(o.found.Costs != want.costs, "costs are %s, not %s", money.EUR(o.found.Costs), money.EUR(want.costs))
	o.judgeInterest(want.interest)
	o.miss(want.agreed != "" && !slices.Contains(o.agreed, want.agreed), "%q is not on record, but %q", want.agreed, o.agreed)
	if want.bailiff {
		o.judgeCollection()
	}
	o.end = o.ending()
}

// explained reports whether each step that is behind the invoice has its rule and
// its reason.
func (o *row) explained() bool {
	for step := range o.steps {
		if !slices.ContainsFunc(o.reasons, func(d db.Decision) bool { return d.Step == step && d.Rule != "" && d.Reason != "" }) {
			return false
		}
	}
	return true
}

// judgeInterest computes the interest of the case anew, for the day on which it
// was opened.
func (o *row) judgeInterest(percent int64) {
	for _, e := range o.claims {
		if e.Kind != "interest" || percent == 0 {
			continue
		}
		principal, err := money.Parse(o.actor.invoices[o.seed].Total, "EUR")
		days := int64(e.Through.DaysSince(o.actor.invoices[o.seed].Due))
		want := (2*principal.Minor*percent*days + 36500) / (2 * 36500) // rounded to the nearest cent
		o.miss(err != nil || e.AmountMinor != want, "interest through %s is %s, not %s", e.Through, money.EUR(e.AmountMinor), money.EUR(want))
		return
	}
	o.miss(percent != 0, "no interest was booked")
}

// compare holds the debtors' mail against the record: each message on record as
// sent came once, and nothing came that is not on record. Codes for the portal
// are not kept.
func (r *review) compare(mails []mailsink.Message) {
	r.mails = len(mails)
	came := map[string]int{}
	for _, m := range mails {
		came[m.MessageID]++
	}
	recorded := map[string]bool{}
	for _, o := range r.rows {
		for _, m := range slices.Concat(o.out, o.told) {
			if m.Channel != string(policy.Email) || recorded[m.HeaderID] {
				continue
			}
			recorded[m.HeaderID] = true
			if n := came[m.HeaderID]; m.State == "sent" && n != 1 {
				r.wrong = append(r.wrong, fmt.Sprintf("%q to %s came %d times", m.Subject, o.debtor, n))
			} else if m.State != "sent" && n > 0 {
				r.wrong = append(r.wrong, fmt.Sprintf("%q to %s came, but is recorded as %s", m.Subject, o.debtor, m.State))
			}
		}
	}
	for _, m := range mails {
		if n := came[m.MessageID]; n > 1 && !recorded[m.MessageID] {
			r.wrong = append(r.wrong, fmt.Sprintf("%q came %d times", m.Subject, n))
		}
	}
}

// verdict is nil when the story ended as it should.
func (r *review) verdict() error {
	wrong := 0
	for _, o := range r.rows {
		if len(o.wrong) > 0 {
			wrong++
		}
	}
	if wrong > 0 || len(r.wrong) > 0 || len(r.told) > 0 {
		return fmt.Errorf("the story did not end as it should: %d of %d invoices are wrong, %d things about the mail, %d about the logs", wrong, len(r.rows), len(r.wrong), len(r.told))
	}
	return nil
}
