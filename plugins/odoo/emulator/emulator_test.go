package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/odoo/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type desk struct {
	*emulatortest.Desk
	*emulatortest.Clock
	srv *emulator.Server
}

func open(t *testing.T, change func(*emulator.Config)) *desk {
	t.Helper()
	d := &desk{Clock: &emulatortest.Clock{}}
	cfg := emulator.Config{Now: d.Now, Wall: d.Now}
	if change != nil {
		change(&cfg)
	}
	var err error
	if d.srv, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.srv.Close)
	d.Desk = emulatortest.Serve(t, d.srv)
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": "1", "name": "De Korenaar"})
	d.Must(201, "POST", "/_control/administrations/1/contacts", ledger.ContactSeed{CompanyName: "Acme B.V.", LastName: "Vos", Email: "ap@acme.example", Country: "NL"})
	d.Must(201, "POST", "/_control/tokens", map[string]string{"key": "k3y"})
	d.Header.Set("Authorization", "bearer k3y")
	return d
}

func (d *desk) invoice(total string) string {
	d.T.Helper()
	d.Must(201, "POST", "/_control/administrations/1/invoices", ledger.InvoiceSeed{Contact: "1", Total: total})
	return d.At("ids.0")
}

// call asks over JSON-2 and returns the status.
func (d *desk) call(model, method, body string) int {
	d.T.Helper()
	return d.Ask("POST", "/json/2/"+model+"/"+method, body)
}

// rpc asks over JSON-RPC, which always answers 200.
func (d *desk) rpc(model, method, args, kwargs string) {
	d.T.Helper()
	d.Must(200, "POST", "/jsonrpc", fmt.Sprintf(`{"jsonrpc":"2.0","method":"call","id":7,"params":{"service":"object","method":"execute_kw","args":["odoo",2,"k3y",%q,%q,%s,%s]}}`, model, method, args, kwargs))
}

func TestLogin(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	common := func(method, args string) {
		d.Must(200, "POST", "/jsonrpc", `{"jsonrpc":"2.0","method":"call","id":1,"params":{"service":"common","method":"`+method+`","args":`+args+`}}`)
	}
	common("version", `[]`)
	d.Want("result.server_version", "19.0")
	common("authenticate", `["odoo","bot","k3y",{}]`)
	d.Want("result", "2")
	common("authenticate", `["odoo","bot","wrong",{}]`)
	d.Want("result", "false")
	common("authenticate", `["other","bot","k3y",{}]`)
	d.Want("error.data.name", "psycopg2.OperationalError")
	d.Must(200, "POST", "/jsonrpc", `{"jsonrpc":"2.0","id":1,"params":{"service":"object","method":"execute_kw","args":["odoo",2,"wrong","res.partner","search",[[]]]}}`)
	d.Want("error.code", "200")
	d.Want("error.data.name", "odoo.exceptions.AccessDenied")
	d.Must(200, "GET", "/web/version", nil)
	d.Header.Set("Authorization", "bearer wrong")
	d.Must(401, "POST", "/json/2/res.partner/search", `{}`)
	d.Want("message", "Invalid apikey")
	d.Header.Set("Authorization", "bearer k3y")
	d.Header.Set("X-Odoo-Database", "other")
	d.Must(404, "POST", "/json/2/res.partner/search", `{}`)
	d.Header.Del("X-Odoo-Database")
	d.srv.Kit().MustInject(kit.Fault{Do: kit.ExpireToken, Path: "/jsonrpc"})
	d.rpc("res.partner", "search", "[[]]", "{}")
	d.Want("error.data.name", "odoo.exceptions.AccessDenied")
}

func TestOldVersionsHaveNoJSON2(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *emulator.Config) { c.Version = 17 })
	d.Must(404, "POST", "/json/2/res.partner/search", `{}`)
	d.rpc("res.partner", "search_read", `[[["is_company","=",true]]]`, `{"fields":["mobile"]}`)
	d.Want("result.0.mobile", "false")
}

