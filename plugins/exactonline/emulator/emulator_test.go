package emulator_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/exactonline/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type desk struct {
	*emulatortest.Desk
	*emulatortest.Clock
	srv     *emulator.Server
	refresh string
}

const division = "123456"

// open starts an Exact Online with one division and one account, and connects.
func open(t *testing.T, change func(*emulator.Config)) *desk {
	t.Helper()
	d := &desk{Clock: &emulatortest.Clock{}}
	cfg := emulator.Config{
		Now: d.Now, Wall: d.Now, Minutely: -1, Daily: -1, Errors: -1, WebhookRetry: []time.Duration{time.Millisecond},
		Clients: map[string]kit.OAuthClient{"app": {Secret: "s3cret"}},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if d.srv, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.srv.Close)
	d.Desk = emulatortest.Serve(t, d.srv)
	d.Header.Set("Accept", "application/json")
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": division, "name": "De Korenaar"})
	d.Must(201, "POST", "/_control/administrations/"+division+"/contacts", ledger.ContactSeed{CompanyName: "Acme B.V.", LastName: "Vos", Email: "ap@acme.example", Terms: 30})
	d.connect()
	return d
}

func (d *desk) connect() {
	d.T.Helper()
	d.Must(201, "POST", "/_control/tokens", map[string]string{"client": "app"})
	d.Want("expires_in", "600")
	d.Header.Set("Authorization", "Bearer "+d.At("access_token"))
	d.refresh = d.At("refresh_token")
}

func (d *desk) token(form string) int {
	d.T.Helper()
	d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	defer d.Header.Set("Content-Type", "application/json")
	return d.Ask("POST", "/api/oauth2/token", form+"&client_id=app&client_secret=s3cret")
}

// get asks a resource of the division and fails the test when it is refused.
func (d *desk) get(path, query string) {
	d.T.Helper()
	d.Must(200, "GET", "/api/v1/"+division+"/"+path+"?"+strings.NewReplacer(" ", "%20", "'", "%27").Replace(query), nil)
}

func (d *desk) invoice(total string) string {
	d.T.Helper()
	d.Must(201, "POST", "/_control/administrations/"+division+"/invoices", ledger.InvoiceSeed{Contact: "1", Total: total, Reference: "PO-881"})
	return d.At("ids.0")
}

func (d *desk) story(method, path, body string, status int) {
	d.T.Helper()
	d.Must(status, method, "/_control/administrations/"+division+path, body)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	refresh := "grant_type=refresh_token&refresh_token="
	d.Pass(569 * time.Second)
	if d.token(refresh+d.refresh) != 400 || d.At("error_description") != "Rate limit exceeded: access_token not expired" {
		t.Errorf("an early refresh: %d %s", d.Status, d.Body)
	}
	d.Pass(time.Second)
	if d.token(refresh+d.refresh) != 200 || d.At("expires_in") != "600" || d.At("scope") != "-" {
		t.Errorf("a refresh in time: %d %s", d.Status, d.Body)
	}
	next := d.At("refresh_token")
	if d.token(refresh+d.refresh) != 400 || d.At("error") != "invalid_grant" {
		t.Errorf("a refresh token was used twice: %d %s", d.Status, d.Body)
	}
	d.Must(200, "GET", "/api/v1/current/Me?$select=CurrentDivision", nil)
	d.Want("d.results.0.CurrentDivision", division)
	d.Pass(30 * time.Second)
	d.Must(401, "GET", "/api/v1/current/Me", nil)
	d.Pass(30 * 24 * time.Hour)
	if d.token(refresh+next) != 400 {
		t.Errorf("a refresh token lived longer than 30 days: %d", d.Status)
	}
}

