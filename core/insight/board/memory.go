package board

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/core/store"
)

// Memory keeps the count of wrong reminders of large organisations for a minute.
// It reads all that was invoiced and sent, which takes a third of a second with
// 20,000 invoices, and the front page shows it to everybody.
type Memory struct {
	mu   sync.Mutex
	kept map[uuid.UUID]remembered
}

type remembered struct {
	insight.WrongReminders
	until time.Time // by the machine's clock
}

const (
	large = 2_000 // reminders; a smaller organisation is counted every time
	fresh = time.Minute
)

// CountWrong is the count of the year until a moment, at most a minute old. The
// tenant is that of the transaction.
func (m *Memory) CountWrong(ctx context.Context, tx store.Tx, now time.Time, zone *time.Location) (insight.WrongReminders, error) {
	m.mu.Lock()
	had, ok := m.kept[tx.Tenant]
	m.mu.Unlock()
	if ok && time.Now().Before(had.until) {
		return had.WrongReminders, nil
	}
	w, err := CountWrong(ctx, tx, now, zone)
	m.mu.Lock()
	defer m.mu.Unlock()
	if delete(m.kept, tx.Tenant); err != nil || w.Sent < large {
		return w, err
	}
	if m.kept == nil {
		m.kept = map[uuid.UUID]remembered{}
	}
	m.kept[tx.Tenant] = remembered{w, time.Now().Add(fresh)}
	return w, nil
}
