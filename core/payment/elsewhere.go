package payment

import (
	"context"

	"github.com/voldaan/voldaan/core/store"
)

// Elsewhere records money that somebody received for the creditor, such as a
// bailiff: the debtor paid, though it is not in the creditor's bank. Source is
// "bailiff". It settles once, however often it is reported.
func Elsewhere(ctx context.Context, tx store.Tx, p Planner, r Receipt) error {
	return receive(ctx, tx, p, r)
}

// TakeBack undoes money that was recorded: what it settled is open again (R26).
func TakeBack(ctx context.Context, tx store.Tx, p Planner, r Receipt) error {
	return reverse(ctx, tx, p, r)
}
