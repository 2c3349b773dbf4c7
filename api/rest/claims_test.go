package rest_test

import (
	"encoding/base64"
	"fmt"
	"testing"

	"github.com/voldaan/voldaan/core/store"
)

// TestClaimAbroad starts a claim by another law than that of the books.
func TestClaimAbroad(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	day := func(days int) string { return ten.Bench.Now().AddDate(0, 0, days).Format("2006-01-02") }
	file := func(name string) string {
		return fmt.Sprintf(`{"name":"%s.pdf","media_type":"application/pdf","content":"%s"}`, name, base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 "+name)))
	}
	body := func(law string) string {
		return fmt.Sprintf(`{"law":"%s","debtor":{"name":"Bäcker GmbH","kind":"business","line1":"Hauptstraße 1","postal_code":"10115","city":"Berlin","country":"DE","language":"de"},
			"number":"LOS-2","issued":"%s","due":"%s","amount_minor":100000,"currency":"EUR","invoice":%s,"contract":%s,"notices":[{"on":"%s","proof":%s}]}`,
			law, day(-60), day(-30), file("invoice"), file("contract"), day(-20), file("notice"))
	}
	t.Run("R121 a law that is not known is refused", func(t *testing.T) {
		if status, v := p.do("POST", "/claims", body("ZZ"), "Idempotency-Key", "claim-abroad-zz"); status != 422 || v["code"] != "one_off_law" {
			t.Error(status, v)
		}
	})
	t.Run("R121 a German business gets the Mahnung of that law first, whatever was sent before", func(t *testing.T) {
		status, v := p.do("POST", "/claims", body("DE"), "Idempotency-Key", "claim-abroad-de")
		if status != 201 || v["invoice"] == nil {
			t.Fatal(status, v)
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			var country, step string
			err := tx.QueryRow(t.Context(), `select a.country, k.next_step from invoice i join administration a on a.id = i.administration_id join collection k on k.invoice_id = i.id where i.id = $1::uuid`, v["invoice"]).Scan(&country, &step)
			if err == nil && (country != "DE" || step != "final_reminder") {
				t.Errorf("books of %s, next %s", country, step)
			}
			return err
		})
	})
}
