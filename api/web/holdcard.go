package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
)

// holdTitles are the holds that people and events set, in words.
var holdTitles = map[receivable.HoldReason]string{
	receivable.Paused: "Paused", receivable.Disputed: "Held: the debtor does not agree", receivable.OnPlan: "Held: paid by instalments",
	receivable.DirectDebit: "Held: it is collected by direct debit", receivable.Replied: "Held: the debtor wrote and waits for an answer",
	receivable.PresumedPaid: "Held: it may have been paid", receivable.CreditDue: "Held: credit covers it", receivable.NoAddress: "Held: no address works",
	receivable.Uncertain: "Held: a message may or may not have left", receivable.PaymentAsked: "Held: the debtor says it was paid",
	receivable.PaymentOnItsWay: "Held: a payment is under way",
	receivable.Promised:        "Held: the debtor promised to pay", receivable.LegalStop: "Stopped by law", receivable.RemindersPaused: "Reminders paused",
	receivable.CaseChanged: "Held: the books changed a claim of a case",
	receivable.WithBailiff: "Held: a bailiff has the case",
}

// needYou are the holds that end only when a person does something.
var needYou = []receivable.HoldReason{receivable.Disputed, receivable.Replied, receivable.Uncertain, receivable.PaymentAsked, receivable.CreditDue, receivable.NoAddress}

// gateNeeds are the rules of the gate that wait for a person.
var gateNeeds = []string{"R4", "R7", "R19", "R33", "R40", "R51", "R62", policy.ProvisionalFigure, policy.NeedsApproval}

func inForce(h db.Hold, now time.Time) bool {
	return h.ReleasedAt == nil && (h.Until == nil || h.Until.After(now))
}

// holdCards say why nothing is sent: the holds in force, and what the gate says.
func (f *file) holdCards() (out []invoice.Hold) {
	if f.state == nil || f.state.Phase == string(receivable.Closed) {
		return nil
	}
	for _, h := range f.holds {
		if inForce(h, f.now) {
			out = append(out, f.holdCard(h))
		}
	}
	if f.state.HeldRule == "" || f.saidByHold() {
		return out
	}
	card := invoice.Hold{
		Title: "Held: " + cmp.Or(heldWords[f.state.HeldRule], "waiting"), Why: f.state.HeldWhy, Rule: ruleName(f.state.HeldRule), RuleText: ruleText(f.state.HeldRule),
		Ends: "Ends by itself as soon as that is so no longer.", NeedsYou: slices.Contains(gateNeeds, f.state.HeldRule),
	}
	if f.state.HeldRule == policy.ProvisionalFigure {
		card.Ends = "Ends when an owner approves it. One approval is for all invoices, for as long as the value is the same."
		for _, w := range f.figures {
			card.Figures = append(card.Figures, invoice.Figure{Name: w.Name, Value: w.Value, Why: w.Why, Source: w.Source})
		}
	}
	if f.state.HeldRule == "R95" && f.needsRate && f.rate.IsZero() {
		card.Title, card.Rate, card.NeedsYou = "Held: exchange rate missing", "/settings/rates?invoice="+f.invoice.ID.String(), true
		card.Rule, card.RuleText, card.Ends = "R123", ruleText("R123"), "Ends when a rate is given, for this invoice or for all."
	}
	if f.state.HeldRule == policy.NeedsApproval {
		card.Approval, card.Ends = true, "Ends when a person approves the step, or refuses it."
	}
	if f.state.HeldRule == "R19" {
		card.Sent = f.frame.Today().String()
	}
	if f.state.NextAt != nil {
		card.Ends = "Looked at again " + f.frame.Moment(*f.state.NextAt) + ", or sooner when something changes."
	}
	return append(out, card)
}

// saidByHold reports whether the gate objects because of a hold that is shown.
func (f *file) saidByHold() bool {
	for _, h := range f.holds {
		if inForce(h, f.now) && holdRule(h) == f.state.HeldRule {
			return true
		}
	}
	return false
}

var holdRules = map[receivable.HoldReason]string{
	receivable.Paused: "R64", receivable.Disputed: "R70", receivable.OnPlan: "R75", receivable.DirectDebit: "R83", receivable.Replied: "R61",
	receivable.PresumedPaid: "R25", receivable.CreditDue: "R33", receivable.NoAddress: "R51", receivable.Uncertain: "R9",
	receivable.PaymentAsked: "R61", receivable.PaymentOnItsWay: "R6", receivable.Promised: "R67", receivable.LegalStop: "R97", receivable.RemindersPaused: "R63", receivable.CaseChanged: "R24", receivable.WithBailiff: "R109",
}

func holdRule(h db.Hold) string {
	if r, ok := holdRules[receivable.HoldReason(h.Reason)]; ok {
		return r
	}
	return "R64"
}

func (f *file) holdCard(h db.Hold) invoice.Hold {
	reason := receivable.HoldReason(h.Reason)
	rule := holdRule(h)
	card := invoice.Hold{
		ID: h.ID.String(), Title: cmp.Or(holdTitles[reason], "On hold") + scopeWords[h.Scope], Rule: ruleName(rule), RuleText: ruleText(rule),
		NeedsYou: slices.Contains(needYou, reason), Why: "Since " + f.frame.Moment(h.CreatedAt) + ", by " + actorName(h.CreatedBy) + ".",
		Ends: "Ends when somebody resumes it.",
	}
	if h.Note != "" {
		card.Why = h.Note + ". " + card.Why
	}
	switch {
	case reason == receivable.Replied && h.Until != nil:
		card.Ends = "Ends when you answer, or by itself " + f.frame.Moment(*h.Until) + "."
	case h.Until != nil:
		card.Ends = "Ends by itself " + f.frame.Moment(*h.Until) + "."
	case reason == receivable.Disputed:
		card.Ends = "Ends when the dispute is decided."
	}
	if slices.Contains(arranged, reason) {
		card.ID, card.Ends = "", arrangedEnds[reason] // its own page ends it
	}
	if apiActor(h.CreatedBy) {
		card.ID, card.Ends = "", card.Ends+" Only the program that set it can lift it." // R115
	}
	return card
}

// arranged are the holds that an arrangement set and ends.
var arranged = []receivable.HoldReason{receivable.Promised, receivable.OnPlan, receivable.LegalStop, receivable.PaymentAsked}

var arrangedEnds = map[receivable.HoldReason]string{
	receivable.Promised: "Ends when the money comes, when the grace is over, or when the promise is taken back.", receivable.OnPlan: "Ends with the payment plan.",
	receivable.LegalStop: "Ends when an owner lifts the legal stop.", receivable.PaymentAsked: "Ends when the money is found, or when the time to look for it is over.",
}

var scopeWords = map[string]string{"debtor": ", the whole debtor", "administration": ", the whole administration"}
