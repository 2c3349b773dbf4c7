package budget

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// hall holds the slots of this process for one set of limits on concurrency.
type hall struct {
	budget *Shared
	keys   []string
	// lane lets one background request ask the ledger at a time.
	lane chan struct{}
	// free hands slots on that nobody uses right now.
	free chan uuid.UUID

	mu    sync.Mutex
	held  map[uuid.UUID]bool // in use or free
	timer *time.Timer
}

const (
	// freeSlots bounds how many slots a process keeps ready.
	freeSlots = 64
	// slotPoll is how soon a request that waits for a slot asks again.
	slotPoll = 100 * time.Millisecond
)

func (s *Shared) hall(keys []string) *hall {
	id := strings.Join(keys, "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.halls[id]
	if h == nil {
		h = &hall{budget: s, keys: keys, lane: make(chan struct{}, 1), free: make(chan uuid.UUID, freeSlots), held: map[uuid.UUID]bool{}}
		s.halls[id] = h
		go h.stay(s.stop)
	}
	return h
}

// enter takes a slot, waiting for it if need be.
func (s *Shared) enter(ctx context.Context, who Spender, keys []string, sizes []int, began time.Time) (uuid.UUID, *hall, error) {
	h := s.hall(keys)
	if who.Priority == Background {
		select {
		case slot := <-h.free:
			return slot, h, nil
		default:
		}
		select {
		case slot := <-h.free:
			return slot, h, nil
		case h.lane <- struct{}{}:
			defer func() { <-h.lane }()
		case <-ctx.Done():
			return uuid.Nil, nil, ctx.Err()
		}
	}
	for {
		select {
		case slot := <-h.free:
			return slot, h, nil
		default:
		}
		slot := uuid.New()
		ok, err := s.ledger.Enter(ctx, h.keys, sizes, slot, slotLife)
		if err != nil {
			return uuid.Nil, nil, fmt.Errorf("take a slot of the rate limit: %w", err)
		}
		if ok {
			h.mu.Lock()
			h.held[slot] = true
			h.mu.Unlock()
			return slot, h, nil
		}
		wake := make(chan struct{})
		timer := time.AfterFunc(slotPoll, func() { close(wake) })
		err = s.pause(ctx, who, began, slotPoll, slotPoll, wake)
		timer.Stop()
		if err != nil {
			return uuid.Nil, nil, err
		}
	}
}

// leave hands a slot on. One that was taken from the reserve goes back at once:
// background work may not have it.
func (h *hall) leave(slot uuid.UUID, priority Priority) {
	if priority == Background {
		select {
		case h.free <- slot:
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.timer == nil {
				h.timer = time.AfterFunc(idle, h.tidy)
			} else {
				h.timer.Reset(idle)
			}
			return
		default:
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	h.drop(ctx, slot)
}

func (h *hall) tidy() {
	ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
	defer cancel()
	_ = h.empty(ctx) // they expire
}

// empty gives back the slots that nobody uses.
func (h *hall) empty(ctx context.Context) error {
	var slots []uuid.UUID
	for {
		select {
		case slot := <-h.free:
			slots = append(slots, slot)
			continue
		default:
		}
		return h.drop(ctx, slots...)
	}
}

func (h *hall) drop(ctx context.Context, slots ...uuid.UUID) error {
	if len(slots) == 0 {
		return nil
	}
	h.mu.Lock()
	for _, slot := range slots {
		delete(h.held, slot)
	}
	h.mu.Unlock()
	if err := h.budget.ledger.Leave(ctx, slots); err != nil {
		return fmt.Errorf("give back slots of the rate limit: %w", err)
	}
	return nil
}

// stay keeps the slots in use from expiring.
func (h *hall) stay(stop <-chan struct{}) {
	tick := time.NewTicker(slotLife / 3)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		h.mu.Lock()
		slots := make([]uuid.UUID, 0, len(h.held))
		for slot := range h.held {
			slots = append(slots, slot)
		}
		h.mu.Unlock()
		if len(slots) == 0 {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
		_ = h.budget.ledger.Stay(ctx, slots, slotLife) // there is another chance before they expire
		cancel()
	}
}
