package arrangement

import (
	"slices"

	"github.com/voldaan/voldaan/sdk/date"
)

// Reduce says what a payment beyond the instalment of its period lowers (R79).
type Reduce string

// The orders.
const (
	LastFirst Reduce = "last" // the plan gets shorter
	NextFirst Reduce = "next" // the next ones are paid ahead
)

// Money is what was received on a day, in minor units.
type Money struct {
	On    date.Date
	Minor int64
}

// Apply lets money pay instalments and returns what each of them got, and what
// was left over. Each payment is for what is due by its day, or, when nothing is,
// for the instalment that comes next; beyond that it lowers the last ones, unless
// the debtor chose the next (R79).
func Apply(list []Instalment, received []Money, reduce Reduce) (paid []int64, over int64) {
	paid = make([]int64, len(list))
	give := func(i int, minor int64) int64 {
		n := min(minor, list[i].Total()-paid[i])
		paid[i] += n
		return minor - n
	}
	received = slices.Clone(received)
	slices.SortStableFunc(received, func(a, b Money) int { return a.On.Compare(b.On) })
	for _, m := range received {
		rest := m.Minor
		for i := range list {
			// What is due; else the instalment of this period, and no further ahead.
			if reduce == LastFirst && list[i].Due.After(m.On) {
				if rest == m.Minor {
					rest = give(i, rest)
				}
				break
			}
			rest = give(i, rest)
		}
		for i := len(list) - 1; i >= 0 && rest > 0; i-- {
			rest = give(i, rest)
		}
		over += rest
	}
	return paid, over
}

// Course is a plan under way, at one moment.
type Course struct {
	Today       date.Date
	Instalments []Instalment
	Paid        []int64 // by instalment, from Apply
	Told        []Told  // by instalment
	Tolerance   int64   // a rest that is not worth a word
	Remind      int     // days before an instalment
	Grace       int     // days after it is due
	Cure        int     // days that the warning gives
	Warned      int     // the instalment that was warned about, 0 for none
	CureOn      date.Date
	Approval    bool // a person breaks the plan
	Asked       bool // and was asked
}

// Told says which words about an instalment went out.
type Told struct{ Before, On, After bool }

// MoveKind is what is to happen to a plan.
type MoveKind string

// The moves.
const (
	Nothing      MoveKind = ""
	RemindBefore MoveKind = "before"
	RemindOn     MoveKind = "on"
	RemindAfter  MoveKind = "after"
	Warn         MoveKind = "warn"     // with a cure date
	Cured        MoveKind = "cured"    // what was warned about is paid
	Break        MoveKind = "break"    // the cure date passed
	AskBreak     MoveKind = "ask"      // a person is asked to break it
	Complete     MoveKind = "complete" // all of it is paid
)

// Move is what is to happen now, or Nothing; Next is the day to look again.
type Move struct {
	Kind MoveKind
	Seq  int
	Cure date.Date // the last day of a warning's term
	Next date.Date
}

// Next decides what happens to a plan on its day: one thing at a time, the
// gravest first, so that a standstill is followed by one message (R8, R77).
func (c Course) Next() Move {
	i := slices.IndexFunc(c.Instalments, func(in Instalment) bool { return !c.settled(in.Seq) })
	if i < 0 {
		return Move{Kind: Complete}
	}
	in, told := c.Instalments[i], c.Told[i]
	switch late := c.Today.DaysSince(in.Due); {
	case c.Warned > 0 && c.Warned < in.Seq:
		return Move{Kind: Cured, Seq: c.Warned}
	case c.Warned == in.Seq && c.Today.After(c.CureOn) && !c.Approval:
		return Move{Kind: Break, Seq: in.Seq}
	case c.Warned == in.Seq && c.Today.After(c.CureOn) && !c.Asked:
		return Move{Kind: AskBreak, Seq: in.Seq}
	case c.Warned == in.Seq && c.Today.After(c.CureOn):
		return Move{Next: c.Today.AddDays(7)} // a person thinks about it
	case c.Warned == in.Seq:
		return Move{Next: c.CureOn.AddDays(1)}
	case late > c.Grace:
		return Move{Kind: Warn, Seq: in.Seq, Cure: c.Today.AddDays(c.Cure)}
	case late > 0 && late >= c.after() && !told.After:
		return Move{Kind: RemindAfter, Seq: in.Seq}
	case late == 0 && !told.On:
		return Move{Kind: RemindOn, Seq: in.Seq}
	case late < 0 && c.Remind > 0 && -late <= c.Remind && !told.Before:
		return Move{Kind: RemindBefore, Seq: in.Seq}
	}
	return Move{Next: c.look(in)}
}

// after is how many days late the word after an instalment comes: halfway the
// grace, so that money that is on its way gets a chance.
func (c Course) after() int { return max(1, (c.Grace+1)/2) }

// settled reports whether an instalment is paid, but for a trifle.
func (c Course) settled(seq int) bool {
	return c.Instalments[seq-1].Total()-c.Paid[seq-1] <= min(c.Tolerance, c.Instalments[seq-1].Total()-1)
}

// look is the next day on which something may happen to an instalment.
func (c Course) look(in Instalment) date.Date {
	for _, d := range []date.Date{in.Due.AddDays(-c.Remind), in.Due, in.Due.AddDays(c.after()), in.Due.AddDays(c.Grace + 1)} {
		if d.After(c.Today) {
			return d
		}
	}
	return c.Today.AddDays(1)
}
