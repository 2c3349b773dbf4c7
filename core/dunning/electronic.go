package dunning

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Electronic is the kind of a document that is an electronic invoice (UBL). Only
// the books make one: over Peppol goes their file or none.
const Electronic = "ubl"

// overPeppol reports whether a step may go over Peppol: it is the invoice itself,
// and a provider carries the channel.
func overPeppol(ctx context.Context, tx store.Tx, administration uuid.UUID, step policy.Step) (bool, error) {
	if step.ID != policy.SendInvoice || !slices.Contains(step.Channels, policy.Peppol) && !slices.Contains(step.Else, policy.Peppol) {
		return false, nil
	}
	rows, err := tx.LedgerChannels(ctx, []uuid.UUID{administration})
	if err != nil {
		return false, fmt.Errorf("load channels: %w", err)
	}
	return slices.ContainsFunc(rows, func(c db.Channel) bool {
		return c.Channel == string(policy.Peppol) && c.Mode == ByProvider && c.ConnectionID.Valid
	}), nil
}

// electronic returns the electronic invoice of the books, nil when they gave none
// since the invoice changed last.
func (f *fence) electronic(ctx context.Context, it *item) ([]byte, error) {
	doc, err := f.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: it.invoice.ID, Kind: Electronic})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && doc.CreatedAt.Before(it.invoice.ChangedAt) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for the electronic invoice: %w", err)
	}
	return doc.Content, nil
}

// enclose takes the electronic invoice along that goes over Peppol, and says why
// there is none where the step names Peppol.
func (f *fence) enclose(ctx context.Context, o *outgoing) (err error) {
	switch {
	case o.by(policy.Peppol):
		o.ubl, err = f.electronic(ctx, f.it)
	case !slices.Contains(o.step.Channels, policy.Peppol):
	case o.step.ID == policy.SendInvoice && f.asker.unfit != "":
		o.left = "Not over Peppol: " + f.asker.unfit
	case o.step.ID == policy.SendInvoice:
		o.left = "Not over Peppol: the books gave no electronic invoice (UBL) of it."
	default:
		o.left = "Not over Peppol: only the invoice itself goes there."
	}
	return err
}

// UnfitFile is the kind of a task about an electronic invoice that was not handed
// over, because an access point would have refused it or it is another one.
const UnfitFile = "electronic_unfit"

// askForFile asks a person to mend the electronic invoice of the books. It stays
// asked when the step goes by another channel: the next invoice would have the
// same flaw.
func (f *fence) askForFile(ctx context.Context, it *item) error {
	if f.asker.unfit == "" || it.invoice.ID != f.asker.invoice {
		return nil
	}
	return addTask(ctx, f.tx, f.led, UnfitFile, it.invoice.ID, taskTitle(UnfitFile, it.invoice.Number), f.asker.unfit, f.now)
}
