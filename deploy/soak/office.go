package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// office is the bailiff of the world, who takes a case once, makes the debtor pay
// or gives up, and says so.
type office struct {
	y     *year
	id    uuid.UUID
	taken map[uuid.UUID]int // hand-overs, and how often each was brought
	files []string          // numbers of the cases
	notes []bailiff.Note
	told  map[string]int
	calls int
}

var errOffice = fault.New(fault.Unavailable, "bailiff_down", "The bailiff is out of reach.")

// To implements casework.Ways.
func (o *office) To(db.Bailiff, db.Administration, time.Time) (bailiff.Transport, error) {
	return o, nil
}

func (o *office) stumble(what string) error {
	o.calls++
	if o.y.luck(officeDown, fmt.Sprintf("office %s %d", what, o.calls), 30) {
		return errOffice
	}
	return nil
}

// HandOver implements bailiff.Transport.
func (o *office) HandOver(_ context.Context, p bailiff.Parcel) (string, error) {
	if err := o.stumble("case"); err != nil {
		return "", err
	}
	o.taken[p.ID]++
	if o.taken[p.ID] == 1 {
		o.files = append(o.files, p.Case)
		o.work(p)
		if o.y.luck(officeAnswer, "answer "+p.Case, 12) {
			return "", errOffice
		}
	}
	return "B-" + p.Case, nil
}

// Tell implements bailiff.Transport.
func (o *office) Tell(_ context.Context, n bailiff.Note) error {
	if err := o.stumble("note"); err != nil {
		return err
	}
	o.told[n.ID]++
	return nil
}

// Collect implements bailiff.Transport.
func (o *office) Collect(_ context.Context, cursor string) ([]bailiff.Note, string, error) {
	if err := o.stumble("collect"); err != nil {
		return nil, cursor, err
	}
	n, _ := strconv.Atoi(cursor)
	return o.notes[n:], strconv.Itoa(len(o.notes)), nil
}

// work is what the bailiff does with a case: it writes of its costs, and after
// some weeks the debtor pays the creditor, or it closes the file.
func (o *office) work(p bailiff.Parcel) {
	y := o.y
	luck := dice(y.seed, "bailiff "+p.Case)
	now := y.clock.Now()
	say := func(after int, kind, text string, minor int64) {
		y.diary.add(now.AddDate(0, 0, after), func(context.Context) error {
			o.notes = append(o.notes, bailiff.Note{
				ID: fmt.Sprintf("%s-%d", p.Case, len(o.notes)+1), Case: p.Case, Kind: kind, Text: text, Minor: minor, Currency: string(y.land.currency),
				On: date.Of(y.clock.Now().In(y.zone)), At: y.clock.Now(),
			})
			return nil
		})
	}
	say(2, "status", "The file was opened.", 0)
	say(6+luck.IntN(5), "costs", "A writ was served.", int64(5_000+luck.IntN(6_000)))
	if luck.IntN(2) == 0 {
		say(40+luck.IntN(30), "closed", "There is nothing to be had.", 0)
		return
	}
	y.diary.add(now.AddDate(0, 0, 15+luck.IntN(25)), func(ctx context.Context) error { return o.paid(ctx, p.Case) })
}

// paid is the day on which the debtor pays after all, to the creditor.
func (o *office) paid(ctx context.Context, number string) error {
	y := o.y
	var of []uuid.UUID
	if err := y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select i.invoice_id from case_invoice i join collection_case c on c.id = i.case_id where c.number = $1 order by i.invoice_id`, number)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			of = append(of, id)
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	for _, id := range of {
		if e := y.entry(id); e != nil && e.open() > 0 && e.own == uuid.Nil && e.debtor.broke.IsZero() {
			y.transfer(e, e.open(), false)
		}
	}
	return nil
}

// forward hands three in four cases over that the flow made ready, with the contract
// that the clerk looks up.
func (y *year) forward(ctx context.Context, _ *books) error {
	type file struct {
		id     uuid.UUID
		number string
	}
	var ready []file
	if err := y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.Query(ctx, `select c.id, c.number from collection_case c where c.state = 'ready'
			and not exists (select 1 from case_handover h where h.case_id = c.id) order by c.number`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var f file
			if err := rows.Scan(&f.id, &f.number); err != nil {
				return err
			}
			ready = append(ready, f)
		}
		return rows.Err()
	}); err != nil {
		return err
	}
	for _, f := range ready {
		if y.asked[f.id] || dice(y.seed, "forward "+f.number).IntN(4) == 0 {
			continue
		}
		y.asked[f.id] = true
		err := y.cases.AddEvidence(ctx, y.tenant, f.id, casework.Evidence{Kind: "contract", Name: "contract.pdf", Media: "application/pdf", Content: []byte("%PDF-1.4\n%%EOF\n")}, by)
		if err == nil {
			err = y.cases.HandOver(ctx, y.tenant, f.id, y.office.id, by)
		}
		if f := fault.Of(err); err != nil && (f == nil || f.Kind != fault.Conflict) {
			return err
		}
	}
	return nil
}
