package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// answerDays is how long the debtor has to pay costs that remain.
const answerDays = 14

// askDays lie between two requests for costs that remain; after the last, a
// person decides.
const (
	askDays  = 14
	askTimes = 2
)

// words are the messages that the debtor is to get about the case now. Each goes
// out once, whatever is looked at again.
func (l *look) words(soon func(time.Time, string)) (out []dunning.Word, err error) {
	// What lowers the claim is told at once (R42, R104); what a payment did is told
	// by the messages of the flow.
	for i := len(l.events) - 1; i >= 0; i-- {
		e := l.events[i]
		if e.Kind != "corrected" && e.Kind != "waived" && e.Kind != "revived" && e.Kind != "left" {
			continue
		}
		if e.Kind == "waived" && e.Actor == "voldaan" && l.state.Total() == 0 {
			break // it is paid, and that is told elsewhere
		}
		w, err := l.word(outreach.CaseStatement, fmt.Sprintf("case/%s/statement/%d", l.file.Case.ID, e.ID))
		if err != nil {
			return nil, err
		}
		w.Rule, w.Why = "R42", "A corrected statement went out: "+e.Text
		out = append(out, w)
		break
	}
	since := l.file.Case.CostsOnlySince
	if since.IsZero() || l.file.Policy.CostsLeft != claim.AskForThem || l.file.Case.State == "closed" || l.file.Case.State == "bailiff" {
		return out, nil
	}
	n := min(l.today.DaysSince(since)/askDays, askTimes-1)
	w, err := l.word(outreach.CostsRemain, fmt.Sprintf("case/%s/costs/%s/%d", l.file.Case.ID, since, n))
	if err != nil {
		return nil, err
	}
	w.Ask, w.Rule, w.Why = true, "R36", "The principal is paid; costs and interest were asked for."
	out = append(out, w)
	if l.today.DaysSince(since) < askDays*askTimes {
		soon(since.AddDays((n+1)*askDays).At(hour, 0, l.file.Zone), "Costs and interest that remain are asked for again")
		return out, nil
	}
	return out[:len(out)-1], l.task("costs_open", "Costs and interest of case "+l.file.Case.Number+" remain",
		"The debtor was asked for them and did not pay. Decide whether to hand them over or waive them.")
}

// word is a message about what the case owes, with its statement.
func (l *look) word(step outreach.Step, key string) (dunning.Word, error) {
	w := dunning.Word{Debtor: l.file.Case.DebtorID, Step: step, Key: key, Fill: l.fill(step)}
	for _, i := range l.state.Lines {
		w.Invoices = append(w.Invoices, i.Invoice)
	}
	number, closed := l.file.Case.ID, l.file.Case.State
	w.Still = func(ctx context.Context, tx store.Tx) (bool, error) {
		now, err := tx.CaseByID(ctx, number)
		return err == nil && now.State == closed, err
	}
	pdf, err := dossier.Statement(l.ctx, l.tx, l.file.Case.ID, l.today, "")
	if err != nil {
		return w, err
	}
	w.Files = []email.Attachment{{Name: pdf.Name, ContentType: "application/pdf", Bytes: pdf.Bytes}}
	return w, nil
}

// fill states what the case owes today.
func (l *look) fill(step outreach.Step) func(*outreach.Content) {
	cur := l.file.Case.Currency
	state, file, today := l.state, l.file, l.today
	var until date.Date // of a waiver that holds only until then
	if list, err := file.Conditions(today); err == nil {
		for _, c := range list {
			if !c.Kept && !c.Until.Before(today) && (until.IsZero() || c.Until.Before(until)) {
				until = c.Until
			}
		}
	}
	return func(c *outreach.Content) {
		c.CaseNumber = file.Case.Number
		c.Demanded, c.NotDemanded = nil, nil
		for _, i := range file.Invoices {
			for _, line := range state.Lines {
				if line.Invoice == i.InvoiceID {
					c.Demanded = append(c.Demanded, outreach.Item{
						Number: i.Number, Issued: i.Issued, Due: i.Due, Original: money.Of(i.TotalMinor, cur), Paid: money.Of(i.TotalMinor-line.Open, cur), Open: money.Of(line.Open, cur), Phase: "case",
					})
				}
			}
		}
		if len(c.Demanded) == 0 {
			for _, i := range file.Invoices {
				c.Demanded = append(c.Demanded, outreach.Item{Number: i.Number, Issued: i.Issued, Due: i.Due, Original: money.Of(0, cur), Paid: money.Of(0, cur), Open: money.Of(0, cur), Phase: "case"})
			}
		}
		c.Charges = nil
		costs, interest := file.ChargesByLaw(state)
		if r := file.Rate; !r.IsZero() {
			c.Exchange = &outreach.Exchange{Base: r.Base, Quote: r.Quote, Units: r.Units, On: r.On, Source: r.Source}
		} else {
			costs, interest = money.Amount{}, money.Amount{}
		}
		for _, ch := range []outreach.Charge{{Kind: outreach.CollectionCosts, Amount: money.Of(state.Costs, cur), Law: costs}, {Kind: outreach.Interest, Amount: money.Of(state.Interest, cur), Law: interest}} {
			if ch.Amount.Positive() {
				c.Charges = append(c.Charges, ch)
			}
		}
		if step == outreach.Interruption {
			said := file.Pack.InterruptionText(string(c.Language))
			c.Law, c.Interrupts = []string{said.Text}, said.Interrupts
		}
		switch step {
		case outreach.CostsRemain:
			c.PayBy = today.AddDays(answerDays)
		case outreach.CaseStatement:
			c.PayBy = until
		}
	}
}

// task asks a person for something about the case, once until it is done.
func (l *look) task(kind, title, detail string) error {
	return addTask(l.ctx, l.tx, kind, l.file.Case.ID, l.file.Case.AdministrationID, title, detail, l.now)
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
