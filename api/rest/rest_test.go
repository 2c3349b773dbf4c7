package rest_test

import (
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
)

var update = flag.Bool("update", false, "write the golden files anew")

const golden = "../openapi.yaml"

// TestOpenAPI keeps the committed document and the program the same.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	_, doc, err := rest.New(api.Services{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	now, err := doc.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, now, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != string(now) {
		t.Error("api/openapi.yaml is stale; run: go test ./api/rest -run TestOpenAPI -update")
	}
}

// TestClosed holds A1: every operation says who may call it.
func TestClosed(t *testing.T) {
	t.Parallel()
	ten, _ := open(t)
	_, doc, err := rest.New(api.Services{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "DELETE": item.Delete, "PUT": item.Put, "PATCH": item.Patch} {
			if op == nil {
				continue
			}
			n++
			if len(op.Security) == 0 {
				t.Errorf("%s %s says nothing of who may call it", method, path)
			}
			to := rest.Prefix + strings.ReplaceAll(path, "{id}", uuid.NewString())
			for _, header := range []map[string]string{{}, {"Authorization": "Bearer vd_wrong"}, {"Authorization": "Basic eDp5"}, {"Cookie": api.SessionCookie + "=guess"}} {
				a := ten.Client().Do(method, to, "", header)
				if a.Status != http.StatusUnauthorized || a.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s %s with %v: %d %s", method, path, header, a.Status, a.Header.Get("Content-Type"))
				}
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d operations", n)
	}
}

// program calls the API with a key.
type program struct {
	*apitest.Client
	secret string
	doc    *document
}

func (p program) do(method, path, body string, header ...string) (int, map[string]any) {
	p.T.Helper()
	h := map[string]string{"Authorization": "Bearer " + p.secret}
	if body != "" {
		h["Content-Type"] = "application/json"
	}
	for i := 0; i+1 < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	a := p.Do(method, rest.Prefix+"/v1"+path, body, h)
	var v map[string]any
	if a.Body != "" {
		if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
			p.T.Fatalf("%s %s: %v in %q", method, path, err, a.Body)
		}
	}
	p.doc.check(p.T, method, "/v1"+path, a)
	return a.Status, v
}

func open(t *testing.T) (*apitest.Tenant, program) {
	t.Helper()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	koster := apitest.Debtor("koster", "Koster & Zonen")
	koster.Kind = sdk.Business
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz"), koster},
		apitest.Invoice("1", "noor", "2026-0412", 121000, 5), apitest.Invoice("2", "noor", "2026-0430", 15125, -20), apitest.Invoice("3", "koster", "2026-0440", 1249350, 12))
	b.Serve(func(s api.Services, log *slog.Logger) (http.Handler, error) {
		h, _, err := rest.New(s, log)
		return h, err
	})
	return ten, key(t, ten, "erp", tenant.Read, tenant.Write)
}

func key(t *testing.T, ten *apitest.Tenant, name string, scopes ...tenant.Scope) program {
	t.Helper()
	_, secret, err := ten.Services.Directory.NewKey(t.Context(), ten.ID, name, scopes, "test")
	if err != nil {
		t.Fatal(err)
	}
	return program{ten.Client(), secret, contract(t)}
}

