package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var paidStates = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Looked for", component.Amber}, "matched": {"Found", component.Green}, "not_found": {"Not found", component.Red}, "withdrawn": {"Taken back", ""}}

func (v *visit) paidClaims() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "paid", "Says paid"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/paid-claims", tab, [2]string{"", "Open"}, [2]string{"ended", "Ended"})
		rows, err := tx.PaidClaimList(ctx, tab == "")
		if err != nil {
			return fmt.Errorf("list claims of payment: %w", err)
		}
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
