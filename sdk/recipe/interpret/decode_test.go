package interpret_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestAmountsAreExact(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		total, open, item string
		want, wantOpen    int64
		unreadable        string
	}{
		"numbers keep their digits":    {".t", ".o", `{"t":1210.10,"o":90071992547409.93}`, 121010, 9007199254740993, ""},
		"texts":                        {".t", ".o", `{"t":"1210.10000000","o":"-0"}`, 121010, 0, ""},
		"with an exponent":             {".t", ".o", `{"t":1.2101E3,"o":0}`, 121010, 0, ""},
		"a decimal comma":              {".t", ".o", `{"t":"1210,1","o":0}`, 121010, 0, ""},
		"of two thousands":             {`.t | decimal(",")`, `.o | decimal(".")`, `{"t":"1.210,10","o":"1,210.10"}`, 121010, 121010, ""},
		"differences":                  {".t", "minus(.t; [.p[].a] | total)", `{"t":0.3,"p":[{"a":0.1},{"a":0.1},{"a":null}]}`, 30, 10, ""},
		"products and quotients":       {"times(.t; 3)", "divided(.t; 3; 2)", `{"t":0.35}`, 105, 12, ""},
		"cents":                        {"divided(.t; 100; 2)", "divided(.o; 100; 2)", `{"t":121010,"o":5}`, 121010, 5, ""},
		"of a package with floats":     {".t | rounded(2)", ".o | rounded(2)", `{"t":1210.0999999999999,"o":0.005}`, 121010, 1, ""},
		"jq's own arithmetic":          {".t - .p", ".o", `{"t":0.3,"p":0.1,"o":0}`, 0, 0, "use plus, minus, times or total"},
		"more decimals than there are": {".t", ".o", `{"t":"1.005","o":0}`, 0, 0, "more decimals than the currency has"},
		"not an amount":                {".t", ".o", `{"t":"a lot","o":0}`, 0, 0, "total:"},
		"missing":                      {".t", ".o", `{"t":null,"o":0}`, 0, 0, "the total is missing"},
		"a credit note":                {".t", ".o", `{"t":-12.10,"o":-2}`, 1210, 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    invoice:\n      id: '\"1\"'\n      party: '\"p\"'\n      status: open\n      currency: EUR\n      total: '"+tt.total+"'\n      open: '"+tt.open+"'\n",
				func(w http.ResponseWriter, _ *http.Request) { say(w, "["+tt.item+"]") })
			got := b.must(nil)
			if tt.unreadable != "" {
				if len(got.Unreadable) != 1 || got.Unreadable[0].ID != "1" || !strings.Contains(got.Unreadable[0].Reason, tt.unreadable) {
					t.Errorf("%+v, unreadable %+v", got.Invoices, got.Unreadable)
				}
				return
			}
			if len(got.Invoices) != 1 || got.Invoices[0].Total != money.EUR(tt.want) || got.Invoices[0].Open != money.EUR(tt.wantOpen) {
				t.Errorf("%+v, unreadable %+v", got.Invoices, got.Unreadable)
			}
			if name == "a credit note" && got.Invoices[0].Kind != sdk.CreditNote {
				t.Error("not a credit note")
			}
		})
	}
}

const envelope = `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>%s</soap:Body></soap:Envelope>`

const soapRecipe = `errors:
  - {when: '.Envelope.Body.Fault', is: invalid, message: .Envelope.Body.Fault.faultstring}
pull:
  items:
    request: POST /ws/Accounting.asmx
    headers: {SOAPAction: http://acme.example/Open}
    repeatable: true
    decode: xml
    xml: |
      <Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><Open><office>{{ $administration }}</office><q>{{ "<&>" }}</q><s>{{session.id}}</s></Open></Body></Envelope>
    each: .Envelope.Body.OpenResponse.OpenResult | from_xml | .Items.Item | list
    only: {batch: 100}
    completes: [invoices]
    party: {id: .ContactID, name: .Contact}
    invoice:
      id: .Reference
      party: .ContactID
      number: .Reference
      status: open
      issued: .Date | day
      due: .DueDate | day("dd-MM-yyyy")
      currency: .Amount."@cur" // "EUR"
      total: .Amount."#text" // .Amount
      open: .Open
`

