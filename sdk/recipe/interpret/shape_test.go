package interpret_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// OData with an envelope, row versions, a feed of deletions and terms of payment
// of which several make one invoice: the shape of Exact Online.
func TestShapeOfExactOnline(t *testing.T) {
	t.Parallel()
	b := open(t, `pull:
  terms:
    request: GET /api/v1/{{ $administration }}/sync/Cashflow/PaymentTerms
    query: {$filter: "Timestamp gt {{ $since // 0 }}L", $select: "ID,Timestamp,TransactionEntryID,LineType"}
    each: .d.results? // .d
    where: .LineType == 20
    paging: {by: url, next: '.d.__next?'}
    since: {value: .Timestamp, kind: number}
    completes: [invoices]
  invoices:
    per: terms
    key: .TransactionEntryID
    batch: 20
    request: GET /api/v1/{{ $administration }}/bulk/Cashflow/Receivables
    query: {$filter: '{{ $ids | map("TransactionEntryID eq guid''\(.)''") | join(" or ") }}'}
    each: .d.results
    paging: {by: url, next: '.d.__next?'}
    group: .TransactionEntryID
    only: {}
    invoice:
      id: .[0].TransactionEntryID
      party: .[0].Account
      number: .[0].InvoiceNumber
      status: if all(.IsFullyPaid) then "paid" else "open" end
      issued: .[0].InvoiceDate | day
      due: map(.DueDate | day) | min
      currency: .[0].Currency
      total: '[.[].AmountFC] | total'
      open: '[.[] | select(.IsFullyPaid | not) | .AmountFC] | total'
  deleted:
    request: GET /api/v1/{{ $administration }}/sync/Deleted
    query: {$filter: "Timestamp gt {{ $since }}L"}
    each: .d.results
    since: {value: .Timestamp, kind: number}
    gone: {when: .EntityType == 2, stream: parties, id: .EntityKey}
`, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "PaymentTerms") && r.URL.Query().Get("$skiptoken") == "":
			say(w, `{"d":{"results":[{"Timestamp":9007199254740993,"TransactionEntryID":"c0","LineType":20},{"Timestamp":5,"TransactionEntryID":"x","LineType":22}],"__next":"https://api.acme.example/api/v1/1/sync/Cashflow/PaymentTerms?$skiptoken=5L"}}`)
		case strings.HasSuffix(r.URL.Path, "PaymentTerms"):
			say(w, `{"d":[{"Timestamp":7,"TransactionEntryID":"c0","LineType":20}]}`)
		case strings.HasSuffix(r.URL.Path, "Receivables"):
			if f := r.URL.Query().Get("$filter"); f != "TransactionEntryID eq guid'c0'" && !strings.Contains(f, "guid'zz'") {
				t.Errorf("filter %s", f)
			}
			say(w, `{"d":{"results":[{"TransactionEntryID":"c0","Account":"p","InvoiceNumber":26700031,"InvoiceDate":"/Date(1772409600000)/","DueDate":"/Date(1775001600000)/","AmountFC":1000.10,"Currency":"EUR","IsFullyPaid":false},
				{"TransactionEntryID":"c0","Account":"p","InvoiceNumber":26700031,"InvoiceDate":"/Date(1772409600000)/","DueDate":"/Date(1772409600000)/","AmountFC":210.20,"Currency":"EUR","IsFullyPaid":true}]}}`)
		default:
			say(w, `{"d":{"results":[{"Timestamp":8,"EntityType":2,"EntityKey":"p9"},{"Timestamp":9,"EntityType":10,"EntityKey":"q"}]}}`)
		}
	})
	got := b.must(nil)
	if len(got.Invoices) != 1 || got.Invoices[0].Total != money.EUR(121030) || got.Invoices[0].Open != money.EUR(100010) || got.Invoices[0].Number != "26700031" || got.Invoices[0].Due.String() != "2026-03-02" {
		t.Errorf("%+v %+v", got.Invoices, got.Unreadable)
	}
	if s := fmt.Sprint(got.Gone, got.Complete); s != "[{parties p9 }] [invoices]" || !strings.Contains(string(got.Cursor()), `"9007199254740993"`) {
		t.Errorf("%s %s", s, got.Cursor())
	}
	if got = b.must(got.Cursor(), "c0", "zz"); ids(got) != "c0" || fmt.Sprint(got.Gone) != "[{invoices zz }]" {
		t.Errorf("%+v", got)
	}
}

