package sync

import (
	"context"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// A package that answers with an empty list by mistake would close every invoice
// we follow. When at least this many records, and at least half, have vanished at
// once, a second run must say the same before they are taken as deleted.
const (
	manyGone   = 20
	secondLook = 10 * time.Minute
)

// doubt ends a run that found most of the books gone, unless the run before did
// so too. Nothing was deleted, and reminders wait, since the books are not fresh
// (R5).
func (p *pull) doubt(ctx context.Context, s sdk.Stream, missing, known int) error {
	if p.targeted || p.doubted || missing < manyGone || missing*2 < known {
		return nil
	}
	if err := p.runner.Store.In(ctx, p.tenant, func(tx store.Tx) error { return tx.DoubtSyncRun(ctx, p.id) }); err != nil {
		return err
	}
	return fault.New(fault.Unavailable, "books_vanished",
		"The books show only %d of the %d %s that they had. Nothing was taken as deleted; the books are read a second time in a few minutes, and reminders wait until then.",
		known-missing, known, s).Because(&sdk.RetryAfter{Wait: secondLook, Why: "most of the books had vanished"})
}