func TestSOAP(t *testing.T) {
	t.Parallel()
	inner := `&lt;Items xmlns="x"&gt;&lt;Item&gt;&lt;Reference&gt;20260117&lt;/Reference&gt;&lt;ContactID&gt;0042&lt;/ContactID&gt;&lt;Contact&gt;Bakkerij &amp;amp; Zn&lt;/Contact&gt;&lt;Date&gt;20260302&lt;/Date&gt;&lt;DueDate&gt;01-04-2026&lt;/DueDate&gt;&lt;Amount cur="USD"&gt;1210.00&lt;/Amount&gt;&lt;Open&gt;1000.00&lt;/Open&gt;&lt;/Item&gt;&lt;/Items&gt;`
	var sent string
	b := open(t, soapRecipe, func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, 1000)
		n, _ := r.Body.Read(body)
		sent = r.Header.Get("SOAPAction") + " " + r.Header.Get("Content-Type") + " " + string(body[:n])
		say(w, strings.Replace(envelope, "%s", "<a:OpenResponse xmlns:a='y'><a:OpenResult>"+inner+"</a:OpenResult></a:OpenResponse>", 1))
	})
	got := b.must(nil)
	want := sdk.Invoice{ID: "20260117", PartyID: "0042", Number: "20260117", Kind: sdk.SalesInvoice, Status: sdk.Open,
		Issued: date.MustParse("2026-03-02"), Due: date.MustParse("2026-04-01"), Total: money.Of(121000, "USD"), Open: money.Of(100000, "USD")}
	if len(got.Invoices) != 1 || got.Invoices[0] != want || got.Parties[0].Name != "Bakkerij & Zn" {
		t.Errorf("%+v %+v %+v", got.Invoices, got.Parties, got.Unreadable)
	}
	if !strings.Contains(sent, "http://acme.example/Open text/xml") || !strings.Contains(sent, "<office>1</office><q>&lt;&amp;&gt;</q><s>{{session.id}}</s>") {
		t.Errorf("sent %s", sent)
	}
	b.handler = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(500)
		say(w, strings.Replace(envelope, "%s", "<soap:Fault><faultstring>Invalid session</faultstring></soap:Fault>", 1))
	}
	if _, err := b.pull(nil); err == nil || !strings.Contains(err.Error(), "Invalid session") {
		t.Errorf("fault: %v", err)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	b := open(t, "pull:\n  items:\n    request: GET /export.csv\n    decode: csv\n    separator: ;\n    only: {batch: 9}\n    invoice: {id: .Nummer, party: .Debiteur, status: open, currency: EUR, total: .Bedrag, open: '.Open | decimal(\",\")'}\n",
		func(w http.ResponseWriter, _ *http.Request) {
			say(w, "\xef\xbb\xbfNummer;Debiteur;Bedrag;Open\r\n0042;\"Caf\xc3\xa9 \"\"Zuid\"\"\";1210,00;\"1.000,00\"\r\n43;x\r\n")
		})
	got := b.must(nil)
	if len(got.Invoices) != 1 || got.Invoices[0].ID != "0042" || got.Invoices[0].PartyID != `Café "Zuid"` || got.Invoices[0].Open != money.EUR(100000) {
		t.Errorf("%+v", got.Invoices)
	}
	if len(got.Unreadable) != 1 || got.Unreadable[0].ID != "43" {
		t.Errorf("%+v", got.Unreadable)
	}
}

func TestRecordsAreForgivenOneByOne(t *testing.T) {
	t.Parallel()
	b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    invoice: {id: .id, party: .p, status: {of: .s, is: {o: open}}, currency: .c, total: .t, open: .t}\n    payment: {each: .pay, id: .id, amount: .a}\n",
		func(w http.ResponseWriter, _ *http.Request) {
			say(w, `[{"id":1,"p":"x","s":"o","c":"eur","t":1,"new":{}},"nonsense",null,{"id":2,"p":"x","s":"?","c":"EUR","t":1},
				{"id":3,"p":"x","s":"o","c":"XQX","t":1},{"id":4,"p":null,"s":"o","c":"EUR","t":1},{"p":"x","s":"o","c":"EUR","t":1},
				{"id":5,"p":"x","s":"o","c":"EUR","t":2,"pay":"none"},{"id":{"a":1},"p":"x","s":"o","c":"EUR","t":1},
				{"id":6,"p":"x","s":"o","c":"EUR","t":2,"pay":[{"id":"a","a":1},{"id":"b"}]}]`)
		})
	got := b.must(nil)
	if ids(got) != "1 5 6" || len(got.Payments) != 1 || got.Payments[0].InvoiceID != "6" || got.Payments[0].PartyID != "x" || got.Payments[0].Amount != money.EUR(100) {
		t.Errorf("%s, %+v", ids(got), got.Payments)
	}
	reasons := map[string]string{}
	for _, u := range got.Unreadable {
		reasons[u.ID] = u.Reason
	}
	for id, want := range map[string]string{"2": `the state "?" is not known`, "3": `"XQX": unknown currency`, "4": "the debtor is missing", "b": "the amount is missing"} {
		if !strings.Contains(reasons[id], want) {
			t.Errorf("%s: %q, want %q", id, reasons[id], want)
		}
	}
	if len(got.Unreadable) != 9 {
		t.Errorf("%d unreadable: %+v", len(got.Unreadable), got.Unreadable)
	}
}

func TestExpressionsCannotRunAway(t *testing.T) {
	t.Parallel()
	for _, e := range []string{"def f: f; f", "last(repeat(1))"} {
		b := open(t, "pull:\n  invoices:\n    request: GET /i\n    only: {batch: 9}\n    invoice: {id: .id, party: '"+e+"', status: open, currency: EUR, total: 1, open: 1}\n",
			func(w http.ResponseWriter, _ *http.Request) { say(w, items(1, 2)) })
		got, err := b.pull(nil)
		if errors.Is(err, context.DeadlineExceeded) {
			continue // the bound on time came first on a slow machine
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Invoices) != 0 || len(got.Unreadable) == 0 {
			t.Errorf("%s came to an end: %+v", e, got)
		}
		for _, u := range got.Unreadable {
			if !strings.Contains(u.Reason, "takes more than") {
				t.Errorf("%s: %s", e, u.Reason)
			}
		}
	}
}
