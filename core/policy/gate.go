package policy

import (
	"fmt"
	"slices"

	"github.com/voldaan/voldaan/core/receivable"
)

// Gate decides whether a step may go out now. The checks run from "it was done"
// over "nothing is owed" to "nowhere to send it", and the first that objects is
// the reason shown.
func Gate(m Moment) Verdict {
	for _, checks := range [][]check{ofStep, ofInvoice, ofMoment} {
		if v, objects := first(m, checks); objects {
			return v
		}
	}
	return m.pass()
}

// check objects to a moment, or does not.
type check func(Moment) (Verdict, bool)

// ofStep looks at the step alone, ofInvoice at whether payment of the invoice
// may be asked at all, ofMoment at whether now is the time and there is a way.
var (
	ofStep    = []check{nothingPlanned, alreadyDone}
	ofInvoice = []check{
		unreadable, settled, draft, notLive, withdrawn, neverSent, documentMissing, held, disputed, booksWait, unread, noNotice, notDue, notBefore,
		staleBooks, staleBank, smallRest, paymentUnderWay, covered, creditFirst,
	}
	ofMoment = []check{tooLate, tooSoon, wrongMoment, unreachable, unapproved, unconfirmed}
)

func first(m Moment, checks []check) (Verdict, bool) {
	for _, objection := range checks {
		if v, objects := objection(m); objects {
			return v, true
		}
	}
	return Verdict{}, false
}

func (m Moment) pass() Verdict {
	v := Verdict{Outcome: Pass, Rule: "R1", Why: "Nothing speaks against it.", Channels: m.usable()}
	if !m.Step.Demand {
		return v
	}
	v.Ask = m.Claim.Ask()
	v.Why = fmt.Sprintf("%s is open; confirmed by the books at %s.", v.Ask, m.Confirmed.In(m.Zone).Format("2 Jan 15:04"))
	if m.Claim.Paid().Positive() {
		v.Why = fmt.Sprintf("Of %s, %s was paid; %s", m.Claim.Total, m.Claim.Paid(), v.Why)
	}
	if v.Ask.Minor < m.Claim.Open().Minor {
		v.Why += fmt.Sprintf(" Of %s, %s is in dispute and not asked (R70).", m.Claim.Open(), m.Claim.Disputed)
	}
	return v
}

func nothingPlanned(m Moment) (Verdict, bool) {
	if m.Step.ID != "" {
		return Verdict{}, false
	}
	return Verdict{Outcome: Wait, Rule: "flow", Why: "No step is planned for this invoice."}, true
}

func alreadyDone(m Moment) (Verdict, bool) {
	d, ok := m.Done[m.Step.ID]
	if !ok {
		return Verdict{}, false
	}
	v := Verdict{Outcome: Behind, Rule: "R10", Why: fmt.Sprintf("This step was done on %s.", d.On)}
	switch d.Outcome {
	case DoneByHand:
		v.Rule, v.Why = "R11", fmt.Sprintf("A person sent this step on %s.", d.On)
	case DoneMerged:
		v.Why = fmt.Sprintf("This step went along in another message on %s.", d.On)
	case DoneSkipped:
		v.Rule, v.Why = "R8", fmt.Sprintf("This step was passed over on %s.", d.On)
	case DoneParked:
		v.Rule, v.Why = "R9", fmt.Sprintf("This message may have left on %s; it is not sent again before a person has looked.", d.On)
	}
	return v, true
}

// usable returns the step's channels that reach the debtor, else the first
// fallback that does; a step by e-mail alone falls back to a letter (R51, R52).
func (m Moment) usable() []Channel {
	var out []Channel
	for _, c := range m.Step.Channels {
		if forPerson(c) || m.Address[c] {
			out = append(out, c)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, c := range m.Step.Else {
		if forPerson(c) || m.Address[c] {
			return []Channel{c}
		}
	}
	if m.Address[Letter] && (slices.Contains(m.Step.Channels, Email) || slices.Contains(m.Step.Channels, Peppol)) {
		return []Channel{Letter}
	}
	return nil
}

// grave reports whether the step is a final notice or part of a case.
func (s Step) grave() bool { return s.Phase.Beyond(receivable.Reminding) }
