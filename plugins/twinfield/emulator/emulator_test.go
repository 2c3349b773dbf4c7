package emulator_test

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/plugins/twinfield/emulator"
	kit "github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type desk struct {
	*emulatortest.Desk
	*emulatortest.Clock
	srv     *emulator.Server
	token   string
	company string
	answer  string // the document of the last answer
}

const office = "NLA000123"

func open(t *testing.T, change func(*emulator.Config)) *desk {
	t.Helper()
	d := &desk{Clock: &emulatortest.Clock{}, company: office}
	cfg := emulator.Config{Now: d.Now, Wall: d.Now, Clients: map[string]kit.OAuthClient{"app": {Secret: "s3cret"}}}
	if change != nil {
		change(&cfg)
	}
	var err error
	if d.srv, err = emulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	d.Desk = emulatortest.Serve(t, d.srv)
	d.Must(201, "POST", "/_control/administrations", map[string]string{"id": office, "name": "De Korenaar"})
	d.Must(201, "POST", "/_control/administrations/"+office+"/contacts", ledger.ContactSeed{CompanyName: "Acme & Zn.", LastName: "Vos", Email: "ap@acme.example", Terms: 30})
	d.connect("")
	return d
}

func (d *desk) connect(scope string) (refresh string) {
	d.T.Helper()
	d.Must(201, "POST", "/_control/tokens", map[string]string{"client": "app", "scope": scope})
	d.token = d.At("access_token")
	return d.At("refresh_token")
}

func (d *desk) invoice(total string) string {
	d.T.Helper()
	d.Must(201, "POST", "/_control/administrations/"+office+"/invoices", ledger.InvoiceSeed{Contact: "1", Total: total, Reference: "PO-1"})
	return d.At("ids.0")
}

// soap sends an operation and returns the status.
func (d *desk) soap(path, operation string) int {
	d.T.Helper()
	d.Header.Set("Content-Type", "text/xml; charset=utf-8")
	defer d.Header.Set("Content-Type", "application/json")
	return d.Ask("POST", "/webservices/"+path, `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><Header xmlns="http://www.twinfield.com/"><AccessToken>`+
		d.token+`</AccessToken><CompanyCode>`+d.company+`</CompanyCode></Header></soap:Header><soap:Body>`+operation+`</soap:Body></soap:Envelope>`)
}

// process sends a document as text and keeps the one that comes back.
func (d *desk) process(doc string) string {
	d.T.Helper()
	if d.soap("processxml.asmx", `<ProcessXmlString xmlns="http://www.twinfield.com/"><xmlRequest>`+html.EscapeString(doc)+`</xmlRequest></ProcessXmlString>`) != 200 {
		d.T.Fatalf("%d %s", d.Status, d.Body)
	}
	var out struct {
		Text string `xml:"Body>ProcessXmlStringResponse>ProcessXmlStringResult"`
	}
	if err := xml.Unmarshal(d.Body, &out); err != nil {
		d.T.Fatalf("%v %s", err, d.Body)
	}
	d.answer = strings.TrimPrefix(out.Text, `<?xml version="1.0"?>`)
	return d.answer
}

// has fails the test for each part that the last document lacks.
func (d *desk) has(parts ...string) {
	d.T.Helper()
	for _, p := range parts {
		if !strings.Contains(d.answer, p) {
			d.T.Errorf("%s is not in %.1500s", p, d.answer)
		}
	}
}

func (d *desk) fault(code, text string) {
	d.T.Helper()
	if d.Status != 500 || !strings.Contains(string(d.Body), ">"+code+"</Code>") || !strings.Contains(string(d.Body), text) {
		d.T.Errorf("%d %s, want fault %s %s", d.Status, d.Body, code, text)
	}
}

const listOffices = `<ProcessXmlString xmlns="http://www.twinfield.com/"><xmlRequest>&lt;list&gt;&lt;type&gt;offices&lt;/type&gt;&lt;/list&gt;</xmlRequest></ProcessXmlString>`

