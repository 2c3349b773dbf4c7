package budget

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Window is a limit as a Ledger knows it.
type Window struct {
	Key string
	// Size is how many requests fit into it; 0 makes it a mere block, of which
	// nothing is taken and which lets nothing through while it lasts.
	Size int
	Per  time.Duration
}

// State is what is known of a Window.
type State struct {
	Used  int
	Size  int // as the package says, or as was asked
	Lasts time.Duration
}

// Ledger keeps the windows of all hosts. Every method is one short statement;
// time is the ledger's own.
type Ledger interface {
	// Take takes up to want requests from all windows together and returns how many
	// were granted; share percent of each stay untouched. When it grants none, wait
	// says for how long it will not. States are in the order of the windows.
	Take(ctx context.Context, windows []Window, share, want int) (granted int, wait time.Duration, states []State, err error)
	// Give returns requests that were granted and not sent, while their windows
	// last.
	Give(ctx context.Context, keys []string, n int) error
	// Learn sets a window right by what the package says: at least so much is used,
	// of so many, for so long; zero for what it does not say.
	Learn(ctx context.Context, key string, s State) error
	// Block lets nothing through that asks with the key as a block.
	Block(ctx context.Context, key string, wait time.Duration) error
	// Enter takes a slot of every key, or none; sizes say how many there are for
	// this caller.
	Enter(ctx context.Context, keys []string, sizes []int, holder uuid.UUID, ttl time.Duration) (bool, error)
	// Leave gives slots back, Stay keeps them for longer.
	Leave(ctx context.Context, holders []uuid.UUID) error
	Stay(ctx context.Context, holders []uuid.UUID, ttl time.Duration) error
}
