package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// oneOff uploads a claim that is in no books, on a day, with what was done before.
// Two in three are paid, online.
func (y *year) oneOff(number string, on date.Date) {
	luck := dice(y.seed, "one-off "+number)
	d := &debtor{name: number, manner: stubborn, books: y.loose, party: y.stranger(number, luck)}
	total := money.Of(int64(8_000+luck.IntN(300_000)), y.land.currency)
	e := &entry{debtor: d, invoice: sdk.Invoice{ID: number, Number: number, PartyID: d.party.ID, Issued: on.AddDays(-60), Due: on.AddDays(-30), Total: total, Open: total, Status: sdk.Open}}
	pdf := func(name string) casework.File {
		return casework.File{Name: name + ".pdf", Media: "application/pdf", Content: []byte("%PDF-1.4\n%%EOF\n")}
	}
	y.diary.add(on.At(10, luck.IntN(60), y.zone), func(ctx context.Context) error {
		id, err := y.cases.Start(ctx, y.tenant, casework.OneOff{
			Debtor: d.party, Number: number, Issued: e.invoice.Issued, Due: e.invoice.Due, Amount: total, Subject: "bread and pastry", Invoice: pdf("invoice"), Contract: pdf("contract"),
			Notices: []casework.EarlierNotice{{On: on.AddDays(-12), Proof: pdf("reminder")}},
		}, by)
		if err != nil {
			return fmt.Errorf("start a one-off case: %w", err)
		}
		e.own = id
		y.loose.entries = append(y.loose.entries, e)
		y.loose.byID[id] = e
		return y.in(ctx, func(tx store.Tx) error {
			inv, err := tx.Invoice(ctx, id)
			d.own = inv.DebtorID
			return err
		})
	})
	if luck.IntN(3) > 0 {
		y.diary.add(on.AddDays(3+luck.IntN(50)).At(20, luck.IntN(60), y.zone), func(ctx context.Context) error {
			if e.own == uuid.Nil || e.open() == 0 {
				return nil
			}
			return y.online(ctx, e, nil)
		})
	}
}
