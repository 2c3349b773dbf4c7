package rest_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// claimBody is a request for a claim that is in no books, three months late.
func claimBody(change func(map[string]any)) string {
	due := date.Of(apitest.Start).AddDays(-90)
	file := func(name string) map[string]any {
		return map[string]any{"name": name, "media_type": "application/pdf", "content": base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 " + name))}
	}
	v := map[string]any{
		"debtor": map[string]any{"name": "Jansen Bouw", "kind": "business", "email": "j@debtor.example", "line1": "Kade 1", "postal_code": "1234 AB", "city": "Delft", "country": "NL", "language": "nl"},
		"number": "R-1", "issued": due.AddDays(-14).String(), "due": due.String(), "amount_minor": 100_000, "currency": "EUR", "invoice": file("invoice.pdf"), "contract": file("order.pdf"),
		"notices": []any{map[string]any{"on": due.AddDays(30).String(), "proof": file("reminder.pdf")}},
	}
	if change != nil {
		change(v)
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is all text and numbers
	}
	return string(b)
}

func TestStartClaim(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	t.Run("R121 what the law asks for is required, and nothing is kept without it", func(t *testing.T) {
		for name, change := range map[string]func(map[string]any){
			"no contract":      func(v map[string]any) { v["contract"].(map[string]any)["content"] = "" },
			"no kind":          func(v map[string]any) { v["debtor"].(map[string]any)["kind"] = "friend" },
			"no notices":       func(v map[string]any) { v["notices"] = []any{} },
			"not due":          func(v map[string]any) { v["due"] = date.Of(ten.Now()).AddDays(1).String() },
			"no day":           func(v map[string]any) { v["issued"] = "yesterday" },
			"unknown law":      func(v map[string]any) { v["law"] = "XX" },
			"unknown currency": func(v map[string]any) { v["currency"] = "ABC" },
			"no amount":        func(v map[string]any) { v["amount_minor"] = 0 },
		} {
			if status, v := p.do("POST", "/claims", claimBody(change)); status != 422 {
				t.Errorf("%s: %d %v", name, status, v)
			}
		}
		if n := countOf(t, ten, "select count(*) from invoice where number = 'R-1'"); n != 0 {
			t.Errorf("%d claims are kept", n)
		}
	})
	t.Run("R121 R114 a business goes on to its case with every file, once for its key", func(t *testing.T) {
		var ids []string
		for range 2 {
			status, v := p.do("POST", "/claims", claimBody(nil), "Idempotency-Key", "claim-number-1")
			if status != 201 {
				t.Fatalf("%d %v", status, v)
			}
			ids = append(ids, v["invoice"].(string))
		}
		if ids[0] != ids[1] || countOf(t, ten, "select count(*) from invoice where number = 'R-1'") != 1 {
			t.Fatalf("a repeat made %v", ids)
		}
		id := ten.Opened(uuid.MustParse(ids[0]))
		status, v := p.do("GET", "/cases/"+id.String(), "")
		invoices, _ := v["invoices"].([]any)
		if status != 200 || v["state"] != "open" || len(invoices) != 1 || invoices[0].(map[string]any)["number"] != "R-1" {
			t.Errorf("%d %v", status, v)
		}
		status, v = p.do("POST", "/cases/"+id.String()+"/dossier", "")
		missing, _ := v["missing"].([]any)
		if status != 201 || len(missing) != 1 || missing[0].(map[string]any)["code"] != "delivery" {
			t.Errorf("the dossier: %d %v", status, v)
		}
		files := archive(t, p, id)
		for name, content := range map[string]string{"invoices/invoice.pdf": "%PDF-1.4 invoice.pdf", "evidence/contract order.pdf": "%PDF-1.4 order.pdf", "evidence/notice reminder.pdf": "%PDF-1.4 reminder.pdf"} {
			if files[name] != content {
				t.Errorf("%s is %q", name, files[name])
			}
		}
	})
	t.Run("R121 R93 a consumer gets the statutory letter first", func(t *testing.T) {
		status, v := p.do("POST", "/claims", claimBody(func(v map[string]any) {
			v["number"] = "R-2"
			v["debtor"].(map[string]any)["kind"] = "consumer"
		}))
		if status != 201 {
			t.Fatalf("%d %v", status, v)
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			c, err := tx.Collection(t.Context(), uuid.MustParse(v["invoice"].(string)))
			if c.NextStep != "fourteen_day_letter" {
				t.Errorf("next is %q", c.NextStep)
			}
			return err
		})
	})
}

