package dunning

import (
	"cmp"
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/outreach/voice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// TrialOf says whom a trial writes to.
type TrialOf struct {
	Administration uuid.UUID // whose name it bears
	// Invoice is an open one whose data are filled in; none takes an example.
	Invoice uuid.UUID
	// Consumer makes the debtor of an example a private person.
	Consumer bool
}

// Trial is a message as it would read now, in every form that it can take.
// Nothing of it is kept or sent, and its links lead nowhere.
type Trial struct {
	Debtor  string
	Invoice string
	Message outreach.Message // empty for what others may see
	Letter  []byte           // PDF; nil without a postal address
	Text    string           // of a text message
	Count   sms.Count
	Sender  string // of the text message
	Script  voice.Script
}

// Try writes a message in given words, or in those that hold now when o is nil.
// It refuses words that Reword would refuse, with the same fault.
func (s *Steps) Try(ctx context.Context, tx store.Tx, of TextOf, o *outreach.Own, to TrialOf) (out Trial, err error) {
	if o != nil {
		if err := o.Check(of.Language, of.Step); err != nil {
			return out, err
		}
	}
	f, err := s.trial(ctx, tx, to)
	if err != nil {
		return out, err
	}
	f.led.debtor.Language, f.led.adm.Formal = string(of.Language), of.Form != outreach.Informal
	out.Debtor, out.Invoice = f.led.debtor.Name, f.it.invoice.Number
	w := &outgoing{token: previewLink, parts: parts{demanded: []*item{f.it}}, channels: []policy.Channel{policy.Email, policy.Letter, policy.SMS, policy.Voice}}
	for id, step := range letterOf {
		if step == of.Step {
			w.step.ID = id
		}
	}
	c := f.led.content(w.step, w.parts, f.today)
	c.Step, c.Language = of.Step, of.Language
	c.PortalURL, c.PayURL, c.GenuineURL = f.Links.Portal(previewLink), f.Links.Pay(previewLink), f.Links.Genuine(f.it.invoice.ID)
	c.ReplyTo = "reply@" + f.Post.Domain
	if c.PayBy.IsZero() {
		c.PayBy = f.led.days.Next(f.today.AddDays(7))
	}
	f.suppose(w, &c)
	switch {
	case of.Step.Open() && o != nil:
		c.Said = map[outreach.Step]outreach.Own{of.Step: *o}
	case o != nil:
		c.Own = o
	}
	if err := f.reworded(ctx, w, &c); err != nil {
		return out, err
	}
	w.content = c
	return out, f.forms(w, of.Step, &out)
}

// forms renders a trial.
func (f *fence) forms(w *outgoing, step outreach.Step, out *Trial) (err error) {
	c := w.content
	if step != outreach.Call {
		text, err := outreach.Discreet(c)
		if err != nil {
			return fmt.Errorf("write the text message: %w", err)
		}
		out.Text = sms.Plain(text)
		out.Count = sms.Measure(out.Text)
		out.Sender = cmp.Or(f.led.carriers[policy.SMS].Sender, sms.Sender(c.Creditor.Name))
	}
	if step != outreach.TextMessage {
		if out.Script, err = voice.Write(c); err != nil {
			return err
		}
	}
	if step.Open() {
		return nil
	}
	if out.Message, err = outreach.Render(c); err != nil || len(c.Debtor.Address) == 0 || step == outreach.PortalCode {
		return err
	}
	pdf, err := letter.Render(c, letter.Options{PaymentCode: paymentCode(w)})
	out.Letter = pdf.Bytes
	return err
}

// suppose states what the law would add, and what the step is about.
func (f *fence) suppose(w *outgoing, c *outreach.Content) {
	pack, err := f.led.jurisdiction()
	if err == nil {
		c.Country = pack.Code()
		if claim, err := f.led.newClaim(w.parts.demanded, f.today); err == nil {
			switch c.Step {
			case outreach.FinalReminder:
				if c.Debtor.Capacity == outreach.Business {
					c.Announced = claim.charges()
				}
			case outreach.CaseOpened, outreach.SummonsReminder, outreach.Summons2, outreach.PreJudicial, outreach.PlanOffer, outreach.CaseStatement, outreach.CostsRemain:
				c.Charges = claim.charges()
			}
		}
		if texts, err := f.led.texts(pack, w.step, w.parts.demanded, f.today); err == nil {
			for _, t := range texts {
				c.Law = append(c.Law, t.Text)
			}
		}
	}
	switch c.Step {
	case outreach.CaseOpened, outreach.SummonsReminder, outreach.Summons2, outreach.PreJudicial, outreach.PlanOffer, outreach.CaseStatement, outreach.CostsRemain:
		c.CaseNumber = fmt.Sprintf("Z%d-0001", f.today.Year())
	}
	if c.Step == outreach.Interruption {
		c.Law = []string{"…"} // where the law is not known
		if pack != nil {
			said := pack.InterruptionText(string(c.Language))
			c.Law, c.Interrupts = []string{said.Text}, said.Interrupts
		}
	}
	if c.Step.Statutory() {
		c.Notice, c.PayBy = f.notice(pack, w), date.Date{}
	}
	c.Suppose()
}

// notice is the notice of the law, or a stand-in where it knows none for this
// debtor.
func (f *fence) notice(pack *law.Country, w *outgoing) *outreach.Notice {
	if pack != nil {
		for _, kind := range pack.NoticeKinds() {
			if s, err := f.led.newStatutory(pack, kind, w.parts.demanded, f.today, law.Post, nil); err == nil {
				return s.block()
			}
		}
	}
	ask := f.it.ask()
	zero := ask
	zero.Minor = 0
	words, err := outreach.WordsOf(outreach.Language(f.led.debtor.Language))
	if err != nil {
		return nil
	}
	return &outreach.Notice{Heading: "…", Paragraphs: []string{"[ " + words.Amount(zero) + " ]"}, Covers: []string{f.it.invoice.Number}, Principal: ask, Costs: zero}
}

// trial is a fence around a real invoice, or an example of one.
func (s *Steps) trial(ctx context.Context, tx store.Tx, to TrialOf) (*fence, error) {
	f := &fence{Steps: s, tx: tx, trial: true, asker: woken{tenant: tx.Tenant, adm: to.Administration, invoice: to.Invoice}}
	var err error
	if f.scale, err = tx.Scale(ctx); err != nil {
		return nil, err
	}
	f.at(f.scale.Tenant(s.Real.Now()))
	if to.Invoice == uuid.Nil {
		return f, f.example(ctx, to)
	}
	inv, err := tx.Invoice(ctx, to.Invoice)
	if err != nil {
		return nil, fault.New(fault.NotFound, "invoice_not_found", "This invoice does not exist.").Because(err)
	}
	if err := f.load(ctx, inv.DebtorID); err != nil {
		return nil, err
	}
	if f.it == nil || f.it.state != nil && f.it.state.Phase == string(receivable.Closed) || !f.it.ask().Positive() {
		return nil, fault.New(fault.Conflict, "invoice_closed", "This invoice is settled. Choose an open one.")
	}
	return f, nil
}

// example is a debtor with one overdue invoice, made up.
func (f *fence) example(ctx context.Context, to TrialOf) error {
	adm, err := f.tx.Administration(ctx, to.Administration)
	if err != nil {
		return fault.New(fault.NotFound, "administration_not_found", "This administration does not exist.").Because(err)
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return err
	}
	f.led = &ledger{adm: adm, zone: zone, days: sendingDays(adm.Country, ""), blocked: map[string]bool{}, debtor: db.Debtor{
		ID: uuid.Nil, Name: "Bakkerij De Gouden Aar", Attention: "N. Yilmaz", Kind: string(sdk.Business), Country: adm.Country,
		Email: "noor@yilmaz.example", Phone: "+31612345678",
	}}
	at, ok := exampleAddresses[adm.Country]
	if !ok {
		at = exampleAddresses["NL"]
	}
	f.led.debtor.Line1, f.led.debtor.PostalCode, f.led.debtor.City = at[0], at[1], at[2]
	if to.Consumer {
		f.led.debtor.Name, f.led.debtor.Attention, f.led.debtor.Kind = "Noor Yilmaz", "", string(sdk.Consumer)
	}
	rows, err := f.tx.LedgerChannels(ctx, []uuid.UUID{adm.ID})
	if err != nil {
		return fmt.Errorf("load channels: %w", err)
	}
	f.led.carriers = map[policy.Channel]db.Channel{}
	for _, row := range rows {
		f.led.carriers[policy.Channel(row.Channel)] = row
	}
	f.today = date.Of(f.now.In(zone))
	due := f.today.AddDays(-20)
	f.it = &item{state: &db.Collection{Phase: string(receivable.Reminding)}, done: map[policy.StepID]policy.Done{}, invoice: db.Invoice{
		Number: fmt.Sprintf("%d-0412", f.today.Year()), Kind: string(sdk.SalesInvoice), Status: string(sdk.Open), Issued: due.AddDays(-30), Due: due,
		Currency: adm.Currency, TotalMinor: 121_000, OpenMinor: 121_000, Reference: "Voorbeeld",
	}}
	f.led.items = []*item{f.it}
	return nil
}

// exampleAddresses are street, postcode and town of the example, by country.
var exampleAddresses = map[string][3]string{
	"NL": {"Voorbeeldstraat 12", "3511 AB", "Utrecht"}, "BE": {"Voorbeeldstraat 12", "1000", "Brussel"}, "DE": {"Musterstraße 12", "10115", "Berlin"},
	"FR": {"12 rue de l'Exemple", "75002", "Paris"}, "GB": {"12 Example Street", "SW1A 1AA", "London"},
}
