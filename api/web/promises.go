package web

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var promiseStates = map[string]struct {
	words string
	tone  component.Tone
}{
	"open": {"Promised", component.Ink}, "kept": {"Kept", component.Green}, "partly_kept": {"Kept in part", component.Amber}, "broken": {"Broken", component.Red},
	"withdrawn": {"Taken back", ""}, "cancelled": {"Not owed any more", ""},
}

func (v *visit) promiseRows(ctx context.Context, tx store.Tx, a *asking, today date.Date, most int32) ([]db.PromiseListRow, error) {
	p := db.PromiseListParams{Tab: a.tab, Search: a.search, Amount: a.amount, Due: a.chooseDue("Any day", "Day has passed", "Within a week"), Today: today, Back: a.back, Most: most}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.PromiseList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list promises: %w", err)
	}
	return rows, nil
}

func (v *visit) promises() error {
	var m deals.ListModel
	a := v.asking("/promises")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "promises", "Promises"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "All"}, [2]string{"open", "Open"}, [2]string{"kept", "Kept"}, [2]string{"broken", "Broken"})
		rows, err := v.promiseRows(ctx, tx, a, m.Frame.Today(), pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("promises", "Debtor, invoice or amount")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.PromiseListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "promise", "promises")
		for _, r := range rows {
			row := deals.Row{
				Debtor: r.Debtor, DebtorID: r.DebtorID.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency),
				State: promiseStates[r.State].words, Tone: promiseStates[r.State].tone, On: r.PayOn, Note: r.Note, Late: r.State == "open" && r.PayOn.Before(m.Frame.Today()),
			}
			if r.State == "open" && v.member.Role.May() {
				row.Undo, row.UndoWord = "/promises/"+r.ID.String()+"/withdraw", "Withdraw"
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) promisesCSV() error {
	return v.listFile("promises", []string{"id", "debtor", "invoice", "amount", "received", "currency", "pay_on", "grace_until", "state", "channel", "note", "created_on", "created_by"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			rows, err := v.promiseRows(ctx, tx, v.asking("/promises"), f.Today(), mostExported)
			for _, r := range rows {
				amount, currency := cells(money.Of(r.AmountMinor, r.Currency))
				add(r.ID.String(), r.Debtor, r.Number, amount, money.Of(r.ReceivedMinor, r.Currency).Decimal(), currency, r.PayOn.String(), r.GraceUntil.String(), r.State, r.Channel, r.Note, dayOf(f, r.CreatedAt), actorName(r.CreatedBy))
			}
			return err
		})
}

func (v *visit) promiseAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.WithdrawPromise(ctx, tx, id, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/promises"), component.Flash{Tone: component.Green, Text: "The promise is withdrawn; the flow goes on where it was."})
}
