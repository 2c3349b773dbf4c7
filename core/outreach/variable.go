package outreach

import (
	"fmt"
	"slices"
	"strings"
)

// Variable is a field that an own text may name, as {total}.
type Variable struct {
	Name string
	What string // in words, for the person who writes
	// Whole marks one that stands for a whole sentence, which fits the debtor, the
	// channel and what happened; it may be empty.
	Whole bool
	// Needed marks one without which the message would not say what it is for.
	Needed bool
}

var (
	anywhere = []Variable{
		{Name: "creditor", What: "your name"}, {Name: "debtor", What: "the debtor's name"}, {Name: "today", What: "the day of the message"},
		{Name: "phone", What: "your telephone number"}, {Name: "question", What: "how to ask a question", Whole: true},
	}
	ofInvoices = []Variable{
		{Name: "topic", What: "“Invoice 2026-0412”, for a subject"}, {Name: "invoices", What: "the invoices, within a sentence"},
		{Name: "total", What: "what is asked"}, {Name: "due", What: "the oldest due day"}, {Name: "case", What: "the number of the case"},
	}
	ofDemands = []Variable{
		{Name: "pay_by", What: "the day to pay by"}, {Name: "crossed", What: "“Have you already paid? …”", Whole: true},
		{Name: "disagree", What: "“Do you not agree? …”", Whole: true}, {Name: "together", What: "the offer to find a way together", Whole: true},
		{Name: "help", What: "where consumers find help with debts", Whole: true}, {Name: "promised", What: "the promise that was not kept, if any", Whole: true},
	}
	ofDebits      = []Variable{{Name: "debited", What: "the amount of the direct debit"}, {Name: "debit_on", What: "its day"}, {Name: "pay_by", What: "the day to pay by"}}
	ofInstalments = []Variable{
		{Name: "instalment", What: "the number of the instalment"}, {Name: "instalments", What: "how many there are"},
		{Name: "instalment_amount", What: "what is open of it"}, {Name: "instalment_due", What: "its day"}, {Name: "crossed", What: "“Have you already paid? …”", Whole: true},
		{Name: "together", What: "the offer to find a way together", Whole: true}, {Name: "help", What: "where consumers find help with debts", Whole: true},
	}
)

// stepVariables are what single steps know besides.
var stepVariables = map[Step][]Variable{
	Invoice:         {{Name: "attached", What: "that the invoice is attached, if it is", Whole: true}, {Name: "pay_by", What: "the day to pay by"}},
	FinalReminder:   {{Name: "announce", What: "that costs and interest follow, for a business", Whole: true, Needed: true}},
	StatutoryNotice: {{Name: "notice_name", What: "what the law calls this notice"}},
	CaseOpened:      {{Name: "added", What: "that costs and interest are added, if they are", Whole: true}},
	PreJudicial:     {{Name: "consequence", What: "who the case can go to, and what that may cost", Whole: true, Needed: true}},
	PaymentReceived: {{Name: "paid", What: "what was received"}, {Name: "paid_on", What: "when"}, {Name: "left", What: "what is left to pay, or that nothing is", Whole: true, Needed: true}},
	PaymentReversed: {{Name: "paid", What: "what was reversed"}, {Name: "paid_on", What: "when"}, {Name: "undone", What: "which payment was reversed", Whole: true, Needed: true}},
	DebitNotice:     ofDebits, DebitRetry: ofDebits, DebitFailed: ofDebits, DebitReversed: ofDebits,
	MandateEnded: {{Name: "mandate", What: "the reference of the mandate"}, {Name: "instead", What: "what is now to be paid by transfer, if anything", Whole: true, Needed: true}},
	PlanStarted: {{Name: "instalments", What: "how many instalments there are"}, {Name: "plan_total", What: "what they add up to"}, {Name: "instalment_due", What: "the day of the first"},
		{Name: "waived", What: "the costs that fall away at the end, if any", Whole: true, Needed: true}, {Name: "help", What: "where consumers find help with debts", Whole: true}},
	PlanRefused:       {{Name: "answer", What: "what you wrote to the debtor"}, {Name: "help", What: "where consumers find help with debts", Whole: true}},
	InstalmentDue:     append([]Variable{{Name: "when", What: "which instalment is due, and when", Whole: true, Needed: true}}, ofInstalments...),
	InstalmentWarning: append([]Variable{{Name: "lapse", What: "until when it can be paid, and what happens then", Whole: true, Needed: true}, {Name: "plan_rest", What: "what is open of the plan"}}, ofInstalments...),
	PlanBroken: append([]Variable{{Name: "rest", What: "whether the rest is due at once", Whole: true, Needed: true},
		{Name: "waived", What: "the costs that come back, if any", Whole: true, Needed: true}, {Name: "plan_rest", What: "what is open of the plan"}}, ofInstalments...),
	PlanCompleted:   {{Name: "instalments", What: "how many instalments there were"}, {Name: "waived", What: "the costs that fell away, if any", Whole: true, Needed: true}},
	PromiseNoted:    {{Name: "promised_amount", What: "what was promised"}, {Name: "promised_on", What: "for which day"}},
	PaidNotFound:    {{Name: "promised_amount", What: "what the debtor says to have paid"}},
	DisputeAnswered: {{Name: "answer", What: "what you wrote to the debtor"}, {Name: "decided", What: "what was decided, with its amounts", Whole: true, Needed: true}},
	CaseStatement:   {{Name: "left", What: "what is open now", Whole: true, Needed: true}},
	TextMessage: {{Name: "creditor", What: "your name", Needed: true}, {Name: "reference", What: "the reference with its word, if there is one"},
		{Name: "link", What: "the debtor's own page", Needed: true}},
	Call: {{Name: "creditor", What: "your name", Needed: true}, {Name: "debtor", What: "the debtor's name", Needed: true},
		{Name: "reference", What: "the reference with its word, digit by digit, if there is one"}},
}

