package web

import (
	"context"
	"fmt"
	"net/url"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

var promiseStates = map[string]struct {
	words string
	tone  component.Tone
}{
	"open": {"Promised", component.Ink}, "kept": {"Kept", component.Green}, "partly_kept": {"Kept in part", component.Amber}, "broken": {"Broken", component.Red},
	"withdrawn": {"Taken back", ""}, "cancelled": {"Not owed any more", ""},
}

func (v *visit) promises() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "promises", "Promises"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/promises", tab, [2]string{"", "All"}, [2]string{"open", "Open"}, [2]string{"kept", "Kept"}, [2]string{"broken", "Broken"})
		from, back := asked(v.r.URL.Query())
		p := db.PromiseListParams{Tab: tab, Back: back, Most: pageSize + 1}
		if from != nil {
			p.FromAt, p.FromID = &from.At, from.ID
		}
		rows, err := tx.PromiseList(ctx, p)
		if err != nil {
			return fmt.Errorf("list promises: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/promises", RawQuery: query("tab", tab)}, from, back, func(r db.PromiseListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
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
