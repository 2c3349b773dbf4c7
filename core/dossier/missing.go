package dossier

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk/money"
)

// notices are the statutory notices of a consumer's case.
func (p *papers) notices() {
	p.Notices = []Notice{}
	seen := map[uuid.UUID]int{}
	for _, n := range p.file.Notices() {
		number := p.invoices[n.InvoiceID].Number
		if i, ok := seen[n.ID]; ok {
			p.Notices[i].Invoices = append(p.Notices[i].Invoices, number)
			continue
		}
		seen[n.ID] = len(p.Notices)
		out := Notice{Posted: n.PostedOn, Received: n.ReceivedOn, LastDay: n.TermLastDay, CostsFrom: n.CostsFrom, Costs: money.Of(n.CostsMinor, n.Currency), Invoices: []string{number}, Valid: n.VoidAt == nil}
		if n.MessageID.Valid {
			for _, f := range p.files[n.MessageID.UUID] {
				out.File = p.put("notices", f.Name, f.MediaType, f.Content)
			}
		}
		p.Notices = append(p.Notices, out)
	}
}

// arrives reports whether what is known of a message proves that it was delivered,
// or would be in the ordinary course of things.
func arrives(delivery string) bool {
	return slices.Contains([]string{"accepted", "printed", "posted", "delivered"}, delivery)
}

// missing lists what a bailiff needs and is not there (R107).
func (p *papers) missing() {
	p.Missing = []Missing{}
	want := func(ok bool, code, text string, args ...any) {
		if !ok {
			p.Missing = append(p.Missing, Missing{Code: code, Text: fmt.Sprintf(text, args...)})
		}
	}
	has := func(kinds ...string) bool {
		return slices.ContainsFunc(p.Evidence, func(e Evidence) bool { return slices.Contains(kinds, e.Kind) })
	}
	want(p.Creditor.Name != "" && len(p.Creditor.Address) > 0, "creditor", "The name and address of the creditor; fill them in under settings.")
	want(p.Debtor.Name != "" && len(p.Debtor.Address) > 0, "debtor", "The name and address of the debtor; fill them in in the books.")
	want(has("contract", "terms"), "contract", "The contract, order or terms that the claim rests on; add it to the case.")
	want(len(p.Invoices) > 0, "invoices", "An invoice that is still claimed.")
	for _, i := range p.Invoices {
		want(i.File != "", "invoice_file", "The PDF of invoice %s; add it in the books.", i.Number)
		want(i.Delivered != "" || has("delivery"), "delivery", "Proof that the debtor got invoice %s; add it to the case as proof of delivery.", i.Number)
	}
	want(slices.ContainsFunc(p.Messages, func(m Message) bool {
		return m.Direction == "out" && m.Step != "invoice" && arrives(m.Delivery)
	}) || has("notice"), "messages", "A demand to the debtor, with proof that it was delivered.")
	if p.Debtor.Kind != "business" {
		for _, i := range p.Invoices {
			ok := slices.ContainsFunc(p.Notices, func(n Notice) bool {
				return n.Valid && slices.Contains(n.Invoices, i.Number) && (n.File != "" || has("notice"))
			})
			want(ok || p.Sum.Costs.IsZero() && has("notice"), "statutory_notice", "The statutory notice for invoice %s with proof of its receipt.", i.Number)
		}
	}
	want(len(p.Lines) > 0, "calculation", "The calculation of the claim.")
	for _, d := range p.Disputes {
		want(d.State != "open" && d.State != "escalated", "dispute", "A decision on the dispute of invoice %s; a claim that is in dispute is not handed over.", d.Invoice)
	}
}
