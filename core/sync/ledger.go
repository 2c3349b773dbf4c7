package sync

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Ledger keeps the windows of rate limits in Postgres, so that all hubs and
// workers spend one budget.
type Ledger struct {
	Store *store.Store
}

var _ budget.Ledger = Ledger{}

// Take takes requests from all windows together.
func (l Ledger) Take(ctx context.Context, windows []budget.Window, share, want int) (int, time.Duration, []budget.State, error) {
	p := db.RateTakeParams{Share: int32(share), Want: int32(want)}
	for _, w := range windows {
		p.Keys, p.Sizes, p.Pers = append(p.Keys, w.Key), append(p.Sizes, int32(w.Size)), append(p.Pers, w.Per.Seconds())
	}
	row, err := l.Store.Door().RateTake(ctx, p)
	if err != nil {
		return 0, 0, nil, err
	}
	states := make([]budget.State, len(row.Used))
	for i := range states {
		states[i] = budget.State{Used: int(row.Used[i]), Size: int(row.Size[i]), Lasts: seconds(row.Lasts[i])}
	}
	return int(row.Granted), seconds(row.Wait), states, nil
}

// Give returns requests that were not sent.
func (l Ledger) Give(ctx context.Context, keys []string, n int) error {
	return l.Store.Door().RateGive(ctx, db.RateGiveParams{Keys: keys, N: int32(n)})
}

// Learn sets a window right.
func (l Ledger) Learn(ctx context.Context, key string, s budget.State) error {
	return l.Store.Door().RateLearn(ctx, db.RateLearnParams{Key: key, Used: int32(s.Used), Size: int32(s.Size), Lasts: s.Lasts.Seconds()})
}

// Block lets nothing through for a while.
func (l Ledger) Block(ctx context.Context, key string, wait time.Duration) error {
	return l.Store.Door().RateBlock(ctx, db.RateBlockParams{Key: key, Lasts: wait.Seconds()})
}

// Enter takes a slot of every key.
func (l Ledger) Enter(ctx context.Context, keys []string, sizes []int, holder uuid.UUID, ttl time.Duration) (bool, error) {
	p := db.RateEnterParams{Keys: keys, Holder: holder, Lasting: ttl.Seconds()}
	for _, n := range sizes {
		p.Sizes = append(p.Sizes, int32(n))
	}
	return l.Store.Door().RateEnter(ctx, p)
}

// Leave gives slots back.
func (l Ledger) Leave(ctx context.Context, holders []uuid.UUID) error {
	return l.Store.Door().RateLeave(ctx, holders)
}

// Stay keeps slots for longer.
func (l Ledger) Stay(ctx context.Context, holders []uuid.UUID, ttl time.Duration) error {
	return l.Store.Door().RateStay(ctx, db.RateStayParams{Holders: holders, Lasting: ttl.Seconds()})
}
