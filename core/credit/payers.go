package credit

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/insight/board"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Payer is how one debtor pays.
type Payer struct {
	Debtor uuid.UUID
	Name   string
	City   string
	Habit  insight.Habit
	Score  Score
}

// ChronicDays is from how many weighted days late a debtor is a chronic late payer.
const ChronicDays = 30

// Payers tells how every debtor pays at a moment, the latest first. A debtor who
// owes in several currencies is judged by the one that most is in.
func Payers(ctx context.Context, tx store.Tx, now time.Time, zone *time.Location) ([]Payer, error) {
	rows, err := board.Read(ctx, tx, uuid.NullUUID{}, now)
	if err != nil {
		return nil, err
	}
	ledgers, err := insight.Split(board.Events(rows, zone))
	if err != nil {
		return nil, fmt.Errorf("build the ledger: %w", err)
	}
	habits := map[string]insight.Habit{}
	for _, l := range ledgers {
		for debtor, h := range l.Habits(date.Of(now.In(zone))) {
			if was, ok := habits[debtor]; debtor != "" && (!ok || h.Paid.Minor+h.Open.Minor > was.Paid.Minor+was.Open.Minor) {
				habits[debtor] = h
			}
		}
	}
	deeds, err := deedsOf(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, 0, len(habits))
	for debtor := range habits {
		if id, err := uuid.Parse(debtor); err == nil {
			ids = append(ids, id)
		}
	}
	for id := range deeds {
		if _, ok := habits[id.String()]; !ok {
			ids = append(ids, id)
		}
	}
	names, err := tx.DebtorNames(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("load the names of debtors: %w", err)
	}
	out := make([]Payer, 0, len(names))
	for _, n := range names {
		h := habits[n.ID.String()]
		out = append(out, Payer{Debtor: n.ID, Name: n.Name, City: n.City, Habit: h, Score: Rate(h, deeds[n.ID])})
	}
	slices.SortFunc(out, func(a, b Payer) int {
		if c := late(b.Habit).Cmp(late(a.Habit)); c != 0 {
			return c
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return out, nil
}

func late(h insight.Habit) *big.Rat {
	if !h.DaysLate.Known() {
		return new(big.Rat).SetInt64(-1 << 30)
	}
	return h.DaysLate.Exact()
}

// Chronic reports whether a debtor pays late as a habit, or does not pay.
func (p Payer) Chronic() bool { return late(p.Habit).Cmp(big.NewRat(ChronicDays, 1)) >= 0 }

func deedsOf(ctx context.Context, tx store.Tx, now time.Time) (map[uuid.UUID]Deeds, error) {
	rows, err := tx.BehaviourSince(ctx, db.BehaviourSinceParams{Since: now.AddDate(-1, 0, 0), Until: now})
	if err != nil {
		return nil, fmt.Errorf("load what debtors did: %w", err)
	}
	out := map[uuid.UUID]Deeds{}
	for _, r := range rows {
		if out[r.DebtorID] == nil {
			out[r.DebtorID] = Deeds{}
		}
		out[r.DebtorID][r.Kind] = int(r.Times)
	}
	return out, nil
}
