package rest_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/payment/mollie/emulator"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func TestDirectDebit(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	ctx := t.Context()
	want := func(status int, v map[string]any, code int) map[string]any {
		t.Helper()
		if status != code {
			t.Fatalf("%d, want %d: %v", status, code, v)
		}
		return v
	}
	do := func(code int, method, path, body string) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		return want(status, v, code)
	}
	settings := "/administrations/" + ten.Administration.String() + "/debit-settings"
	if v := do(200, "GET", settings, ""); v["enabled"] != false || v["lead_days"] != 14.0 {
		t.Fatal(v)
	}
	status, v := p.do("PUT", settings, `{"enabled":true,"offered":true,"creditor_id":"NL08ZZZ502057730001","lead_days":14,"retry_lead_days":3,"retry":true,"retry_pay_day":26,"retry_after":5,"limit_minor":0,"month_minor":0,"fresh_days":14}`)
	if status != http.StatusForbidden && (status != http.StatusUnprocessableEntity || v["code"] != "creditor_id_wrong") {
		t.Fatalf("%d %v", status, v)
	}
	var set db.DebitSetting
	ten.In(ten.ID, func(tx store.Tx) (err error) {
		set, err = debit.Setting(ctx, tx, ten.Administration)
		return err
	})
	set.Offered, set.CreditorID = true, "NL08ZZZ502057730000"
	if err := ten.Services.Debits.Configure(ctx, ten.ID, set, "test"); err != nil {
		t.Fatal(err)
	}

	var o debit.Offer
	ten.In(ten.ID, func(tx store.Tx) error {
		d, err := tx.Debtor(ctx, ten.DebtorID("noor"))
		if err != nil {
			return err
		}
		o, _, err = ten.Services.Debits.Offer(ctx, tx, d, "en")
		return err
	})
	if _, err := ten.Services.Debits.Begin(ctx, debit.Consent{
		Tenant: ten.ID, Debtor: ten.DebtorID("noor"), Method: mollie.IDEAL, Language: "en", Reference: o.Reference, Return: func(uuid.UUID) string { return ten.Services.Public },
	}); err != nil {
		t.Fatal(err)
	}
	if err := ten.Provider.Pay(ten.Provider.Payments()[0].ID, emulator.PayerSeed{}); err != nil {
		t.Fatal(err)
	}
	list := do(200, "GET", "/mandates", "")["items"].([]any)
	mandate := list[0].(map[string]any)["id"].(string)
	if err := (debit.Mandates{Service: ten.Services.Debits}).Wake(ctx, ten.ID, uuid.MustParse(mandate)); err != nil {
		t.Fatal(err)
	}
	if v := do(200, "GET", "/mandates/"+mandate, ""); v["state"] != "valid" || v["account_last"] != "9440" || v["wording"] == "" {
		t.Fatal(v)
	}

	invoice := `{"invoice":"` + ten.Invoice("1").String() + `"}`
	do(204, "POST", "/debits", invoice)
	if v := do(409, "POST", "/debits", invoice); v["code"] != "not_collectable" {
		t.Error(v)
	}
	items := do(200, "GET", "/debits?state=scheduled&limit=1", "")["items"].([]any)
	if len(items) != 1 {
		t.Fatal(items)
	}
	id := items[0].(map[string]any)["id"].(string)
	if v := do(200, "GET", "/debits/"+id, ""); len(v["invoices"].([]any)) != 1 || v["state"] != "scheduled" || v["will_retry"] != false {
		t.Error(v)
	}
	if v := do(409, "POST", "/debits/"+id+"/answer", `{"dispute":true}`); v["code"] != "debit_not_asked" {
		t.Error(v)
	}
	do(204, "DELETE", "/debits/"+id, "")
	do(409, "DELETE", "/debits/"+id, "")
	do(204, "PUT", "/debtors/"+ten.DebtorID("noor").String()+"/debit", `{"mode":"off"}`)
	do(409, "POST", "/mandates/"+mandate+"/resume", "")
	do(204, "DELETE", "/mandates/"+mandate, "")
	do(409, "DELETE", "/mandates/"+mandate, "")
	for _, path := range []string{"/mandates/" + uuid.NewString(), "/debits/" + uuid.NewString()} {
		do(404, "GET", path, "")
		do(404, "DELETE", path, "")
	}
}
