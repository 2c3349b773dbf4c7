package emulator

import (
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func termID(of string) string { return ledger.Derived(of, "term") }

// term is a payment term: an invoice, or the part of it that one payment
// settled, or money that was not matched yet.
type term struct {
	id      string
	rev     int64
	index   int
	amount  int64
	paidOn  date.Date // zero: open
	invoice *ledger.Invoice
	payment *ledger.Payment
}

// terms draws an invoice's: the first keeps its id until the last payment, and
// each payment before the last splits one off.
func terms(a *ledger.Administration) (out []term) {
	for _, v := range a.Invoices {
		if v.Draft {
			continue
		}
		paid, open := a.PaymentsOf(v), a.Open(v)
		first := term{id: termID(v.UUID), rev: v.Rev, amount: open, invoice: v}
		if last := len(paid) - 1; open == 0 && last >= 0 {
			first.amount, first.paidOn = paid[last].Amount, paid[last].Date
			paid = paid[:last]
		}
		out = append(out, first)
		for i, p := range paid {
			out = append(out, term{id: termID(p.UUID), rev: v.Rev, index: i + 1, amount: p.Amount, paidOn: p.Date, invoice: v})
		}
	}
	for _, p := range a.Payments {
		if p.Invoice == 0 {
			out = append(out, term{id: termID(p.UUID), rev: p.Rev, amount: -p.Amount, payment: p})
		}
	}
	return out
}

func (t term) draw(a *ledger.Administration) object {
	o := object{
		"ID": t.id, "Timestamp": rowVersion(t.rev, t.index), "LineType": 20, "Division": code(a.ID), "PaymentMethod": "B", "PaymentReference": nil,
		"IsFullyPaid": !t.paidOn.IsZero(), "LastPaymentDate": day(t.paidOn), "EndDate": day(t.paidOn), "Status": 20, "YourRef": nil, "Description": nil,
	}
	if !t.paidOn.IsZero() {
		o["Status"] = 50
	}
	if p := t.payment; p != nil {
		o["Account"], o["AccountName"] = party(a, p.Contact)
		o["AmountDC"], o["AmountFC"], o["Currency"] = number(t.amount, p.Currency), number(t.amount, p.Currency), p.Currency
		o["InvoiceDate"], o["DueDate"], o["InvoiceNumber"], o["EntryNumber"] = day(p.Date), day(p.Date), nil, paymentNumber(p)
		o["TransactionEntryID"], o["TransactionID"], o["TransactionAmountFC"] = paymentEntry(p), p.UUID, number(-p.Amount, p.Currency)
		o["Journal"], o["Description"] = journalOf(p), null(p.Text)
		return o
	}
	v := t.invoice
	o["Account"], o["AccountName"] = party(a, v.Contact)
	o["AmountDC"], o["AmountFC"], o["Currency"] = number(t.amount, v.Currency), number(t.amount, v.Currency), v.Currency
	o["InvoiceDate"], o["DueDate"], o["InvoiceNumber"], o["EntryNumber"] = day(v.Date), day(v.Due), entryNumber(v), entryNumber(v)
	o["TransactionEntryID"], o["TransactionID"], o["TransactionAmountFC"] = entryID(v), ledger.Derived(v.UUID, "transaction"), number(v.Total, v.Currency)
	o["Journal"], o["YourRef"], o["Description"] = salesJournal, null(v.Reference), null(v.Reference)
	return o
}

func paymentTerms(_ *call, a *ledger.Administration) (out []object) {
	for _, t := range terms(a) {
		out = append(out, t.draw(a))
	}
	return out
}

func receivables(c *call, a *ledger.Administration) []object { return paymentTerms(c, a) }

// receivablesList shows what is open now, of one account when the query names it.
func receivablesList(c *call, a *ledger.Administration) (out []object) {
	only := strings.Trim(strings.TrimPrefix(c.r.URL.Query().Get("accountId"), "guid"), "'")
	for i, t := range terms(a) {
		o := t.draw(a)
		if !t.paidOn.IsZero() || t.amount == 0 || only != "" && !strings.EqualFold(only, o["Account"].(string)) {
			continue
		}
		ct, err := a.NamedContact(o["Account"].(string))
		if err != nil {
			continue
		}
		out = append(out, object{
			"HID": int64(i + 1), "Id": t.id, "AccountId": ct.UUID, "AccountCode": padded(ct.Code), "AccountName": ct.Name(), "Amount": o["AmountFC"], "AmountInTransit": 0,
			"CurrencyCode": o["Currency"], "Description": o["Description"], "DueDate": o["DueDate"], "EntryNumber": o["EntryNumber"], "InvoiceDate": o["InvoiceDate"],
			"InvoiceNumber": o["InvoiceNumber"], "JournalCode": o["Journal"], "JournalDescription": o["Journal"], "YourRef": o["YourRef"], "ApprovalStatus": nil,
		})
	}
	return out
}
