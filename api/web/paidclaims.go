package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var paidStates = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Looked for", component.Amber}, "matched": {"Found", component.Green}, "not_found": {"Not found", component.Red}, "withdrawn": {"Taken back", ""}}

func (v *visit) paidRows(ctx context.Context, tx store.Tx, a *asking, today date.Date, most int32) ([]db.PaidClaimListRow, error) {
	p := db.PaidClaimListParams{
		Tab: cmp.Or(a.tab, "open"), Search: a.search, Amount: a.amount, Due: a.chooseDue("Any day", "Time is over", "Time ends within a week"), Today: today, Back: a.back, Most: most,
	}
	p.FromAt, p.FromID = a.start()
	rows, err := tx.PaidClaimList(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("list claims of payment: %w", err)
	}
	return rows, nil
}

func (v *visit) paidClaims() error {
	var m deals.ListModel
	a := v.asking("/paid-claims")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "paid", "Says paid"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "Open"}, [2]string{"matched", "Found"}, [2]string{"not_found", "Not found"}, [2]string{"all", "All"})
		rows, err := v.paidRows(ctx, tx, a, m.Frame.Today(), pageSize+1)
		if err != nil {
			return err
		}
		m.Find = a.finder("claims of payment", "Debtor, invoice or amount")
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.PaidClaimListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "claim of payment", "claims of payment")
		for _, r := range rows {
			row := deals.Row{
				Debtor: r.Debtor, DebtorID: r.DebtorID.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency),
				State: paidStates[r.State].words, Tone: paidStates[r.State].tone, On: date.Of(r.Until.In(m.Frame.Now.Location())), Note: r.Note,
			}
			if !r.PaidOn.IsZero() {
				row.Note = strings.TrimSpace("Paid on " + m.Frame.Date(r.PaidOn) + ". " + r.Note)
			}
			if r.Proofs > 0 {
				row.Note = strings.TrimSpace(row.Note + " With " + strconv.FormatInt(r.Proofs, 10) + plural(int(r.Proofs), " file.", " files."))
			}
			if r.State == "open" && v.member.Role.May() {
				row.Yes, row.Undo, row.UndoWord = "/paid-claims/"+r.ID.String()+"/found", "/paid-claims/"+r.ID.String()+"/missing", "Not found"
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) paidClaimsCSV() error {
	return v.listFile("paid-claims", []string{"id", "debtor", "invoice", "amount", "currency", "paid_on", "looked_for_until", "state", "files", "note", "created_on", "ended_on"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			rows, err := v.paidRows(ctx, tx, v.asking("/paid-claims"), f.Today(), mostExported)
			for _, r := range rows {
				amount, currency := cells(money.Of(r.AmountMinor, r.Currency))
				add(r.ID.String(), r.Debtor, r.Number, amount, currency, r.PaidOn.String(), dayOf(f, r.Until), r.State, strconv.FormatInt(r.Proofs, 10), r.Note, dayOf(f, r.CreatedAt), dayIf(f, r.EndedAt))
			}
			return err
		})
}

func (v *visit) paidAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	found := v.r.PathValue("found")
	if !slices.Contains([]string{"found", "missing"}, found) {
		return errNotHere
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.EndPaidClaim(ctx, tx, id, found == "found", v.member.Name)
	}); err != nil {
		return err
	}
	said := "Noted. The invoice is not held any more."
	if found == "missing" {
		said = "The debtor is asked for proof; the flow goes on after the interval."
	}
	return v.done("/paid-claims", component.Flash{Tone: component.Green, Text: said})
}