func countOf(t *testing.T, ten *apitest.Tenant, query string, args ...any) (n int) {
	t.Helper()
	ten.In(ten.ID, func(tx store.Tx) error { return tx.QueryRow(t.Context(), query, args...).Scan(&n) })
	return n
}

// archive are the files of the last dossier, as the API gives it.
func archive(t *testing.T, p program, id uuid.UUID) map[string]string {
	t.Helper()
	a := p.Do("GET", "/api/v1/cases/"+id.String()+"/dossier", "", map[string]string{"Authorization": "Bearer " + p.secret})
	z, err := zip.NewReader(strings.NewReader(a.Body), int64(len(a.Body)))
	if err != nil || a.Status != 200 {
		t.Fatalf("%d %v", a.Status, err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if _, err := b.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		out[f.Name] = b.String()
	}
	return out
}

// aCase is a tenant with one case, and its program.
func aCase(t *testing.T) (*apitest.Tenant, program, uuid.UUID, uuid.UUID, string) {
	t.Helper()
	ten, p := open(t)
	id, invoice := ten.Case(apitest.Claim("Jansen Bouw", "A-1", 100_000))
	return ten, p, id, invoice, "/cases/" + id.String()
}

func minor(v map[string]any, key string) int64 {
	a, _ := v[key].(map[string]any)
	n, _ := a["minor"].(float64)
	return int64(n)
}

func TestCaseMoney(t *testing.T) {
	t.Parallel()
	ten, p, id, _, at := aCase(t)
	_, now := p.do("GET", at+"/standing", "")
	costs, total := minor(now, "costs"), minor(now, "total")
	if costs != 15_000 || total != minor(now, "principal")+costs+minor(now, "interest") || minor(now, "interest") <= 0 {
		t.Fatalf("it stands at %v", now)
	}
	t.Run("R103 it stands at more on a later day, and a day is a day", func(t *testing.T) {
		_, later := p.do("GET", at+"/standing?on="+date.Of(ten.Now()).AddDays(30).String(), "")
		if minor(later, "interest") <= minor(now, "interest") || minor(later, "costs") != costs {
			t.Errorf("%v, later %v", now, later)
		}
		if status, _ := p.do("GET", at+"/standing?on=soon", ""); status != 422 {
			t.Errorf("a day of nothing: %d", status)
		}
		if status, _ := p.do("GET", "/cases/"+uuid.NewString()+"/standing", ""); status != 404 {
			t.Errorf("no case: %d", status)
		}
	})
	t.Run("the statement is a PDF in the language that is asked", func(t *testing.T) {
		for _, lang := range []string{"nl", "en"} {
			a := p.Do("GET", "/api/v1"+at+"/statement?language="+lang, "", map[string]string{"Authorization": "Bearer " + p.secret})
			if a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") || a.Header.Get("Content-Type") != "application/pdf" {
				t.Errorf("%s: %d %s", lang, a.Status, a.Header.Get("Content-Type"))
			}
		}
	})
	t.Run("R104 a waiver lowers the total at once, with a reason", func(t *testing.T) {
		if status, _ := p.do("POST", at+"/waive", `{"costs":5000,"reason":""}`); status != 422 {
			t.Errorf("without a reason: %d", status)
		}
		if status, v := p.do("POST", at+"/waive", `{"costs":5000,"reason":"A good customer"}`); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		_, after := p.do("GET", at+"/standing", "")
		if minor(after, "costs") != costs-5000 || minor(after, "total") != total-5000 {
			t.Errorf("it stands at %v", after)
		}
		_, v := p.do("GET", at, "")
		if !slices.ContainsFunc(v["entries"].([]any), func(e any) bool { return e.(map[string]any)["kind"] == "waiver" }) {
			t.Errorf("no waiver in %v", v["entries"])
		}
	})
	t.Run("R107 evidence goes into the dossier, and no change makes no version", func(t *testing.T) {
		body := `{"kind":"delivery","name":"bon.txt","media_type":"text/plain","content":"` + base64.StdEncoding.EncodeToString([]byte("received, J.")) + `"}`
		if status, v := p.do("POST", at+"/evidence", body); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		if status, _ := p.do("POST", at+"/evidence", strings.Replace(body, "delivery", "gossip", 1)); status != 422 {
			t.Errorf("a kind of nothing: %d", status)
		}
		var versions []any
		for range 2 {
			status, v := p.do("POST", at+"/dossier", "")
			if status != 201 {
				t.Fatalf("%d %v", status, v)
			}
			versions = append(versions, v["version"])
		}
		if versions[0] != versions[1] || archive(t, p, id)["evidence/delivery bon.txt"] != "received, J." {
			t.Errorf("versions %v", versions)
		}
	})
}

