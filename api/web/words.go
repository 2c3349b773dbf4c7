package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// ruleTexts say each rule that a page may name in one sentence.
var ruleTexts = map[string]string{
	"R1":   "At the moment of sending everything is read again; nothing is sent when nothing is open.",
	"R2":   "A payment that covers the invoice stops the reminder, however late it comes in.",
	"R3":   "After a part payment a reminder names the original amount, what was paid and the rest, and asks the rest.",
	"R4":   "A rest that is too small is a task for you, not a reminder.",
	"R5":   "When the books or the bank statements are too old, reminders wait until they are fresh.",
	"R6":   "While the payment provider processes a payment, reminders wait.",
	"R7":   "Only the record that could not be read is held; all others go on.",
	"R8":   "After a standstill a debtor gets one message, the latest; older steps are passed over.",
	"R9":   "A message that may have left is never sent again without evidence or a person.",
	"R10":  "A step is taken once.",
	"R11":  "A step that a person took counts as done.",
	"R12":  "An invoice is overdue from the day after its due date.",
	"R13":  "A step moves to the next day on which messages are sent, and steps keep their distance.",
	"R14":  "Messages leave within the hours in which they may come.",
	"R15":  "A debtor gets at most one reminder per minimum interval.",
	"R16":  "Nothing is sent before the go-live date, and older invoices enter at the step you chose.",
	"R17":  "A debtor who never got the invoice gets it first.",
	"R18":  "An invoice that the books sent is not sent again.",
	"R19":  "Without its PDF an invoice is not sent.",
	"R20":  "An invoice on which nothing is owed is never reminded.",
	"R21":  "When the due date moves later, unsent steps move along.",
	"R22":  "When the due date moves earlier, nothing follows before the next sending day.",
	"R23":  "When the due date moves to the future, a final notice is void and is sent anew.",
	"R25":  "An invoice that is gone from the books' list is presumed paid until the books say more.",
	"R26":  "When a payment is undone, the flow goes on after a fresh interval.",
	"R33":  "When the debtor's credit covers what is overdue, reminders wait until it is applied.",
	"R34":  "After a part payment the flow goes on at the same step, after the minimum interval.",
	"R40":  "No case opens while credit is not applied.",
	"R50":  "Left out of one message, an invoice is eligible again for the next.",
	"R51":  "Without a working e-mail address a step goes by letter; without any address it waits.",
	"R52":  "A dead e-mail address is not used again; the step is taken once more by letter.",
	"R58":  "Without a number a text message or a call is passed over, and the flow goes on.",
	"R61":  "When the debtor wrote, the flow waits up to three business days for an answer.",
	"R62":  "No final notice and no case over a message that nobody has read.",
	"R63":  "With a full pause nothing is sent to a debtor; with reminders only, invoices still go.",
	"R64":  "Sending goes on only when no pause is left, of the invoice, the debtor or the administration.",
	"R67":  "While a promise to pay is open, nothing is asked until its day and grace are over.",
	"R69":  "After a promise that was not kept, the flow goes on where it was, one tone higher.",
	"R73":  "What was accepted is not asked until it is credited; the rest goes on.",
	"R77":  "An instalment that is not paid in its grace gets one warning, then the plan ends.",
	"R78":  "After a plan ended, the flow goes on at the step held before.",
	"R97":  "A legal stop ends all pressure on the debtor.",
	"R70":  "While a dispute is open, the disputed invoice is not demanded.",
	"R72":  "When a dispute is not accepted, the debtor gets a fresh term before the next step.",
	"R93":  "For a consumer, costs are due only after a valid 14-day letter whose term is over.",
	"R94":  "A posted letter counts as received after the days that the law presumes.",
	"R116": "Of a debtor who asked to be erased, only what the law wants kept stays, and only what the claim needs goes out.",
	"R123": "A claim in another currency is converted by a rate with a source and a day, which stays as it was used.",
	"R95":  "A message that would say something false, or that the law does not allow, is not sent.",
	"R98":  "The law counts all claims in one letter as one when it sets the costs.",
}

func ruleText(rule string) string { return ruleTexts[rule] }

// ruleName leaves out what is no numbered rule.
func ruleName(rule string) string {
	if ruleTexts[rule] == "" {
		return ""
	}
	return rule
}

