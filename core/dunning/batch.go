package dunning

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// MakeBatch puts letters that wait for the post together, to be printed as one
// file. A letter is in one batch at a time, and all are of one administration.
func (p Planner) MakeBatch(ctx context.Context, tx store.Tx, letters []uuid.UUID, by string) (uuid.UUID, error) {
	waiting, err := tx.LettersToPost(ctx)
	if err != nil {
		return uuid.Nil, fmt.Errorf("find letters to post: %w", err)
	}
	chosen := map[uuid.UUID]bool{}
	for _, id := range letters {
		chosen[id] = true
	}
	var rows []db.LettersToPostRow
	for _, w := range waiting {
		if chosen[w.ID] {
			rows = append(rows, w)
		}
	}
	if len(rows) == 0 || len(rows) != len(chosen) {
		return uuid.Nil, fault.New(fault.Conflict, "letters_gone", "Some of these letters do not wait for the post any more. Look at the list again.")
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return uuid.Nil, err
	}
	batch := uuid.New()
	if err := tx.AddLetterBatch(ctx, db.AddLetterBatchParams{ID: batch, TenantID: tx.Tenant, AdministrationID: rows[0].AdministrationID, MadeAt: now, MadeBy: by}); err != nil {
		return uuid.Nil, fmt.Errorf("make a batch: %w", err)
	}
	for i, r := range rows {
		if r.AdministrationID != rows[0].AdministrationID {
			return uuid.Nil, fault.New(fault.Invalid, "letters_mixed", "Letters of different administrations go in batches of their own.")
		}
		if err := tx.AddToBatch(ctx, db.AddToBatchParams{BatchID: batch, MessageID: r.ID, TenantID: tx.Tenant, Place: int32(i + 1)}); err != nil {
			return uuid.Nil, fmt.Errorf("put a letter in a batch: %w", err)
		}
	}
	return batch, audit(ctx, tx, now, by, fmt.Sprintf("letters_batched %d", len(rows)), "letter_batch/"+batch.String())
}

// BatchPDF is the file of a batch: each letter as it is, after a sheet that says
// whose it is.
func (p Planner) BatchPDF(ctx context.Context, tx store.Tx, batch uuid.UUID) ([]byte, error) {
	b, rows, err := p.batch(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	adm, err := tx.Administration(ctx, b.AdministrationID)
	if err != nil {
		return nil, err
	}
	zone, err := loadZone(adm.TimeZone)
	if err != nil {
		return nil, err
	}
	var files [][]byte
	for _, m := range rows {
		doc, err := tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: m.ID, Kind: "letter"})
		if err != nil {
			return nil, fmt.Errorf("load letter %s: %w", m.ID, err)
		}
		d, err := tx.Debtor(ctx, m.DebtorID)
		if err != nil {
			return nil, fmt.Errorf("load the debtor of letter %s: %w", m.ID, err)
		}
		sheet, err := letter.Separate(outreach.Language(m.Language), creditor(adm).Name, letter.Separator{
			Place: int(m.Place), Of: len(rows), Name: d.Name, Address: strings.Split(m.Recipient, ", "), Subject: m.Subject,
		}, dateIn(b.MadeAt, zone))
		if err != nil {
			return nil, err
		}
		files = append(files, sheet.Bytes, doc.Content)
	}
	return letter.Merge(files...)
}

func (p Planner) batch(ctx context.Context, tx store.Tx, batch uuid.UUID) (db.LetterBatch, []db.BatchMessagesRow, error) {
	b, err := tx.LetterBatch(ctx, batch)
	if err != nil {
		return b, nil, fault.New(fault.NotFound, "batch_not_found", "This batch of letters does not exist.").Because(err)
	}
	rows, err := tx.BatchMessages(ctx, batch)
	return b, rows, err
}

// BatchPosted records the day on which the letters of a batch were posted.
func (p Planner) BatchPosted(ctx context.Context, tx store.Tx, batch uuid.UUID, on date.Date, by string) error {
	b, rows, err := p.batch(ctx, tx, batch)
	if err != nil {
		return err
	}
	if b.UndoneAt != nil || !b.PostedOn.IsZero() {
		return fault.New(fault.Conflict, "batch_over", "This batch was posted or undone before.")
	}
	for _, m := range rows {
		if err := p.Posted(ctx, tx, m.ID, on, by); err != nil {
			return err
		}
	}
	return tx.SetBatchPosted(ctx, db.SetBatchPostedParams{ID: batch, PostedOn: on, PostedBy: by})
}

// UndoBatch takes a batch apart, also one that was marked as posted by mistake: its
// letters wait for the post again.
func (p Planner) UndoBatch(ctx context.Context, tx store.Tx, batch uuid.UUID, by string) error {
	b, rows, err := p.batch(ctx, tx, batch)
	if err != nil {
		return err
	}
	if b.UndoneAt != nil {
		return fault.New(fault.Conflict, "batch_over", "This batch was undone before.")
	}
	for _, m := range rows {
		if m.PostedOn.IsZero() {
			continue
		}
		if err := p.Unposted(ctx, tx, m.ID, by); err != nil {
			return err
		}
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	if err := tx.UndoBatch(ctx, db.UndoBatchParams{ID: batch, UndoneAt: &now, UndoneBy: by}); err != nil {
		return fmt.Errorf("undo a batch: %w", err)
	}
	return audit(ctx, tx, now, by, "letters_unbatched", "letter_batch/"+batch.String())
}

// SetChannel says which provider carries a channel of an administration, or how its
// letters leave.
func (p Planner) SetChannel(ctx context.Context, tx store.Tx, c db.PutChannelParams, by string) error {
	ch := policy.Channel(c.Channel)
	switch {
	case c.Mode != ByProvider && ch != policy.Letter:
		return fault.New(fault.Invalid, "channel_mode", "Only letters can be printed here; %s goes by a provider.", strings.ToLower(formWords[ch]))
	case c.Mode == ByProvider && c.Enabled && !c.ConnectionID.Valid:
		return fault.New(fault.Invalid, "channel_connection", "Choose the connection that carries this channel.")
	case c.DailyLimit < 0 || c.PriceMinor < 0:
		return fault.New(fault.Invalid, "channel_limit", "A limit and a price are not below zero.")
	}
	if c.Sender != "" {
		if err := checkSender(ch, c.Sender); err != nil {
			return err
		}
	}
	if ch == policy.Voice && c.Enabled && c.Sender == "" {
		return fault.New(fault.Invalid, "voice_sender", "Fill in the number that calls come from, such as +31201234567.")
	}
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	c.TenantID = tx.Tenant
	if err := tx.PutChannel(ctx, c); err != nil {
		return fmt.Errorf("keep the channel: %w", err)
	}
	return audit(ctx, tx, now, by, "channel_set "+c.Channel+" "+c.Mode, "administration/"+c.AdministrationID.String())
}
