package policy

import "fmt"

// tooLate drops a message about a due date to come when it came, or when the
// debtor had a reminder meanwhile.
func tooLate(m Moment) (Verdict, bool) {
	switch {
	case !m.Step.ahead():
		return Verdict{}, false
	case !m.today().Before(m.Due):
		return Verdict{Outcome: Drop, Rule: "R8", Why: "Its moment before the due date had passed."}, true
	case m.reminded(m.today()):
		return Verdict{Outcome: Drop, Rule: "R15", Why: m.remindedText()}, true
	}
	return Verdict{}, false
}

func tooSoon(m Moment) (Verdict, bool) {
	if !m.Step.Demand || m.Step.Statutory || !m.reminded(m.today()) {
		return Verdict{}, false
	}
	first := m.LastReminder.AddDays(m.MinInterval)
	return Verdict{Outcome: Move, Rule: "R15", Until: m.slot(m.Step, first), Why: m.remindedText()}, true
}

func wrongMoment(m Moment) (Verdict, bool) {
	start := m.Now
	if !m.Planned.IsZero() && m.Planned.Before(start) {
		start = m.Planned
	}
	if m.Step.Bookkeeping() || !m.opening(m.Step, start).After(start) {
		return Verdict{}, false
	}
	v := Verdict{Outcome: Move, Rule: "R14", Until: m.slot(m.Step, m.today()), Why: "It is outside the hours in which messages are sent."}
	if !m.allowed(m.Step, m.today()) {
		v.Rule, v.Why = "R13", m.forbidden(m.today())
	}
	return v, true
}

func unreachable(m Moment) (Verdict, bool) {
	if m.Step.Bookkeeping() || len(m.usable()) > 0 {
		return Verdict{}, false
	}
	if m.Step.byPhone() {
		return Verdict{Outcome: Drop, Rule: "R58", Why: "There is no number to reach the debtor at; the flow goes on without it."}, true
	}
	return Verdict{Outcome: Wait, Rule: "R51", Task: "no_address", Why: "There is no address left to reach this debtor at. Call the debtor and ask for one."}, true
}

func (s State) remindedText() string {
	return fmt.Sprintf("The debtor had a reminder on %s; at least %s lie between two.", s.LastReminder, days(s.MinInterval))
}
