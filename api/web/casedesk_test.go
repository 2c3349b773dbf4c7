package web_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
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

// TestCaseDesk presses every button of the page of a case.
func TestCaseDesk(t *testing.T) {
	t.Parallel()
	t.Run("R104 amounts are in the currency of the claim", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		q := apitest.Claim("Jansen Bouw", "A-1", 0)
		q.Amount = money.Of(90_000_000, "JPY") // without decimals
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := tx.Exec(t.Context(), "insert into exchange_rate (tenant_id, kind, base, quote, units, rate_on, source, given_by, at) values ($1, 'reference', 'EUR', 'JPY', '160', $2::date, 'European Central Bank', 'test', $3)", ten.ID, date.Of(ten.Now()).String(), ten.Now())
			return err
		})
		id, _ := ten.Case(q)
		before := owes(t, ten, id)
		c := ten.SignIn(ten.Email)
		at := "/cases/" + id.String()
		c.Post(at+"/waive", url.Values{"costs": {"12.50"}, "why": {"Kindness"}}).Has(t, 200, "Write the amount as 12.50")
		c.Post(at+"/waive", url.Values{"costs": {"500"}, "why": {"Kindness"}}).Has(t, 200, "Waived")
		if after := owes(t, ten, id); before.Costs-after.Costs != 500 {
			t.Errorf("from %d to %d", before.Costs, after.Costs)
		}
	})
	t.Run("R66 R104 R107 R111 pause, waive, papers, watch and give up", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		id, invoice := ten.Case(apitest.Claim("Jansen Bouw", "A-1", 100_000))
		c, at := ten.SignIn(ten.Email), "/cases/"+id.String()
		c.Post(at+"/confirm", url.Values{"invoice": {invoice.String()}}).Has(t, 200, "nothing to confirm")
		c.Post(at+"/take-out", url.Values{"invoice": {invoice.String()}}).Has(t, 200, "Say why the invoice leaves")
		c.Post(at+"/waive", url.Values{"why": {"Kindness"}}).Has(t, 200, "Give the amount")
		c.Post(at+"/waive", url.Values{"costs": {"50,00"}, "why": {"Kindness"}}).Has(t, 200, "Waived", "€100.00 costs")
		c.Post(at+"/pause", nil).Has(t, 200, "Done", "The case was paused")
		c.Post(at+"/pause", url.Values{"do": {"resume"}}).Has(t, 200, "The pause of the case ended")
		c.Post(at+"/pause", url.Values{"do": {"interrupt"}}).Has(t, 200, "Done")
		c.Post(at+"/dossier", nil).Has(t, 200, "The dossier is made", "Version 1")
		if a := c.Get(at + "/statement?lang=en"); a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") {
			t.Errorf("the statement: %d", a.Status)
		}
		var paper uuid.UUID
		ten.In(ten.ID, func(tx store.Tx) error {
			d, err := tx.LastDossier(t.Context(), id)
			paper = d.ArchiveID
			return err
		})
		if a := c.Get(at + "/papers/" + paper.String()); a.Status != 200 || !strings.HasPrefix(a.Body, "PK") {
			t.Errorf("the archive: %d", a.Status)
		}
		c.Get(at+"/papers/"+uuid.NewString()).Has(t, 404)
		c.Post(at+"/watch", url.Values{"on": {"soon"}, "why": {"No income"}}).Has(t, 200, "Choose the day")
		c.Post(at+"/watch", url.Values{"on": {date.Of(ten.Now()).AddDays(60).String()}, "why": {"No income"}}).Has(t, 200, "Watched")
		c.Post(at+"/watch", url.Values{"do": {"end"}}).Has(t, 200, "Say why the case ends")
		c.Post(at+"/watch", url.Values{"do": {"end"}, "why": {"Not worth it"}}).Has(t, 200, "Closed")
	})
	t.Run("R108 R109 choose, hand over, ask, answer, book, refuse, take back and recall", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		id, _ := ten.Case(apitest.Claim("Jansen Bouw", "A-1", 100_000))
		b := atBailiff(t, ten, id, "bailiff")
		c, at := ten.SignIn(ten.Email), "/cases/"+id.String()
		c.Get(at).Has(t, 200, "Deurwaarder De Wit", "GDW-00001", "With a bailiff")
		for kind, text := range map[string]string{"question": "When do you go there?", "answer": "At the harbour."} {
			c.Post(at+"/note", url.Values{"kind": {kind}, "text": {text}}).Has(t, 200, "Noted", text)
		}
		c.Post(at+"/note", url.Values{"kind": {"heard"}, "text": {"They called us."}}).Has(t, 200, "They called us.")
		on := date.Of(ten.Now())
		for _, minor := range []int64{20_000, 20_000, 20_000} {
			b.Say(bailiff.Note{Case: "Z2026-0001", Kind: "payment", Text: "The debtor paid.", Minor: minor, Currency: "EUR", On: on})
		}
		ten.Wake(id)
		kinds := map[string]bool{}
		for _, n := range b.Told() {
			kinds[n.Kind] = true
		}
		if !kinds["question"] || !kinds["answer"] || kinds["status"] {
			t.Errorf("the bailiff was told %v", kinds)
		}
		var money []db.BailiffNote
		ten.In(ten.ID, func(tx store.Tx) error {
			all, err := tx.BailiffNotes(t.Context(), id)
			for _, n := range all {
				if n.Kind == "payment" {
					money = append(money, n)
				}
			}
			return err
		})
		if len(money) != 3 || money[0].Booking != "booked" || money[1].Booking != "waiting" {
			t.Fatalf("%+v", money)
		}
		before := owes(t, ten, id)
		of := func(i int, more url.Values) apitest.Answer {
			more.Set("note", money[i].ID.String())
			return c.Post(at+"/money", more)
		}
		of(1, url.Values{"amount": {"lots"}}).Has(t, 200, "Write the amount as 250.00")
		of(1, url.Values{"amount": {"150,00"}}).Has(t, 200, "Done")
		of(2, url.Values{"do": {"refuse"}, "why": {"It is ours"}}).Has(t, 200, "It is ours")
		of(0, url.Values{"do": {"take_back"}, "why": {"Given back"}}).Has(t, 200, "Given back")
		if after := owes(t, ten, id); after.Total()-before.Total() != 5_000 {
			t.Errorf("from %d to %d", before.Total(), after.Total())
		}
		c.Post(at+"/settle", url.Values{"arrived": {"yes"}}).Has(t, 200, "there is nothing to say")
		c.Post(at+"/recall", nil).Has(t, 200, "Say why the case is recalled")
		c.Post(at+"/recall", url.Values{"why": {"They pay us"}}).Has(t, 200, "Ready for a bailiff")
		c.Post(at+"/choose", url.Values{"bailiff": {uuid.NewString()}}).Has(t, 404)
	})
	t.Run("R124 a viewer decides on nothing", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		id, _ := ten.Case(apitest.Claim("Jansen Bouw", "A-1", 100_000))
		ten.Member("viewer@vandijk.example", tenant.Viewer)
		c := ten.SignIn("viewer@vandijk.example")
		for _, path := range []string{"waive", "handover", "recall", "note", "money", "watch", "pause", "take-out", "confirm", "choose", "settle", "dossier"} {
			if a := c.Post("/cases/"+id.String()+"/"+path, url.Values{"why": {"x"}}); a.Status != 403 {
				t.Errorf("%s: %d", path, a.Status)
			}
		}
	})
}
