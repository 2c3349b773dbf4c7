package sync_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

const pdf = "%PDF-1.7 invoice"

// ublOf makes a UBL document; kind is Invoice or CreditNote.
func ublOf(kind, number, issued, due, currency, amount string) string {
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<%[1]s xmlns="urn:oasis:names:specification:ubl:schema:xsd:%[1]s-2" xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>%[2]s</cbc:ID><cbc:IssueDate>%[3]s</cbc:IssueDate><cbc:DueDate>%[4]s</cbc:DueDate>
<cbc:DocumentCurrencyCode>%[5]s</cbc:DocumentCurrencyCode>
<cac:AdditionalDocumentReference><cbc:ID>pdf</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject mimeCode="application/pdf" filename="%[2]s.pdf">%[7]s</cbc:EmbeddedDocumentBinaryObject></cac:Attachment></cac:AdditionalDocumentReference>
<cac:AccountingCustomerParty><cac:Party><cac:PartyIdentification><cbc:ID>10</cbc:ID></cac:PartyIdentification><cac:PartyName><cbc:Name>Bakkerij Jansen</cbc:Name></cac:PartyName><cac:Contact><cbc:ElectronicMail>a@jansen.example</cbc:ElectronicMail></cac:Contact></cac:Party></cac:AccountingCustomerParty>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="%[5]s">%[6]s</cbc:PayableAmount></cac:LegalMonetaryTotal>
</%[1]s>`, kind, number, issued, due, currency, amount, base64.StdEncoding.EncodeToString([]byte(pdf)))
}

func invoiceOf(number, amount string) string {
	return ublOf("Invoice", number, "2026-03-02", "2026-03-16", "EUR", amount)
}

const listHeader = "Debiteur;Naam;E-mail;Factuur;Factuurdatum;Vervaldatum;Openstaand\n"

func listRow(number, open string) string {
	return "10;Bakkerij Jansen;a@jansen.example;" + number + ";02-03-2026;16-03-2026;" + open + "\n"
}

func (b *books) upload(t *testing.T, name, content string) sync.Receipt {
	t.Helper()
	r, err := b.conns.Upload(t.Context(), b.tenant, b.connection, name, strings.NewReader(content))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r
}

func wantSaid(t *testing.T, r sync.Receipt, want ...string) {
	t.Helper()
	got := strings.Join(r.Sentences(), "\n")
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("it says\n%s\nwithout %q", got, w)
		}
	}
}

func TestUploadInvoice(t *testing.T) {
	t.Parallel()
	b := openBooks(t, nil)
	r := b.upload(t, "F1.xml", invoiceOf("F1", "121.00"))
	wantSaid(t, r, "1 invoice of F1.xml was read.")
	inv, ok := b.invoice(t, "invoice:f1")
	if !ok || inv.OpenMinor != 12100 || inv.SentAt != nil || !inv.HasDocument {
		t.Fatalf("%+v", inv)
	}
	if c := b.plan(t, "invoice:f1"); c.NextStep != "invoice" || c.HeldRule != "" {
		t.Errorf("the invoice goes first: next is %q, held by %q", c.NextStep, c.HeldRule)
	}
	t.Run("R19 the PDF inside is the document", func(t *testing.T) {
		if err := b.conns.Runner.FetchDocument(t.Context(), b.tenant, inv.ID); err != nil {
			t.Fatal(err)
		}
		b.in(t, func(tx store.Tx) error {
			d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: "invoice"})
			if string(d.Content) != pdf || d.Name != "F1.pdf" || d.MediaType != "application/pdf" {
				t.Errorf("%s %s %q", d.Name, d.MediaType, d.Content)
			}
			return err
		})
	})
	t.Run("a file that an access point would send back is not kept", func(t *testing.T) {
		err := b.conns.Runner.FetchElectronic(t.Context(), b.tenant, inv.ID)
		if !fault.Is(err, fault.Invalid) || fault.Of(err).Code != "electronic_flawed" || !strings.Contains(fault.Of(err).Message, "the seller's registered name (BR-06)") {
			t.Errorf("it says %v", err)
		}
	})
	t.Run("the file itself is what goes over Peppol", func(t *testing.T) {
		file := dunningtest.UBL("F9", "12345678", 12_100)
		b.upload(t, "F9.xml", file)
		inv, _ := b.invoice(t, "invoice:f9")
		if err := b.conns.Runner.FetchElectronic(t.Context(), b.tenant, inv.ID); err != nil {
			t.Fatal(err)
		}
		b.in(t, func(tx store.Tx) error {
			d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: dunning.Electronic})
			if string(d.Content) != file || d.Name != "F9.xml" || d.MediaType != "application/xml" {
				t.Errorf("%s %s %q", d.Name, d.MediaType, d.Content)
			}
			return err
		})
	})
	again := b.upload(t, "copy.xml", invoiceOf("F1", "121.00"))
	wantSaid(t, again, "F1.xml came in before, on 20 March 2026. Nothing was changed.")
	other := b.upload(t, "other.xml", invoiceOf("F1", "99.00"))
	wantSaid(t, other, "Nothing of other.xml was taken.", "Invoice F1 came before, in F1.xml of 20 March 2026, with other contents.")
	if inv, _ = b.invoice(t, "invoice:f1"); inv.OpenMinor != 12100 {
		t.Errorf("the second F1 was taken over the first: %d", inv.OpenMinor)
	}
	if c := b.plan(t, "invoice:f1"); c.HeldRule != "" {
		t.Errorf("a file that was refused holds the invoice that is known: %s", c.HeldWhy)
	}
}

func TestUploadList(t *testing.T) {
	t.Parallel()
	b := openBooks(t, nil)
	r := b.upload(t, "list.csv", listHeader+listRow("F1", "100,00")+listRow("F2", "tien")+strings.Replace(listRow("F3", "5,00"), "EUR", "", 1))
	wantSaid(t, r, "2 invoices of list.csv were read; 1 row was not.", "Row 3: ", `"tien"`)
	if inv, _ := b.invoice(t, "invoice:f1"); inv.SentAt == nil || inv.HasDocument {
		t.Errorf("R18: an invoice in a list is with the debtor already: %+v", inv)
	}
	if c := b.plan(t, "invoice:f1"); c.NextStep != "reminder_1" || c.HeldRule != "" {
		t.Errorf("next is %q, held by %q", c.NextStep, c.HeldRule)
	}
	t.Run("R7 only the row that cannot be read is held", func(t *testing.T) {
		b.upload(t, "next.csv", listHeader+listRow("F1", "honderd")+listRow("F2", "10,00")+listRow("F3", "5,00"))
		if c := b.plan(t, "invoice:f1"); c.HeldRule != "R7" || !strings.Contains(c.HeldWhy, "next.csv: Row 2") {
			t.Errorf("held by %q: %s", c.HeldRule, c.HeldWhy)
		}
		if c := b.plan(t, "invoice:f2"); c.HeldRule != "" {
			t.Errorf("F2 is held by %q: %s", c.HeldRule, c.HeldWhy)
		}
	})
	t.Run("R7 a corrected file lifts it", func(t *testing.T) {
		wantSaid(t, b.upload(t, "next.csv", listHeader+listRow("F1", "60,00")+listRow("F2", "10,00")), "2 invoices of next.csv were read.")
		if c := b.plan(t, "invoice:f1"); c.HeldRule != "" {
			t.Errorf("held by %q: %s", c.HeldRule, c.HeldWhy)
		}
		if p := b.problems(t); len(p) != 0 {
			t.Errorf("%v", p)
		}
	})
	t.Run("R5 the books are as old as their list", func(t *testing.T) {
		b.now = b.now.Add(48 * time.Hour)
		if err := b.conns.Runner.Run(t.Context(), b.tenant, b.adm, nil); err != nil {
			t.Fatal(err)
		}
		inv, _ := b.invoice(t, "invoice:f1")
		if err := b.conns.Runner.Confirm(t.Context(), b.tenant, b.adm, []uuid.UUID{inv.ID}); err != nil {
			t.Fatal(err)
		}
		inv, _ = b.invoice(t, "invoice:f1")
		b.in(t, func(tx store.Tx) error {
			adm, err := tx.Administration(t.Context(), b.adm)
			if adm.ConfirmedAt == nil || b.now.Sub(*adm.ConfirmedAt) < 40*time.Hour || inv.ConfirmedAt == nil || b.now.Sub(*inv.ConfirmedAt) < 40*time.Hour {
				t.Errorf("reading an old list again says that it is fresh: %v %v", adm.ConfirmedAt, inv.ConfirmedAt)
			}
			return err
		})
		// The same list again is news: this is still what is open.
		wantSaid(t, b.upload(t, "next.csv", listHeader+listRow("F1", "60,00")+listRow("F2", "10,00")), "2 invoices of next.csv were read.")
		b.in(t, func(tx store.Tx) error {
			adm, err := tx.Administration(t.Context(), b.adm)
			if !adm.ConfirmedAt.Equal(b.now) {
				t.Errorf("a list that was sent just now is of %v", adm.ConfirmedAt)
			}
			return err
		})
	})
}

func TestUploadBadInput(t *testing.T) {
	t.Parallel()
	b := openBooks(t, nil)
	bomb := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Invoice>&b;</Invoice>`
	for _, tt := range []struct{ name, content, says string }{
		{"columns.csv", "Naam;Plaats;Bedrag\nJansen;Delft;10,00\n", "number"},
		{"bomb.xml", bomb, "no honest invoice looks like this"},
		{"half.xml", invoiceOf("F1", "1.00")[:900], "cannot be read as XML"},
		{"unknown.xml", ublOf("Invoice", "F2", "2026-03-02", "2026-03-16", "XQX", "1.00"), `Invoice F2 is in "XQX", which is no currency that we know.`},
		{"early.xml", ublOf("Invoice", "F3", "2026-03-16", "2026-03-02", "EUR", "1.00"), "Invoice F3 is due on 2026-03-02, before its date of 2026-03-16. Correct one of the two."},
		{"zero.xml", invoiceOf("F4", "0.00"), "there is nothing to collect"},
		{"page.xml", "<html><body>Sign in</body></html>", "neither a UBL invoice nor a UBL credit note"},
		{"noise.bin", "\x00\x01\x02\x03 noise \xff\xfe", ""},
	} {
		r := b.upload(t, tt.name, tt.content)
		wantSaid(t, r, "Nothing of "+tt.name+" was taken.", tt.says)
		if len(r.Sentences()) < 2 {
			t.Errorf("%s: no reason", tt.name)
		}
	}
	if p := b.problems(t); len(p) != 8 || !strings.HasPrefix(p["file:columns.csv"], "columns.csv: ") {
		t.Errorf("%v", p)
	}
	b.in(t, func(tx store.Tx) error {
		any, err := tx.HasInvoices(t.Context(), b.adm)
		if any {
			t.Error("something was half-written")
		}
		return err
	})
	t.Run("R7 due before its date in a list", func(t *testing.T) {
		row := strings.Replace(listRow("F9", "5,00"), "16-03-2026", "01-03-2026", 1)
		wantSaid(t, b.upload(t, "early.csv", listHeader+listRow("F8", "5,00")+row), "1 invoice of early.csv was read; 1 row was not.", "Row 3: Invoice F9 is due on 2026-03-01, before its date")
		if _, ok := b.invoice(t, "invoice:f9"); ok {
			t.Error("it was taken")
		}
	})
	t.Run("R7 books' own rules", func(t *testing.T) {
		wantSaid(t, b.upload(t, "nodue.csv", listHeader+strings.Replace(listRow("F7", "5,00"), "16-03-2026", "", 1)), "Invoice F7 has no invoice date or no due date.")
	})
	t.Run("limits", func(t *testing.T) {
		_, err := b.conns.Upload(t.Context(), b.tenant, b.connection, "huge.xml", bytes.NewReader(make([]byte, filebox.MaxBytes+1)))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "larger than 64 MiB") {
			t.Errorf("a huge file: %v", err)
		}
		_, err = b.conns.Upload(t.Context(), b.tenant, b.connection, "empty.xml", strings.NewReader(""))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "empty") {
			t.Errorf("an empty file: %v", err)
		}
	})
	t.Run("corrected", func(t *testing.T) {
		b.upload(t, "columns.csv", listHeader+listRow("F5", "10,00"))
		b.upload(t, "half.xml", invoiceOf("F1", "1.00"))
		p := b.problems(t)
		if p["file:columns.csv"] != "" || p["file:half.xml"] != "" || p["file:bomb.xml"] == "" {
			t.Errorf("%v", p)
		}
		if err := b.conns.Dismiss(t.Context(), b.tenant, b.adm, "file:bomb.xml"); err != nil || b.problems(t)["file:bomb.xml"] != "" {
			t.Errorf("dismissed: %v", err)
		}
		if files, err := b.conns.Files(t.Context(), b.tenant, b.connection); err != nil || len(files) != 12 || files[0].File.Name != "half.xml" || files[0].Outcome.State != filebox.Taken {
			t.Errorf("%d files %v", len(files), err)
		}
	})
}