func TestInvoices(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	t.Run("pages by cursor hold every invoice once", func(t *testing.T) {
		for _, sort := range []string{"due", "-due", "open", "-open", "debtor", "-debtor", "number", "-number"} {
			seen, cursor := []string{}, ""
			for range 5 {
				status, page := p.do("GET", "/invoices?limit=1&sort="+sort+"&cursor="+cursor, "")
				if status != 200 {
					t.Fatalf("%d %v", status, page)
				}
				for _, i := range page["items"].([]any) {
					seen = append(seen, i.(map[string]any)["number"].(string))
				}
				next, more := page["next_cursor"].(string)
				if !more {
					break
				}
				cursor = next
			}
			if len(seen) != 3 {
				t.Errorf("sorted by %s: %v", sort, seen)
			}
		}
	})
	t.Run("an invoice is explained", func(t *testing.T) {
		ten.Take("1")
		status, v := p.do("GET", "/invoices/"+ten.Invoice("1").String(), "")
		if status != 200 || v["phase"] != "reminding" || v["next"].(map[string]any)["step"] != "reminder_2" {
			t.Fatalf("%d %v", status, v)
		}
		decisions, planned := v["decisions"].([]any), v["planned"].([]any)
		if len(decisions) == 0 || len(planned) < 3 {
			t.Errorf("decisions %v, planned %v", decisions, planned)
		}
		status, list := p.do("GET", "/invoices/"+ten.Invoice("1").String()+"/messages", "")
		items := list["items"].([]any)
		if status != 200 || len(items) != 1 {
			t.Fatalf("%d %v", status, list)
		}
		m := items[0].(map[string]any)
		if m["state"] != "sent" || m["recipient"] != "noor@debtor.example" {
			t.Errorf("message %v", m)
		}
		if status, _ := p.do("GET", "/messages/"+m["id"].(string), ""); status != 200 {
			t.Errorf("message by id: %d", status)
		}
	})
	t.Run("filters", func(t *testing.T) {
		for q, want := range map[string]int{"search=koster": 1, "state=not_due": 1, "state=held": 0, "debtor=" + ten.DebtorID("noor").String(): 2, "state=any": 3} {
			if _, page := p.do("GET", "/invoices?"+q, ""); len(page["items"].([]any)) != want {
				t.Errorf("%s: %v", q, page)
			}
		}
	})
	t.Run("what does not fit is refused in words", func(t *testing.T) {
		for path, want := range map[string]int{
			"/invoices?limit=0": 422, "/invoices?nonsense=1": 422, "/invoices?sort=colour": 422, "/invoices?cursor=%25%25": 422, "/invoices/not-an-id": 422,
			"/invoices/" + uuid.NewString(): 404, "/debtors/" + uuid.NewString(): 404, "/messages/" + uuid.NewString(): 404, "/cases/" + uuid.NewString(): 404, "/holds/" + uuid.NewString(): 404,
		} {
			status, v := p.do("GET", path, "")
			if status != want || v["code"] == "" || v["detail"] == "" {
				t.Errorf("%s: %d %v", path, status, v)
			}
		}
	})
	t.Run("debtor, payments, connections, administrations, runs", func(t *testing.T) {
		status, d := p.do("GET", "/debtors/"+ten.DebtorID("noor").String(), "")
		if status != 200 || d["open_invoices"] != 2.0 {
			t.Errorf("%d %v", status, d)
		}
		for _, path := range []string{"/payments", "/connections", "/administrations", "/sync-runs", "/payments?debtor=" + ten.DebtorID("noor").String()} {
			if status, v := p.do("GET", path, ""); status != 200 || v["items"] == nil {
				t.Errorf("%s: %d %v", path, status, v)
			}
		}
	})
}