// SOAP with XML inside, rows of cells, and a credential in the envelope: the
// shape of Twinfield.
func TestShapeOfTwinfield(t *testing.T) {
	t.Parallel()
	var sent string
	b := open(t, `functions: |
  def answer: .Envelope.Body.ProcessXmlStringResponse.ProcessXmlStringResult | from_xml;
  def row: [.td | list[] | {key: (."@field" | split(".") | last), value: (."#text" // "")}] | from_entries;
errors:
  - {when: '.Envelope.Body.Fault', is: auth, message: .Envelope.Body.Fault.faultstring}
  - {when: '(answer | .browse."@result") == "0"', is: invalid, message: answer.browse."@msg"}
pull:
  lines:
    request: POST /webservices/processxml.asmx
    headers: {SOAPAction: '"http://www.twinfield.com/ProcessXmlString"'}
    repeatable: true
    decode: xml
    xml: |
      <Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><Header xmlns="http://www.twinfield.com/"><AccessToken>{{access}}</AccessToken><CompanyCode>{{ $administration }}</CompanyCode></Header></Header><Body><ProcessXmlString xmlns="http://www.twinfield.com/"><xmlRequest><![CDATA[<columns code="100"><column><field>fin.trs.head.modified</field><from>{{ $since | in_layout("yyyyMMddHHmmss") // "" }}</from></column></columns>]]></xmlRequest></ProcessXmlString></Body></Envelope>
    each: answer.browse.tr | list | map(row)
    since: {clock: true, overlap: 10m, full_every: 168h}
    group: .number
    only: {batch: 100}
    invoice:
      id: .[0].number
      party: .[0].dim2
      number: .[0].invnumber
      status: {of: '.[0].matchstatus', is: {1: open, 3: open, 2: paid}}
      due: .[0].datedue | day
      currency: EUR
      total: '[.[].valuesigned] | total'
      open: '[.[].openvaluesigned] | total'
    party: {id: '.[0].dim2', name: '.[0].dim2name'}
`, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		browse := `<browse result="1" first="1" last="1" total="1"><th><td label="Debtor">fin.trs.line.dim2</td></th><tr><td field="fin.trs.head.number" type="Decimal">202600117</td><td field="fin.trs.line.dim2">1000</td><td field="fin.trs.line.dim2name">Bakkerij &amp; Zn</td><td field="fin.trs.line.invnumber">20260117</td><td field="fin.trs.line.datedue">20260401</td><td field="fin.trs.line.valuesigned">1210.00</td><td field="fin.trs.line.openvaluesigned">1000.00</td><td field="fin.trs.line.matchstatus">1</td></tr></browse>`
		if strings.Contains(sent, "<CompanyCode>2<") {
			browse = `<browse result="0" msg="Access denied."/>`
		}
		say(w, strings.Replace(envelope, "%s", `<ProcessXmlStringResponse xmlns="http://www.twinfield.com/"><ProcessXmlStringResult>`+strings.NewReplacer("<", "&lt;", "&", "&amp;").Replace(browse)+`</ProcessXmlStringResult></ProcessXmlStringResponse>`, 1))
	})
	got := b.must(nil)
	if len(got.Invoices) != 1 || got.Invoices[0].Total != money.EUR(121000) || got.Invoices[0].Open != money.EUR(100000) || got.Invoices[0].Due.String() != "2026-04-01" || got.Parties[0].Name != "Bakkerij & Zn" {
		t.Errorf("%+v %+v %+v", got.Invoices, got.Parties, got.Unreadable)
	}
	if !strings.Contains(sent, "<AccessToken>{{access}}</AccessToken><CompanyCode>1</CompanyCode>") || !strings.Contains(sent, "<from></from>") {
		t.Errorf("sent %s", sent)
	}
	if b.must(got.Cursor()); !strings.Contains(sent, "<from>20261121115000</from>") {
		t.Errorf("sent %s", sent)
	}
	if err := b.c.Pull(t.Context(), b.s, sdk.PullRequest{Administration: "2"}, b.sink); err == nil || !strings.Contains(err.Error(), "Access denied.") {
		t.Errorf("refused: %v", err)
	}
}