func TestReadingRules(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	path := "/api/v1/" + division + "/crm/Accounts"
	d.get("crm/Accounts", "$select=ID,Code,Modified&$filter=trim(Code) eq '1001'")
	d.Want("d.results.0.Code", "              1001")
	d.Want("d.results.0.Modified", "/Date(1772447400000)/") // 10:30 on the wall in Amsterdam
	d.Want("d.results.0.Name", "-")
	id := d.At("d.results.0.ID")
	d.get("crm/Accounts(guid'"+id+"')", "")
	d.Want("d.Name", "Acme B.V.")
	d.get("CRM/accounts", "$top=1")
	d.Want("d.results.#", "1")
	d.get("crm/Contacts", "$select=Account,LastName&$filter=Account eq guid'"+strings.ToUpper(id)+"'")
	d.Want("d.results.0.LastName", "Vos")
	for query, want := range map[string]string{
		"":                     "Please add a $select or a $top=1 statement to the query string.",
		"$select=Nope":         `no property "Nope" exists`,
		"$top=1&$filter=x%20y": `unexpected "y" in the filter`,
	} {
		if d.Ask("GET", path+"?"+query, nil) != 400 || d.At("error.message.value") != want {
			t.Errorf("%s: %d %s", query, d.Status, d.Body)
		}
	}
	d.Must(404, "GET", "/api/v1/"+division+"/crm/Nothing?$top=1", nil)
	d.Must(404, "GET", "/api/v1/999/crm/Accounts?$top=1", nil)
	d.story("POST", "/access", `{"denied":true}`, 204)
	d.Must(403, "GET", path+"?$top=1", nil)
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": "7", "name": "Other"})
	d.Must(200, "GET", "/api/v1/7/system/AllDivisions", nil)
	d.Want("d.results.#", "1")
}

