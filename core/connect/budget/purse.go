package budget

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
)

// purse holds requests that were granted to this process and not sent yet, for
// one set of windows.
type purse struct {
	budget  *Shared
	windows []Window
	bulk    int
	// lane lets one background request ask the ledger at a time; the others spend
	// what it brings.
	lane chan struct{}

	mu      sync.Mutex
	tokens  int
	until   time.Time // the windows of tokens end
	blocked time.Time // the package asked to wait
	spent   time.Time // the windows are spent until then, for background work
	again   time.Time // when the ledger is asked again nevertheless
	timer   *time.Timer
}

// maxPurses bounds the memory for windows of connections that come and go.
const maxPurses = 10_000

func (s *Shared) purse(windows []Window, bulk int) *purse {
	var id strings.Builder
	for _, w := range windows {
		id.WriteString(w.Key)
		id.WriteByte('\n')
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.purses[id.String()]
	if p == nil {
		if len(s.purses) >= maxPurses {
			s.forget()
		}
		p = &purse{budget: s, windows: windows, bulk: bulk, lane: make(chan struct{}, 1)}
		s.purses[id.String()] = p
	}
	return p
}

// forget drops what is not in use; the caller holds the lock.
func (s *Shared) forget() {
	now := time.Now()
	for id, p := range s.purses {
		p.mu.Lock()
		if p.tokens == 0 && p.blocked.Before(now) && p.spent.Before(now) && len(p.lane) == 0 {
			delete(s.purses, id)
		}
		p.mu.Unlock()
	}
	for k, w := range s.known {
		if w.ends.Before(now) {
			delete(s.known, k)
		}
	}
}

// block keeps the requests at hand of a connection that was told to wait.
func (s *Shared) block(key string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.purses {
		if p.windows[0].Key == key {
			p.mu.Lock()
			p.blocked = later(p.blocked, until)
			p.mu.Unlock()
		}
	}
}

// spend takes one request, waiting for it if need be.
func (p *purse) spend(ctx context.Context, who Spender, began time.Time) error {
	for {
		if p.atHand() {
			return nil
		}
		ok, wait, err := p.ask(ctx, who.Priority)
		if ok || err != nil {
			return err
		}
		if err := p.budget.pause(ctx, who, began, wait, lookAgain, nil); err != nil {
			return err
		}
	}
}

// atHand spends a request that this process has.
func (p *purse) atHand() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.tokens == 0 || !p.until.After(now) || p.blocked.After(now) {
		return false
	}
	p.tokens--
	p.later()
	return true
}

// ask takes requests from the ledger: one for what is urgent, at once; for the
// rest a handful, one asker at a time.
func (p *purse) ask(ctx context.Context, priority Priority) (ok bool, wait time.Duration, err error) {
	if priority == Urgent {
		n, wait, _, err := p.take(ctx, 0, 1)
		return n > 0, wait, err
	}
	select {
	case p.lane <- struct{}{}:
	case <-ctx.Done():
		return false, 0, ctx.Err()
	}
	defer func() { <-p.lane }()
	if p.atHand() {
		return true, 0, nil
	}
	p.mu.Lock()
	now := time.Now()
	left := p.blocked.Sub(now)
	if p.again.After(now) {
		left = max(left, p.spent.Sub(now))
	}
	p.mu.Unlock()
	if left > 0 {
		return false, left, nil
	}
	n, wait, lasts, err := p.take(ctx, p.budget.config.Reserve, p.bulk)
	if err != nil {
		return false, 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n == 0 {
		p.spent, p.again = time.Now().Add(wait), time.Now().Add(min(wait, lookAgain))
		return false, wait, nil
	}
	p.tokens, p.until = n-1, time.Now().Add(lasts)
	p.later()
	return true, 0, nil
}

// take asks the ledger; lasts is how long the granted requests are good.
func (p *purse) take(ctx context.Context, share, want int) (n int, wait, lasts time.Duration, err error) {
	n, wait, states, err := p.budget.ledger.Take(ctx, p.windows, share, want)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("take from the rate limit: %w", err)
	}
	p.budget.note(p.windows, states)
	lasts = maxWait
	if len(p.windows) == 1 {
		lasts = learnEvery // only a block by others could end it
	}
	for i, w := range p.windows {
		if w.Size > 0 && i < len(states) {
			lasts = min(lasts, states[i].Lasts)
		}
	}
	return n, max(wait, time.Millisecond), lasts, nil
}

// put takes a request back that was not sent.
func (p *purse) put(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens += n
	p.later()
}

// later makes what is left go back once nobody asks for it; the caller holds the
// lock.
func (p *purse) later() {
	if p.timer == nil {
		p.timer = time.AfterFunc(idle, func() {
			ctx, cancel := context.WithTimeout(context.Background(), tellWithin)
			defer cancel()
			_ = p.giveBack(ctx) // at worst they count as sent
		})
		return
	}
	p.timer.Reset(idle)
}

func (p *purse) giveBack(ctx context.Context) error {
	p.mu.Lock()
	n := p.tokens
	p.tokens = 0
	good := p.until.After(time.Now())
	p.mu.Unlock()
	if n == 0 || !good {
		return nil
	}
	var keys []string
	for _, w := range p.windows {
		if w.Size > 0 {
			keys = append(keys, w.Key)
		}
	}
	if len(keys) == 0 {
		return nil
	}
	if err := p.budget.ledger.Give(ctx, keys, n); err != nil {
		return fmt.Errorf("give back to the rate limit: %w", err)
	}
	return nil
}
