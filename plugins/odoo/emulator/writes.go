package emulator

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// companyOf is the administration that new records go to.
func (s *Server) companyOf(q *request, vals object) string {
	want := whole(vals["company_id"])
	if allowed, ok := q.context["allowed_company_ids"].([]any); ok && want == 0 && len(allowed) > 0 {
		want = whole(allowed[0])
	}
	adm, _ := s.locate(max(want-1, 0) * span)
	return adm
}

func (s *Server) companyIndex(adm string) (index int64) {
	i := int64(0)
	s.All(func(a *ledger.Administration) {
		if a.ID == adm {
			index = i
		}
		i++
	})
	return index
}

// partnerVals writes the fields of a partner that are given.
func partnerVals(ct *ledger.Contact, vals object) error {
	f := &ct.Fields
	to := map[string]*string{
		"email": &f.Email, "phone": &f.Phone, "street": &f.Address, "zip": &f.Zipcode, "city": &f.City, "vat": &f.TaxNumber, "lang": &f.Language, "ref": &ct.Code,
		"comment": &ct.Note, "company_registry": &f.ChamberOfCommerce,
	}
	for name, v := range vals {
		s, isText := v.(string)
		switch {
		case name == "name" && (ct.Business() || vals["is_company"] == true):
			f.CompanyName = s
		case name == "name":
			f.FirstName, f.LastName = "", s
		case name == "active":
			f.Inactive = v == false
		case name == "is_company", name == "customer_rank", name == "company_id":
		case to[name] == nil:
			return raise("builtins.ValueError", 500, "Invalid field '%s' on model 'res.partner'", name)
		case isText || v == false:
			*to[name] = s
		}
	}
	return nil
}

func createPartner(s *Server, q *request, vals object) (int64, error) {
	var draft ledger.Contact
	if err := partnerVals(&draft, vals); err != nil {
		return 0, err
	}
	adm := s.companyOf(q, vals)
	var no int64
	err := s.Change(adm, func(t *ledger.Tx) error {
		draft.Fields.CustomerID = draft.Code
		ct, err := t.AddContact(draft.Fields)
		if err == nil {
			ct.Note, no = draft.Note, ct.No
		}
		return err
	})
	return s.companyIndex(adm)*span + no, err
}

// each changes the records of a call, one company after the other.
func (s *Server) each(q *request, fn func(*ledger.Tx, int64) error) (any, error) {
	for _, id := range q.ids {
		adm, no := s.locate(id)
		if err := s.Change(adm, func(t *ledger.Tx) error { return fn(t, no) }); err != nil {
			return nil, err
		}
	}
	return true, nil
}

func writePartner(s *Server, q *request) (any, error) {
	vals, _ := q.args["vals"].(object)
	return s.each(q, func(t *ledger.Tx, no int64) error {
		ct := t.A.ContactByNo(no)
		if ct == nil {
			return ledger.ErrNotFound
		}
		next := *ct
		if err := partnerVals(&next, vals); err != nil {
			return err
		}
		*ct = next
		t.TouchContact(ct)
		return nil
	})
}

func unlinkPartner(s *Server, q *request) (any, error) {
	return s.each(q, func(t *ledger.Tx, no int64) error {
		ct := t.A.ContactByNo(no)
		if ct == nil {
			return ledger.ErrNotFound
		}
		return t.RemoveContact(ct)
	})
}

// invoice runs fn on the invoices of a call.
func (s *Server) invoice(q *request, fn func(*ledger.Tx, *ledger.Invoice) error) (any, error) {
	return s.each(q, func(t *ledger.Tx, no int64) error {
		v := t.A.InvoiceByNo(no)
		if v == nil {
			return ledger.ErrNotFound
		}
		return fn(t, v)
	})
}