func TestFaults(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Must(201, "POST", "/_control/tokens", map[string]any{"key": "reader", "read_only": true})
	for _, tc := range []struct {
		path, body string
		status     int
		name       string
	}{
		{"res.nothing/search", `{}`, 404, "werkzeug.exceptions.NotFound"},
		{"res.partner/dance", `{}`, 404, "builtins.AttributeError"},
		{"res.partner/_write", `{}`, 403, "odoo.exceptions.AccessError"},
		{"res.partner/search", `{"nope":1}`, 422, "builtins.TypeError"},
		{"res.partner/search", `{"domain":[["nope","=",1]]}`, 500, "builtins.ValueError"},
		{"res.partner/search", `{"domain":["&",["id","=",1]]}`, 500, "builtins.ValueError"},
		{"res.partner/search", `{"order":"nope"}`, 500, "builtins.ValueError"},
		{"res.partner/search_read", `{"fields":["nope"]}`, 500, "builtins.ValueError"},
		{"res.partner/read", `{"ids":[99]}`, 404, "odoo.exceptions.MissingError"},
		{"res.partner/write", `{"ids":[99],"vals":{}}`, 404, "odoo.exceptions.MissingError"},
		{"res.partner/create", `{"vals_list":{}}`, 422, "odoo.exceptions.UserError"},
		{"account.payment.register/create", `{"vals_list":{}}`, 422, "odoo.exceptions.UserError"},
	} {
		if d.Ask("POST", "/json/2/"+tc.path, tc.body) != tc.status || d.At("name") != tc.name {
			t.Errorf("%s %s: %d %s", tc.path, tc.body, d.Status, d.Body)
		}
	}
	d.Header.Set("Authorization", "bearer reader")
	d.Must(403, "POST", "/json/2/res.partner/write", `{"ids":[1],"vals":{}}`)
	d.Must(200, "POST", "/json/2/res.partner/read", `{"ids":[1],"fields":["name"]}`)
	d.rpc("res.partner", "read", `[[99]]`, `{}`)
	d.Want("error.message", "Odoo Server Error")
	d.Want("error.data.name", "odoo.exceptions.MissingError")
	d.rpc("res.nothing", "search", `[[]]`, `{}`)
	d.Want("error.data.message", "Object res.nothing doesn't exist")
}