func TestUploadOtherSettings(t *testing.T) {
	t.Parallel()
	b := openBooks(t, map[string]string{"name": "Zoet"})
	list := "Klantnr;Wie;Stuk;Dag;Uiterlijk;Nog\n10;Jansen;F1;02-03-2026;16-03-2026;10,00\n"
	if r := b.upload(t, "own.csv", list); r.State != filebox.Refused {
		t.Fatalf("%+v", r)
	}
	err := b.conns.Change(t.Context(), b.tenant, b.connection, map[string]string{"columns": "Stuk = number"})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `The column line "Stuk = number"`) && !strings.Contains(err.Error(), `"Stuk = number"`) {
		t.Errorf("settings that mean nothing: %v", err)
	}
	if err := b.conns.Change(t.Context(), b.tenant, b.connection, map[string]string{
		"columns": "Klantnr = debtor_no\nWie = debtor_name\nStuk = invoice_no\nDag = invoice_date\nUiterlijk = due_date\nNog = open_amount",
	}); err != nil {
		t.Fatal(err)
	}
	wantSaid(t, b.upload(t, "own.csv", list), "1 invoice of own.csv was read.")
	if p := b.problems(t); len(p) != 0 {
		t.Errorf("%v", p)
	}
}

func TestCreditNote(t *testing.T) {
	t.Parallel()
	b := openBooks(t, map[string]string{"sent": "all"})
	b.upload(t, "F1.xml", invoiceOf("F1", "100.00"))
	b.upload(t, "C1.xml", strings.Replace(ublOf("CreditNote", "C1", "2026-03-05", "2026-03-19", "EUR", "30.00"), "<cac:AdditionalDocumentReference>",
		"<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>F1</cbc:ID></cac:InvoiceDocumentReference></cac:BillingReference><cac:AdditionalDocumentReference>", 1))
	c, ok := b.invoice(t, "credit_note:c1")
	f, _ := b.invoice(t, "invoice:f1")
	if !ok || c.Kind != "credit_note" || c.OpenMinor != 3000 || c.Credits != "invoice:f1" || c.DebtorID != f.DebtorID {
		t.Fatalf("R38: the credit note stands beside the invoice of the same debtor: %+v", c)
	}
	r := b.upload(t, "list.csv", listHeader+listRow("F2", "50,00")+listRow("C2", "-20,00"))
	if c, _ := b.invoice(t, "credit_note:c2"); c.OpenMinor != 2000 || c.DebtorID != f.DebtorID {
		t.Errorf("a negative row is a credit note: %+v (%v)", c, r.Sentences())
	}
}

