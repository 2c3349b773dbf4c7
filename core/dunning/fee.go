package dunning

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// newFee is what a message costs the debtor by law.
type newFee struct {
	of  *item // the invoice it is booked with
	law string
	fee law.Fee
}

// fees states what reminders cost: what is open of earlier ones on the invoices
// that the message demands, and what it costs itself. In a case they are part of
// its costs, so that only the opening states them.
func (f *fence) fees(ctx context.Context, o *outgoing, c *outreach.Content, pack *law.Country, notice bool) error {
	if !o.step.Demand || o.step.Phase.Beyond(receivable.Final) && o.step.Kind() != policy.OpenCase {
		return nil
	}
	for _, it := range o.parts.demanded {
		if open := it.fees.Open(); open.Positive() && it.claim == nil {
			state(c, outreach.Fee{Invoice: it.invoice.Number, Amount: open, Rule: o.rule(it)})
		}
	}
	if o.step.Kind() == policy.OpenCase {
		return nil
	}
	n, err := f.newFee(ctx, o, pack, notice)
	if err != nil || n == nil {
		return err
	}
	o.fee = n
	state(c, outreach.Fee{Invoice: n.of.invoice.Number, Amount: n.fee.Amount, Rule: fee.Rule(n.fee), This: true})
	return nil
}

func state(c *outreach.Content, f outreach.Fee) {
	c.Fees = append(c.Fees, f)
	c.Charges = append(c.Charges, outreach.Charge{Kind: outreach.ReminderFee, Amount: f.Amount, Fee: &f})
}

// newFee asks the law what the message may cost: for the demanded invoice that was
// reminded of most, since a message costs once whatever is in it. It is nil where
// the creditor asks no fee, which is so until one is set, and where the law allows
// none.
func (f *fence) newFee(ctx context.Context, o *outgoing, pack *law.Country, notice bool) (*newFee, error) {
	adm := f.led.adm
	if adm.ReminderFeeMinor <= 0 {
		return nil, nil
	}
	var best *newFee
	most := -1
	for _, it := range o.parts.demanded {
		if it.claim != nil || it.invoice.Currency != pack.Currency() {
			continue // a fee is asked in the currency of its law only
		}
		in, err := f.led.defaultOf(pack, it)
		if err != nil {
			return nil, err
		}
		q := law.FeeClaim{
			Debtor: f.led.debtorType(), Recurring: adm.RecurringSupply, Posted: o.by(policy.Letter), Notice: notice,
			InDefault: !in.Since.IsZero() && !in.Since.After(f.today), Asked: money.Of(adm.ReminderFeeMinor, pack.Currency()),
		}
		if q.Earlier = f.led.reminded(it, o.step.ID); adm.RecurringSupply && notice {
			if q.Earlier, err = f.noticesThisYear(ctx); err != nil {
				return nil, err
			}
		}
		due, err := pack.ReminderFee(q)
		if err != nil {
			return nil, err
		}
		if due.Amount.Positive() && q.Earlier > most {
			best, most = &newFee{of: it, law: pack.Code(), fee: due}, q.Earlier
		}
	}
	return best, nil
}

// reminded counts the demands for an invoice that went out before a step.
func (l *ledger) reminded(it *item, now policy.StepID) (n int) {
	for id, done := range it.done {
		if step, ok := l.flow(it).Step(id); ok && step.Demand && id != now && done.Outcome == policy.DoneSent {
			n++
		}
	}
	return n
}

// noticesThisYear counts the statutory notices that the debtor got in the calendar
// year.
func (f *fence) noticesThisYear(ctx context.Context) (int, error) {
	n, err := f.tx.NoticesInYear(ctx, db.NoticesInYearParams{DebtorID: f.led.debtor.ID, Since: date.MustParse(fmt.Sprintf("%04d-01-01", f.today.Year()))})
	if err != nil {
		return 0, fmt.Errorf("count the notices of the year: %w", err)
	}
	return int(n), nil
}

// rule is the article of the fees of an invoice, as the ledger has it.
func (o *outgoing) rule(it *item) string { return o.rules[it.invoice.ID] }

// readRules reads on what article the open fees rest, for the message to say so.
func (f *fence) readRules(ctx context.Context, o *outgoing) error {
	o.rules = map[uuid.UUID]string{}
	for _, it := range o.parts.demanded {
		if !it.fees.Open().Positive() {
			continue
		}
		list, err := fee.Entries(ctx, f.tx, it.invoice.ID)
		if err != nil {
			return err
		}
		for _, e := range list {
			if r := e.Rule(); r != "" {
				o.rules[it.invoice.ID] = r
			}
		}
	}
	return nil
}

// chargeFee books what the message costs.
func (f *fence) chargeFee(ctx context.Context, o *outgoing) error {
	if o.fee == nil {
		return nil
	}
	message := o.id()
	if o.by(policy.Letter) {
		message = o.paper
	}
	n := fee.New{Administration: f.led.adm.ID, Invoice: o.fee.of.invoice.ID, Message: message, Law: o.fee.law, Fee: o.fee.fee, On: f.today, At: f.now}
	return fee.Charge(ctx, f.tx, n)
}

// takeFees lets a case ask for the fees that are open on its invoices: a line for
// each invoice among its costs, and nothing outside it any more.
func (f *fence) takeFees(ctx context.Context, id uuid.UUID, o *outgoing) error {
	for _, it := range o.parts.demanded {
		open := it.fees.Open()
		if !open.Positive() {
			continue
		}
		how, err := json.Marshal(map[string]any{"explanation": "For reminders before the case: " + o.rule(it) + ".", "invoice": it.invoice.Number, "last": it.fees.Last})
		if err != nil {
			return err
		}
		if err := f.tx.AddClaimEntry(ctx, db.AddClaimEntryParams{
			TenantID: f.tx.Tenant, CaseID: id, InvoiceID: nullID(it.invoice.ID), Kind: "fee", AmountMinor: open.Minor, Currency: open.Currency, Through: f.today, Calculation: how, At: f.now,
		}); err != nil {
			return fmt.Errorf("book the fees of a case: %w", err)
		}
		if err := fee.TakeOver(ctx, f.tx, it.fees, id, o.caseNumber, f.today, f.now); err != nil {
			return err
		}
	}
	return nil
}

// feesCharged is what reminders of invoices cost so far, whatever became of it: the
// costs of a case are less by it, so that nothing is charged twice.
func feesCharged(pack *law.Country, it *item) int64 {
	if it.fees.Currency != pack.Currency() || !it.fees.Counts {
		return 0
	}
	return max(0, it.fees.Charged-it.fees.Waived)
}
