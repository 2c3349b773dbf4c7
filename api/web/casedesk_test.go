package web_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
)

func TestBailiffPages(t *testing.T) {
	t.Parallel()
	t.Run("R110 a collector without own risk is shown with its terms and its registration", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		c := ten.SignIn(ten.Email)
		c.Get("/cases/bailiffs").Has(t, 200, "None yet", "Rules for cases of")
		c.Post("/cases/bailiffs", url.Values{
			"name": {"Incasso Zonder Risico"}, "kind": {"collector"}, "transport": {"sftp"}, "endpoint": {"sftp.example.test"}, "username": {"voldaan"}, "host_key": {"SHA256:abc"},
			"pays_to": {"bailiff"}, "no_cure": {"1"}, "fee": {"15,5"}, "terms": {"Within a year."},
		}).Has(t, 200, "is added", "No cure, no pay", "Keeps 15.5% of what comes in. Within a year.", "Registration not valid", "ssh-ed25519", "The debtor pays them.")
		c.Post("/cases/bailiffs", url.Values{"name": {"X"}, "kind": {"bailiff"}, "transport": {"email"}, "email": {"x@y.test"}, "pays_to": {"creditor"}, "fee": {"lots"}}).Has(t, 200, "from 0 to 100")
	})
	t.Run("R112 a link to an archive that is not known says so", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.SignIn(ten.Email).Get("/archive/nonsense").Has(t, 404)
	})
}

// TestOneOffAbroad starts a claim by another law than that of the books.
func TestOneOffAbroad(t *testing.T) {
	t.Parallel()
	ten := open(t)
	owner := ten.SignIn(ten.Email)
	day := func(days int) string { return ten.Bench.Now().AddDate(0, 0, days).Format("2006-01-02") }
	fields := map[string]string{
		"law": "BE", "kind": "consumer", "name": "Jan Peeters", "line1": "Kerkstraat 1", "postal_code": "2000", "city": "Antwerpen", "country": "BE", "language": "nl", "number": "LOS-1", "amount": "1000,00",
		"currency": "EUR", "issued": day(-60), "due": day(-30), "notice_on": day(-20),
	}
	send := func() apitest.Answer {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, value := range fields {
			_ = w.WriteField(name, value)
		}
		for _, name := range []string{"invoice", "contract", "notice"} {
			part, err := w.CreateFormFile(name, name+".pdf")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte("%PDF-1.4 " + name))
		}
		_ = w.Close()
		return owner.Do("POST", "/cases/new", b.String(), map[string]string{"Content-Type": w.FormDataContentType(), "Sec-Fetch-Site": "same-origin"})
	}
	t.Run("R121 the law of the claim says what is missing, and what was typed stays", func(t *testing.T) {
		owner.Get("/cases/new").Has(t, 200, "Belgium", "Germany")
		send().Has(t, 422, "what was supplied, since the law of BE wants the notice to name it", "LOS-1")
	})
	t.Run("R121 R93 a Belgian consumer starts with the first reminder of that law, and no costs", func(t *testing.T) {
		fields["subject"] = "brood en gebak"
		if a := send(); a.Status != 200 && a.Status != 303 {
			t.Fatalf("status %d:\n%s", a.Status, a.Text())
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			var law, country, step string
			err := tx.QueryRow(t.Context(), `select a.law_country, a.country, k.next_step from invoice i join administration a on a.id = i.administration_id join collection k on k.invoice_id = i.id where i.number = 'LOS-1'`).Scan(&law, &country, &step)
			if err == nil && (country != "BE" || step != "fourteen_day_letter") {
				t.Errorf("by the law of %q in books of %s, next %s", law, country, step)
			}
			return err
		})
	})
}
