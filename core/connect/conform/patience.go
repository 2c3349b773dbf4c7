package conform

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// patience is a budget in which waiting takes no time: what a package asks to wait
// is noted and taken as waited, up to what the real budget would bear. Its windows
// are not kept, for the played packages have none.
type patience struct {
	mu     sync.Mutex
	waited map[uuid.UUID]time.Duration // protected by mu: asked for and not waited yet
}

// limit is how long the real budget waits for a permit.
const limit = 6 * time.Minute

// Acquire implements budget.Budget.
func (p *patience) Acquire(ctx context.Context, who budget.Spender, _ []manifest.Limit, _, _ string) (budget.Permit, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.waited[who.Connection]; wait > limit {
		return nil, &sdk.RetryAfter{Wait: wait, Why: "the package asks to wait"}
	}
	delete(p.waited, who.Connection)
	return permit{p, who.Connection}, ctx.Err()
}

type permit struct {
	p  *patience
	id uuid.UUID
}

// Done implements budget.Permit.
func (t permit) Done(status int, h http.Header) {
	if wait, ok := budget.RetryAfter(status, h, time.Now()); ok {
		t.p.mu.Lock()
		defer t.p.mu.Unlock()
		if t.p.waited == nil {
			t.p.waited = map[uuid.UUID]time.Duration{}
		}
		t.p.waited[t.id] = wait
	}
}