func TestAtomForThoseWhoDoNotAskForJSON(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Header.Del("Accept")
	d.get("crm/Accounts", "$select=ID")
	if !strings.HasPrefix(d.Got.Get("Content-Type"), "application/atom+xml") {
		t.Errorf("%s %s", d.Got.Get("Content-Type"), d.Body)
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	seeds := make([]ledger.InvoiceSeed, 150)
	for i := range seeds {
		seeds[i] = ledger.InvoiceSeed{Contact: "1", Total: fmt.Sprint(i + 1)}
	}
	d.Must(201, "POST", "/_control/administrations/"+division+"/invoices", seeds)
	walk := func(path, query, field string) (pages, unique int) {
		d.get(path, query)
		seen := map[string]bool{}
		for {
			pages++
			for i := 0; d.At(fmt.Sprintf("d.results.%d.%s", i, field)) != "-"; i++ {
				seen[d.At(fmt.Sprintf("d.results.%d.%s", i, field))] = true
			}
			next := d.At("d.__next")
			if next == "-" {
				return pages, len(seen)
			}
			if strings.Contains(next, " ") {
				t.Fatalf("the address of the next page is not encoded: %s", next)
			}
			d.Must(200, "GET", next, nil)
		}
	}
	for _, tc := range []struct {
		path, query, field string
		pages, unique      int
	}{
		{"salesinvoice/SalesInvoices", "$select=InvoiceNumber", "InvoiceNumber", 3, 150},
		{"salesinvoice/SalesInvoices", "$select=InvoiceNumber&$orderby=AmountDC desc&$filter=AmountDC gt 50", "InvoiceNumber", 2, 100},
		{"sync/SalesInvoice/SalesInvoices", "$select=InvoiceNumber&$filter=Timestamp gt 1L", "InvoiceNumber", 1, 150},
		{"bulk/Cashflow/Receivables", "$select=ID", "ID", 1, 150},
		{"cashflow/Receivables", "$select=ID", "ID", 3, 150},
	} {
		if pages, unique := walk(tc.path, tc.query, tc.field); pages != tc.pages || unique != tc.unique {
			t.Errorf("%s: %d pages of %d records, want %d of %d", tc.path, pages, unique, tc.pages, tc.unique)
		}
	}
	d.srv.Kit().MustInject(kit.Fault{Do: kit.DropPage, Path: "*/SalesEntries", Skip: 1})
	if _, unique := walk("salesentry/SalesEntries", "$select=EntryID", "EntryID"); unique != 90 {
		t.Errorf("with a page dropped %d records are seen, want 90", unique)
	}
	d.srv.Kit().MustInject(kit.Fault{Do: kit.ExpireToken, Path: "*/SalesEntries", Skip: 1})
	d.get("salesentry/SalesEntries", "$select=EntryID")
	d.Must(401, "GET", d.At("d.__next"), nil)
}

func TestOpenItemsOverTime(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("1210.00")
	since := "0"
	sync := func(want ...string) {
		t.Helper()
		d.get("sync/Cashflow/PaymentTerms", "$select=ID,Timestamp,AmountFC,Status,IsFullyPaid,InvoiceNumber&$filter=Timestamp gt "+since+"L")
		var got []string
		for i := 0; d.At(fmt.Sprintf("d.results.%d.ID", i)) != "-"; i++ {
			at := func(f string) string { return d.At(fmt.Sprintf("d.results.%d.%s", i, f)) }
			got = append(got, at("AmountFC")+" "+at("Status"))
			since = at("Timestamp")
		}
		if strings.Join(got, ", ") != strings.Join(want, ", ") {
			t.Errorf("terms %v, want %v", got, want)
		}
	}
	sync("1210.00 20")
	sync()
	d.story("POST", "/invoices/"+id+"/pay", `{"price":"210.00"}`, 201)
	sync("1000.00 20", "210.00 50")
	d.get("read/financial/ReceivablesList", "")
	d.Want("d.results.0.Amount", "1000.00")
	d.Want("d.results.0.YourRef", "PO-881")
	d.Want("d.results.0.InvoiceNumber", "26700001")
	acc := d.At("d.results.0.AccountId")
	d.get("read/financial/ReceivablesListByAccount", "accountId=guid'"+acc+"'")
	d.Want("d.0.Amount", "1000.00")
	d.story("POST", "/invoices/"+id+"/pay", `{}`, 201)
	sync("1000.00 50", "210.00 50")
	d.get("read/financial/ReceivablesList", "")
	d.Want("d.results.#", "0")
	d.story("DELETE", "/invoices/"+id, "", 204)
	d.get("sync/Deleted", "$select=EntityType,EntityKey&$filter=Timestamp gt 0L and EntityType eq 13")
	d.Want("d.results.#", "1")
}

func TestPaymentIsBookedAndThenMatched(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.invoice("121.00")
	d.get("crm/Accounts", "$select=ID")
	acc := d.At("d.results.0.ID")
	body := func(journal, account, amount string) string {
		return fmt.Sprintf(`{"JournalCode":%q,"BankEntryLines":[{"Account":%q,"AmountFC":%s,"Date":"2026-03-20","Description":"Voldaan","OurRef":26700001}]}`, journal, account, amount)
	}
	post := "/api/v1/" + division + "/financialtransaction/BankEntries"
	d.Must(400, "POST", post, body("99", acc, "-121.00"))
	d.Must(400, "POST", post, body("20", "nobody", "-121.00"))
	d.Must(400, "POST", post, body("20", acc, "0"))
	d.Must(201, "POST", post, body("20", acc, "-121.00"))
	number := d.At("d.EntryNumber")
	d.get("financialtransaction/BankEntryLines", "$select=AmountFC,OurRef,Description")
	d.Want("d.results.0.AmountFC", "-121.00")
	d.Want("d.results.0.OurRef", "<nil>")
	d.get("read/financial/ReceivablesList", "")
	d.Want("d.results.#", "2")
	d.Want("d.results.1.Amount", "-121.00")

	xml := func(entry string) string {
		return `<eExact><MatchSets><MatchSet><GLAccount code="1300"/><Account code="1001"/><MatchLines>` +
			`<MatchLine finyear="2026" finperiod="3" journal="70" entry="26700001" amountdc="121"/>` +
			`<MatchLine finyear="2026" finperiod="3" journal="20" entry="` + entry + `" amountdc="-121"/></MatchLines></MatchSet></MatchSets></eExact>`
	}
	d.Must(200, "POST", "/docs/XMLUpload.aspx?Topic=MatchSets&_Division_="+division, xml("1"))
	if !strings.Contains(string(d.Body), `type="0"`) {
		t.Errorf("an unknown entry was matched: %s", d.Body)
	}
	d.Must(200, "POST", "/docs/XMLUpload.aspx?Topic=MatchSets&_Division_="+division, xml(number))
	if !strings.Contains(string(d.Body), `type="2"`) {
		t.Errorf("not matched: %s", d.Body)
	}
	d.get("read/financial/ReceivablesList", "")
	d.Want("d.results.#", "0")
}

func TestCreditNotePDFAndNote(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.story("POST", "/invoices/"+id+"/credit", `{"settle":true}`, 201)
	d.get("salesinvoice/SalesInvoices", "$select=Type,AmountDC,InvoiceID,SalesInvoiceLines,Document&$orderby=Type")
	d.Want("d.results.1.Type", "8021")
	d.Want("d.results.1.AmountDC", "-121.00")
	doc := d.At("d.results.0.Document")
	d.Must(200, "GET", d.At("d.results.0.SalesInvoiceLines.__deferred.uri")+"?$select=AmountFC", nil)
	d.Want("d.results.#", "1")
	d.Want("d.results.0.AmountFC", "100.00")
	d.get("documents/DocumentAttachments", "$select=Url,FileName&$filter=Document eq guid'"+doc+"'")
	d.Want("d.results.0.FileName", "26700001.pdf")
	link := d.At("d.results.0.Url")
	d.Must(200, "GET", link+"&Download=1", nil)
	if !strings.HasPrefix(string(d.Body), "%PDF-") {
		t.Errorf("%.60s", d.Body)
	}
	d.get("crm/Accounts", "$select=ID")
	acc := d.At("d.results.0.ID")
	d.Must(201, "POST", "/api/v1/"+division+"/activities/CommunicationNotes", map[string]string{"Subject": "Second reminder", "Notes": "Sent", "Account": acc})
	d.get("activities/CommunicationNotes", "$select=Notes,Account")
	d.Want("d.results.0.Account", acc)
	d.Must(204, "PUT", "/api/v1/"+division+"/crm/Accounts(guid'"+acc+"')", `{"City":"Ede"}`)
	d.get("crm/Accounts", "$select=City")
	d.Want("d.results.0.City", "Ede")
	d.Must(400, "DELETE", "/api/v1/"+division+"/crm/Accounts(guid'"+acc+"')", nil)
	d.Header.Del("Authorization")
	d.Must(401, "GET", link, nil)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	d := open(t, func(c *emulator.Config) { c.Minutely, c.Daily, c.Errors = 3, 5, 2 })
	ask := func() int { return d.Ask("GET", "/api/v1/"+division+"/crm/Accounts?$top=1", nil) }
	for range 3 {
		if ask() != 200 {
			t.Fatal(d.Status)
		}
	}
	if got := d.Got.Get("X-RateLimit-Minutely-Remaining") + " " + d.Got.Get("X-RateLimit-Remaining") + " " + d.Got.Get("X-RateLimit-Minutely-Reset"); got != fmt.Sprint("0 2 ", d.Now().Add(time.Minute).UnixMilli()) {
		t.Error(got)
	}
	if ask() != 429 {
		t.Error("a fourth call in the minute")
	}
	d.Pass(time.Minute)
	for i, want := range []int{200, 200, 429} {
		if got := ask(); got != want {
			t.Errorf("call %d of five in a day: %d, want %d", i+4, got, want)
		}
	}
	d.Pass(24 * time.Hour)
	d.connect()
	for i, want := range []int{400, 400, 400, 429} { // the third error is one too many
		if i == 3 {
			d.Pass(time.Minute)
		}
		d.Ask("GET", "/api/v1/"+division+"/crm/Accounts", nil)
		if d.Status != want {
			t.Errorf("error %d: %d, want %d", i+1, d.Status, want)
		}
	}
	d.Pass(time.Hour)
	d.connect()
	if ask() != 200 {
		t.Errorf("an hour later: %d", d.Status)
	}
}

func TestCodeFlow(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	d.Must(302, "POST", "/api/oauth2/auth", url.Values{"client_id": {"app"}, "redirect_uri": {"https://hub.example/back"}, "response_type": {"code"}, "decision": {"allow"}}.Encode())
	to, err := url.Parse(d.Got.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	if d.token("grant_type=authorization_code&redirect_uri=https://hub.example/back&code="+to.Query().Get("code")) != 200 {
		t.Errorf("%d %s", d.Status, d.Body)
	}
}