// heldWords are a hold in two or three words, by its rule.
var heldWords = map[string]string{
	"R1": "draft again", "R4": "small rest", "R5": "books not fresh", "R6": "payment under way", "R7": "record unreadable", "R9": "fate unknown",
	"R12": "no due date", "R16": "not live", "R19": "PDF missing", "R25": "presumed paid", "R33": "credit covers it", "R40": "credit open", "R51": "no address",
	"R61": "debtor wrote", "R62": "unread message", "R63": "reminders paused", "R64": "paused", "R67": "a promise to pay", "R97": "a legal stop", "R70": "disputed", "R75": "on a plan", "R83": "direct debit", "R93": "term runs", "R95": "cannot be written",
	policy.ProvisionalFigure: "figure to approve", policy.NeedsApproval: "a person's approval",
}

func heldWord(rule string) string {
	if w := heldWords[rule]; w != "" || rule == "" {
		return w
	}
	return "held"
}

// taskWords are an open task in two or three words, by its kind.
var taskWords = map[string]string{
	"document_missing": "Document missing", "electronic_unfit": "Mend the UBL", "says_paid": "Says paid", "call_back": "Call back", "write_back_contact": "New e-mail address", "stale_books": "Books not fresh", "stale_bank": "Bank not fresh", "small_difference": "Small difference",
	"unread_message": "Answer", "apply_credit": "Apply credit", "no_address": "No address", "bad_address": "No address", "uncertain": "Did it arrive?",
	"dispute": "Dispute", "dispute_late": "Dispute late", "plan_proposed": "Plan proposed", "plan_break": "Plan not kept", "paid_claim": "Says paid", "credit_note": "Credit note", "legal": "Legal stop", "legal_end": "Legal stop ends", "costs_open": "Costs open", "call_task": "Call", "contact_attempt": "Call", "ready_for_bailiff": "Bailiff?",
	"rate_missing": "Give a rate", policy.ProvisionalFigure: "Approve a figure", policy.NeedsApproval: "Approve a step", "voice_call": "Call", "account_review": "Decide", "account_review_2": "Decide", "charge_back": "Charged back", "credit_limit": "Above a limit", "credit_change": "Report changed",
	"debit_refused": "Debit refused", "debit_refunded": "Debit refunded", "debit_unauthorised": "No mandate at the bank", "debit_unexplained": "Debit failed",
	"debit_fault": "Debit refused by the bank", "debit_limit": "Above a limit", "debit_untold": "Not announced", "debit_creditor_id": "Creditor id", "mandate_revoke": "Mandate to withdraw", "legal_stop": "Legal stop",
}

func taskWord(kind string) string {
	if w := taskWords[kind]; w != "" || kind == "" {
		return w
	}
	return "Needs you"
}

// stepTitle is a step's name in its flow.
func stepTitle(flow, step string) string {
	if s, ok := policy.Flows()[flow].Step(policy.StepID(step)); ok {
		return s.Title
	}
	all := policy.Flows()
	// A step that several flows have bears the same name whenever it is shown: that
	// of the Dutch ones first.
	for _, name := range append([]string{"b2b-nl", "b2c-nl"}, slices.Sorted(maps.Keys(all))...) {
		f := all[name]
		if s, ok := f.Step(policy.StepID(step)); ok {
			return s.Title
		}
	}
	return strings.ReplaceAll(step, "_", " ")
}

// channelWords say how a step reaches the debtor, as "by e-mail and letter".
func channelWords(channels []policy.Channel) string {
	words := map[policy.Channel]string{policy.Email: "e-mail", policy.Letter: "letter", policy.SMS: "text message", policy.Voice: "voice message", policy.Peppol: "Peppol"}
	var out []string
	for _, c := range channels {
		if w := words[c]; w != "" {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " by " + strings.Join(out, " and ")
}

// phaseOf is how the reader sees where an invoice stands.
func phaseOf(phase, status string, sourceSent bool) component.Phase {
	switch {
	case status == string(sdk.Paid):
		return component.Paid
	case phase == "closed" && status == string(sdk.Open):
		return component.Paid // settled by money that the books do not show yet
	case phase == "closed" || status == string(sdk.Void) || status == string(sdk.Uncollectible):
		return component.Closed
	case phase != "":
		return component.Phase(phase)
	case sourceSent:
		return component.Sent
	}
	return component.Draft
}

func kindOf(d db.Debtor) string {
	switch sdk.PartyKind(d.Kind) {
	case sdk.Business:
		return "Company"
	case sdk.Consumer:
		return "Consumer"
	}
	return "Kind unknown, protected as a consumer"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
