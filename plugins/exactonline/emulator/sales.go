package emulator

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// The journals of every division.
const (
	cashJournal  = "10"
	bankJournal  = "20"
	salesJournal = "70"
	memoJournal  = "90"
)

func entryNumber(v *ledger.Invoice) any {
	if v.Draft {
		return 0
	}
	return json.Number(v.Number)
}

func entryID(v *ledger.Invoice) string { return ledger.Derived(v.UUID, "entry") }

func documentID(v *ledger.Invoice) any {
	if v.Draft {
		return nil
	}
	return ledger.Derived(v.UUID, "document")
}

// head are the fields that a sales invoice and a sales entry share.
func head(a *ledger.Administration, v *ledger.Invoice) object {
	o := object{
		"InvoiceNumber": entryNumber(v), "DueDate": day(v.Due), "Currency": v.Currency, "AmountDC": number(v.Total, v.Currency), "AmountFC": number(v.Total, v.Currency),
		"VATAmountFC": number(v.Tax(), v.Currency), "VATAmountDC": number(v.Tax(), v.Currency), "Journal": salesJournal, "PaymentReference": nil, "YourRef": null(v.Reference),
		"Document": documentID(v), "Division": code(a.ID), "Created": local(a, v.Created), "Modified": local(a, v.Modified), "Description": null(v.Reference),
		"PaymentCondition": "14", "Status": 50,
	}
	if ct := a.ContactByNo(v.Contact); ct != nil {
		o["PaymentCondition"] = condition(ct.Fields.Terms)
	}
	if v.Draft {
		o["Status"] = 20
	}
	return o
}

func party(a *ledger.Administration, no int64) (id, name any) {
	if ct := a.ContactByNo(no); ct != nil {
		return ct.UUID, ct.Name()
	}
	return nil, nil
}

func salesInvoices(c *call, a *ledger.Administration) (out []object) {
	for _, v := range a.Invoices {
		o := head(a, v)
		id, name := party(a, v.Contact)
		o["InvoiceID"], o["InvoiceTo"], o["InvoiceToName"], o["OrderedBy"], o["OrderedByName"] = v.UUID, id, name, id, name
		o["InvoiceDate"], o["OrderDate"], o["AmountFCExclVat"], o["Type"] = day(v.Date), day(v.Date), number(v.Excl, v.Currency), 8020
		o["Timestamp"], o["ID"] = rowVersion(v.Rev, 0), v.UUID
		o["SalesInvoiceLines"] = object{"__deferred": object{"uri": fmt.Sprintf("%s/api/v1/%s/salesinvoice/SalesInvoices(guid'%s')/SalesInvoiceLines", c.s.base(c.r), a.ID, v.UUID)}}
		if v.Credit {
			o["Type"] = 8021
		}
		if v.Draft {
			o["InvoiceNumber"] = nil
		}
		out = append(out, o)
	}
	return out
}

func salesInvoiceLines(c *call, a *ledger.Administration) (out []object) {
	for _, v := range a.Invoices {
		if c.parent != "" && !strings.EqualFold(c.parent, v.UUID) {
			continue
		}
		for i, l := range v.Lines {
			out = append(out, object{
				"ID": ledger.Derived(v.UUID, fmt.Sprint("line", i)), "InvoiceID": v.UUID, "LineNumber": i + 1, "Description": l.Description, "Quantity": json.Number(l.Quantity),
				"UnitPrice": number(l.Price, v.Currency), "AmountFC": number(l.Excl, v.Currency), "VATAmountFC": number(l.Tax, v.Currency), "VATPercentage": json.Number(l.TaxRate),
			})
		}
	}
	return out
}

func salesEntries(_ *call, a *ledger.Administration) (out []object) {
	for _, v := range a.Invoices {
		if v.Draft {
			continue
		}
		o := head(a, v)
		o["Customer"], o["CustomerName"] = party(a, v.Contact)
		o["EntryID"], o["EntryNumber"], o["EntryDate"], o["Type"] = entryID(v), entryNumber(v), day(v.Date), 20
		if v.Credit {
			o["Type"] = 21
		}
		out = append(out, o)
	}
	return out
}

func paymentConditions(_ *call, a *ledger.Administration) (out []object) {
	for _, n := range []int{14, 30} {
		out = append(out, object{"ID": ledger.Derived(a.ID, fmt.Sprint("condition", n)), "Code": fmt.Sprint(n), "Description": fmt.Sprintf("%d dagen", n), "PaymentDays": n, "PaymentEndOfMonths": 0, "PaymentMethod": "B", "CreditManagementScenario": nil})
	}
	return out
}

func deleted(_ *call, a *ledger.Administration) (out []object) {
	add := func(g ledger.Gone, i, kind int, key string) {
		out = append(out, object{"ID": ledger.Derived(key, "deleted"), "Timestamp": rowVersion(g.Rev, i), "EntityType": kind, "EntityKey": key, "DeletedBy": userID, "DeletedDate": local(a, g.At), "Division": code(a.ID)})
	}
	for _, g := range a.Gone {
		switch g.Kind {
		case ledger.KindContact:
			add(g, 0, 2, g.UUID)
			add(g, 1, 5, ledger.Derived(g.UUID, "contact"))
		case ledger.KindInvoice:
			add(g, 0, 13, g.UUID)
			add(g, 1, 10, termID(g.UUID))
			add(g, 2, 1, ledger.Derived(g.UUID, "transaction"))
			add(g, 3, 6, ledger.Derived(g.UUID, "document"))
			add(g, 4, 4, ledger.Derived(g.UUID, "attachment"))
		case ledger.KindPayment:
			add(g, 0, 10, termID(g.UUID))
			add(g, 1, 1, ledger.Derived(g.UUID, "transaction"))
		}
	}
	return out
}