func TestTokens(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	refresh := d.connect("")
	d.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("app:s3cret")))
	validate := "/auth/authentication/connect/accesstokenvalidation?token="
	d.Must(200, "GET", validate+d.token, nil)
	if got := d.At("twf.clusterUrl"); got != "-" { // a name with a point in it
		t.Error(got)
	}
	if !strings.Contains(string(d.Body), `"twf.clusterUrl":"`+d.URL+`"`) {
		t.Errorf("%s", d.Body)
	}
	d.Must(400, "GET", validate+"nonsense", nil)
	d.Pass(time.Hour)
	d.soap("processxml.asmx", listOffices)
	d.fault("354", "Token invalid")
	d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for range 2 { // a refresh token may be used often
		d.Must(200, "POST", "/auth/authentication/connect/token", "grant_type=refresh_token&refresh_token="+refresh)
		d.Want("refresh_token", refresh)
	}
	d.token = d.At("access_token")
	d.Header.Del("Authorization")
	d.Must(400, "GET", validate+d.token, nil)
	d.process(`<list><type>offices</type></list>`)
	d.has(`<office name="De Korenaar"`)
	d.srv.Kit().MustInject(kit.Fault{Do: kit.ExpireToken, Path: "/webservices/*"})
	d.soap("processxml.asmx", listOffices)
	d.fault("354", "Token invalid")
	d.connect("openid twf.user")
	d.soap("processxml.asmx", listOffices)
	d.fault("103", "logged in correctly")
	d.token = ""
	d.soap("processxml.asmx", listOffices)
	d.fault("103", "logged in correctly")
}

func TestCompanyInTheHeader(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.company = ""
	d.process(`<list><type>offices</type></list>`)
	d.has(`<offices result="1">`, office+"</office>")
	d.soap("processxml.asmx", strings.ReplaceAll(listOffices, "offices", "dimensions"))
	d.fault("103", "company code is missing")
	d.company = "NOPE"
	d.soap("processxml.asmx", listOffices)
	d.fault("103", "NOPE")
	d.company = office
	d.process(`<list><type>dimensions</type><office>OTHER</office><dimtype>DEB</dimtype></list>`)
	d.has(`result="0"`)
	d.soap("processxml.asmx", `<ProcessXmlDocument xmlns="http://www.twinfield.com/"><xmlRequest><list xmlns=""><type>dimensions</type><dimtype>DEB</dimtype></list></xmlRequest></ProcessXmlDocument>`)
	if !strings.Contains(string(d.Body), `<ProcessXmlDocumentResult><dimensions office="NLA000123" type="DEB" result="1" xmlns=""><dimension name="Acme &amp; Zn."`) {
		t.Errorf("%s", d.Body)
	}
	d.soap("processxml.asmx", "")
	d.fault("1", "not a SOAP envelope")
}

func TestCustomer(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	read := `<read><type>dimensions</type><office>` + office + `</office><dimtype>DEB</dimtype><code>%s</code></read>`
	d.process(fmt.Sprintf(read, "1001"))
	d.has(`<name>Acme &amp; Zn.</name>`, `<duedays>30</duedays>`, `<email>ap@acme.example</email>`, `status="active"`)
	d.process(fmt.Sprintf(read, "9"))
	d.has(`result="0"`, `msg="The dimension 9 does not exist."`)
	d.process(`<dimension><office>` + office + `</office><type>DEB</type><code>1001</code><creditmanagement><comment>Called</comment></creditmanagement></dimension>`)
	d.has(`result="1"`, `<comment>Called</comment>`, `<email>ap@acme.example</email>`)
	d.Must(200, "GET", "/_control/administrations/"+office+"/notes", nil)
	d.Want("0.text", "Called")
	d.process(`<dimensions><dimension><type>DEB</type><name>Jan</name></dimension><dimension><type>DEB</type></dimension></dimensions>`)
	d.has(`<dimensions result="0">`, `<code>1003</code>`, `The name is mandatory.`)
	d.process(`<dimension status="deleted"><type>DEB</type><code>1003</code></dimension>`)
	d.has(`status="deleted"`, `result="1"`)
	d.process(`<unknown/>`)
	d.has(`result="0"`)
}

// columns is a browse over a period, with the fields shown and the selections
// given ("field=from").
func columns(code, fields, selection string) string {
	var b strings.Builder
	b.WriteString(`<columns code="` + code + `"><column><field>fin.trs.head.yearperiod</field><visible>false</visible><operator>between</operator><from>2026/01</from><to>2026/12</to></column>`)
	for f := range strings.FieldsSeq(fields) {
		b.WriteString(`<column><field>fin.trs.` + f + `</field><label>` + f + `</label><visible>true</visible></column>`)
	}
	for s := range strings.FieldsSeq(selection) {
		f, v, _ := strings.Cut(s, "=")
		from, to, between := strings.Cut(v, "..")
		op := "equal"
		if between {
			op = "between"
		}
		b.WriteString(`<column><field>fin.trs.` + f + `</field><visible>false</visible><operator>` + op + `</operator><from>` + from + `</from><to>` + to + `</to></column>`)
	}
	return b.String() + `</columns>`
}

var cell = regexp.MustCompile(`<td field="[^"]*" hideforuser="false" type="[^"]*"(?:/>|>([^<]*)</td>)`)

