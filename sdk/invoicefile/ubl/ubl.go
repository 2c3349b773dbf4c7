// Package ubl reads UBL 2.1 invoices and credit notes, as Peppol BIS Billing 3,
// NLCIUS and other profiles of EN 16931 use them.
package ubl

import (
	"errors"
	"io"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// MaxBytes is the largest file that is read. It leaves room for an embedded PDF
// of 20 MiB.
const MaxBytes = 40 << 20

var limits = xmldoc.Limits{Bytes: MaxBytes, Depth: 40, Elements: 1_000_000, Text: 30 << 20}

// Is reports whether a root element is one that Parse reads.
func Is(root string) bool { return root == "Invoice" || root == "CreditNote" }

// Parse reads one document. The error is an *invoicefile.Problem that says in a
// sentence what is wrong; a document that contradicts itself is refused whole.
func Parse(r io.Reader) (invoicefile.Document, error) {
	top, problem := tree(xmldoc.NewReader(r, limits), func(name string) bool { return !heavy[name] })
	if problem != nil {
		return invoicefile.Document{}, problem
	}
	d, problem := document(top)
	if problem != nil {
		return invoicefile.Document{}, problem
	}
	return d, nil
}

// tree reads the elements below the root that are wanted, and checks the form of
// the others.
func tree(x *xmldoc.Reader, wanted func(name string) bool) (*xmldoc.Node, *invoicefile.Problem) {
	root, err := x.Root()
	if err != nil {
		return nil, unreadable(err)
	}
	if !Is(root.Name.Local) {
		return nil, invoicefile.Problemf("not_ubl",
			"This XML is neither a UBL invoice nor a UBL credit note: it starts with <%s>.", invoicefile.Clean(root.Name.Local, 40))
	}
	top := &xmldoc.Node{Name: root.Name.Local}
	for {
		start, more, err := x.Child()
		if err != nil {
			return nil, unreadable(err)
		}
		if !more {
			break
		}
		if !wanted(start.Name.Local) {
			if err := x.Skip(); err != nil {
				return nil, unreadable(err)
			}
			continue
		}
		n, err := x.Node(start)
		if err != nil {
			return nil, unreadable(err)
		}
		top.Children = append(top.Children, n)
	}
	if err := x.End(); err != nil {
		return nil, unreadable(err)
	}
	return top, nil
}

// heavy elements have no part in what is owed by whom and when; there can be
// tens of thousands of them.
var heavy = map[string]bool{
	"InvoiceLine": true, "CreditNoteLine": true, "UBLExtensions": true, "Signature": true, "AllowanceCharge": true,
}

func unreadable(err error) *invoicefile.Problem {
	_, words, _ := strings.Cut(err.Error(), ": ")
	if errors.Is(err, xmldoc.ErrHostile) {
		return invoicefile.Problemf("hostile", "The file was refused unread, because no honest invoice looks like this: %s.", words)
	}
	return invoicefile.Problemf("damaged", "The file cannot be read as XML: %s. Have it made and sent again.", words)
}

// document puts the parts together and checks them against each other.
func document(top *xmldoc.Node) (invoicefile.Document, *invoicefile.Problem) {
	d := invoicefile.Document{Debtor: party(top.Child("AccountingCustomerParty/Party")), Creditor: party(top.Child("AccountingSupplierParty/Party"))}
	i := &d.Invoice
	i.Number = invoicefile.Clean(top.Get("ID"), 100)
	i.PartyID = d.Debtor.ID
	i.Reference = invoicefile.Clean(top.Get("BuyerReference", "OrderReference/ID"), 200)
	t, problem := totals(top, i.Number)
	if problem != nil {
		return d, problem
	}
	i.Kind, i.Total, i.Open, d.Prepaid = t.kind, t.total, t.open, t.prepaid
	i.ID = invoicefile.InvoiceID(i.Kind, i.Number)
	i.Status = sdk.Open
	if i.Open.IsZero() {
		i.Status = sdk.Paid
	}
	if i.Kind == sdk.CreditNote {
		if original := top.Get("BillingReference/InvoiceDocumentReference/ID"); original != "" {
			i.Credits = invoicefile.InvoiceID(sdk.SalesInvoice, original)
		}
	}
	if problem := terms(top, &d); problem != nil {
		return d, problem
	}
	payment(top, &d)
	if problem := attachments(top, &d); problem != nil {
		return d, problem
	}
	_, i.Document = d.PDF()
	if problem := invoicefile.Check(d); problem != nil {
		return d, problem
	}
	return d, nil
}
