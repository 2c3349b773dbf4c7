package outreach

import (
	"github.com/voldaan/voldaan/sdk/money"
)

var sampleAnswers = map[Language]string{
	Dutch: "De levering is door een collega getekend. De pakbon zit bij dit bericht.", English: "A colleague signed for the delivery. The delivery note is with this message.",
	German: "Eine Kollegin hat die Lieferung quittiert. Der Lieferschein liegt bei.", French: "Une collègue a signé pour la livraison. Le bon de livraison est joint.",
}

// Suppose fills in what a step is about and the content does not say, for an
// example of the message: a plan, a promise, a decision, a direct debit, a
// payment.
func (c *Content) Suppose() {
	due := money.Of(0, "EUR")
	if totals, err := c.Totals(); err == nil && len(totals) > 0 {
		due = totals[0].Due
	}
	part := func(n int64) money.Amount { return money.Of(due.Minor*n/3, due.Currency) }
	soon := c.PayBy
	if soon.IsZero() {
		soon = c.Date.AddDays(7)
	}
	if c.Step.needsPlan() && c.Plan == nil {
		c.Plan = &Plan{Seq: 2, Amount: part(1), Due: soon, When: "before", Cure: soon.AddDays(14), Rest: part(2), RestDue: true, Instalments: []PlanInstalment{
			{Seq: 1, Due: soon.AddDays(-30), Amount: part(1), Paid: true}, {Seq: 2, Due: soon, Amount: part(1)}, {Seq: 3, Due: soon.AddDays(30), Amount: money.Of(due.Minor-2*part(1).Minor, due.Currency)},
		}}
		if c.Step == PlanStarted {
			c.Plan.Rest, c.Plan.Instalments[0].Paid = due, false
		}
	}
	switch c.Step {
	case PromiseNoted, PaidNotFound:
		c.Promise = &Promise{Amount: due, On: soon}
	case DisputeAnswered, PlanRefused:
		c.Decision = &Decision{Outcome: "partly", Amount: part(1), Rest: part(2), Until: soon, Text: sampleAnswers[c.Language]}
	case DebitNotice, DebitRetry, DebitFailed, DebitReversed:
		c.Debit = &Debit{Amount: due, On: c.Date.AddDays(14), CreditorID: "NL08ZZZ502057730000", Mandate: "M-2026-0031", Account: "4567"}
		if c.Step == DebitFailed || c.Step == DebitReversed {
			c.Debit.On = c.Date.AddDays(-1)
		}
	case MandateEnded:
		c.Debit = &Debit{Mandate: "M-2026-0031"}
	case PaymentReceived, PaymentReversed:
		c.Payment = &Payment{Amount: part(1), Date: c.Date.AddDays(-1), Method: "iDEAL"}
	case PortalCode:
		c.Code = &Code{Value: "482 913", Minutes: 10}
	}
}
