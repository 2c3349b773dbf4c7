package rest_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func TestArrangements(t *testing.T) {
	t.Parallel()
	t.Run("R67 a promise over the API", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		status, v := p.do("POST", "/promises", fmt.Sprintf(`{"invoice":%q,"minor":50000,"pay_on":"2026-03-20"}`, ten.Invoice("1")))
		if status != 201 || v["state"] != "open" || v["channel"] != "api" || v["grace_until"] != "2026-03-24" {
			t.Fatalf("%d %v", status, v)
		}
		if status, _ := p.do("POST", "/promises", fmt.Sprintf(`{"invoice":%q,"pay_on":"2026-03-20"}`, ten.Invoice("1"))); status != 409 {
			t.Errorf("a second open promise: %d", status)
		}
		if status, list := p.do("GET", "/promises?state=open", ""); status != 200 || len(list["promises"].([]any)) != 1 {
			t.Errorf("%d %v", status, list)
		}
		if status, v := p.do("POST", "/promises/"+v["id"].(string)+"/withdraw", ""); status != 200 || v["state"] != "withdrawn" {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("R76 R81 a plan over the API adds up", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		status, v := p.do("POST", "/plans", fmt.Sprintf(`{"debtor":%q,"invoices":[%q],"instalments":7,"first":"2026-03-20","for_debtor":true}`, ten.DebtorID("noor"), ten.Invoice("1")))
		if status != 201 || v["state"] != "proposed" {
			t.Fatalf("%d %v", status, v)
		}
		sum := 0.0
		for _, in := range v["instalments"].([]any) {
			sum += in.(map[string]any)["amount"].(map[string]any)["minor"].(float64)
		}
		if sum != 121_000 {
			t.Errorf("the instalments are %v", sum)
		}
		id := v["id"].(string)
		if status, v := p.do("POST", "/plans/"+id+"/accept", ""); status != 200 || v["state"] != "active" {
			t.Errorf("%d %v", status, v)
		}
		if status, v := p.do("POST", "/plans/"+id+"/cancel", `{"text":"Paid otherwise."}`); status != 200 || v["state"] != "cancelled" {
			t.Errorf("%d %v", status, v)
		}
		if status, list := p.do("GET", "/plans?state=ended&limit=1", ""); status != 200 || len(list["plans"].([]any)) != 1 {
			t.Errorf("%d %v", status, list)
		}
	})
	t.Run("R70 R73 a dispute over the API", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		status, v := p.do("POST", "/disputes", fmt.Sprintf(`{"invoice":%q,"minor":50000,"reason":"price","lines":"line 2"}`, ten.Invoice("1")))
		if status != 201 || v["state"] != "open" {
			t.Fatalf("%d %v", status, v)
		}
		id := v["id"].(string)
		if status, v := p.do("POST", "/disputes/"+id+"/assign", `{"deadline":"2026-04-01"}`); status != 200 || v["deadline"] != "2026-04-01" {
			t.Errorf("%d %v", status, v)
		}
		if status, v := p.do("POST", "/disputes/"+id+"/decide", `{"credit_minor":30000,"text":"Partly."}`); status != 200 || v["state"] != "accepted" {
			t.Errorf("%d %v", status, v)
		}
		if status, v := p.do("POST", "/disputes/"+id+"/credited", ""); status != 200 || v["credited_at"] == nil {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("R97 a legal stop over the API, which a program does not lift", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		status, v := p.do("POST", "/debtors/"+ten.DebtorID("noor").String()+"/legal-stops", `{"kind":"bankruptcy","effective_on":"2026-03-09","source":"insolventies.rechtspraak.nl"}`)
		if status != 201 || v["todo"] == "" {
			t.Fatalf("%d %v", status, v)
		}
		if status, _ := p.do("POST", "/legal-stops/"+v["id"].(string)+"/lift", `{"why":"x"}`); status != 403 {
			t.Errorf("a program lifted it: %d", status)
		}
		if status, _ := p.do("POST", "/plans", fmt.Sprintf(`{"debtor":%q,"invoices":[%q],"instalments":3,"first":"2026-03-20"}`, ten.DebtorID("noor"), ten.Invoice("1"))); status != 409 {
			t.Errorf("a plan during a stop: %d", status)
		}
	})
	t.Run("R61 a claim of payment over the API", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		status, v := p.do("POST", "/paid-claims", fmt.Sprintf(`{"invoice":%q,"paid_on":"2026-03-09"}`, ten.Invoice("1")))
		if status != 201 || v["state"] != "open" {
			t.Fatalf("%d %v", status, v)
		}
		if status, v := p.do("POST", "/paid-claims/"+v["id"].(string)+"/end", `{"found":true}`); status != 200 || v["state"] != "matched" {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("R70 files come along with a dispute, with the limits of the portal", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		_, v := p.do("POST", "/disputes", fmt.Sprintf(`{"invoice":%q,"minor":50000,"reason":"price"}`, ten.Invoice("1")))
		to := rest.Prefix + "/v1/disputes/" + v["id"].(string) + "/files"
		pdf := "%PDF-1.4\nan offer"
		send := func(files ...string) apitest.Answer {
			t.Helper()
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			for _, content := range files {
				part, err := form.CreateFormFile("files", "../offerte?.pdf")
				if err != nil {
					t.Fatal(err)
				}
				if _, err := part.Write([]byte(content)); err != nil {
					t.Fatal(err)
				}
			}
			if err := form.Close(); err != nil {
				t.Fatal(err)
			}
			return ten.Client().Do("POST", to, body.String(), map[string]string{"Authorization": "Bearer " + p.secret, "Content-Type": form.FormDataContentType()})
		}
		send(pdf, "\x89PNG\r\n\x1a\nx").Has(t, 201, `"name":"offerte-.pdf"`, `"media_type":"application/pdf"`, `"media_type":"image/png"`)
		for what, files := range map[string][]string{
			"none": nil, "a program": {"MZ\x90\x00"}, "a page": {"<html><script>alert(1)</script>"}, "four at once": {pdf, pdf, pdf, pdf}, "too large": {pdf + strings.Repeat("x", 5<<20)},
		} {
			if a := send(files...); a.Status != 422 {
				t.Errorf("%s: %d", what, a.Status)
			}
		}
		var kept []db.DocumentsOfRow
		ten.In(ten.ID, func(tx store.Tx) (err error) {
			kept, err = tx.DocumentsOf(t.Context(), []uuid.UUID{uuid.MustParse(v["id"].(string))})
			return err
		})
		if len(kept) != 2 {
			t.Errorf("%d files are kept", len(kept))
		}
		if status, v := p.do("POST", "/disputes/"+v["id"].(string)+"/decide", `{"credit_minor":0,"text":"No."}`); status != 200 {
			t.Fatalf("%d %v", status, v)
		}
		send(pdf).Has(t, 409, "decided already")
	})
	t.Run("lists are searched, filtered and paged alike", func(t *testing.T) {
		t.Parallel()
		ten, p := open(t)
		ten.Take("1")
		for path, more := range map[string]string{"/promises": `,"minor":50000,"pay_on":"2026-03-12"`, "/disputes": `,"reason":"price","minor":10000`, "/paid-claims": ""} {
			if status, v := p.do("POST", path, fmt.Sprintf(`{"invoice":%q%s}`, ten.Invoice("1"), more)); status != 201 {
				t.Fatalf("%s: %d %v", path, status, v)
			}
		}
		stop := "/debtors/" + ten.DebtorID("noor").String() + "/legal-stops"
		if status, v := p.do("POST", stop, `{"kind":"bankruptcy","effective_on":"2026-03-09","source":"a register","reference":"F.13/26/101"}`); status != 201 {
			t.Fatalf("%d %v", status, v)
		}
		for path, want := range map[string]int{
			"/promises?search=noor": 1, "/promises?search=koster": 0, "/promises?due=week": 1, "/promises?due=late": 0,
			"/disputes?search=0412&reason=price": 1, "/disputes?reason=quality": 0, "/disputes?owner=nobody": 1, "/disputes?owner=" + ten.DebtorID("noor").String(): 0,
			"/paid-claims": 1, "/paid-claims?state=matched": 0, "/paid-claims?search=NOOR&due=week": 1, "/legal-stops?search=f.13": 1, "/legal-stops?state=lifted": 0, "/legal-stops?kind=death": 0,
			"/plans?search=noor": 0, "/approvals?due=late": 0, "/approvals?search=x&step=reminder_2": 0, "/invoices?risk=high": 0, "/invoices?segment=none": 0,
		} {
			status, v := p.do("GET", path, "")
			n := -1
			for _, value := range v {
				if list, ok := value.([]any); ok {
					n = len(list)
				}
			}
			if status != 200 || n != want {
				t.Errorf("%s: %d with %d, want %d", path, status, n, want)
			}
		}
		if status, _ := p.do("GET", "/promises?due=sometime", ""); status != 422 {
			t.Errorf("a day that is none: %d", status)
		}
	})
}
