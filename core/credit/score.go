package credit

import (
	"fmt"
	"math/big"

	"github.com/voldaan/voldaan/core/insight"
)

// Score is how a debtor pays, from 0 to 100, as the sum of its parts.
type Score struct {
	Known bool // there is something to go by
	Value int
	Band  Band
	Parts []Part // the first is the start, 100
}

// Part is one reason for the score, in words that name no person.
type Part struct {
	Text   string
	Points int // nought or below, but for the start
}

// Band is a score in a word.
type Band string

// The bands: from 75, from 45, below, and nothing to go by.
const (
	Good    Band = "good"
	Fair    Band = "fair"
	Poor    Band = "poor"
	Unknown Band = "unknown"
)

// Deeds is how often a debtor did something in twelve months, by the kind of the
// behaviour event: promise_kept, promise_broken, plan_broken and others.
type Deeds map[string]int

// deeds are what lowers the score, by how much each time, and at most.
var deeds = []struct {
	kind, one, many string
	each, most      int
}{
	{"promise_broken", "promise was broken", "promises were broken", 8, 24},
	{"promise_partly_kept", "promise was kept in part", "promises were kept in part", 3, 9},
	{"plan_broken", "payment plan was broken", "payment plans were broken", 15, 30},
	{"charge_back", "payment was charged back", "payments were charged back", 6, 18},
}

// stops are bankruptcy and what is like it: nothing is left of the score.
var stops = []string{"legal_stop_bankruptcy", "legal_stop_suspension", "legal_stop_debt_relief"}

// Rate computes the score. Overdue invoices count at the age of the day, so that
// who never pays does not look good.
func Rate(h insight.Habit, d Deeds) Score {
	s := Score{Value: 100, Parts: []Part{{"Everything paid on time", 100}}}
	for _, kind := range stops {
		if d[kind] > 0 {
			s.Known = true
			s.take(100, "Bankrupt, or protected from creditors")
		}
	}
	if h.DaysLate.Known() {
		s.Known = true
		if late := h.DaysLate.Exact(); late.Sign() > 0 {
			// A point a day to thirty, then one for every three days.
			n, _ := new(big.Float).SetRat(late).Int64()
			points := min(int(n), 30) + min(max(int(n)-30, 0)/3, 30)
			s.take(points, fmt.Sprintf("Pays %s days late, weighted by amount; what is overdue counts at its age", h.DaysLate.Decimal(1)))
		}
	}
	if h.Overdue.Positive() && h.Open.Positive() {
		share := insight.Quotient(h.Overdue.Minor, h.Open.Minor)
		n, _ := new(big.Float).SetRat(share.Exact()).Float64()
		s.take(int(n*15+0.5), fmt.Sprintf("%s%% of what is open is overdue", share.Percent(0)))
	}
	if h.OldestLate > 90 {
		s.take(15, fmt.Sprintf("The oldest invoice is %d days overdue", h.OldestLate))
	}
	for _, one := range deeds {
		if n := d[one.kind]; n > 0 {
			s.Known = true
			words := one.many
			if n == 1 {
				words = one.one
			}
			s.take(min(n*one.each, one.most), fmt.Sprintf("%d %s in twelve months", n, words))
		}
	}
	if d["promise_kept"] > 0 {
		s.Known = true
	}
	return s.done()
}

func (s *Score) take(points int, why string) {
	if points = min(points, s.Value); points <= 0 {
		return
	}
	s.Value -= points
	s.Parts = append(s.Parts, Part{why, -points})
}

func (s Score) done() Score {
	switch {
	case !s.Known:
		return Score{Band: Unknown}
	case s.Value >= 75:
		s.Band = Good
	case s.Value >= 45:
		s.Band = Fair
	default:
		s.Band = Poor
	}
	return s
}