func TestUploadConnectorCrash(t *testing.T) {
	t.Parallel()
	b := openBooks(t, nil)
	b.upload(t, "F1.xml", invoiceOf("F1", "1.00"))
	fail := true
	b.wrap = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r)
			if fail && r.Method == http.MethodPut {
				// The outcome is noted, and then everything ends before the records
				// are stored.
				for _, s := range b.conns.Host.Supervisor().Status() {
					kill(t, s.PID)
				}
				fail = false
			}
		})
	}
	_, err := b.conns.Upload(t.Context(), b.tenant, b.connection, "F2.xml", strings.NewReader(invoiceOf("F2", "2.00")))
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "F2.xml is kept and will be read later") {
		t.Fatalf("%v", err)
	}
	if o, err := b.conns.Files(t.Context(), b.tenant, b.connection); err != nil || o[0].File.State != filebox.Waiting {
		t.Errorf("what may be lost counts as read: %+v %v", o[0], err)
	}
	if err := b.conns.Runner.Run(t.Context(), b.tenant, b.adm, nil); err != nil {
		t.Fatal(err)
	}
	if inv, ok := b.invoice(t, "invoice:f2"); !ok || inv.OpenMinor != 200 {
		t.Errorf("lost: %+v", inv)
	}
	if o, err := b.conns.Files(t.Context(), b.tenant, b.connection); err != nil || o[0].File.State != filebox.Taken {
		t.Errorf("%+v %v", o[0], err)
	}
}