// rows are the cells of a browse, joined by spaces, a line a row.
func (d *desk) rows(doc string) string {
	d.T.Helper()
	var out []string
	for _, tr := range strings.Split(d.process(doc), "<tr>")[1:] {
		var r []string
		for _, m := range cell.FindAllStringSubmatch(tr, -1) {
			r = append(r, m[1])
		}
		out = append(out, strings.Join(r, " "))
	}
	return strings.Join(out, "; ")
}

func TestBrowse(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.invoice("60.50")
	fields := "line.dim2 line.invnumber line.valuesigned line.openvaluesigned line.matchstatus"
	want := func(code, selection, want string) {
		t.Helper()
		if got := d.rows(columns(code, fields, selection)); got != want {
			t.Errorf("%s %s: %s, want %s", code, selection, got, want)
		}
	}
	want("100", "", "1001 20260001 121.00 121.00 1; 1001 20260002 60.50 60.50 1")
	d.has(`<browse result="1" first="1" last="2" total="2">`, `<key><office>NLA000123</office><code>VRK</code><number>202600002</number><line>1</line></key>`, `type="Value">fin.trs.line.valuesigned</td>`)
	at := d.Now().Add(time.Hour).Add(time.Second).Format("20060102150405") // Amsterdam
	d.Pass(time.Minute)
	d.Must(201, "POST", "/_control/administrations/"+office+"/invoices/"+id+"/pay", `{"price":"21.00"}`)
	want("100", "", "1001 20260001 121.00 100.00 1; 1001 20260002 60.50 60.50 1; 1001 20260001 -21.00 0.00 2")
	want("130_3", "line.matchstatus=available", "1001 20260001 121.00 100.00 1; 1001 20260002 60.50 60.50 1")
	want("100", "head.modified="+at+"..", "1001 20260001 -21.00 0.00 2")
	d.Must(201, "POST", "/_control/administrations/"+office+"/invoices/"+id+"/pay", `{}`)
	want("130_3", "line.matchstatus=1", "1001 20260002 60.50 60.50 1")
	want("100", "line.dim2=1002", "")
	d.Must(201, "POST", "/_control/administrations/"+office+"/invoices/20260002/credit", `{"settle":false}`)
	want("130_3", "line.matchstatus=available", "1001 20260002 60.50 60.50 1; 1001 20260003 -60.50 -60.50 1")
	if got := d.rows(columns("030_3", "line.dim1 line.valuesigned", "head.number=202600002 head.code=VRK")); got != "1300 121.00; 8020 -100.00; 1530 -21.00" {
		t.Error(got)
	}
	for doc, msg := range map[string]string{
		columns("999", "", ""):                    "does not exist",
		columns("100", "line.nonsense", ""):       "is not one of this browse",
		`<columns code="100"></columns>`:          "is mandatory",
		`<columns code="100"><column/></columns>`: "is not one of this browse",
	} {
		d.process(doc)
		d.has(`result="0"`, msg)
	}
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.invoice("121.00")
	read := func(code, number string) {
		d.process(`<read><type>transaction</type><office>` + office + `</office><code>` + code + `</code><number>` + number + `</number></read>`)
	}
	read("VRK", "202600002")
	d.has(`location="final"`, `<invoicenumber>20260001</invoicenumber>`, `<duedate>20260401</duedate>`, `<openvalue>121.00</openvalue>`, `<matchstatus>available</matchstatus>`, `<debitcredit>debit</debitcredit>`)
	read("VRK", "1")
	d.has(`result="0"`)
	d.process(`<read><type>salesinvoice</type><office>` + office + `</office><code>FACTUUR</code><invoicenumber>20260001</invoicenumber></read>`)
	d.has(`<customer>1001</customer>`, `<valueinc>121.00</valueinc>`, `<financials><code>VRK</code><number>202600002</number></financials>`)

	post := func(code, debtor, value string) string {
		return d.process(`<transaction destiny="final"><header><office>` + office + `</office><code>` + code + `</code><currency>EUR</currency><date>20260320</date><period>2026/03</period></header><lines>` +
			`<line type="total" id="1"><dim1>1100</dim1><debitcredit>debit</debitcredit><value>` + value + `</value></line>` +
			`<line type="detail" id="2"><dim1>1300</dim1><dim2>` + debtor + `</dim2><debitcredit>credit</debitcredit><value>` + value + `</value><invoicenumber>20260001</invoicenumber><description>Voldaan</description></line></lines></transaction>`)
	}
	for _, bad := range [][3]string{{"XXX", "1001", "121.00"}, {"BNK", "9999", "121.00"}, {"BNK", "1001", "x"}} {
		post(bad[0], bad[1], bad[2])
		d.has(`result="0"`, `msgtype="error"`)
	}
	post("BNK", "1001", "121.00")
	d.has(`result="1"`, `<matchstatus>available</matchstatus>`)
	_, rest, _ := strings.Cut(d.answer, "<number>")
	number, _, _ := strings.Cut(rest, "<")
	match := func(value string) {
		line := `<line><transcode>%s</transcode><transnumber>%s</transnumber><transline>%d</transline><matchvalue>%s</matchvalue></line>`
		d.process(`<match><set><matchcode>170</matchcode><office>` + office + `</office><matchdate>20260320</matchdate><lines>` +
			fmt.Sprintf(line, "VRK", "202600002", 1, value) + fmt.Sprintf(line, "BNK", number, 2, "-121.00") + `</lines></set></match>`)
	}
	match("120.00")
	d.has(`<match result="0">`)
	match("122.00")
	d.has(`is not what is open`)
	match("121.00")
	d.has(`<match result="1">`)
	match("121.00")
	d.has(`not available`)
	read("VRK", "202600002")
	d.has(`<openvalue>0.00</openvalue>`, `<matchstatus>matched</matchstatus>`)
	read("BNK", number)
	d.has(`<invoicenumber>20260001</invoicenumber>`, `<matchstatus>matched</matchstatus>`)
}

