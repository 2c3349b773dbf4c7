package ledger_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

var start = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func open(t *testing.T, dir string) (*ledger.Store, *emulator.Kit, *[]string) {
	t.Helper()
	events := &[]string{}
	k := emulator.New(emulator.Config{Now: func() time.Time { return start }, StateDir: dir})
	s, err := ledger.Open(k, ledger.Config{OnEvent: func(e ledger.Event) { *events = append(*events, e.Kind+" "+e.Action) }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SeedAdministration(ledger.AdministrationSeed{ID: "7", Name: "De Korenaar"}); err != nil {
		t.Fatal(err)
	}
	return s, k, events
}

func open1(t *testing.T, s *ledger.Store) string {
	t.Helper()
	sums, err := s.Summaries("7")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, v := range sums {
		out = append(out, v.Number+"="+v.Open+":"+v.State)
	}
	return strings.Join(out, " ")
}

func TestStory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _, events := open(t, dir)
	c, err := s.SeedContact("7", ledger.ContactSeed{CompanyName: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.SeedInvoice("7", ledger.InvoiceSeed{Contact: c, Lines: []ledger.LineSeed{{Description: "Bread", Quantity: "2.5", Price: "10.01", Tax: "9"}}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.SeedInvoice("7", ledger.InvoiceSeed{Contact: c, Total: "100.00"})
	if err != nil {
		t.Fatal(err)
	}
	want := func(state string) {
		t.Helper()
		if got := open1(t, s); got != state {
			t.Errorf("got %s, want %s", got, state)
		}
	}
	want("2026-0001=27.28:open 2026-0002=100.00:open")
	p, err := s.Pay("7", v, ledger.PaymentSeed{Price: "7.28"})
	if err != nil {
		t.Fatal(err)
	}
	want("2026-0001=20.00:open 2026-0002=100.00:open")
	if err := s.Unpay("7", v, p); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Credit("7", "2026-0002", true); err != nil {
		t.Fatal(err)
	}
	want("2026-0001=27.28:open 2026-0002=0.00:paid 2026-0003=0.00:paid")
	if err := s.Unpay("7", w, ""); err != nil {
		t.Fatal(err)
	}
	want("2026-0001=27.28:open 2026-0002=100.00:open 2026-0003=-100.00:open")
	if err := s.DeleteContact("7", c); !errors.Is(err, ledger.ErrRefused) {
		t.Errorf("a contact with invoices was deleted: %v", err)
	}
	if err := s.DeleteInvoice("7", v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*events, ","); !strings.HasPrefix(got, "contact create,invoice create,invoice create,payment create,invoice update,payment delete,invoice update") || !strings.HasSuffix(got, "invoice delete") {
		t.Errorf("events: %s", got)
	}
	before := open1(t, s)
	again, _, _ := open(t, dir)
	if got := open1(t, again); got != before {
		t.Errorf("after a restart %s, before %s", got, before)
	}
}

func TestControl(t *testing.T) {
	t.Parallel()
	_, k, _ := open(t, "")
	srv := httptest.NewServer(k.Handler(http.NotFoundHandler()))
	defer srv.Close()
	for _, tc := range []struct {
		method, path, body string
		status             int
	}{
		{"POST", "/7/demonstration", `{}`, 204},
		{"POST", "/8/demonstration", `{}`, 404},
		{"POST", "/7/contacts", `{"company_name":"Acme","customer_id":"A1"}`, 201},
		{"POST", "/7/contacts", `{}`, 400},
		{"PATCH", "/7/contacts/A1", `{"city":"Ede"}`, 204},
		{"DELETE", "/7/contacts/A1", ``, 204},
		{"POST", "/7/invoices", `{"contact":"A1","total":"1.00"}`, 404},
		{"POST", "/7/invoices", `[{"contact":"1","total":"1.00","number":"X1"}]`, 201},
		{"POST", "/7/invoices/X1/pay", `{}`, 201},
		{"POST", "/7/invoices/X1/pay", `{}`, 400},
		{"POST", "/7/invoices/X1/due_date", `{"due":"2026-05-01"}`, 204},
		{"POST", "/7/invoices/X1/amount", `{"total":"9.99"}`, 204},
		{"POST", "/7/invoices/X1/credit", `{"settle":false}`, 201},
		{"DELETE", "/7/invoices/X1/payments", ``, 204},
		{"POST", "/7/invoices/X1/void", ``, 204},
		{"DELETE", "/7/invoices/X1", ``, 204},
		{"GET", "/7/invoices", ``, 200},
		{"GET", "/7/notes", ``, 200},
	} {
		req, _ := http.NewRequest(tc.method, srv.URL+"/_control/administrations"+tc.path, strings.NewReader(tc.body))
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tc.status {
			t.Errorf("%s %s: %d, want %d", tc.method, tc.path, resp.StatusCode, tc.status)
		}
	}
}

func TestDemonstrationHasEveryState(t *testing.T) {
	t.Parallel()
	s, _, _ := open(t, "")
	for range 2 { // the second time changes nothing
		if err := s.Demonstrate("7"); err != nil {
			t.Fatal(err)
		}
	}
	states := map[string]int{}
	sums, _ := s.Summaries("7")
	for _, v := range sums {
		states[v.State]++
	}
	if got := fmt.Sprint(states, len(sums)); got != "map[draft:1 open:8 paid:4] 13" {
		t.Error(got)
	}
	_ = s.View("7", func(a *ledger.Administration) error {
		pdf, err := a.PDF(a.Invoices[0])
		if err != nil || !strings.HasPrefix(string(pdf), "%PDF-") {
			t.Errorf("%v", err)
		}
		return nil
	})
}