func TestCaseInvoices(t *testing.T) {
	t.Parallel()
	ten, p, id, invoice, at := aCase(t)
	one := `{"invoice":"` + invoice.String() + `"}`
	if status, v := p.do("POST", at+"/confirm", one); status != 409 || v["code"] != "nothing_changed" {
		t.Errorf("nothing to confirm: %d %v", status, v)
	}
	if status, _ := p.do("POST", at+"/confirm", `{"invoice":"`+uuid.NewString()+`"}`); status != 404 {
		t.Errorf("an invoice of another case: %d", status)
	}
	t.Run("R24 a total that the books changed is followed when somebody confirms", func(t *testing.T) {
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := tx.Exec(t.Context(), "update invoice set total_minor = 80000, open_minor = 80000 where id = $1", invoice)
			return err
		})
		if status, v := p.do("POST", at+"/confirm", one); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		_, v := p.do("GET", at+"/standing", "")
		if minor(v, "principal") != 80_000 || minor(v, "costs") != 12_000 {
			t.Errorf("it stands at %v", v)
		}
	})
	t.Run("R66 a case is paused as a whole and resumed, and the pause of a person stays", func(t *testing.T) {
		held := func() int {
			return countOf(t, ten, "select count(*) from hold where scope_id = $1 and released_at is null and reason = $2", invoice, string(receivable.Paused))
		}
		if status, v := p.do("POST", at+"/pause", ""); status != 204 || held() != 1 {
			t.Fatalf("%d %v, %d holds", status, v, held())
		}
		if err := ten.Services.Cases.Pause(t.Context(), ten.ID, id, "", time.Time{}, "anna"); err != nil {
			t.Fatal(err)
		}
		if status, v := p.do("POST", at+"/resume", ""); status != 204 {
			t.Errorf("%d %v", status, v)
		}
	})
	t.Run("R66 an invoice leaves with a reason, and the empty case is withdrawn", func(t *testing.T) {
		if status, _ := p.do("POST", at+"/take-out", one); status != 422 {
			t.Errorf("without a reason: %d", status)
		}
		if status, v := p.do("POST", at+"/take-out", `{"invoice":"`+invoice.String()+`","reason":"Sent twice"}`); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		if _, v := p.do("GET", at, ""); v["state"] != "closed" {
			t.Errorf("the case is %v", v["state"])
		}
	})
}

func TestCaseEnds(t *testing.T) {
	t.Parallel()
	ten, p, _, _, at := aCase(t)
	if status, _ := p.do("POST", at+"/watch", `{"on":"2026-01-01","reason":"No income"}`); status != 422 {
		t.Errorf("a day that has passed: %d", status)
	}
	if status, v := p.do("POST", at+"/watch", `{"on":"`+date.Of(ten.Now()).AddDays(60).String()+`","reason":"No income"}`); status != 204 {
		t.Fatalf("%d %v", status, v)
	}
	if _, v := p.do("GET", at, ""); v["state"] != "monitored" {
		t.Errorf("the case is %v", v["state"])
	}
	t.Run("R111 an interruption goes to the debtor", func(t *testing.T) {
		if status, v := p.do("POST", at+"/interrupt", ""); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		if n := countOf(t, ten, "select count(*) from message where step = 'interruption'"); n == 0 {
			t.Error("no notice was made")
		}
	})
	if status, _ := p.do("POST", at+"/end", `{"reason":""}`); status != 422 {
		t.Errorf("without a reason: %d", status)
	}
	for _, want := range []int{204, 409} {
		if status, v := p.do("POST", at+"/end", `{"reason":"Not worth it"}`); status != want {
			t.Errorf("%d %v", status, v)
		}
	}
}

