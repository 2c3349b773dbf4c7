package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/date"
)

// sendAlong posts a form with files.
func sendAlong(t *testing.T, c *apitest.Client, path string, fields map[string]string, files map[string]string) apitest.Answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		_ = w.WriteField(k, v)
	}
	for name, content := range files {
		f, err := w.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(content))
	}
	_ = w.Close()
	return c.Do(http.MethodPost, path, b.String(), map[string]string{"Content-Type": w.FormDataContentType()})
}

func TestPortalDeals(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*apitest.Tenant, *apitest.Client, string) {
		ten := open(t)
		ten.Take("1")
		token := portalToken(t, ten)
		return ten, enter(t, ten, token), "/p/" + token
	}
	t.Run("R67 a promise is made, shown and taken back", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		one := ten.Invoice("1").String()
		c.Get(base).Has(t, 200, "I will pay later", "I want to pay in parts")
		c.Get(base+"/promise").Has(t, 200, "On which day will you pay?")
		c.Post(base+"/promise", url.Values{"invoice": {one}, "day": {"2027-01-01"}}).Has(t, 422, "Choose a day that is possible")
		c.Post(base+"/promise", url.Values{"invoice": {one}, "day": {""}}).Has(t, 422, "Choose a day")
		c.Post(base+"/promise", url.Values{"invoice": {one}, "day": {"2026-03-20"}}).Has(t, 200, "Agreed")
		page := c.Get(base)
		page.Has(t, 200, "You pay later", "20 Mar 2026", "You will pay on")
		ten.SignIn(ten.Email).Get("/invoices/"+one).Has(t, 200, "R67")
		undo := regexp.MustCompile(`/p/[^"]+/promise/[0-9a-f-]{36}/undo`).FindString(page.Body)
		c.Post(undo, nil).Lacks(t, "You pay later")
	})
	t.Run("R81 a plan inside the limits starts at once, and its instalment is paid to the cent", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		one := ten.Invoice("1").String()
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into arrangement_policy (administration_id, tenant_id, settings, updated_at, updated_by) select id, tenant_id, '{"plan_auto_minor":200000}', now(), 'test' from administration`)
			return err
		})
		c.Get(base+"/plan").Has(t, 200, "In how many parts?", "3 times")
		c.Get(base+"/plan?invoice="+one+"&n=3&every=month&first=2026-03-20").Has(t, 200, "€403.33", "€403.34", "This can start at once", "20 May 2026")
		c.Post(base+"/plan", url.Values{"invoice": {one}, "n": {"3"}, "every": {"month"}, "first": {"2026-03-20"}}).Has(t, 200, "Your plan starts at once")
		page := c.Get(base)
		page.Has(t, 200, "Paying in instalments", "In instalments")
		plan := regexp.MustCompile(`/p/[^"]+/plan/[0-9a-f-]{36}`).FindString(page.Body)
		c.Get(plan).Has(t, 200, "Instalment 1", "Pay €403.33", "Still to pay: €1,210.00")
		a := c.Post(plan+"/pay", url.Values{"seq": {"1"}, "method": {"ideal"}})
		if a.Status != http.StatusSeeOther {
			t.Fatalf("status %d:\n%s", a.Status, a.Text())
		}
		pay(t, a.Header.Get("Location"))
		var id string
		ten.In(ten.ID, func(tx store.Tx) error {
			return tx.QueryRow(t.Context(), "select id::text from checkout").Scan(&id)
		})
		c.Get(base+"/paid/"+id).Has(t, 200, "€403.33")
		c.Get(plan).Has(t, 200, "paid", "Still to pay: €806.67", "Pay instalment 2")
		c.Post(base+"/plan", url.Values{"invoice": {one}, "n": {"2"}, "every": {"month"}, "first": {"2026-03-20"}}).Has(t, 404)
	})
	t.Run("R81 outside them a person decides, and the debtor may take it back", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		one := ten.Invoice("1").String()
		c.Get(base+"/plan?invoice="+one+"&n=8&every=month&first=2026-03-20").Has(t, 200, "will look at this proposal first")
		c.Get(base+"/plan?invoice="+one+"&n=3&every=month&first=2026-08-20").Has(t, 200, "Choose a first day within a month")
		c.Post(base+"/plan", url.Values{"invoice": {one}, "n": {"8"}, "every": {"month"}, "first": {"2026-03-20"}, "note": {"It is a lot."}}).Has(t, 200, "Your proposal has been sent")
		page := c.Get(base)
		page.Has(t, 200, "Your proposal to pay in parts")
		c.Post(regexp.MustCompile(`/p/[^"]+/plan/[0-9a-f-]{36}/undo`).FindString(page.Body), nil).Lacks(t, "Your proposal to pay in parts")
	})
	t.Run("R61 paid already, with proof that only the creditor sees", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		one := ten.Invoice("1").String()
		sendAlong(t, c, base+"/paid", map[string]string{"invoice": one, "day": "2026-03-09"}, map[string]string{"x.html": "<script>alert(1)</script>"}).Has(t, 422, "PDF, PNG or JPEG")
		sendAlong(t, c, base+"/paid", map[string]string{"invoice": one, "day": "2026-03-19"}, nil).Has(t, 422, "Choose a day in the past")
		sendAlong(t, c, base+"/paid", map[string]string{"invoice": one, "day": "2026-03-09", "text": "By bank."}, map[string]string{"afschrift.pdf": "%PDF-1.4 proof"}).Has(t, 200, "will look for the payment")
		c.Get(base).Has(t, 200, "We are looking for your payment")
		ten.SignIn(ten.Email).Get("/invoices/"+one).Has(t, 200, "the debtor says it was paid")
	})
	t.Run("R70 a dispute on a part with a photo; the rest can be paid", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		one := ten.Invoice("1").String()
		sendAlong(t, c, base+"/dispute", map[string]string{"invoice": one, "reason": "quality", "amount": "210", "lines": "line 2", "text": "Broken."}, map[string]string{"foto.png": "\x89PNG\r\n\x1a\n0000"}).Has(t, 200, "received your objection")
		page := c.Get(base)
		page.Has(t, 200, "You do not agree", "€1,000.00", "Being discussed, not asked now")
		c.Get(base+"/pay?invoice="+one).Has(t, 200, "€1,000.00")
		c.Post(regexp.MustCompile(`/p/[^"]+/dispute/[0-9a-f-]{36}/undo`).FindString(page.Body), nil).Has(t, 200, "€1,210.00")
	})
	t.Run("W4 what is another debtor's cannot be touched", func(t *testing.T) {
		t.Parallel()
		ten, c, base := begin(t)
		var theirs uuid.UUID
		ten.In(ten.ID, func(tx store.Tx) (err error) {
			theirs, err = ten.Services.Desk.Promise(t.Context(), tx, arrangement.NewPromise{Invoice: ten.Invoice("3"), PayOn: date.MustParse("2026-03-20"), Channel: "call", By: "anna"})
			return err
		})
		for _, path := range []string{"/promise/" + theirs.String() + "/undo", "/plan/" + theirs.String() + "/undo", "/dispute/" + theirs.String() + "/undo"} {
			if a := c.Post(base+path, nil); a.Status != 404 {
				t.Errorf("%s: status %d", path, a.Status)
			}
		}
	})
}