// JSON-RPC with errors under a good status, false for nothing, pairs for
// references and a domain that grows: the shape of Odoo.
func TestShapeOfOdoo(t *testing.T) {
	t.Parallel()
	var sent string
	b := open(t, `functions: |
  def ref: if . then .[0] else null end;
  def domain: [["move_type", "in", ["out_invoice", "out_refund"]], ["state", "!=", "draft"]]
    + if $since then [["write_date", ">=", ($since | in_layout("yyyy-MM-dd HH:mm:ss"))]] else [] end
    + if $ids then [["id", "in", ($ids | map(tonumber))]] else [] end;
errors:
  - {when: '.error.data.name == "odoo.exceptions.AccessDenied"', is: auth}
  - {when: .error, is: invalid, message: .error.data.message}
pull:
  invoices:
    request: POST /jsonrpc
    repeatable: true
    body:
      jsonrpc: "2.0"
      method: call
      params:
        service: object
        method: execute_kw
        args: ["{{ $form.region }}", "{{session.uid}}", "{{secret.key}}", account.move, search_read, ["{{ domain }}"], {offset: "{{ $page }}", limit: "{{ $size }}", order: "write_date, id"}]
    each: .result
    paging: {by: offset, size: 2}
    since: {value: .write_date, overlap: 1m, full_every: 168h}
    only: {batch: 100}
    invoice:
      id: .id
      party: .partner_id | ref
      number: .name
      kind: {of: .move_type, is: {out_invoice: invoice, out_refund: credit_note}}
      status: {of: 'if .state == "posted" then .payment_state else .state end', is: {cancel: void, paid: paid, in_payment: paid, reversed: paid, not_paid: open, partial: open}}
      due: .invoice_date_due | day
      currency: .currency_id[1]
      total: .amount_total | rounded(2)
      open: .amount_residual | rounded(2)
      reference: .ref
      credits: .reversed_entry_id | ref
`, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = string(body)
		switch {
		case strings.Contains(sent, `"offset":2`):
			say(w, `{"jsonrpc":"2.0","result":[{"id":4713,"name":"RINV/1","move_type":"out_refund","state":"posted","partner_id":[88,"B"],"currency_id":[1,"EUR"],"amount_total":12.1,"amount_residual":0.0,"payment_state":"paid","reversed_entry_id":[4711,"INV"],"ref":false,"write_date":"2026-03-20 09:11:13"}]}`)
		case strings.Contains(sent, "9999"):
			say(w, `{"error":{"code":200,"data":{"name":"x","message":"No."}}}`)
		default:
			say(w, `{"jsonrpc":"2.0","result":[{"id":4711,"name":"INV/1","move_type":"out_invoice","state":"posted","partner_id":[88,"B"],"invoice_date_due":"2026-04-01","currency_id":[1,"EUR"],"amount_total":1210.0000000000002,"amount_residual":1000.0,"payment_state":"partial","reversed_entry_id":false,"ref":false,"write_date":"2026-03-20 09:11:12"},
				{"id":4712,"name":"INV/2","move_type":"out_invoice","state":"cancel","partner_id":false,"currency_id":[1,"EUR"],"amount_total":1,"amount_residual":1,"write_date":"2026-03-20 09:11:12"}]}`)
		}
	})
	got := b.must(nil)
	if ids(got) != "4711 4713" || got.Invoices[0].Total != money.EUR(121000) || got.Invoices[0].Reference != "" || got.Invoices[1].Kind != sdk.CreditNote || got.Invoices[1].Credits != "4711" || len(got.Unreadable) != 1 {
		t.Errorf("%+v %+v", got.Invoices, got.Unreadable)
	}
	if !strings.Contains(sent, `"{{session.uid}}"`) {
		t.Errorf("sent %s", sent)
	}
	if b.must(got.Cursor()); !strings.Contains(sent, `["write_date",">=","2026-03-20 09:10:13"]`) {
		t.Errorf("sent %s", sent)
	}
	if _, err := b.pull(nil, "9999"); err == nil || !strings.Contains(err.Error(), "No.") {
		t.Errorf("refused: %v", err)
	}
}
