package dunning

import (
	"cmp"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Links makes the addresses that a message carries.
type Links interface {
	// Portal returns the page of a debtor, opened by a token that the hub knows
	// by its hash only.
	Portal(token string) string
	// Pay returns the payment page behind the same token.
	Pay(token string) string
	// Genuine returns the page that tells whether a message is from us.
	Genuine(message uuid.UUID) string
	// Stop returns the page that ends e-mail like the one it was in (R59).
	Stop(token string) string
}

// letterOf is the outreach step with the text of a flow step, by its kind.
var letterOf = map[policy.StepID]outreach.Step{
	policy.SendInvoice: outreach.Invoice, policy.PreReminder: outreach.PreReminder,
	policy.Reminder1: outreach.Reminder1, policy.Reminder2: outreach.Reminder2,
	policy.FinalReminder: outreach.FinalReminder, policy.FourteenDay: outreach.FourteenDayLetter,
	policy.OpenCase: outreach.CaseOpened, policy.SummonsReminder: outreach.SummonsReminder,
	policy.PaymentReversed: outreach.PaymentReversed,
	policy.PlanOffer:       outreach.PlanOffer, policy.Summons2: outreach.Summons2, policy.PreJudicial: outreach.PreJudicial,
}

// answerDays is how long a message gives to pay whose step names no term, by its
// kind; the rest asks at once.
var answerDays = map[policy.StepID]int{policy.Reminder1: 7, policy.Reminder2: 7, policy.FinalReminder: 7, policy.OpenCase: 7, policy.SummonsReminder: 5, policy.Summons2: 7, policy.PreJudicial: 7, policy.PlanOffer: 7}

// parts are the invoices of a message by what it says of them.
type parts struct {
	demanded    []*item
	notDue      []*item
	notDemanded map[*item]string
}

// payBy is the day by which a message that arrives on a day asks to be paid, none
// where the step names none.
func (l *ledger) payBy(step policy.Step, arrives date.Date) date.Date {
	n := cmp.Or(step.Term, answerDays[step.Kind()])
	if n == 0 {
		return date.Date{}
	}
	return l.days.Next(arrives.AddDays(n))
}

func (l *ledger) content(step policy.Step, p parts, today date.Date) outreach.Content {
	c := outreach.Content{
		Step: letterOf[step.Kind()], Language: l.language(), Form: l.form(), Date: today, Country: cmp.Or(l.adm.LawCountry, l.adm.Country),
		Creditor: creditor(l.adm), Debtor: l.party(),
	}
	if c.Step != "" && !c.Language.Has(c.Step) {
		c.Language = outreach.English
	}
	for _, it := range p.demanded {
		c.Demanded = append(c.Demanded, l.line(it, ""))
	}
	for _, it := range p.notDue {
		c.NotYetDue = append(c.NotYetDue, l.line(it, ""))
	}
	for _, it := range l.items {
		if why, ok := p.notDemanded[it]; ok {
			c.NotDemanded = append(c.NotDemanded, l.line(it, why))
		}
		if it.isCreditNote() && step.ID != policy.SendInvoice {
			c.Credits = append(c.Credits, outreach.CreditNote{Number: it.invoice.Number, Issued: it.invoice.Issued, Amount: money.Of(it.invoice.OpenMinor, it.invoice.Currency)})
		}
	}
	c.PayBy = l.payBy(step, today)
	if step.ID == policy.PaymentReversed {
		c.Payment = undone(p.demanded)
	}
	if len(p.demanded) == 1 {
		c.Reference = p.demanded[0].invoice.PaymentReference
	}
	return c
}

// undone is the payment that was taken back, nil when its amount is not known.
func undone(items []*item) *outreach.Payment {
	p := &outreach.Payment{}
	for _, it := range items {
		sum, err := p.Amount.Add(money.Of(it.state.ReversedMinor, it.invoice.Currency))
		if err != nil || it.state.ReversedMinor <= 0 {
			return nil
		}
		p.Amount, p.Date = sum, date.Later(p.Date, it.state.ReversedOn)
	}
	return p
}

func (l *ledger) line(it *item, why string) outreach.Item {
	i := it.invoice
	open, ask := it.open().Minor, it.ask()
	phase := string(receivable.Sent)
	if it.state != nil {
		phase = it.state.Phase
	}
	return outreach.Item{
		Number: i.Number, Issued: i.Issued, Due: i.Due, Original: money.Of(i.TotalMinor, i.Currency),
		Paid: money.Of(i.TotalMinor-open, i.Currency), Open: ask, Disputed: money.Of(open-ask.Minor, i.Currency), Phase: phase, Reason: why,
	}
}

// language is the one chosen for the debtor, or that of the debtor where we have
// templates for it, else that of the creditor's books.
func (l *ledger) language() outreach.Language {
	for _, tag := range []string{l.voice().Language, l.debtor.Language, l.adm.Language} {
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, have := range outreach.Languages() {
			if base == string(have) {
				return have
			}
		}
	}
	return outreach.English
}

// voice is what was chosen for the debtor by hand.
func (l *ledger) voice() flow.Voice {
	if l.book == nil {
		return flow.Voice{}
	}
	return l.book.Voice(l.debtor.ID)
}

func (l *ledger) form() outreach.Form {
	switch f := outreach.Form(l.voice().Form); f {
	case outreach.Formal, outreach.Informal:
		return f
	}
	if l.adm.Formal {
		return outreach.Formal
	}
	return outreach.Informal
}

func creditor(a db.Administration) outreach.Creditor {
	c := outreach.Creditor{
		Name: a.LegalName, Email: a.SenderEmail, Phone: a.SenderPhone, Colour: a.Accent, IBAN: a.Iban, Number: a.Registration,
		Address: lines(a.Line1, strings.TrimSpace(a.PostalCode+"  "+a.City)),
	}
	if c.Name == "" {
		c.Name = a.Name
	}
	return c
}

func (l *ledger) party() outreach.Debtor {
	d := l.debtor
	capacity := outreach.Consumer
	if d.Kind == string(sdk.Business) {
		capacity = outreach.Business
	}
	country := ""
	if d.Country != "" && d.Country != l.adm.Country {
		country = d.Country
	}
	return outreach.Debtor{
		Name: d.Name, Attention: d.Attention, Capacity: capacity, Country: d.Country,
		Address: lines(d.Line1, d.Line2, strings.TrimSpace(d.PostalCode+"  "+strings.ToUpper(d.City)), country),
	}
}

func lines(ss ...string) []string {
	var out []string
	for _, s := range ss {
		if s != "" {
			out = append(out, s)
		}
	}
	return out
}
