package emulator

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

func listDimensions(a *ledger.Administration, doc *node) *node {
	if doc.get("dimtype") != "DEB" {
		return doc.fail("This emulator has dimensions of the type DEB.")
	}
	out := el("dimensions", "", "office", a.ID, "type", "DEB", "result", "1")
	for _, ct := range a.Contacts {
		out.add(el("dimension", ct.Code, "name", ct.Name(), "shortname", ""))
	}
	return out
}

func customer(a *ledger.Administration, code string) *ledger.Contact {
	for _, ct := range a.Contacts {
		if ct.Code == code {
			return ct
		}
	}
	return nil
}

func readDimension(a *ledger.Administration, doc *node) *node {
	ct := customer(a, doc.get("code"))
	if ct == nil || doc.get("dimtype") != "DEB" {
		return el("dimension", "").fail("The dimension " + doc.get("code") + " does not exist.").add(el("code", doc.get("code")))
	}
	return dimension(a, ct)
}

func dimension(a *ledger.Administration, ct *ledger.Contact) *node {
	f := ct.Fields
	status := "active"
	if f.Inactive {
		status = "hide"
	}
	out := el("dimension", "", "status", status, "result", "1").add(
		el("office", a.ID, "name", a.Seed.Name, "shortname", ""), el("type", "DEB", "name", "Debiteuren", "shortname", "Debiteuren"), el("code", ct.Code), el("uid", ct.UUID),
		el("name", ct.Name()), el("shortname", ""), el("inuse", "true"), el("behaviour", "normal"), el("touched", fmt.Sprint(ct.Rev)), el("website", ""),
		el("cocnumber", f.ChamberOfCommerce), el("vatnumber", f.TaxNumber),
		el("financials", "").add(
			el("matchtype", "customersupplier"), el("accounttype", "inherit"), el("level", "2"), el("duedays", fmt.Sprint(max(f.Terms, 14))), el("payavailable", "false"),
			el("meansofpayment", "none"), el("ebilling", "false"), el("ebillmail", f.Email), el("substitutewith", "1300"),
		),
		el("creditmanagement", "").add(
			el("responsibleuser", ""), el("basecreditlimit", "0.00"), el("sendreminder", "true"), el("reminderemail", f.Email), el("blocked", "false"),
			el("freetext1", ""), el("freetext2", ""), el("freetext3", ""), el("comment", ct.Note),
		),
		el("addresses", "").add(el("address", "", "id", "1", "type", "invoice", "default", "true").add(
			el("name", ct.Name()), el("country", f.Country), el("city", f.City), el("postcode", f.Zipcode), el("telephone", f.Phone), el("telefax", ""), el("email", f.Email),
			el("contact", ""), el("field1", ct.Person()), el("field2", f.Address), el("field3", ""), el("field4", f.TaxNumber), el("field5", f.ChamberOfCommerce), el("field6", ""),
		)),
	)
	banks := el("banks", "")
	if f.IBAN != "" {
		banks.add(el("bank", "", "id", "1", "default", "true").add(el("ascription", ct.Name()), el("accountnumber", ""), el("iban", f.IBAN), el("biccode", ""), el("bankname", "")))
	}
	return out.add(banks)
}

// writeDimension changes a customer, or adds one: what is not in the document
// stays as it is.
func (c *call) writeDimension(doc *node) *node {
	if t := doc.get("type"); t != "DEB" {
		doc.mark("type", "This emulator has dimensions of the type DEB.")
		return doc.set("result", "0")
	}
	var out *node
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		ct := customer(t.A, doc.get("code"))
		if doc.attr("status") == "deleted" {
			if ct == nil {
				return ledger.ErrNotFound
			}
			out = dimension(t.A, ct).set("status", "deleted")
			return t.RemoveContact(ct)
		}
		next := ledger.Contact{Code: doc.get("code")}
		if ct != nil {
			next = *ct
		}
		note := next.Note
		overlay(&next, doc)
		if next.Name() == "" {
			doc.mark("name", "The name is mandatory.")
			return ledger.ErrRefused
		}
		if ct == nil {
			next.Fields.CustomerID = next.Code
			made, err := t.AddContact(next.Fields)
			if err != nil {
				return err
			}
			ct = made
			ct.Note = next.Note
		} else {
			*ct = next
			t.TouchContact(ct)
		}
		if ct.Note != note {
			t.AddNote(&ledger.Note{Contact: ct.No, Text: ct.Note})
		}
		out = dimension(t.A, ct)
		return nil
	})
	if err != nil {
		return doc.fail(err.Error())
	}
	return out
}

func overlay(ct *ledger.Contact, doc *node) {
	f := &ct.Fields
	put := func(to *string, n *node, name string) {
		if n.has(name) {
			*to = n.get(name)
		}
	}
	if doc.has("name") && (f.CompanyName != "" || ct.Person() == "") {
		f.CompanyName = doc.get("name")
	}
	put(&f.ChamberOfCommerce, doc, "cocnumber")
	put(&f.TaxNumber, doc, "vatnumber")
	if n, err := strconv.Atoi(doc.get("financials", "duedays")); err == nil {
		f.Terms = n
	}
	put(&ct.Note, doc.at("creditmanagement"), "comment")
	if all := doc.at("addresses").all("address"); len(all) > 0 {
		address := all[0]
		put(&f.Address, address, "field2")
		put(&f.Zipcode, address, "postcode")
		put(&f.City, address, "city")
		put(&f.Country, address, "country")
		put(&f.Email, address, "email")
		put(&f.Phone, address, "telephone")
		if address.has("field1") && f.CompanyName != "" {
			f.FirstName, f.LastName = "", strings.TrimSpace(address.get("field1"))
		}
	}
	if banks := doc.at("banks").all("bank"); len(banks) > 0 {
		put(&f.IBAN, banks[0], "iban")
	}
}
