package web

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// recentShown is how many past events are not folded.
const recentShown = 6

// past is what happened, oldest first: what starts folded, and the last events.
func (f *file) past() (earlier, recent []invoice.Event) {
	var all []invoice.Event
	for _, part := range []func() []invoice.Event{f.beginning, f.mailEvents, f.decisionEvents, f.paymentEvents, f.holdEvents, f.talkEvents, f.disputeEvents} {
		all = append(all, part()...)
	}
	slices.SortStableFunc(all, func(a, b invoice.Event) int { return a.At.Compare(b.At) })
	if n := len(all) - recentShown; n > 1 {
		return all[:n], all[n:]
	}
	return nil, all
}

func (f *file) beginning() (out []invoice.Event) {
	if f.state != nil {
		out = append(out, invoice.Event{Kind: invoice.Imported, At: f.state.StartedAt, Title: "Taken over from " + f.source})
	}
	if f.invoice.SentAt != nil {
		out = append(out, invoice.Event{Kind: invoice.Mailed, At: *f.invoice.SentAt, Title: "Invoice sent from " + f.source})
	}
	return out
}

var channelEvents = map[string]invoice.EventKind{"email": invoice.Mailed, "letter": invoice.Letter}

var sentWords = map[string]string{"email": " sent by e-mail", "letter": " posted as a letter"}

func (f *file) mailEvents() (out []invoice.Event) {
	for _, m := range f.messages {
		at := m.CreatedAt
		if m.SentAt != nil {
			at = *m.SentAt
		}
		e := invoice.Event{Kind: channelEvents[m.Channel], At: at, CopyHref: "/invoices/" + f.invoice.ID.String() + "/messages/" + m.ID.String()}
		title := f.stepTitle(m.Step)
		switch {
		case m.State == "sent":
			e.Title, e.Delivery = title+sentWords[m.Channel], deliveryLine(m)
			if asked, ok := f.asked[m.ID]; ok && demands(f.flow(), m.Step) {
				e.Text = "Asked " + f.frame.Amount(asked) + "."
			}
		case m.State == "uncertain":
			e.Kind, e.Title, e.Text = invoice.Bounced, title+" may have left", m.LastError
		case m.State == "failed":
			e.Kind, e.Title, e.Text = invoice.Bounced, title+" was not taken by the mail server", m.LastError
		default:
			continue // on its way, or dropped: the decision says so
		}
		out = append(out, e)
		if m.Delivery == "bounced" {
			out = append(out, invoice.Event{Kind: invoice.Bounced, At: at.Add(time.Second), Title: title + " came back", Text: "The address does not work.", Rule: "R52", RuleText: ruleText("R52")})
		}
	}
	return out
}

func (f *file) flow() string {
	if f.state != nil {
		return f.state.Flow
	}
	return f.adm.FlowBusiness
}

func demands(flow, step string) bool {
	s, ok := policy.Flows()[flow].Step(policy.StepID(step))
	return ok && s.Demand
}

func deliveryLine(m db.Message) string {
	switch m.Delivery {
	case "accepted":
		return "Taken by the mail server"
	case "printed":
		return "Printed for the post"
	case "soft_bounced":
		return "Put off by the receiving server"
	case "bounced":
		return "Came back"
	}
	return ""
}

// decisionLooks are the decisions that show on the timeline; what was sent shows
// as a message.
var decisionLooks = map[string]struct {
	kind  invoice.EventKind
	words string
}{
	"held": {invoice.Held, " was held"}, "dropped": {invoice.Dropped, " was not sent"}, "skipped": {invoice.Dropped, " was passed over"},
	"moved": {invoice.Changed, " was moved"}, "parked": {invoice.Held, " was parked"}, "done": {invoice.TaskEvent, ""},
	"merged": {invoice.Mailed, " went along with another message"}, "opened": {invoice.CaseStep, ""}, "closed": {invoice.Payment, ""},
	"approved": {invoice.TaskEvent, ""}, "confirmed": {invoice.TaskEvent, ""},
}

func (f *file) decisionEvents() (out []invoice.Event) {
	for _, d := range f.decisions {
		look, ok := decisionLooks[d.Outcome]
		if !ok || d.Outcome == "held" && f.heldByHold(d) {
			continue
		}
		title := f.stepTitle(d.Step) + look.words
		switch {
		case d.Outcome == "closed":
			title = "Closed"
		case d.Outcome == "opened":
			title = "Case opened"
		case d.Outcome == "approved":
			title = "A figure was approved"
		case d.Outcome == "confirmed":
			title = "Sent elsewhere, says a person"
		case d.Step == "":
			title = strings.TrimSpace("Sending" + look.words)
		}
		out = append(out, invoice.Event{Kind: look.kind, At: d.At, Title: title, Text: d.Reason, Rule: ruleName(d.Rule), RuleText: ruleText(d.Rule)})
	}
	return out
}

