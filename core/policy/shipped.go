package policy

import (
	"sync"

	"github.com/voldaan/voldaan/core/receivable"
)

// Flows returns the flows that ship, by id. They are templates that nobody
// changes: a tenant copies one to have its own.
func Flows() map[string]Flow { return shipped() }

// Shipped lists the flows that ship in the order of a menu.
func Shipped() []Flow {
	return []Flow{b2bNL, b2cNL, b2bBE, b2cBE, b2bDE, b2bUK, b2bFR, directDebit, keyAccount, highRisk, publicBody, smallAmount}
}

var shipped = sync.OnceValue(func() map[string]Flow {
	m := map[string]Flow{}
	for _, f := range Shipped() {
		m[f.ID] = f
	}
	return m
})

// Constructors of the steps that the flows have in common.

func send(channels ...Channel) Step {
	return Step{ID: SendInvoice, Title: "Invoice", From: FromIssue, Channels: channels, Tone: Neutral, Phase: receivable.Sent}
}

func ahead(offset int, when ...Condition) Step {
	return Step{ID: PreReminder, Title: "Pre-reminder", From: FromDue, Offset: offset, Channels: []Channel{Email}, Tone: Friendly, Phase: receivable.Sent, When: when}
}

func remind(id StepID, title string, offset int, tone Tone, channels ...Channel) Step {
	return Step{ID: id, Title: title, From: FromDue, Offset: offset, Channels: channels, Tone: tone, Phase: receivable.Reminding, Demand: true}
}

func call(offset int, when ...Condition) Step {
	return Step{ID: CallTask, Title: "Call", From: FromDue, Offset: offset, Channels: []Channel{Call}, Tone: Neutral, Phase: receivable.Reminding, When: when}
}

func final(title string, offset, term int, channels ...Channel) Step {
	return Step{ID: FinalReminder, Title: title, From: FromDue, Offset: offset, Channels: channels, Tone: Formal, Phase: receivable.Final, Demand: true, Term: term}
}

func openCase(title string, from Anchor, offset int) Step {
	return Step{ID: OpenCase, Title: title, From: from, Offset: offset, Channels: []Channel{Email, Letter}, Tone: Formal, Phase: receivable.Case, Demand: true}
}

func summon(id StepID, title string, offset int, tone Tone, channels ...Channel) Step {
	return Step{ID: id, Title: title, From: FromCase, Offset: offset, Channels: channels, Tone: tone, Phase: receivable.Case, Demand: true}
}

func (s Step) term(days int) Step {
	s.Term = days
	return s
}

// lastSummons is the letter before a bailiff or a court.
func lastSummons(title string, offset, term int, channels ...Channel) Step {
	return summon(PreJudicial, title, offset, Formal, channels...).term(term)
}

func handOver(title string, offset int) Step {
	return Step{ID: ReadyForBailiff, Title: title, From: FromCase, Offset: offset, Channels: []Channel{Task}, Tone: Neutral, Phase: receivable.Bailiff}
}