func TestDomains(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for i := range 4 {
		d.invoice(fmt.Sprintf("%d.00", 100+i))
		d.Pass(1500 * time.Millisecond)
	}
	for domain, want := range map[string]string{
		`[]`: "4",
		`[["move_type","=","out_invoice"],["state","=","posted"]]`:                            "4",
		`["|",["amount_total","=",100],["amount_total",">=",103]]`:                            "2",
		`["!",["amount_total","<",102]]`:                                                      "2",
		`[["amount_total","in",[101,102.0,7]]]`:                                               "2",
		`[["amount_total","not in",[101]]]`:                                                   "3",
		`[["partner_id","=",1],["partner_id.email","=ilike","AP@%"]]`:                         "4",
		`[["partner_id","ilike","acme"],["partner_id.country_code","!=","NL"]]`:               "0",
		`[["reversed_entry_id","=",false],["ref","=",false]]`:                                 "4",
		`[["write_date",">=","2026-03-02 09:30:01"]]`:                                         "3",
		`[["write_date",">","2026-03-02 09:30:04"]]`:                                          "1", // shown as :04, changed at :04.5
		`[["name","like","00003"],["company_id","in",[1]]]`:                                   "1",
		`["&","|",["id","=",2],["id","=",3],["invoice_date","=","2026-03-02"]]`:               "2",
		`[["line_ids.account_id.account_type","=","asset_receivable"]]`:                       "error",
		`[["journal_id.type","=","sale"],["invoice_date_due",">","2026-03-15"],["id",">",4]]`: "1",
	} {
		d.rpc("account.move", "search_count", `[`+domain+`]`, `{}`)
		got := d.At("result")
		if d.At("error") != "-" {
			got = "error"
		}
		if got != want {
			t.Errorf("%s: %s, want %s", domain, got, want)
		}
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	for range 5 {
		d.invoice("10.00")
	}
	d.Must(200, "POST", "/json/2/account.move/search_read", `{"domain":[["move_type","=","out_invoice"]],"fields":["name"],"order":"write_date, id","limit":2,"offset":2}`)
	d.Want("#", "2")
	d.Want("0.name", "INV/2026/00003")
	d.rpc("account.move", "search", `[[]]`, `{"order":"id desc","limit":1}`)
	d.Want("result.0", "6")
	d.srv.Kit().MustInject(kit.Fault{Do: kit.DropPage, Path: "/json/*"})
	d.Must(200, "POST", "/json/2/account.move/search", `{"order":"id","limit":2}`)
	d.Want("0", "4")
	d.Must(200, "POST", "/json/2/account.move/search", `{}`)
	d.Want("0", "6") // newest first is the order of moves
}

func TestRegisterPayment(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.Must(200, "POST", "/json/2/account.journal/search", `{"domain":[["type","=","bank"]]}`)
	bank := d.At("0")
	wizard := func(vals string) int {
		return d.call("account.payment.register", "create", `{"context":{"active_model":"account.move","active_ids":[`+id+`]},"vals_list":{`+vals+`}}`)
	}
	if wizard(`"amount":21.5,"payment_date":"2026-03-20","journal_id":`+bank+`,"communication":"Voldaan","payment_difference_handling":"open"`) != 200 {
		t.Fatalf("%s", d.Body)
	}
	d.Must(200, "POST", "/json/2/account.payment.register/action_create_payments", `{"ids":[`+d.At("")+`]}`)
	d.Want("res_model", "account.payment")
	payment := d.At("res_id")
	d.Must(200, "POST", "/json/2/account.payment/read", `{"ids":[`+payment+`],"fields":["amount","state","memo","reconciled_invoice_ids","date"]}`)
	d.Want("0.amount", "21.5")
	d.Want("0.state", "in_process")
	d.Want("0.reconciled_invoice_ids.0", id)
	state := func(residual, payment string) {
		t.Helper()
		d.Must(200, "POST", "/json/2/account.move/read", `{"ids":[`+id+`],"fields":["amount_residual","payment_state"]}`)
		d.Want("0.amount_residual", residual)
		d.Want("0.payment_state", payment)
	}
	state("99.5", "partial")
	d.rpc("account.payment.register", "create", `[{}]`, `{"context":{"active_model":"account.move","active_ids":[`+id+`]}}`)
	d.rpc("account.payment.register", "action_create_payments", `[[`+d.At("result")+`]]`, `{}`)
	state("0.0", "in_payment")
	if wizard("") != 422 {
		t.Errorf("an invoice that is paid took a payment: %d %s", d.Status, d.Body)
	}
	d.Must(200, "POST", "/json/2/account.move.line/search_read", `{"domain":[["account_id.account_type","=","asset_receivable"],["parent_state","=","posted"],["move_id","=",`+id+`]],"fields":["reconciled","date_maturity","matched_credit_ids"]}`)
	d.Want("0.reconciled", "true")
	d.Want("0.matched_credit_ids.#", "2")
	d.Must(204, "DELETE", "/_control/administrations/1/invoices/"+id+"/payments", nil)
	state("121.0", "not_paid")
	d.Must(201, "POST", "/_control/administrations/1/invoices/"+id+"/pay", `{}`)
	state("0.0", "paid")
}

func TestCreditNoteAndReconcile(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.Must(201, "POST", "/_control/administrations/1/invoices/"+id+"/credit", `{"settle":false}`)
	d.Must(200, "POST", "/json/2/account.move/search_read", `{"domain":[["move_type","=","out_refund"]],"fields":["reversed_entry_id","amount_total","amount_residual_signed","line_ids"]}`)
	d.Want("0.reversed_entry_id.0", id)
	d.Want("0.amount_total", "121.0")
	d.Want("0.amount_residual_signed", "-121.0")
	d.Must(200, "POST", "/json/2/account.move.line/reconcile", `{"ids":[`+id+`1,`+d.At("0.line_ids.0")+`]}`)
	d.Must(200, "POST", "/json/2/account.move/read", `{"ids":[`+id+`],"fields":["payment_state"]}`)
	d.Want("0.payment_state", "reversed")
	d.Must(200, "POST", "/json/2/account.partial.reconcile/search_read", `{}`)
	d.Want("#", "1")
	d.Want("0.amount", "121.0")
}

func TestWritesOnRecords(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.rpc("res.partner", "create", `[{"name":"Jan","is_company":false,"email":"jan@x.example"}]`, `{}`)
	jan := d.At("result")
	d.rpc("res.partner", "write", `[[`+jan+`],{"city":"Ede"}]`, `{}`)
	d.Want("result", "true")
	d.rpc("res.partner", "read", `[`+jan+`,["city","name","vat"]]`, `{}`)
	d.Want("result.0.city", "Ede")
	d.Want("result.0.vat", "false")
	d.Must(200, "POST", "/json/2/account.move/create", `{"vals_list":[{"move_type":"out_invoice","partner_id":1,"invoice_line_ids":[[0,0,{"name":"Bread","quantity":2,"price_unit":50}]]}]}`)
	move := d.At("0")
	d.Must(200, "POST", "/json/2/account.move/read", `{"ids":[`+move+`],"fields":["state","name","amount_total"]}`)
	d.Want("0.state", "draft")
	d.Want("0.amount_total", "121.0")
	d.Must(200, "POST", "/json/2/account.move/action_post", `{"ids":[`+move+`]}`)
	d.Must(422, "POST", "/json/2/account.move/unlink", `{"ids":[`+move+`]}`)
	d.Must(200, "POST", "/json/2/account.move/message_post", `{"ids":[`+move+`],"body":"<p>Second reminder</p>","message_type":"comment","subtype_xmlid":"mail.mt_note"}`)
	d.Must(200, "POST", "/json/2/mail.message/search_read", `{"domain":[["model","=","account.move"],["res_id","=",`+move+`]]}`)
	d.Want("0.body", "<p>Second reminder</p>")
	d.Must(200, "POST", "/json/2/account.move/button_cancel", `{"ids":[`+move+`]}`)
	d.Must(200, "POST", "/json/2/account.move/read", `{"ids":[`+move+`],"fields":["state","amount_residual"]}`)
	d.Want("0.state", "cancel")
	d.Want("0.amount_residual", "0.0")
}

func TestPDF(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.Must(200, "POST", "/json/2/account.move/get_portal_url", `{"ids":[`+id+`]}`)
	link := d.At("")
	d.Must(200, "GET", link+"&report_type=pdf&download=true", nil)
	if !strings.HasPrefix(string(d.Body), "%PDF-") {
		t.Errorf("%.60s", d.Body)
	}
	d.Must(303, "GET", "/my/invoices/"+id+"?access_token=wrong&report_type=pdf", nil)
	d.Must(200, "POST", "/json/2/ir.attachment/search_read", `{"domain":[["res_model","=","account.move"],["res_id","=",`+id+`]],"fields":["datas"]}`)
	if !strings.HasPrefix(d.At("0.datas"), "JVBERi0") {
		t.Errorf("%.60s", d.Body)
	}
}

func TestCompanies(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.invoice("1.00")
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": "2", "name": "Molen"})
	d.Must(204, "POST", "/_control/administrations/2/demonstration", `{}`)
	d.Must(200, "POST", "/json/2/res.company/search_read", `{"fields":["name"]}`)
	d.Want("1.name", "Molen")
	for context, want := range map[string]string{`{}`: "14", `{"allowed_company_ids":[1]}`: "1", `{"allowed_company_ids":[2]}`: "13"} {
		d.Must(200, "POST", "/json/2/account.move/search_count", `{"domain":[["move_type","!=","entry"]],"context":`+context+`}`)
		d.Want("", want)
	}
	d.Must(200, "POST", "/json/2/account.move/search", `{"domain":[["company_id","=",2],["move_type","=","out_refund"]]}`)
	refund := d.At("0")
	d.Must(200, "POST", "/json/2/account.move/message_post", `{"ids":[`+refund+`],"body":"x"}`)
	// every record of a model has the same fields
	for _, model := range []string{"account.move", "account.move.line", "res.partner", "account.payment", "account.partial.reconcile"} {
		d.Must(200, "POST", "/json/2/"+model+"/fields_get", `{}`)
		fields := []string{}
		for _, part := range strings.Split(string(d.Body), `"name":"`)[1:] {
			name, _, _ := strings.Cut(part, `"`)
			fields = append(fields, `"`+name+`"`)
		}
		d.Must(200, "POST", "/json/2/"+model+"/search_read", `{"fields":[`+strings.Join(fields, ",")+`]}`)
	}
}

func TestWebhook(t *testing.T) {
	t.Parallel()
	calls := make(chan string, 10)
	hub := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		calls <- string(b)
	}))
	defer hub.Close()
	d := open(t, nil)
	d.Must(204, "POST", "/_control/webhooks", map[string]any{"url": hub.URL + "/secret", "model": "account.move", "fields": []string{"name", "payment_state"}})
	id := d.invoice("121.00")
	select {
	case got := <-calls:
		if !strings.Contains(got, `"_id":`+id) || !strings.Contains(got, `"payment_state":"not_paid"`) {
			t.Error(got)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no call came")
	}
}