func TestCaseAtBailiff(t *testing.T) {
	t.Parallel()
	ten, p, id, _, at := aCase(t)
	office := &emulator.Bailiff{Token: "key", Now: ten.Now}
	server := httptest.NewServer(office)
	t.Cleanup(server.Close)
	to := ten.Bailiff(server.URL, "bailiff")
	other := ten.Bailiff(server.URL, "creditor")
	t.Run("R108 another bailiff is chosen, and who is not known is not", func(t *testing.T) {
		if status, v := p.do("PUT", at+"/bailiff", `{"bailiff":"`+other.String()+`"}`); status != 204 {
			t.Errorf("%d %v", status, v)
		}
		if status, _ := p.do("PUT", at+"/bailiff", `{"bailiff":"`+uuid.NewString()+`"}`); status != 404 {
			t.Errorf("who is not known: %d", status)
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			b, err := tx.ChosenBailiff(t.Context(), id)
			if b.ID != other {
				t.Errorf("chosen is %s", b.Name)
			}
			return err
		})
	})
	if status, v := p.do("POST", at+"/recall", `{"reason":"A mistake"}`); status != 409 || v["code"] != "not_handed_over" {
		t.Errorf("nobody has it: %d %v", status, v)
	}
	if status, v := p.do("POST", at+"/notes", `{"kind":"question","text":"How is it?"}`); status != 409 {
		t.Errorf("nobody to write to: %d %v", status, v)
	}
	if status, v := p.do("POST", at+"/handover/settle", `{"arrived":true}`); status != 409 || v["code"] != "nothing_unknown" {
		t.Errorf("nothing is unknown: %d %v", status, v)
	}
	t.Run("R107 R108 it is handed over on the word of the program, and the bailiff takes it", func(t *testing.T) {
		if status, v := p.do("POST", at+"/handover", `{"bailiff":"`+to.String()+`"}`); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		ten.Wake(id)
		_, v := p.do("GET", at+"/notes", "")
		h := v["handovers"].([]any)[0].(map[string]any)
		if h["state"] != "sent" || h["reference"] != "GDW-00001" || h["pays_to"] != "bailiff" || h["unknown"] != false || h["approved_by"] == "" || len(office.Cases()) != 1 {
			t.Errorf("%v", h)
		}
		if status, v := p.do("POST", at+"/handover", `{"bailiff":"`+to.String()+`"}`); status != 409 || v["code"] != "handed_over" {
			t.Errorf("twice: %d %v", status, v)
		}
	})
	t.Run("a question and an answer reach the bailiff", func(t *testing.T) {
		for _, kind := range []string{"question", "answer"} {
			if status, v := p.do("POST", at+"/notes", `{"kind":"`+kind+`","text":"About the debtor"}`); status != 204 {
				t.Fatalf("%d %v", status, v)
			}
		}
		ten.Wake(id)
		told := office.Told()
		if len(told) != 2 || told[0].Kind != "question" || told[1].Kind != "answer" {
			t.Errorf("the bailiff was told %+v", told)
		}
	})
	t.Run("R30 R109 what the bailiff reports is booked, refused and taken back", func(t *testing.T) {
		on := date.Of(ten.Now())
		for _, n := range []bailiff.Note{{Minor: 20_000, Reference: "DW-1"}, {Minor: 20_000}, {Minor: 30_000}} {
			n.Case, n.Kind, n.Text, n.Currency, n.On = number(p, at), "payment", "The debtor paid.", "EUR", on
			if n.Minor == 30_000 {
				n.On = on.AddDays(-60) // when they did not have it
			}
			office.Say(n)
		}
		ten.Wake(id)
		_, before := p.do("GET", at+"/standing", "")
		notes := payments(p, at)
		if len(notes) != 3 || notes[0]["booking"] != "booked" || notes[1]["booking"] != "waiting" || notes[2]["booking"] != "waiting" {
			t.Fatalf("%v", notes)
		}
		decide := func(n map[string]any, body string) int {
			status, _ := p.do("POST", at+"/notes/"+n["id"].(string)+"/payment", body)
			return status
		}
		for _, step := range []struct {
			note int
			body string
			want int
		}{
			{1, `{"do":"book","on":"` + on.AddDays(1).String() + `"}`, 422},
			{1, `{"do":"book","amount_minor":15000}`, 204},
			{1, `{"do":"book"}`, 409},
			{2, `{"do":"refuse"}`, 422},
			{2, `{"do":"refuse","reason":"It is ours"}`, 204},
			{0, `{"do":"take_back"}`, 422},
			{0, `{"do":"take_back","reason":"Given back"}`, 204},
			{0, `{"do":"take_back","reason":"Again"}`, 409},
		} {
			if got := decide(notes[step.note], step.body); got != step.want {
				t.Errorf("%s: %d, want %d", step.body, got, step.want)
			}
		}
		_, after := p.do("GET", at+"/standing", "")
		if d := minor(after, "total") - minor(before, "total"); d != 5_000 {
			t.Errorf("from %d to %d", minor(before, "total"), minor(after, "total"))
		}
		if status, _ := p.do("POST", at+"/notes/"+uuid.NewString()+"/payment", `{"do":"book"}`); status != 404 {
			t.Errorf("a note of another case: %d", status)
		}
	})
	t.Run("R109 it is recalled with a reason, and the bailiff is told", func(t *testing.T) {
		if status, v := p.do("POST", at+"/recall", `{"reason":"They pay us"}`); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		ten.Wake(id)
		if told := office.Told(); told[len(told)-1].Kind != "recall" {
			t.Errorf("the bailiff was told %+v", told)
		}
		if _, v := p.do("GET", at, ""); v["state"] != "ready" {
			t.Errorf("the case is %v", v["state"])
		}
	})
}

