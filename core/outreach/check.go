package outreach

import (
	"net/url"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/money"
)

// check refuses content that must not reach a debtor. Its errors are
// fault.Invalid and say what to change.
func (c Content) check() error {
	invalid := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "message_invalid", format, args...)
	}
	if c.Creditor.Name == "" {
		return invalid("The message has no creditor name. Fill in the name of the administration.")
	}
	for _, link := range []string{c.PayURL, c.PortalURL, c.PlanURL, c.GenuineURL, c.StopURL} {
		if link != "" && !isWeb(link) {
			return invalid("A link of the message is not a web address.")
		}
	}
	if c.Step == PortalCode {
		if c.Code == nil || c.Code.Value == "" {
			return invalid("A portal code message needs a code.")
		}
		return nil
	}
	if c.Debtor.Name == "" {
		return invalid("The message has no debtor name. Fill in the name of the contact.")
	}
	if c.Date.IsZero() {
		return invalid("The message has no date.")
	}
	totals, err := c.Totals()
	if err != nil {
		return fault.New(fault.Invalid, "message_invalid", "The amounts of the message cannot be added up.").Because(err)
	}
	if len(c.Demanded) == 0 && !c.Step.arranges() && c.Step != MandateEnded {
		return invalid("The message %s names no invoice.", c.Step)
	}
	if c.Step.Demands() {
		for _, t := range totals {
			if !t.Due.Positive() {
				return invalid("Nothing is owed in %s, so nothing can be demanded (R1).", t.Due.Currency)
			}
		}
	}
	if c.Step.needsPlan() && c.Plan == nil || (c.Step == PromiseNoted || c.Step == PaidNotFound) && c.Promise == nil || c.Step == DisputeAnswered && c.Decision == nil {
		return invalid("The message %s needs the arrangement it is about.", c.Step)
	}
	if c.Step == Interruption && len(c.Law) == 0 {
		return invalid("A letter about limitation needs the words of the law of the claim (R111).")
	}
	if c.Step == PaymentReceived && c.Payment == nil {
		return invalid("The message %s needs the payment it is about.", c.Step)
	}
	if err := c.checkDebit(); err != nil {
		return err
	}
	return c.checkLaw(invalid)
}

func (c Content) checkLaw(invalid func(string, ...any) error) error {
	if !c.Step.chargeable() && slices.ContainsFunc(c.Charges, func(ch Charge) bool { return ch.Kind != ReminderFee }) {
		return invalid("Costs or interest cannot be demanded in %s; they come with the case (R93).", c.Step)
	}
	if err := c.checkFees(invalid); err != nil {
		return err
	}
	if c.Debtor.Capacity != Business && slices.ContainsFunc(c.Announced, func(ch Charge) bool { return ch.Kind == CollectionCosts }) {
		return invalid("A consumer hears about collection costs in the fourteen-day letter only, with its own block (R93).")
	}
	if !c.Step.Statutory() {
		return nil
	}
	n := c.Notice
	if n == nil || len(n.Paragraphs) == 0 {
		return invalid("A statutory notice, such as the fourteen-day letter, needs its statutory block.")
	}
	if c.Step == StatutoryNotice && n.Heading == "" {
		return invalid("The statutory notice needs its name.")
	}
	numbers := make([]string, len(c.Demanded))
	for i, item := range c.Demanded {
		numbers[i] = item.Number
	}
	covers := slices.Clone(n.Covers)
	slices.Sort(numbers)
	slices.Sort(covers)
	if !slices.Equal(numbers, covers) {
		return invalid("The statutory block is about other invoices than the letter demands (R47).")
	}
	totals, err := c.Totals()
	if err != nil {
		return err
	}
	if len(totals) != 1 || totals[0].Principal.Minor-totals[0].Credit.Minor != n.Principal.Minor || totals[0].Due.Currency != n.Principal.Currency {
		return invalid("The principal of the statutory block differs from what the letter demands (R47).")
	}
	if n.Costs.IsZero() && c.Step == StatutoryNotice {
		return nil // it announces none
	}
	if !n.states(n.Costs) {
		return invalid("The statutory block does not state its exact costs, %s (R95).", n.Costs)
	}
	return nil
}

// checkFees lets a message state the fees that are on record, each once and with
// its rule, and no other one.
func (c Content) checkFees(invalid func(string, ...any) error) error {
	left := slices.Clone(c.Fees)
	for _, ch := range c.Charges {
		if ch.Kind != ReminderFee {
			continue
		}
		i := slices.IndexFunc(left, func(f Fee) bool { return ch.Fee != nil && *ch.Fee == f && ch.Amount == f.Amount })
		switch {
		case i < 0:
			return invalid("The message asks a fee of %s for a reminder that is not on record. Take it out.", ch.Amount)
		case !ch.Amount.Positive() || left[i].Rule == "":
			return invalid("The message asks a fee of %s for a reminder without the rule that allows it. Take it out.", ch.Amount)
		case !slices.ContainsFunc(c.Demanded, func(item Item) bool { return item.Number == left[i].Invoice }):
			return invalid("The message asks a fee for invoice %s, which it does not demand. Nobody is reminded of a fee alone.", left[i].Invoice)
		case left[i].This && !c.Step.Demands():
			return invalid("Only a reminder can cost something, and %s is none.", c.Step)
		}
		left = slices.Delete(left, i, i+1)
	}
	if len(left) > 0 {
		return invalid("The message leaves out a fee of %s that is on record; state it.", left[0].Amount)
	}
	return nil
}

// states reports whether the block names the amount, in whichever language the
// law pack wrote it.
func (n Notice) states(a money.Amount) bool {
	text := flatten(strings.Join(n.Paragraphs, " "))
	return slices.ContainsFunc(Languages(), func(l Language) bool {
		w, err := WordsOf(l)
		return err == nil && strings.Contains(text, flatten(w.Amount(a)))
	})
}

func isWeb(link string) bool {
	u, err := url.Parse(link)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// flatten makes texts comparable that differ in white space only.
func flatten(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, nbsp, " ")), " ")
}