// createMove makes a draft invoice or credit note from the commands of
// invoice_line_ids: [[0, 0, {name, quantity, price_unit}]].
func createMove(s *Server, q *request, vals object) (int64, error) {
	v := &ledger.Invoice{Draft: true, Contact: whole(vals["partner_id"]) % span, Credit: vals["move_type"] == "out_refund"}
	if vals["move_type"] != "out_invoice" && !v.Credit {
		return 0, userError("This emulator makes moves of the types out_invoice and out_refund.")
	}
	v.Reference, _ = vals["ref"].(string)
	var err error
	for name, to := range map[string]*date.Date{"invoice_date": &v.Date, "invoice_date_due": &v.Due} {
		if text, ok := vals[name].(string); ok {
			if *to, err = date.Parse(text); err != nil {
				return 0, userError("%s: %v", name, err)
			}
		}
	}
	commands, _ := vals["invoice_line_ids"].([]any)
	for _, c := range commands {
		list, _ := c.([]any)
		if len(list) != 3 {
			return 0, raise("builtins.ValueError", 500, "Wrong command in invoice_line_ids")
		}
		line, _ := list[2].(object)
		price, err := ledger.ParseAmount(fmt.Sprint(line["price_unit"]), "EUR")
		if err != nil {
			return 0, userError("price_unit: %v", err)
		}
		l := ledger.Line{Description: fmt.Sprint(line["name"]), Quantity: "1", Price: price, TaxRate: "21"}
		if n, ok := line["quantity"].(json.Number); ok {
			l.Quantity = n.String()
		}
		if v.Credit {
			l.Quantity = "-" + l.Quantity
		}
		v.Lines = append(v.Lines, l)
	}
	adm := s.companyOf(q, vals)
	err = s.Change(adm, func(t *ledger.Tx) error { _, err := t.AddInvoice(v); return err })
	return s.companyIndex(adm)*span + v.No, err
}

func writeMove(s *Server, q *request) (any, error) {
	vals, _ := q.args["vals"].(object)
	return s.invoice(q, func(t *ledger.Tx, v *ledger.Invoice) error {
		due := v.Due
		for name, x := range vals {
			var err error
			switch text, _ := x.(string); name {
			case "invoice_date_due":
				if due, err = date.Parse(text); err != nil {
					return userError("%s: %v", name, err)
				}
			case "ref":
			default:
				return userError("This emulator changes ref and invoice_date_due of a move.")
			}
		}
		if ref, ok := vals["ref"].(string); ok {
			v.Reference = ref
		}
		v.Due = due
		t.TouchInvoice(v)
		return nil
	})
}

func unlinkMove(s *Server, q *request) (any, error) {
	return s.invoice(q, func(t *ledger.Tx, v *ledger.Invoice) error {
		if !v.Draft {
			return userError("You cannot delete a posted journal entry.")
		}
		t.RemoveInvoice(v)
		return nil
	})
}

func postMove(s *Server, q *request) (any, error) {
	return s.invoice(q, func(t *ledger.Tx, v *ledger.Invoice) error {
		if !v.Draft {
			return userError("The entry %s (id %d) must be in draft.", v.Number, v.No)
		}
		t.Finalize(v)
		return nil
	})
}

func cancelMove(s *Server, q *request) (any, error) {
	return s.invoice(q, func(t *ledger.Tx, v *ledger.Invoice) error {
		if len(t.A.PaymentsOf(v)) > 0 {
			return userError("You cannot cancel an entry that is reconciled.")
		}
		v.Void = true
		t.TouchInvoice(v)
		return nil
	})
}

func portalURL(s *Server, q *request) (any, error) {
	var url string
	for _, id := range q.ids {
		adm, no := s.locate(id)
		err := s.View(adm, func(a *ledger.Administration) error {
			v := a.InvoiceByNo(no)
			if v == nil {
				return ledger.ErrNotFound
			}
			url = fmt.Sprintf("%s/my/invoices/%d?access_token=%s", strings.TrimSuffix(s.cfg.PublicURL, "/"), id, accessToken(v))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return url, nil
}

var markup = regexp.MustCompile(`<[^>]*>`)

// messagePost writes a note on a partner or an invoice and answers its id.
func messagePost(s *Server, q *request) (any, error) {
	body, _ := q.args["body"].(string)
	subject, _ := q.args["subject"].(string)
	if len(q.ids) != 1 {
		return nil, raise("builtins.ValueError", 500, "Expected singleton: %s%v", q.model.name, q.ids)
	}
	adm, no := s.locate(q.ids[0])
	var made int64
	err := s.Change(adm, func(t *ledger.Tx) error {
		n := &ledger.Note{Subject: subject, Text: strings.TrimSpace(markup.ReplaceAllString(body, ""))}
		if q.model.name == "res.partner" {
			if t.A.ContactByNo(no) == nil {
				return ledger.ErrNotFound
			}
			n.Contact = no
		} else {
			v := t.A.InvoiceByNo(no)
			if v == nil {
				return ledger.ErrNotFound
			}
			n.Contact, n.Invoice = v.Contact, no
		}
		made = t.AddNote(n).No
		return nil
	})
	return q.ids[0]/span*span + made, err
}