func TestFinder(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	d.Pass(time.Hour - time.Minute)
	for i := range 3 {
		d.Must(201, "POST", "/_control/administrations/"+office+"/contacts", ledger.ContactSeed{CompanyName: fmt.Sprintf("Customer %d", i)})
	}
	search := func(kind, pattern string, first, most int, options string) string {
		t.Helper()
		d.soap("finder.asmx", fmt.Sprintf(`<Search xmlns="http://www.twinfield.com/"><type>%s</type><pattern>%s</pattern><field>0</field><firstRow>%d</firstRow><maxRows>%d</maxRows><options><ArrayOfString><string>dimtype</string><string>DEB</string></ArrayOfString>%s</options></Search>`, kind, pattern, first, most, options))
		var out struct {
			Total int      `xml:"Body>SearchResponse>data>TotalRows"`
			Codes []string `xml:"Body>SearchResponse>data>Items>ArrayOfString>string"`
		}
		if err := xml.Unmarshal(d.Body, &out); err != nil {
			t.Fatalf("%v %s", err, d.Body)
		}
		return fmt.Sprint(out.Total, " ", strings.Join(out.Codes, ","))
	}
	since := d.Now().Add(time.Hour - time.Minute).Format("20060102150405")
	for got, want := range map[string]string{
		search("DIM", "*", 1, 2, ""):        "4 1001,Acme & Zn.,1002,Customer 0",
		search("DIM", "*", 3, 2, ""):        "4 1003,Customer 1,1004,Customer 2",
		search("DIM", "Cust*2", 1, 100, ""): "1 1004,Customer 2",
		search("DIM", "*", 1, 1, "<ArrayOfString><string>modifiedsince</string><string>"+since+"</string></ArrayOfString>"): "3 1002,Customer 0",
		search("OFF", "*", 1, 100, ""): "1 " + office + ",De Korenaar",
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	d.srv.Kit().MustInject(kit.Fault{Do: kit.DropPage, Path: "/webservices/finder.asmx"})
	if got := search("DIM", "*", 1, 2, ""); got != "4 1003,Customer 1,1004,Customer 2" {
		t.Error(got)
	}
	d.soap("finder.asmx", `<Search xmlns="http://www.twinfield.com/"><type>NOPE</type></Search>`)
	d.fault("1", "NOPE")
}

func TestDeletedTransactions(t *testing.T) {
	t.Parallel()
	d := open(t, nil)
	id := d.invoice("121.00")
	d.Must(204, "DELETE", "/_control/administrations/"+office+"/invoices/"+id, nil)
	ask := func(from string) int {
		d.soap("DeletedTransactionsService.svc", `<QueryRequest xmlns="urn:x"><Query><CompanyCode>`+office+`</CompanyCode><Daybook>VRK</Daybook><DateFrom>`+from+`T00:00:00</DateFrom></Query></QueryRequest>`)
		return strings.Count(string(d.Body), "<TransactionNumber>202600002</TransactionNumber>")
	}
	if ask("2026-03-02") != 1 || ask("2026-03-03") != 0 {
		t.Errorf("%s", d.Body)
	}
	ask("nonsense..")
	d.fault("InvalidDates", "dates")
}
