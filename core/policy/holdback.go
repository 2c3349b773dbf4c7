package policy

import (
	"fmt"
	"hash/fnv"

	"github.com/google/uuid"
)

// HeldBack is the rule of a reminder that leaves some days later than its flow says,
// so that it can be told what the reminder itself brings in.
const HeldBack = "hold_back"

// Trial measures friendly reminders: a share of them, picked by chance, leaves some
// days later. They are late, never left out.
type Trial struct {
	Share int // of a hundred; 0 measures nothing
	Days  int
}

// The bounds of a trial.
const (
	MaxTrialShare = 20
	MaxTrialDays  = 7
)

// Picks reports whether a reminder is one of the share. The answer for one invoice,
// step and cycle is always the same, and a larger share picks the same ones and more.
func (t Trial) Picks(invoice uuid.UUID, step StepID, cycle int) bool {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%s/%d", invoice, step, cycle) // a hash takes everything
	n := h.Sum64()
	// The low bits of short keys are alike; mix before taking a hundredth.
	n ^= n >> 33
	n *= 0xff51afd7ed558ccd
	n ^= n >> 33
	return n%100 < uint64(max(0, min(t.Share, MaxTrialShare)))
}

// Measurable reports whether a step may be held back at all: a friendly reminder.
// What the law asks for, what is final and what belongs to a case never is.
func (s Step) Measurable() bool {
	return s.Demand && !s.Statutory && !s.grave() && s.Tone == Friendly && !s.Bookkeeping()
}

// HoldBack decides whether the step of an invoice that Gate let pass is held back,
// and until when. One is that the trial picks, once; not what an arrangement or a
// person's act has just let go on, and not where the next demand would come first.
func HoldBack(f Flow, m Moment, t Trial, invoice uuid.UUID, cycle int) (Verdict, bool) {
	if t.Days < 1 || !m.Step.Measurable() || m.Step.ID == m.Resume || m.Firmer || m.old() || !t.Picks(invoice, m.Step.ID, cycle) {
		return Verdict{}, false
	}
	if _, already := m.Delayed[m.Step.ID]; already {
		return Verdict{}, false
	}
	until := m.today().AddDays(min(t.Days, MaxTrialDays))
	at := m.slot(m.Step, until)
	for _, later := range f.Steps[f.index(m.Step.ID)+1:] {
		if !later.Demand || !m.applies(later) {
			continue
		}
		if n, _ := m.nominal(f, later); !n.IsZero() && !n.After(until) {
			return Verdict{}, false
		}
	}
	return Verdict{Outcome: Move, Rule: HeldBack, Until: at, Why: heldBackText(at.In(m.Zone).Format("2 January 2006"))}, true
}

func heldBackText(until string) string {
	return "Held back to measure this step until " + until + "; then it leaves as always."
}