func number(p program, at string) string {
	_, v := p.do("GET", at, "")
	return v["number"].(string)
}

// payments are the payments that the bailiff of a case reported.
func payments(p program, at string) (out []map[string]any) {
	_, v := p.do("GET", at+"/notes", "")
	for _, n := range v["notes"].([]any) {
		if one := n.(map[string]any); one["kind"] == "payment" && one["direction"] == "in" {
			out = append(out, one)
		}
	}
	return out
}

// TestSettleHandover says what became of a hand-over by e-mail that broke off.
func TestSettleHandover(t *testing.T) {
	t.Parallel()
	for _, arrived := range []bool{true, false} {
		ten, p, id, _, at := aCase(t)
		to := ten.Bailiff("http://127.0.0.1:1", "creditor")
		if err := ten.Services.Cases.HandOver(t.Context(), ten.ID, id, to, "test"); err != nil {
			t.Fatal(err)
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			h, err := tx.HandoverOf(t.Context(), id)
			if err == nil {
				err = tx.TryHandover(t.Context(), db.TryHandoverParams{ID: h.ID, At: ten.Now()})
			}
			return err
		})
		body, want := `{"arrived":false}`, "approved"
		if arrived {
			body, want = `{"arrived":true}`, "sent"
		}
		if status, v := p.do("POST", at+"/handover/settle", body); status != 204 {
			t.Fatalf("%d %v", status, v)
		}
		_, v := p.do("GET", at+"/notes", "")
		if h := v["handovers"].([]any)[0].(map[string]any); h["state"] != want || h["unknown"] != false {
			t.Errorf("arrived %v: %v", arrived, h)
		}
	}
}

// TestCaseRules keeps how cases are handled, and lists who may get them.
func TestCaseRules(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	at := "/administrations/" + ten.Administration.String() + "/case-rules"
	to := ten.Bailiff("http://127.0.0.1:1", "creditor")
	status, v := p.do("GET", at, "")
	if status != 200 || v["automatic"] != false || v["ordering"] != "statutory" {
		t.Fatalf("%d %v", status, v)
	}
	rules := `{"ordering":"principal_first","costs_left":"waive","waive_after_days":30,"grace_days":3,"monitor_months":6,"automatic":true,"watch_after":true,"bailiff":"` + to.String() + `"}`
	if status, v := p.do("PUT", at, rules); status != 200 && status != 204 {
		t.Fatalf("%d %v", status, v)
	}
	if _, v := p.do("GET", at, ""); v["automatic"] != true || v["ordering"] != "principal_first" || v["bailiff"] != to.String() || v["monitor_months"] != 6.0 {
		t.Errorf("%v", v)
	}
	if status, _ := p.do("PUT", at, strings.Replace(rules, `"monitor_months":6`, `"monitor_months":99`, 1)); status != 422 {
		t.Errorf("ninety-nine months: %d", status)
	}
	status, v = p.do("GET", "/bailiffs", "")
	list, _ := v["bailiffs"].([]any)
	if status != 200 || len(list) != 1 || list[0].(map[string]any)["name"] != "Deurwaarder De Wit" {
		t.Errorf("%d %v", status, v)
	}
	reader := key(t, ten, "reader", "read")
	if status, _ := reader.do("PUT", at, rules); status != 403 {
		t.Errorf("R124 who may only read: %d", status)
	}
}
