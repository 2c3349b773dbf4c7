package policy

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// Item is one of a debtor's invoices as the gate saw it, with its planned step.
type Item struct {
	ID       uuid.UUID
	Moment   Moment
	Verdict  Verdict
	NextStep StepID
	NextAt   time.Time
}

// Message says which invoices one message is about, and how.
type Message struct {
	// Step is the furthest step among the demanded; it sets the tone (R43).
	Step        StepID
	Demanded    []uuid.UUID
	NotDue      []uuid.UUID
	NotDemanded []NotDemanded
}

// NotDemanded is an invoice that is named without being asked for (R46).
type NotDemanded struct {
	ID     uuid.UUID
	Reason string
}

// Bundle decides what goes into one message to a debtor when the step of the
// invoice woke is due. Items that the gate let pass and that are due today go
// along, each at its own step (R43, R44). A statutory step covers every overdue
// claim that the gate lets pass, since the law counts them as one (R98), and
// nothing else (R47).
func Bundle(flows map[string]Flow, woke uuid.UUID, items []Item) Message {
	i := slices.IndexFunc(items, func(it Item) bool { return it.ID == woke })
	if i < 0 {
		return Message{}
	}
	lead := items[i]
	m := Message{Step: lead.Moment.Step.ID}
	top := lead.Moment.Step
	for _, it := range items {
		switch {
		case it.ID == woke || lead.takesAlong(it):
			m.Demanded = append(m.Demanded, it.ID)
			if s := it.Moment.Step; !lead.Moment.Step.Statutory && s.Phase.Beyond(top.Phase) {
				top, m.Step = s, s.ID
			}
		case lead.Moment.Step.Statutory || it.Moment.Kind != sdk.SalesInvoice || !it.Moment.Claim.Open().Positive():
		case reasonOf(it) != "":
			m.NotDemanded = append(m.NotDemanded, NotDemanded{it.ID, reasonOf(it)})
		case !it.Moment.Overdue() && it.Moment.SourceSentOrDone():
			m.NotDue = append(m.NotDue, it.ID)
		}
	}
	return m
}

// takesAlong reports whether an invoice goes into the message of another.
func (lead Item) takesAlong(it Item) bool {
	if it.Verdict.Outcome != Pass || it.Moment.Claim.Total.Currency != lead.Moment.Claim.Total.Currency && lead.Moment.Step.Statutory {
		return false
	}
	step := it.Moment.Step
	if lead.Moment.Step.Statutory {
		_, noticed := it.Moment.Done[lead.Moment.Step.ID]
		return it.Moment.Overdue() && !noticed && !step.Phase.Beyond(lead.Moment.Step.Phase)
	}
	endOfDay := date.Of(lead.Moment.Now.In(lead.Moment.Zone)).AddDays(1).In(lead.Moment.Zone)
	sameKind := step.Phase == lead.Moment.Step.Phase || !step.Phase.Beyond(receivable.Final) && !lead.Moment.Step.Phase.Beyond(receivable.Final)
	return step.Demand && !step.Statutory && sameKind && it.NextAt.Before(endOfDay)
}

// SourceSentOrDone reports whether the debtor has the invoice.
func (s State) SourceSentOrDone() bool {
	_, sent := s.Done[SendInvoice]
	return sent || s.SourceSent || s.old()
}

func reasonOf(it Item) string {
	for _, h := range it.Moment.Holds {
		switch h.Reason {
		case receivable.Disputed:
			return "disputed"
		case receivable.Paused, receivable.PaymentAsked:
			return "paused"
		}
	}
	return ""
}