func TestUploadTakesLong(t *testing.T) {
	t.Parallel()
	b := openBooks(t, nil)
	b.conns.Patience = time.Nanosecond
	r := b.upload(t, "F1.xml", invoiceOf("F1", "1.00"))
	wantSaid(t, r, "F1.xml is large and still being read.")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if files, err := b.conns.Files(t.Context(), b.tenant, b.connection); err != nil || files[0].File.State == filebox.Taken {
			if err != nil {
				t.Error(err)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("it was not read")
		}
	}
}

func TestUploadRefused(t *testing.T) {
	t.Parallel()
	b := newBooks(t)
	id, err := b.conns.Begin(t.Context(), b.tenant, "files", "none", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.conns.Upload(t.Context(), b.tenant, id, "F1.xml", strings.NewReader(invoiceOf("F1", "1.00")))
	if err != nil || r.State != filebox.Waiting {
		t.Fatalf("%+v %v", r, err)
	}
	wantSaid(t, r, "F1.xml is kept. It is read as soon as its books are chosen.")
	_, err = b.conns.Upload(t.Context(), uuid.New(), id, "F1.xml", strings.NewReader("x"))
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("a connection of another tenant: %v", err)
	}
	if fault.Of(errors.Join(err)).Code != "connection_not_found" {
		t.Errorf("%v", err)
	}
}

func TestPeppolExamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	b := newBooks(t)
	for _, tt := range []struct {
		file, id string
		total    int64 // cents
		open     int64
		due      string
	}{
		{"base-example.xml", "invoice:snippet1", 165625, 165625, "2017-12-01"},
		{"base-creditnote-correction.xml", "credit_note:snippet1", 165625, 165625, "2017-11-13"},
		{"Vat-category-S.xml", "invoice:snippet1", 855000, 855000, "2017-12-01"},
		{"Allowance-example.xml", "invoice:snippet1", 712500, 612500, "2017-12-01"},
	} {
		content, err := os.ReadFile(filepath.Join(shared, "samples", "ubl", tt.file))
		if err != nil {
			t.Fatal(err)
		}
		b.connect(t, nil) // every example has the same number
		r := b.upload(t, tt.file, string(content))
		wantSaid(t, r, "1 invoice of "+tt.file+" was read.")
		inv, ok := b.invoice(t, tt.id)
		if !ok || inv.OpenMinor != tt.open || inv.TotalMinor != tt.total || inv.Currency != "EUR" || inv.Due.String() != tt.due {
			t.Errorf("%s: %+v", tt.file, inv)
		}
		b.wantCopy(t, inv)
	}
}

// wantCopy fetches the document of an invoice that has none but the UBL.
func (b *books) wantCopy(t *testing.T, inv db.Invoice) {
	t.Helper()
	if err := b.conns.Runner.FetchDocument(t.Context(), b.tenant, inv.ID); err != nil {
		t.Fatal(err)
	}
	b.in(t, func(tx store.Tx) error {
		d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: inv.ID, Kind: "invoice"})
		if !bytes.HasPrefix(d.Content, []byte("%PDF-")) || len(d.Content) < 10_000 || d.Name != inv.Number+".pdf" || d.MediaType != "application/pdf" {
			t.Errorf("%s %s of %d bytes", d.Name, d.MediaType, len(d.Content))
		}
		return err
	})
}

func TestDocumentMissing(t *testing.T) {
	t.Parallel()
	b := openBooks(t, map[string]string{"sent": "none"})
	without := invoiceOf("F1", "121.00")
	from, to := strings.Index(without, "<cac:AdditionalDocumentReference>"), strings.Index(without, "</cac:AdditionalDocumentReference>")
	b.upload(t, "F1.xml", without[:from]+without[to+len("</cac:AdditionalDocumentReference>"):])
	inv, _ := b.invoice(t, "invoice:f1")
	b.wantCopy(t, inv)
	b.upload(t, "list.csv", listHeader+listRow("F2", "50,00"))
	inv, _ = b.invoice(t, "invoice:f2")
	err := b.conns.Runner.FetchDocument(t.Context(), b.tenant, inv.ID)
	if !fault.Is(err, fault.NotFound) || fault.Of(err).Code != "document_missing" {
		t.Errorf("R19: an invoice that is in a list only has no document: %v", err)
	}
	err = b.conns.Runner.FetchElectronic(t.Context(), b.tenant, inv.ID)
	if !fault.Is(err, fault.NotFound) || fault.Of(err).Code != "electronic_missing" {
		t.Errorf("an invoice that is in a list only has no electronic one: %v", err)
	}
}
