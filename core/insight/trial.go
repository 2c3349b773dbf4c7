package insight

import (
	"fmt"
	"math/big"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

// Trial compares a step with its hold-back group over the same stretch of time.
type Trial struct {
	Sent, HeldBack         int   // demands
	PaidSent, PaidHeldBack Ratio // value paid within the stretch / value demanded
	Lift                   Ratio // PaidSent - PaidHeldBack: what the step itself did
	// Margin is how far off Lift may be, either way, in nineteen cases of twenty;
	// unknown for a group of less than two.
	Margin Ratio
}

// Enough is the least size of a group from which a comparison says something.
const Enough = 30

// Telling reports whether the difference is more than chance: both groups are large
// enough, and the margin does not reach nought.
func (t Trial) Telling() bool {
	return t.Sent >= Enough && t.HeldBack >= Enough && t.Margin.Known() && t.Lift.Known() && new(big.Rat).Abs(t.Lift.Exact()).Cmp(t.Margin.Exact()) > 0
}

// Compare holds the demands of one step against those that were held back, each
// over the same stretch from the moment at which it was or would have been sent, or
// until the next demand. The shares are by value, their uncertainty is that of a
// ratio of two sums. Give only demands whose stretch is over. It returns ErrHeldBack
// for a statutory step, and the errors of money.Amount.Add.
func Compare(demands []Demand, stretch time.Duration) (Trial, error) {
	var groups [2]group
	for _, d := range demands {
		g := &groups[0]
		if d.HeldBack {
			if g = &groups[1]; d.Statutory {
				return Trial{}, fmt.Errorf("step of %s: %w", d.At, ErrHeldBack)
			}
		}
		if end := d.At.Add(stretch); d.Next.IsZero() || end.Before(d.Next) {
			d.Next = end
		}
		got, err := d.paid()
		if err != nil {
			return Trial{}, err
		}
		if err := g.add(got, d.Demanded); err != nil {
			return Trial{}, err
		}
	}
	t := Trial{Sent: len(groups[0].rows), HeldBack: len(groups[1].rows)}
	var err error
	if t.PaidSent, err = groups[0].share(); err != nil {
		return Trial{}, err
	}
	if t.PaidHeldBack, err = groups[1].share(); err != nil {
		return Trial{}, err
	}
	t.Lift = t.PaidSent.Less(t.PaidHeldBack)
	a, b := groups[0].variance(t.PaidSent), groups[1].variance(t.PaidHeldBack)
	if a == nil || b == nil {
		return t, nil
	}
	root := new(big.Float).SetPrec(64).SetRat(a.Add(a, b))
	root.Sqrt(root).Mul(root, big.NewFloat(1.96))
	// To the millionth: an estimate of an estimate needs no more.
	millionths, _ := root.Mul(root, big.NewFloat(1e6)).Int64()
	t.Margin = Quotient(millionths, 1_000_000)
	return t, nil
}

// group is one side of a comparison.
type group struct {
	rows        [][2]int64 // paid and demanded, in minor units
	paid, asked money.Amount
}

func (g *group) add(paid, asked money.Amount) (err error) {
	g.rows = append(g.rows, [2]int64{paid.Minor, asked.Minor})
	if g.paid, err = g.paid.Add(paid); err != nil {
		return err
	}
	g.asked, err = g.asked.Add(asked)
	return err
}

func (g *group) share() (Ratio, error) { return Share(g.paid, g.asked) }

// variance is that of the share: n/(n-1) times the sum of (paid - share x
// demanded)^2, over the square of all that was demanded. Nil when it is unknown.
func (g *group) variance(share Ratio) *big.Rat {
	n := int64(len(g.rows))
	if n < 2 || !share.Known() {
		return nil
	}
	sum := new(big.Rat)
	for _, r := range g.rows {
		off := new(big.Rat).Mul(share.Exact(), big.NewRat(r[1], 1))
		off.Sub(big.NewRat(r[0], 1), off)
		sum.Add(sum, off.Mul(off, off))
	}
	all := big.NewRat(g.asked.Minor, 1)
	sum.Mul(sum, big.NewRat(n, n-1))
	return sum.Quo(sum, all.Mul(all, all))
}
