package sync

import (
	"cmp"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
)

// columns of the mirrored tables, in the order in which rows are encoded: what
// tells a row apart, its hash, and the content.
var (
	debtorColumns = []string{
		"external_id", "id", "tenant_id", "administration_id", "hash", "revision", "name", "kind", "attention", "email", "phone",
		"line1", "line2", "postal_code", "city", "country", "language", "iban", "vat_number", "registration", "url",
	}
	invoiceColumns = []string{
		"external_id", "id", "tenant_id", "administration_id", "debtor_id", "hash", "revision", "number", "kind", "status", "issued", "due",
		"currency", "total_minor", "open_minor", "reference", "payment_reference", "sent_at", "credits", "has_document", "url", "hold",
	}
)

// prepared is one or more batches, ready to be written.
type prepared struct {
	tenant, adm uuid.UUID

	parties, invoices rowset
	payments          []sdk.Payment
	gone              map[sdk.Stream][]string
	unreadable        []Problem
	cursor            []byte
	read              int
	expected          int // about how many records are to come in all
	// novel says that nothing can be known of any of the invoices: they come for the
	// first time in the first load.
	novel bool
}

// blank reports whether there is nothing to write.
func (p *prepared) blank() bool {
	return len(p.parties.rows)+len(p.invoices.rows)+len(p.payments)+len(p.gone)+len(p.unreadable) == 0 && p.cursor == nil
}

func prepare(tenant, adm uuid.UUID, b Batch) *prepared {
	p := &prepared{tenant: tenant, adm: adm}
	p.add(b)
	p.settle()
	return p
}

// add appends a batch. Nothing of it is kept but its strings.
func (p *prepared) add(b Batch) {
	p.read += len(b.Parties) + len(b.Invoices) + len(b.Payments)
	for i := range b.Parties {
		p.party(&b.Parties[i])
	}
	for i := range b.Invoices {
		p.invoice(&b.Invoices[i])
	}
	p.novel = p.novel && b.novel
	p.payments = append(p.payments, b.Payments...)
	p.unreadable = append(p.unreadable, b.Problems...)
	if len(b.Gone) > 0 {
		p.gone = b.Gone
	}
	if b.Cursor != nil {
		p.cursor = b.Cursor
	}
}

func (p *prepared) settle() {
	p.parties.settle()
	p.invoices.settle()
}

func (p *prepared) party(v *sdk.Party) {
	s := staged{id: DebtorID(p.adm, v.ID), external: v.ID}
	r := &p.parties
	r.begin(len(debtorColumns), v.ID, s.id, p.tenant, p.adm)
	for _, text := range [...]string{
		v.Revision, v.Name, string(cmp.Or(v.Kind, sdk.Unknown)), v.Attention, v.Email, v.Phone,
		v.Address.Line1, v.Address.Line2, v.Address.PostalCode, v.Address.City, v.Address.Country, v.Language, v.IBAN, v.VATNumber, v.Registration, v.URL,
	} {
		r.text(text)
	}
	r.end(s, "")
}

func (p *prepared) invoice(v *sdk.Invoice) {
	s := staged{id: InvoiceID(p.adm, v.ID), debtor: DebtorID(p.adm, v.PartyID), external: v.ID}
	storable := true
	if s.problem, storable = problemOf(v); !storable {
		p.invoices.rows = append(p.invoices.rows, s)
		return
	}
	r := &p.invoices
	r.begin(len(invoiceColumns), v.ID, s.id, p.tenant, p.adm, s.debtor)
	r.text(v.Revision)
	r.text(v.Number)
	r.text(string(v.Kind))
	r.text(string(v.Status))
	r.day(v.Issued)
	r.day(v.Due)
	r.text(string(v.Total.Currency))
	r.number(v.Total.Minor)
	r.number(v.Open.Minor)
	r.text(v.Reference)
	r.text(v.PaymentReference)
	r.moment(v.Sent)
	r.text(v.Credits)
	r.flag(v.Document)
	r.text(v.URL)
	r.text(string(v.Hold))
	r.end(s, v.PartyID)
}

// insertSQL moves what is staged into a table that has none of it, mergeSQL into
// one that may.
func insertSQL(table string, columns []string) string {
	list := strings.Join(columns, ", ")
	return "insert into " + table + " as t (" + list + ", changed_at) select " + list + ", $1 from stage_" + table
}

func mergeSQL(table string, columns []string) string {
	var set []string
	for _, c := range columns[4:] {
		set = append(set, c+" = excluded."+c)
	}
	return insertSQL(table, columns) +
		" on conflict (id) do update set " + strings.Join(set, ", ") + ", changed_at = excluded.changed_at, gone_at = null"
}

func stageSQL(table string, columns []string) string {
	return "create temp table if not exists stage_" + table + " on commit delete rows as select " + strings.Join(columns, ", ") +
		" from " + table + " with no data"
}
