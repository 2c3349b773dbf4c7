package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
)

// id is how the hub names a debtor.
func (d *debtor) id() uuid.UUID {
	if d.own != uuid.Nil {
		return d.own
	}
	return sync.DebtorID(d.books.id, d.party.ID)
}

// mandated lets a debtor give a mandate with its first invoice, and do by its
// manner what debtors do with mandates.
func (y *year) mandated(e *entry, luck *rand.Rand) {
	d := e.debtor
	y.diary.add(e.invoice.Issued.AddDays(1).At(19, luck.IntN(60), y.zone), func(ctx context.Context) error {
		if d.signed > 0 && !(e.nth == 4 && d.manner != collecting) {
			return nil // the fourth time it tries again
		}
		d.signed++
		return y.sign(ctx, d, e)
	})
	if (d.manner == revoking || d.manner == ending) && e.nth == 2 {
		y.diary.add(e.invoice.Due.AddDays(-4).At(20, 0, y.zone), func(ctx context.Context) error { return y.withdraw(ctx, d) })
	}
}

// sign ticks the box, and pays an invoice or a cent for it.
func (y *year) sign(ctx context.Context, d *debtor, e *entry) error {
	q := debit.Consent{
		Tenant: y.tenant, Debtor: d.id(), Method: mollie.IDEAL, Language: d.party.Language, Locale: "nl_NL",
		Return: func(c uuid.UUID) string { return "https://hub.test/p/back/" + c.String() },
	}
	if e.open() > 0 && dice(y.seed, "sign "+e.invoice.ID).IntN(2) == 0 {
		q.Invoices = []uuid.UUID{e.id()}
	}
	offered := false
	if err := y.in(ctx, func(tx store.Tx) error {
		row, err := tx.Debtor(ctx, d.id())
		if errors.Is(err, pgx.ErrNoRows) {
			d.signed = 0 // the hub has not heard of it yet; with the next invoice, then
			return nil
		}
		if err != nil {
			return err
		}
		o, ok, err := y.debits.Offer(ctx, tx, row, q.Language)
		q.Reference, offered = o.Reference, ok
		return err
	}); err != nil || !offered {
		return err
	}
	url, err := y.debits.Begin(ctx, q)
	if f := fault.Of(err); err != nil {
		if f.Kind == fault.Conflict || f.Kind == fault.Unavailable {
			return nil
		}
		return y.unless(err)
	}
	id := strings.TrimPrefix(url, "https://pay.test/")
	y.diary.add(y.clock.Now().Add(4*time.Minute), func(context.Context) error {
		p := y.till.payments[id]
		if p.Status != mollie.Open {
			return nil
		}
		y.till.settle(id)
		if len(q.Invoices) > 0 {
			y.received(e, p)
		}
		return nil
	})
	return nil
}

// unless forgives what the provider did.
func (y *year) unless(err error) error {
	if strings.Contains(err.Error(), errTill.Error()) {
		return nil
	}
	return err
}

// withdraw ends the mandate of a debtor, in the portal or at the bank.
func (y *year) withdraw(ctx context.Context, d *debtor) error {
	var id uuid.UUID
	var there string
	if err := y.in(ctx, func(tx store.Tx) error {
		list, err := tx.MandatesOf(ctx, d.id())
		for _, m := range list {
			if m.State == "valid" {
				id, there = m.ID, m.ProviderID
			}
		}
		return err
	}); err != nil || id == uuid.Nil {
		return err
	}
	if d.manner == ending {
		y.faults.fire(mandateGone)
		y.till.end(there)
		return nil
	}
	if err := y.debits.Revoke(ctx, y.tenant, id, "debtor"); err != nil && !fault.Is(err, fault.Conflict) {
		return y.unless(err)
	}
	return nil
}

// stranger is somebody whom only the hub knows.
func (y *year) stranger(name string, luck *rand.Rand) sdk.Party {
	p := y.party(strings.ToLower(name), 500_000+luck.IntN(400_000), luck)
	p.Address.Country, p.Language = y.land.code, y.land.language
	return p
}
