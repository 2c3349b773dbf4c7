package emulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// describe lists the models of the database.
func (s *Server) describe() {
	s.models = map[string]*model{}
	type methods = map[string]func(*Server, *request) (any, error)
	for _, m := range []*model{
		{name: "res.company", rows: companies},
		{name: "res.currency", rows: allCurrencies},
		{name: "res.users", rows: users},
		{name: "res.partner", rows: partners, create: createPartner, methods: methods{"write": writePartner, "unlink": unlinkPartner, "message_post": messagePost}},
		{name: "account.account", rows: accounts},
		{name: "account.journal", rows: journals},
		{name: "account.move", order: "date desc, name desc, id desc", rows: moves, create: createMove, methods: methods{
			"write": writeMove, "unlink": unlinkMove, "action_post": postMove, "button_cancel": cancelMove, "message_post": messagePost, "get_portal_url": portalURL}},
		{name: "account.move.line", rows: moveLines, methods: methods{"reconcile": reconcile}},
		{name: "account.payment", rows: payments},
		{name: "account.partial.reconcile", rows: partials},
		{name: "account.payment.register", create: createWizard, methods: methods{"action_create_payments": createPayments}},
		{name: "ir.attachment", rows: attachments},
		{name: "mail.message", order: "id desc", rows: messages},
	} {
		s.models[m.name] = m
	}
}

func companies(_ *view, c company) []row {
	f := c.Seed
	return []row{{
		"id": c.index + 1, "name": f.Name, "display_name": f.Name, "currency_id": currency(f.Currency), "vat": empty(f.TaxNumber), "company_registry": empty(f.ChamberOfCommerce),
		"country_id": many2one{1, f.Country}, "country_code": f.Country, "email": empty(f.Email), "phone": empty(f.Phone), "street": empty(f.Address), "zip": empty(f.Zipcode), "city": empty(f.City),
		"write_date": c.CreatedAt,
	}}
}

func allCurrencies(*view, company) (out []row) {
	for _, code := range slices.Sorted(maps.Keys(currencies)) {
		out = append(out, row{"id": currencies[code], "name": code, "display_name": code, "active": true, "decimal_places": 2})
	}
	return out
}

func users(*view, company) []row {
	return []row{{"id": int64(uid), "name": "Voldaan bot", "login": login, "active": true, "company_id": many2one{1, ""}}}
}

func partnerRef(c company, no int64) any {
	ct := c.ContactByNo(no)
	if ct == nil {
		return false
	}
	return many2one{c.id(no), ct.Name()}
}

// personOf is the id of the contact person below a company's partner.
func personOf(id int64) int64 { return id + span/2 }

func partners(v *view, c company) (out []row) {
	owes := map[int64]int64{}
	for _, inv := range c.Invoices {
		if !inv.Draft {
			owes[inv.Contact] += c.Open(inv)
		}
	}
	for _, ct := range c.Contacts {
		f := ct.Fields
		id := c.id(ct.No)
		r := row{
			"id": id, "name": ct.Name(), "display_name": ct.Name(), "is_company": ct.Business(), "parent_id": false, "commercial_partner_id": many2one{id, ct.Name()},
			"child_ids": []int64{}, "type": "contact", "email": empty(f.Email), "phone": empty(f.Phone), "street": empty(f.Address), "street2": false, "zip": empty(f.Zipcode),
			"city": empty(f.City), "country_id": false, "country_code": empty(f.Country), "vat": empty(f.TaxNumber), "ref": empty(ct.Code), "lang": empty(f.Language),
			"company_registry": empty(f.ChamberOfCommerce), "customer_rank": int64(1), "credit": amount(owes[ct.No], c.Seed.Currency), "credit_limit": amount(0, "EUR"),
			"property_payment_term_id": many2one{int64(max(f.Terms, 14)), fmt.Sprintf("%d Days", max(f.Terms, 14))}, "bank_ids": []int64{}, "active": !f.Inactive,
			"comment": empty(ct.Note), "company_id": false, "create_date": ct.Created, "write_date": ct.Modified,
		}
		if f.Country != "" {
			r["country_id"] = many2one{1, f.Country}
		}
		if v.s.cfg.Version <= 18 {
			r["mobile"] = false
		}
		out = append(out, r)
		if !ct.Business() || ct.Person() == "" {
			continue
		}
		r["child_ids"] = []int64{personOf(id)}
		child := maps.Clone(r)
		child["id"], child["name"], child["display_name"] = personOf(id), ct.Person(), ct.Name()+", "+ct.Person()
		child["is_company"], child["parent_id"], child["child_ids"], child["customer_rank"] = false, many2one{id, ct.Name()}, []int64{}, int64(0)
		child["ref"], child["credit"] = false, amount(0, "EUR")
		out = append(out, child)
	}
	return out
}

const (
	receivableAccount = 1
	incomeAccount     = 2
	bankJournal       = 11
	cashJournal       = 12
	salesJournal      = 10
)

func accounts(_ *view, c company) []row {
	return []row{
		{"id": int64(receivableAccount), "code": "121000", "name": "Account Receivable", "display_name": "121000 Account Receivable", "account_type": "asset_receivable"},
		{"id": int64(incomeAccount), "code": "400000", "name": "Product Sales", "display_name": "400000 Product Sales", "account_type": "income"},
	}
}

func journalRef(c company, id int64) many2one {
	return many2one{c.id(id), map[int64]string{salesJournal: "Customer Invoices", bankJournal: "Bank", cashJournal: "Cash"}[id]}
}

func journals(_ *view, c company) (out []row) {
	for id, kind := range map[int64]string{salesJournal: "sale", bankJournal: "bank", cashJournal: "cash"} {
		ref := journalRef(c, id)
		out = append(out, row{"id": ref.ID, "name": ref.Name, "display_name": ref.Name, "type": kind, "code": strings.ToUpper(kind[:3]), "company_id": c.self(), "active": true})
	}
	return out
}

func messages(_ *view, c company) (out []row) {
	for _, n := range c.Notes {
		r := row{"id": c.id(n.No), "model": "res.partner", "res_id": c.id(n.Contact), "body": "<p>" + n.Text + "</p>", "subject": empty(n.Subject), "message_type": "comment", "date": n.Created, "author_id": many2one{3, "Voldaan bot"}, "write_date": n.Modified}
		if n.Invoice != 0 {
			r["model"], r["res_id"] = "account.move", c.id(n.Invoice)
		}
		out = append(out, r)
	}
	return out
}

// locate finds the company and the number of a record of the database.
func (s *Server) locate(id int64) (adm string, no int64) {
	i := int64(0)
	s.All(func(a *ledger.Administration) {
		if i == id/span {
			adm, no = a.ID, id%span
		}
		i++
	})
	return adm, no
}
