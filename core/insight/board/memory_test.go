package board_test

import (
	"context"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/insight/board"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 10:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-02-02", "2026-02-16", 5_000))
	w.Books.Sync()
	var memory board.Memory
	remind := func(from, to int) {
		t.Helper()
		w.In(func(tx store.Tx) error {
			if _, err := tx.Exec(ctx, `insert into message (id, tenant_id, administration_id, debtor_id, step, cycle, invoice_set, channel, state, language, template, recipient, subject, body_text, body_html, header_id, in_reply_to, case_number, created_at, sent_at, asks)
				select md5('m' || n)::uuid, $1, $2, $3, 'reminder_1', n, '', 'email', 'sent', 'nl', '', '', '', '', '', 'h' || n, '', '', $4, $4, true from generate_series($5::int, $6::int) n`,
				w.Tenant, w.Adm, w.DebtorID("jan"), w.Clock.Now(), from, to); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `insert into message_invoice (message_id, invoice_id, tenant_id, role, step, currency, open_minor, due)
				select md5('m' || n)::uuid, $2, $1, 'demanded', 'reminder_1', 'EUR', 5000, '2026-02-16' from generate_series($3::int, $4::int) n`, w.Tenant, w.ID("F1"), from, to)
			return err
		})
	}
	sent := func() (n int) {
		t.Helper()
		w.In(func(tx store.Tx) error {
			got, err := memory.CountWrong(ctx, tx, w.Clock.Now(), dunningtest.Amsterdam)
			n = got.Sent
			return err
		})
		return n
	}
	remind(1, 3)
	if n := sent(); n != 3 {
		t.Fatalf("%d reminders", n)
	}
	remind(4, 1_999)
	if n := sent(); n != 1_999 {
		t.Errorf("%d reminders: a small organisation is counted every time", n)
	}
	remind(2_000, 2_000)
	if n := sent(); n != 2_000 {
		t.Errorf("%d reminders", n)
	}
	remind(2_001, 2_001)
	if n := sent(); n != 2_000 {
		t.Errorf("%d reminders: a large organisation was counted twice within a minute", n)
	}
}
