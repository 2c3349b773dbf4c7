package files_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	files "github.com/voldaan/voldaan/plugins/files/connector"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/sdktest"
)

// invoice makes a UBL invoice with a PDF inside.
func invoice(number, amount string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:cac="a" xmlns:cbc="b">
<cbc:ID>` + number + `</cbc:ID><cbc:IssueDate>2026-03-02</cbc:IssueDate><cbc:DueDate>2026-03-16</cbc:DueDate>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cac:AdditionalDocumentReference><cbc:ID>x</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="f.pdf">JVBERi0xLjc=</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>
<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID>10</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Zoet</cbc:Name></cac:PartyName></cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">` + amount + `</cbc:PayableAmount></cac:LegalMonetaryTotal>
</Invoice>`
}

const header = "Debiteur;Naam;Factuur;Factuurdatum;Vervaldatum;Openstaand\n"

func row(number, open string) string {
	return "10;Zoet;" + number + ";02-03-2026;16-03-2026;" + open + "\n"
}

func pull(t *testing.T, b *box, config map[string]string, cursor []byte, only ...string) *sdktest.Recording {
	t.Helper()
	r := &sdktest.Recorder{}
	err := files.New().Pull(t.Context(), b.session(t, config), sdk.PullRequest{Administration: files.Administration, Cursor: cursor, Invoices: only}, r)
	if err != nil {
		t.Fatal(err)
	}
	return &r.Got
}

func TestPull(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	good := b.put("a.xml", invoice("F1", "121.00"))
	bad := b.put("b.xml", "<Invoice><ID>")
	list := b.put("list.csv", header+row("F2", "50,00")+row("F3", "tien")+row("F1", "21,00"))
	got := pull(t, b, nil, nil)
	if len(got.Invoices) != 3 || len(got.Parties) != 2 || len(got.Checkpoints) != 4 {
		t.Errorf("%d invoices, %d parties, %d checkpoints", len(got.Invoices), len(got.Parties), len(got.Checkpoints))
	}
	if i, ok := got.Invoice("invoice:f1"); !ok || i.Open != money.EUR(2100) || !i.Document {
		t.Errorf("the list says what is open, the file has the document: %+v", i)
	}
	var unreadable []string
	for _, u := range got.Unreadable {
		unreadable = append(unreadable, u.ID)
	}
	if strings.Join(unreadable, " ") != "file:b.xml invoice:f3" || !strings.Contains(got.Unreadable[1].Reason, "list.csv: Row 3: ") {
		t.Errorf("R7: %+v", got.Unreadable)
	}
	for id, want := range map[string]filebox.State{good: filebox.Taken, bad: filebox.Refused, list: filebox.Partly} {
		if o := b.outcome(id); o.State != want {
			t.Errorf("%s is %+v, want %s", id, o, want)
		}
	}
	cursor := got.Cursor()
	if again := pull(t, b, nil, cursor); len(again.Invoices) != 0 {
		t.Errorf("nothing new, yet %d invoices", len(again.Invoices))
	}
	b.put("c.xml", invoice("F4", "5.00"))
	if more := pull(t, b, nil, cursor); len(more.Invoices) != 1 || more.Invoices[0].Number != "F4" {
		t.Errorf("%+v", more.Invoices)
	}
	if all := pull(t, b, nil, nil); len(all.Invoices) != 4 {
		t.Errorf("a full pull gives %d invoices", len(all.Invoices))
	}
}

func TestWhatDebtorsHaveAlready(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		sent         string
		f1, f2, both time.Time // in a file, in a list, in both
	}{
		{"", time.Time{}, noon, time.Time{}},
		{"lists", time.Time{}, noon, time.Time{}},
		{"all", noon, noon, noon},
		{"none", time.Time{}, time.Time{}, time.Time{}},
	} {
		t.Run("R18 "+tt.sent, func(t *testing.T) {
			t.Parallel()
			b, config := newBox(t), map[string]string{"sent": tt.sent}
			b.put("f1.xml", invoice("F1", "121.00"))
			b.put("f3.xml", invoice("F3", "121.00"))
			b.put("list.csv", header+row("F2", "50,00")+row("F3", "21,00"))
			all, only := pull(t, b, config, nil), pull(t, b, config, nil, "invoice:f2", "invoice:f3", "invoice:f1")
			for id, want := range map[string]time.Time{"invoice:f1": tt.f1, "invoice:f2": tt.f2, "invoice:f3": tt.both} {
				i, _ := all.Invoice(id)
				j, _ := only.Invoice(id)
				if !i.Sent.Equal(want) || !j.Sent.Equal(want) {
					t.Errorf("%s was sent at %s, and when asked for at %s; want %s", id, i.Sent, j.Sent, want)
				}
			}
		})
	}
}

func TestCorrectedFile(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.put("List.csv", header+row("F1", "50,00")+"10;Zoet;;02-03-2026;16-03-2026;5,00\n")
	b.put("broken.xml", "<Invoice><ID>")
	got := pull(t, b, nil, nil)
	if len(got.Unreadable) != 2 || got.Unreadable[0].ID != "file:list.csv" || !strings.Contains(got.Unreadable[0].Reason, "Row 3: There is an amount but no invoice number.") {
		t.Fatalf("%+v", got.Unreadable)
	}
	b.put("list.csv", header+row("F1", "50,00")+row("F2", "5,00"))
	b.put("broken.xml", invoice("F4", "1.00"))
	got = pull(t, b, nil, got.Cursor())
	if len(got.Unreadable) != 0 || len(got.Gone) != 2 || got.Gone[0].ID != "file:list.csv" || got.Gone[1].ID != "file:broken.xml" {
		t.Errorf("a corrected file takes back what was wrong: %+v %+v", got.Unreadable, got.Gone)
	}
}

func TestPullOnlyInvoices(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.put("a.xml", invoice("F1", "121.00"))
	b.put("list.csv", header+row("F1", "21,00")+row("F2", "50,00"))
	pull(t, b, nil, nil)
	got := pull(t, b, nil, nil, "invoice:f1", "invoice:f2", "invoice:f9")
	if len(got.Invoices) != 2 || got.Invoices[0].Open != money.EUR(2100) || !got.Invoices[0].Document || got.Invoices[1].Document {
		t.Errorf("%+v", got.Invoices)
	}
	if len(got.Gone) != 1 || got.Gone[0].ID != "invoice:f9" || len(got.Checkpoints) != 0 {
		t.Errorf("%+v", got.Gone)
	}
}

func TestPullCrashes(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.put("a.xml", invoice("F1", "1.00"))
	second := b.put("b.xml", invoice("F2", "2.00"))
	r := &sdktest.Recorder{Stop: errors.New("host gone"), StopAfter: 3}
	s := b.session(t, nil)
	err := files.New().Pull(t.Context(), s, sdk.PullRequest{}, r)
	if err == nil || b.outcome(second).State != "" {
		t.Fatalf("%v, %+v", err, b.outcome(second))
	}
	if got := pull(t, b, nil, r.Got.Cursor()); len(got.Invoices) != 1 || got.Invoices[0].Number != "F2" {
		t.Errorf("resumed: %+v", got.Invoices)
	}
	third := b.put("c.xml", invoice("F3", "3.00"))
	b.failPut = true
	if err := files.New().Pull(t.Context(), s, sdk.PullRequest{Cursor: []byte(`{"v":1}`)}, &sdktest.Recorder{}); err == nil {
		t.Fatal("a lost outcome went unnoticed")
	}
	if got := pull(t, b, nil, []byte(`{"v":1}`)); len(got.Invoices) != 1 || b.outcome(third).State != filebox.Taken {
		t.Errorf("after a lost outcome: %+v", got.Invoices)
	}
	err = files.New().Pull(t.Context(), s, sdk.PullRequest{Cursor: []byte("x")}, &sdktest.Recorder{})
	if !errors.Is(err, sdk.ErrResync) {
		t.Errorf("a cursor of another: %v", err)
	}
}

func TestDuplicateNumbers(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.put("a.xml", invoice("F1", "121.00"))
	same := b.put("a copy.xml", strings.ReplaceAll(invoice("F1", "121.00"), "\n", "\n\n"))
	other := b.put("other.xml", invoice("f1", "99.00"))
	got := pull(t, b, nil, nil)
	if i, _ := got.Invoice("invoice:f1"); i.Total != money.EUR(12100) {
		t.Errorf("the second one was taken over the first: %+v", i)
	}
	if b.outcome(same).State != filebox.Taken {
		t.Errorf("the same invoice again: %+v", b.outcome(same))
	}
	o := b.outcome(other)
	if o.State != filebox.Refused || !strings.Contains(o.Problems[0].Sentence, "Invoice f1 came before, in a.xml of 1 November 2026, with other contents") {
		t.Errorf("%+v", o)
	}
	if len(got.Unreadable) != 1 || got.Unreadable[0].ID != "file:other.xml" {
		t.Errorf("the first invoice must stay readable: %+v", got.Unreadable)
	}
}

func TestCompleteLists(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	config := map[string]string{"complete": "true"}
	var rows string
	for _, n := range []string{"F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8"} {
		rows += row(n, "10,00")
	}
	b.put("monday.csv", header+rows)
	cursor := pull(t, b, config, nil).Cursor()
	b.put("tuesday.csv", header+strings.Replace(rows, row("F2", "10,00"), "", 1))
	got := pull(t, b, config, cursor)
	if i, ok := got.Invoice("invoice:f2"); !ok || i.Status != sdk.Paid || !i.Open.IsZero() || i.Total != money.EUR(1000) {
		t.Errorf("what is not in the list any more is settled: %+v", i)
	}
	bad := b.put("wednesday.csv", header+row("F1", "10,00"))
	if got := pull(t, b, config, cursor); len(got.Invoices) != 0 || b.outcome(bad).State != filebox.Refused || !strings.Contains(b.outcome(bad).Problems[0].Sentence, "lacks 6 of the 7 open invoices") {
		t.Errorf("%+v %+v", got.Invoices, b.outcome(bad))
	}
	part := b.put("thursday.csv", header+strings.NewReplacer(row("F2", "10,00"), "", row("F3", "10,00"), row("F3", "tien")).Replace(rows))
	got = pull(t, b, config, cursor)
	if i, ok := got.Invoice("invoice:f3"); ok || b.outcome(part).State != filebox.Partly {
		t.Errorf("a row that cannot be read is not settled: %+v %+v", i, b.outcome(part))
	}
	if only := pull(t, b, config, nil, "invoice:f2"); len(only.Invoices) != 1 || only.Invoices[0].Status != sdk.Paid {
		t.Errorf("the gate's question: %+v", only.Invoices)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	b.put("a.xml", invoice("F1", "121.00"))
	b.put("list.csv", header+row("F2", "50,00"))
	pull(t, b, nil, nil)
	c, s := files.New(), b.session(t, nil)
	d, err := c.Document(t.Context(), s, sdk.DocumentRequest{Invoice: "invoice:f1", Format: sdk.PDF})
	if err != nil || string(d.Content) != "%PDF-1.7" || d.Name != "f.pdf" {
		t.Errorf("%+v %v", d, err)
	}
	d, err = c.Document(t.Context(), s, sdk.DocumentRequest{Invoice: "invoice:f1", Format: sdk.UBL})
	if err != nil || !strings.Contains(string(d.Content), "<Invoice") {
		t.Errorf("%v", err)
	}
	for _, id := range []string{"invoice:f2", "invoice:f9"} {
		if _, err := c.Document(t.Context(), s, sdk.DocumentRequest{Invoice: id, Format: sdk.PDF}); !errors.Is(err, sdk.ErrGone) {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := newBox(t)
	c := files.New()
	if err := c.Check(t.Context(), b.session(t, nil)); err != nil {
		t.Error(err)
	}
	if err := c.Check(t.Context(), b.session(t, map[string]string{"columns": "x = y"})); !errors.Is(err, sdk.ErrInvalid) {
		t.Errorf("%v", err)
	}
	list, err := c.Administrations(t.Context(), b.session(t, map[string]string{"name": "Studio Noord", "currency": "usd", "preset": "automatic"}))
	if err != nil || len(list) != 1 || list[0].Name != "Studio Noord" || list[0].Currency != "USD" {
		t.Errorf("%+v %v", list, err)
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	m, err := manifest.Load("..")
	if err != nil {
		t.Fatal(err)
	}
	if m.Allow(filebox.Host, nil) != manifest.Full {
		t.Error("the host's own files are out of reach")
	}
	choices := map[string]bool{"automatic": true}
	for _, f := range m.Form {
		if f.Name == "preset" {
			for _, o := range f.Choices {
				choices[o.Value] = true
			}
		}
	}
	for _, p := range openitems.Presets() {
		if !choices[p.Name] {
			t.Errorf("the form lacks the layout %s", p.Name)
		}
		delete(choices, p.Name)
	}
	if len(choices) != 1 {
		t.Errorf("the form has layouts that nobody knows: %v", choices)
	}
}

// TestSamples takes in the examples that OpenPEPPOL publishes, each as books of
// their own: they bear the same number.
func TestSamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	samples, err := filepath.Glob(filepath.Join(shared, "samples/ubl/*.xml"))
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, path := range samples {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b := newBox(t)
		id := b.put(filepath.Base(path), string(content))
		if got := pull(t, b, nil, nil); len(got.Invoices) != 1 || b.outcome(id).State != filebox.Taken {
			t.Errorf("%s: %+v", path, b.outcome(id))
		}
	}
}