func TestHolds(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	body := `{"scope":"invoice","scope_id":"` + ten.Invoice("1").String() + `","note":"checked in the ERP"}`
	t.Run("R114 the same request twice makes one hold", func(t *testing.T) {
		status, first := p.do("POST", "/holds", body, "Idempotency-Key", "erp-0001-hold")
		if status != 201 {
			t.Fatalf("%d %v", status, first)
		}
		status, again := p.do("POST", "/holds", body, "Idempotency-Key", "erp-0001-hold")
		if status != 201 || again["id"] != first["id"] {
			t.Errorf("%d, first %v, then %v", status, first, again)
		}
		if n := count(t, ten, "select count(*) from hold"); n != 1 {
			t.Errorf("%d holds", n)
		}
		status, v := p.do("POST", "/holds", strings.Replace(body, "checked", "changed", 1), "Idempotency-Key", "erp-0001-hold")
		if status != 409 || v["code"] != "key_reused" {
			t.Errorf("another request under the same key: %d %v", status, v)
		}
	})
	t.Run("R114 two programs of one name do not answer for each other", func(t *testing.T) {
		one, two := key(t, ten, "twin", tenant.Read, tenant.Write), key(t, ten, "twin", tenant.Read, tenant.Write)
		_, first := one.do("POST", "/holds", body, "Idempotency-Key", "twin-0001-hold")
		status, second := two.do("POST", "/holds", strings.Replace(body, "checked", "seen", 1), "Idempotency-Key", "twin-0001-hold")
		if status != 201 || first["id"] == second["id"] {
			t.Errorf("%d: %v, then %v", status, first, second)
		}
	})
	t.Run("R114 many at once make one", func(t *testing.T) {
		before, done := count(t, ten, "select count(*) from hold"), make(chan int)
		for range 12 {
			go func() {
				a := p.Do("POST", rest.Prefix+"/v1/holds", body, map[string]string{"Authorization": "Bearer " + p.secret, "Content-Type": "application/json", "Idempotency-Key": "erp-0002-hold"})
				done <- a.Status
			}()
		}
		for range 12 {
			if s := <-done; s != 201 && s != 409 {
				t.Errorf("status %d", s)
			}
		}
		if n := count(t, ten, "select count(*) from hold"); n != before+1 {
			t.Errorf("%d holds more", n-before)
		}
	})
	t.Run("R115 a program ends its own hold and no other", func(t *testing.T) {
		_, mine := p.do("POST", "/holds", body)
		other := key(t, ten, "crm", tenant.Read, tenant.Write)
		if status, v := other.do("DELETE", "/holds/"+mine["id"].(string), ""); status != 403 || v["code"] != "hold_of_another" {
			t.Errorf("%d %v", status, v)
		}
		if status, _ := p.do("DELETE", "/holds/"+mine["id"].(string), ""); status != 204 {
			t.Errorf("status %d", status)
		}
		if status, v := p.do("GET", "/holds/"+mine["id"].(string), ""); status != 200 || v["released_at"] == nil {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("a hold on what is not there", func(t *testing.T) {
		if status, _ := p.do("POST", "/holds", `{"scope":"debtor","scope_id":"`+uuid.NewString()+`"}`); status != 404 {
			t.Errorf("status %d", status)
		}
		if status, v := p.do("POST", "/holds", `{"scope":"invoice","scope_id":"`+ten.Invoice("1").String()+`","until":"2020-01-01T00:00:00Z"}`); status != 422 || v["code"] != "hold_ends_in_past" {
			t.Errorf("%d %v", status, v)
		}
		if status, _ := p.do("POST", "/holds", `{"scope":"planet","scope_id":"x","more":1}`); status != 422 {
			t.Errorf("status %d", status)
		}
	})
	t.Run("a key that reads does not write", func(t *testing.T) {
		reader := key(t, ten, "bi", tenant.Read)
		if status, _ := reader.do("GET", "/invoices", ""); status != 200 {
			t.Errorf("status %d", status)
		}
		if status, v := reader.do("POST", "/holds", body); status != 403 || v["code"] != "scope_missing" {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("R124 who may not hand over, waive or start a case is refused, and that is on record", func(t *testing.T) {
		viewer := key(t, ten, "viewer", tenant.Read)
		id := uuid.NewString()
		for op, path := range map[string]string{"hand-over-case": "/cases/" + id + "/handover", "waive-case": "/cases/" + id + "/waive", "start-claim": "/claims"} {
			if status, v := viewer.do("POST", path, `{}`); status != 403 || v["code"] != "scope_missing" {
				t.Errorf("%s: %d %v", op, status, v)
			}
			if n := count(t, ten, "select count(*) from audit where action = 'refused "+op+"' and actor like '%viewer' and subject like 'key/%'"); n != 1 {
				t.Errorf("%s: %d lines of audit", op, n)
			}
		}
	})
}

func count(t *testing.T, ten *apitest.Tenant, sql string) (n int) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error { return tx.QueryRow(t.Context(), sql).Scan(&n) })
	return n
}

func TestActs(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	t.Run("step now", func(t *testing.T) {
		status, v := p.do("POST", "/invoices/"+ten.Invoice("2").String()+"/step", "")
		if status != 202 || v["next"] == nil {
			t.Fatalf("%d %v", status, v)
		}
	})
	t.Run("sync now needs a connection", func(t *testing.T) {
		if status, v := p.do("POST", "/administrations/"+ten.Administration.String()+"/sync", ""); status != 409 || v["code"] != "no_connection" {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("a bank statement", func(t *testing.T) {
		path := "/bank-statements?administration=" + ten.Administration.String()
		if status, v := p.do("POST", path, "nonsense", "Content-Type", "application/octet-stream"); status != 422 {
			t.Errorf("%d %v", status, v)
		}
		status, v := p.do("POST", path, mt940, "Content-Type", "application/octet-stream")
		if status != 200 || v["lines"] != 1.0 || v["matched"] != 1.0 {
			t.Errorf("%d %v", status, v)
		}
		if _, page := p.do("GET", "/payments?invoice="+ten.Invoice("1").String(), ""); len(page["items"].([]any)) != 1 {
			t.Errorf("payments %v", page)
		}
	})
	t.Run("keys are for owners who are signed in", func(t *testing.T) {
		if status, v := p.do("POST", "/keys", `{"name":"x","scopes":["read"]}`); status != 403 || v["code"] != "owners_only" {
			t.Errorf("%d %v", status, v)
		}
	})
}

const mt940 = `:20:MARCH
:25:NL91ABNA0417164300
:28C:00068/001
:60F:C260309EUR1000,00
:61:2603090309C1210,00NTRFNONREF//1
:86:/TRTP/SEPA OVERBOEKING/IBAN/NL02RABO0123456789/BIC/RABONL2U/NAME/N YILMAZ/REMI/2026-0412/EREF/NOTPROVIDED
:62F:C260309EUR2210,00
`

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	ten, _ := open(t)
	stranger := key(t, ten.Tenant("other"), "theirs", tenant.Read, tenant.Write)
	for _, path := range []string{"/invoices/" + ten.Invoice("1").String(), "/debtors/" + ten.DebtorID("noor").String(), "/invoices/" + ten.Invoice("1").String() + "/messages"} {
		if status, _ := stranger.do("GET", path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	if _, page := stranger.do("GET", "/invoices?state=any", ""); len(page["items"].([]any)) != 0 {
		t.Errorf("sees %v", page)
	}
	if status, _ := stranger.do("POST", "/holds", `{"scope":"invoice","scope_id":"`+ten.Invoice("1").String()+`"}`); status != 404 {
		t.Errorf("status %d", status)
	}
	if status, _ := stranger.do("POST", "/bank-statements?administration="+ten.Administration.String(), mt940, "Content-Type", "application/octet-stream"); status != 404 {
		t.Errorf("status %d", status)
	}
}

func TestDocs(t *testing.T) {
	t.Parallel()
	ten, _ := open(t)
	c := ten.Client()
	a := c.Get(rest.Prefix + "/docs")
	a.Has(t, 200, "list-invoices", "/api/v1/holds", "Idempotency-Key", "openapi.yaml")
	a.Lacks(t, "<script", "http://", "https://")
	c.Get(rest.Prefix+"/openapi.json").Has(t, 200, `"openapi":"3.1.0"`)
	c.Get(rest.Prefix+"/openapi.yaml").Has(t, 200, "openapi: 3.1.0")
	c.Get(rest.Prefix+"/nothing").Has(t, 404, "no_operation")
}

// A program sees which figures wait, and a person approves them.
func TestFigures(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz")}, apitest.Invoice("1", "noor", "2026-0412", 121000, 15))
	ten.Take("1") // the second reminder; the statutory notice in English is next
	b.Serve(func(s api.Services, log *slog.Logger) (http.Handler, error) {
		h, _, err := rest.New(s, log)
		return h, err
	})
	p := key(t, ten, "erp", tenant.Read, tenant.Write)
	_, v := p.do("GET", "/figures", "")
	items, _ := v["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("figures %v", v)
	}
	f := items[0].(map[string]any)
	if f["state"] != "pending" || f["invoices"] != 1.0 || f["value"] == "" || f["source"] == "" {
		t.Errorf("figure %v", f)
	}
	body, err := json.Marshal(map[string]any{"name": f["name"], "value": f["value"]})
	if err != nil {
		t.Fatal(err)
	}
	if status, v := p.do("POST", "/figures/approve", string(body)); status != 403 || v["code"] != "owners_only" {
		t.Errorf("a program approved: %d %v", status, v)
	}
	token, err := ten.Services.Directory.SignIn(t.Context(), ten.Email, apitest.Password)
	if err != nil {
		t.Fatal(err)
	}
	owner := func(body string) apitest.Answer {
		return ten.Client().Do("POST", rest.Prefix+"/v1/figures/approve", body, map[string]string{"Cookie": api.SessionCookie + "=" + token, "Content-Type": "application/json"})
	}
	owner(`{"name":"NL: a rate","value":"3.00%"}`).Has(t, 409, "figure_moved")
	owner(string(body)).Has(t, 200, `"invoices":1`)
	_, v = p.do("GET", "/figures", "")
	f = v["items"].([]any)[0].(map[string]any)
	if f["state"] != "approved" || f["approved_by"] != "Sanne van Dijk" || f["approved_at"] == nil {
		t.Errorf("figure %v", f)
	}
}