// Variables lists what a text of a step may name: words of the message, and whole
// sentences. A paragraph that names a word that the message does not have is left
// out.
func Variables(s Step) []Variable {
	if s.Open() {
		return stepVariables[s]
	}
	out := slices.Concat(stepVariables[s], anywhere, ofInvoices)
	if s.Demands() || s == Invoice || s == PreReminder || s == PaymentReversed {
		out = append(out, ofDemands...)
	}
	slices.SortStableFunc(out, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(out, func(a, b Variable) bool { return a.Name == b.Name })
}

func variableOf(s Step, name string) (Variable, bool) {
	all := Variables(s)
	i := slices.IndexFunc(all, func(v Variable) bool { return v.Name == name })
	if i < 0 {
		return Variable{}, false
	}
	return all[i], true
}

// placeholders are the data that a shipped template is read with, so that its
// words name variables.
func placeholders(s Step) map[string]any {
	words := map[string]any{"Numbered": true, "PlanWhen": "before", "Outcome": ""}
	for key, name := range map[string]string{
		"Topic": "topic", "Invoices": "invoices", "Creditor": "creditor", "Total": "total", "Due": "due", "PayBy": "pay_by", "Today": "today",
		"Paid": "paid", "PaidOn": "paid_on", "Debited": "debited", "DebitOn": "debit_on",
		"PlanSeq": "instalment", "PlanOf": "instalments", "PlanAmount": "instalment_amount", "PlanDue": "instalment_due", "PlanRest": "plan_rest",
		"Promised": "promised_amount", "PromisedOn": "promised_on", "Answer": "answer", "NoticeName": "notice_name",
	} {
		if s == PlanStarted && key == "PlanRest" {
			name = "plan_total"
		}
		if _, ok := variableOf(s, name); ok {
			words[key] = "{" + name + "}"
		}
	}
	return words
}

// word is what a variable stands for in this message; known is false for one that
// is a sentence.
func (v *view) word(name string) (word string, known bool) {
	switch name {
	case "topic":
		return v.Topic(), true
	case "invoices":
		if !v.Numbered() {
			return v.w.Label("invoices_word"), true
		}
		return v.Invoices(), true
	case "creditor":
		return v.Creditor(), true
	case "debtor":
		return v.c.Debtor.Name, true
	case "total":
		return v.Total(), true
	case "due":
		if !v.Numbered() {
			return "", true
		}
		return v.Due(), true
	case "pay_by":
		return v.PayBy(), true
	case "today":
		return v.Today(), true
	case "case":
		return v.Case(), true
	case "phone":
		return v.Phone(), true
	case "answer":
		return v.Answer(), true
	case "promised_amount":
		return v.Promised(), true
	case "notice_name":
		if v.c.Notice == nil {
			return "", true
		}
		return v.NoticeName(), true
	case "mandate":
		return v.DebitMandate(), true
	}
	if word, known = v.paymentWord(name); known {
		return word, true
	}
	return v.planWord(name)
}

func (v *view) paymentWord(name string) (string, bool) {
	switch name {
	case "paid":
		return v.Paid(), true
	case "paid_on":
		if v.c.Payment == nil {
			return "", true
		}
		return v.PaidOn(), true
	case "debited":
		if v.c.Debit == nil {
			return "", true
		}
		return v.Debited(), true
	case "debit_on":
		if v.c.Debit == nil {
			return "", true
		}
		return v.DebitOn(), true
	case "promised_on":
		if v.c.Promise == nil {
			return "", true
		}
		return v.PromisedOn(), true
	}
	return "", false
}

func (v *view) planWord(name string) (string, bool) {
	if !strings.HasPrefix(name, "instalment") && !strings.HasPrefix(name, "plan_") {
		return "", false
	}
	if v.c.Plan == nil {
		return "", true
	}
	switch name {
	case "instalment":
		return fmt.Sprint(v.PlanSeq()), true
	case "instalments":
		return fmt.Sprint(v.PlanOf()), true
	case "instalment_amount":
		return v.PlanAmount(), true
	case "instalment_due":
		return v.PlanDue(), true
	case "plan_rest", "plan_total":
		return v.PlanRest(), true
	}
	return "", false
}