// heldByHold reports whether a decision only repeats a hold that shows as an
// event of its own.
func (f *file) heldByHold(d db.Decision) bool {
	return slices.ContainsFunc(f.holds, func(h db.Hold) bool {
		return holdRule(h) == d.Rule && d.At.Sub(h.CreatedAt).Abs() < time.Minute
	})
}

func (f *file) paymentEvents() (out []invoice.Event) {
	for _, p := range f.payments {
		amount := money.Of(p.Allocated, f.invoice.Currency)
		e := invoice.Event{Kind: invoice.Payment, At: paidOn(p).At(12, 0, f.now.Location()), DayOnly: true, Title: f.frame.Amount(amount) + " received " + receivedWords[p.Source]}
		if p.Source == "bank" {
			e.Text = methodWords[p.Method]
		}
		if p.State == "reversed" {
			e.Kind, e.Title = invoice.Changed, f.frame.Amount(amount)+" was taken back"
		}
		out = append(out, e)
	}
	return out
}

var receivedWords = map[string]string{"books": "according to the books", "bank": "by bank", "mollie": "through the pay link", "manual": "entered by hand", "bailiff": "by the bailiff"}

var methodWords = map[string]string{
	"designation": "For this invoice.", "end_to_end": "Matched by our own reference.", "structured": "Matched by the payment reference.",
	"text_reference": "Matched by the payment reference.", "number": "Matched by the invoice number.", "account": "Matched by the account and the amount.",
	"combination": "Matched by the amounts.", "name": "Matched by name and amount.", "person": "Assigned by a person.",
}

func (f *file) holdEvents() (out []invoice.Event) {
	for _, h := range f.holds {
		rule := holdRule(h)
		words := holdTitles[receivable.HoldReason(h.Reason)] + scopeWords[h.Scope]
		text := "By " + actorName(h.CreatedBy) + "."
		if h.Note != "" {
			text = h.Note + ". " + text
		}
		out = append(out, invoice.Event{Kind: invoice.Held, At: h.CreatedAt, Title: words, Text: text, Rule: ruleName(rule), RuleText: ruleText(rule)})
		switch {
		case h.ReleasedAt != nil:
			out = append(out, invoice.Event{Kind: invoice.Resumed, At: *h.ReleasedAt, Title: "Resumed", Text: "By " + actorName(h.ReleasedBy) + "."})
		case h.Until != nil && !h.Until.After(f.now):
			out = append(out, invoice.Event{Kind: invoice.Resumed, At: *h.Until, Title: "The pause ended by itself"})
		}
	}
	return out
}

func (f *file) talkEvents() (out []invoice.Event) {
	for _, c := range f.talk {
		e := invoice.Event{Kind: invoice.Received, At: c.At, Title: "Message from the debtor", Quote: c.Body}
		if c.Direction == "out" {
			e.Kind, e.Title, e.Ours = invoice.Answered, "Answered by "+c.Author, true
		}
		out = append(out, e)
	}
	return out
}

func (f *file) disputeEvents() (out []invoice.Event) {
	for _, d := range f.disputes {
		out = append(out, invoice.Event{
			Kind: invoice.Disputed, At: d.OpenedAt, Title: "The debtor does not agree with " + f.frame.Amount(money.Of(d.AmountMinor, d.Currency)), Text: disputeReasons[d.Reason],
			Rule: "R70", RuleText: ruleText("R70"),
		})
		if d.ResolvedAt != nil {
			out = append(out, invoice.Event{Kind: invoice.Answered, At: *d.ResolvedAt, Title: disputeStates[d.State], Text: d.Resolution})
		}
	}
	return out
}

var disputeReasons = map[string]string{
	"delivery": "Not (completely) delivered or done.", "quality": "Not good, or damaged.", "price": "The amount is not right.",
	"unknown": "Says it is not for them.", "other": "Another reason.",
}

var disputeStates = map[string]string{"accepted": "The dispute was accepted", "rejected": "The dispute was not accepted", "withdrawn": "The dispute was withdrawn"}

// planned is what is to come if nothing happens.
func (f *file) planned() (out []invoice.Event) {
	for i, a := range f.ahead {
		e := invoice.Event{Kind: invoice.Mailed, At: a.At, Title: a.Step.Title + channelWords(a.Step.Channels), Rule: ruleName(a.Rule), RuleText: ruleText(a.Rule)}
		switch {
		case a.Step.Bookkeeping():
			e.Kind = invoice.TaskEvent
		case a.Step.Phase == receivable.Case || a.Step.Phase == receivable.Bailiff:
			e.Kind = invoice.CaseStep
		case slices.Contains(a.Step.Channels, policy.Letter):
			e.Kind = invoice.Letter
		}
		e.Text = a.Why
		if i == 0 && a.Step.Demand {
			e.Text = "Asks " + f.frame.Amount(f.open()) + ". " + a.Why
		}
		out = append(out, e)
	}
	return out
}

// evidence reads what is known of the way of a message.
func evidence(raw json.RawMessage) map[string]any {
	facts := map[string]any{}
	if json.Unmarshal(raw, &facts) != nil {
		return nil
	}
	return facts
}
