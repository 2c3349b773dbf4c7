package web

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
)

// feeWords name the entries of the ledger of fees.
var feeWords = map[string]string{"charged": "Fee for a reminder", "waived": "Waived", "restored": "Owed again", "taken_over": "Taken over by the case"}

// feeCard is what the reminders of an invoice cost; nil when none did.
func (f *file) feeCard() *invoice.Fees {
	if len(f.feeLines) == 0 {
		return nil
	}
	m := &invoice.Fees{Open: f.fees.Open(), Paid: f.fees.Paid, Restore: f.fees.Waived > 0}
	m.Waive = m.Open.Positive()
	m.PaidAmount.Minor, m.PaidAmount.Currency = -f.fees.Paid, f.fees.Currency
	for _, e := range f.feeLines {
		line := invoice.FeeLine{Label: feeWords[e.Kind], On: e.On, Amount: e.Amount, Text: e.Why, Rule: e.Rule()}
		if e.Kind == "waived" || e.Kind == "restored" {
			line.Text = e.Why + " (" + e.By + ")"
		}
		for _, c := range e.Fee.Citations {
			line.Sources = strings.Join(c.Sources, "; ")
		}
		m.Lines = append(m.Lines, line)
	}
	switch {
	case f.fees.Taken > 0:
		m.Note = "The case asks for it, among its costs."
	case !f.fees.Counts:
		m.Note = "The books cancelled, credited or wrote off this invoice, so its reminders cost nothing."
	case m.Open.Positive() && f.fees.Principal == 0:
		m.Note = "The invoice is paid. Nobody is reminded of this alone."
	case m.Open.Positive():
		m.Note = "The next reminder names it, and what the debtor pays more than the invoice goes to it."
	}
	return m
}

func (v *visit) waiveFees() error {
	return v.changeFees("Waived. The debtor sees the new total at once.", v.Planner.WaiveFees)
}

func (v *visit) restoreFees() error {
	return v.changeFees("Undone: the debtor owes it again.", v.Planner.RestoreFees)
}

func (v *visit) changeFees(said string, do func(context.Context, store.Tx, uuid.UUID, string, string) error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		inv, err := tx.Invoice(ctx, id)
		if err != nil {
			return errNotHere.Because(err)
		}
		if err := arrangement.MayWaive(ctx, tx, inv.DebtorID, v.owner()); err != nil {
			return err
		}
		return do(ctx, tx, id, cutText(v.field("why"), 500), v.member.Name)
	})
	flash := component.Flash{Tone: component.Green, Text: said}
	if x := fault.Of(err); err != nil && (x.Kind == fault.Invalid || x.Kind == fault.Conflict) {
		flash = component.Flash{Tone: component.Red, Text: x.Message}
	} else if err != nil {
		return err
	}
	return v.done("/invoices/"+id.String()+"#fees", flash)
}
