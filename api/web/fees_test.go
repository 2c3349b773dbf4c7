package web_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// charge books a fee of 2.50 for a reminder of an invoice.
func charge(t *testing.T, ten *apitest.Tenant, invoice string) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error {
		return fee.Charge(context.Background(), tx, fee.New{
			Administration: ten.Administration, Invoice: ten.Invoice(invoice), Message: uuid.New(), Law: "DE", On: date.Of(ten.Bench.Now()), At: ten.Bench.Now(),
			Fee: law.Fee{Amount: money.EUR(250), Basis: law.Basis{Explanation: "EUR 2.50 for reminder 2.", Citations: []law.Citation{{Article: "par. 280, 286 BGB", Sources: []string{"a judgment"}}}}},
		})
	})
}

// TestReminderFees sets a fee, shows it on the invoice and in the portal, waives it
// and undoes that.
func TestReminderFees(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	t.Run("R93 a fee is set where the law makes something of it, and none is by itself", func(t *testing.T) {
		to := "/settings/law/" + ten.Administration.String()
		owner.Get("/settings/law").Lacks(t, "What a reminder costs the debtor")
		page := owner.Post(to+"/country", url.Values{"country": {"DE"}})
		page.Has(t, 200, "What a reminder costs the debtor", "he first reminder, which creates default, costs nothing", "BGH VIII ZR 95/18")
		owner.Post(to, url.Values{"reminder_fee": {"a lot"}}).Has(t, 422, "Write what a reminder costs you", `value="a lot"`)
		owner.Post(to, url.Values{"reminder_fee": {"90"}}).Has(t, 422, "at most 50.00")
		owner.Post(to, url.Values{"reminder_fee": {" 2,5 "}}).Has(t, 200, "Saved", `value="2.50"`)
		owner.Post(to, url.Values{"reminder_fee": {"0"}}).Has(t, 200, "Saved")
		owner.Get("/settings/law").Lacks(t, `value="0`, `value="2.50"`)
		owner.Post(to+"/country", url.Values{"country": {"BE"}}).Has(t, 200, "You deliver regularly under one contract", "art. XIX.2 WER")
		owner.Post(to+"/country", url.Values{"country": {"NL"}}).Has(t, 200)
	})
	page := "/invoices/" + ten.Invoice("1").String()
	owner.Get(page).Lacks(t, "Fees for reminders")
	charge(t, ten, "1")
	t.Run("the invoice shows the fee with its rule, and owes no more itself", func(t *testing.T) {
		owner.Get(page).Has(t, 200, "Fees for reminders, beside the invoice", "€2.50", "par. 280, 286 BGB", "a judgment", "EUR 2.50 for reminder 2.", "€1,210.00")
	})
	t.Run("R30 the debtor sees it apart and pays it with the invoice", func(t *testing.T) {
		ten.Take("1")
		token := portalToken(t, ten)
		c := enter(t, ten, token)
		c.Get("/p/"+token).Has(t, 200, "Reminder fees, invoice 2026-0412", "€2.50", "€1,363.75")
		form := c.Get("/p/" + token + "/pay")
		form.Has(t, 200, "€1,363.75")
		var item string
		ten.In(ten.ID, func(tx store.Tx) error {
			a, err := fee.OfInvoice(t.Context(), tx, ten.Invoice("1"))
			item = a.Item().String()
			return err
		})
		c.Get("/p/"+token+"/pay?invoice="+ten.Invoice("1").String()+"&invoice="+item).Has(t, 200, "€1,212.50")
	})
	t.Run("R124 a viewer waives nothing", func(t *testing.T) {
		ten.Member("viewer-fees@example.test", tenant.Viewer)
		viewer := ten.SignIn("viewer-fees@example.test")
		viewer.Get(page).Lacks(t, "Waive the fees")
		viewer.Post(page+"/fees/waive", url.Values{"why": {"x"}}).Has(t, 403)
	})
	t.Run("R104 a waiver shows at once, and can be undone", func(t *testing.T) {
		owner.Post(page+"/fees/waive", url.Values{"why": {" "}}).Has(t, 200, "Say why it is waived")
		after := owner.Post(page+"/fees/waive", url.Values{"why": {"A good customer"}})
		after.Has(t, 200, "Waived", "A good customer", "€0.00", "Undo the waiver")
		after.Lacks(t, "Waive the fees")
		owner.Post(page+"/fees/waive", url.Values{"why": {"again"}}).Has(t, 200, "No fee is open")
		owner.Post(page+"/fees/restore", nil).Has(t, 200, "Owed again", "Waive the fees")
		owner.Post(page+"/fees/restore", nil).Has(t, 200, "nothing to undo")
	})
	t.Run("R112 looking changes nothing", func(t *testing.T) {
		before := ten.Dump()
		owner.Get(page).Has(t, 200)
		same(t, before, ten.Dump())
	})
}
