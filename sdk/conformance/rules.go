package conformance

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// Problems returns what the rules of package sdk do not allow of records, and
// what does not add up.
func (b *Books) Problems() (out []string) {
	for _, id := range slices.Sorted(maps.Keys(b.Parties)) {
		out = append(out, party(b.Parties[id])...)
	}
	paid := map[string]money.Amount{}
	for _, id := range slices.Sorted(maps.Keys(b.Payments)) {
		p := b.Payments[id]
		say := func(format string, args ...any) { out = append(out, "payment "+id+": "+fmt.Sprintf(format, args...)) }
		if p.Amount.Currency == "" || p.Amount.IsZero() {
			say("the amount is %s", p.Amount)
		}
		if p.InvoiceID == "" {
			continue
		}
		v, ok := b.Invoices[p.InvoiceID]
		if _, told := b.Unreadable[key(sdk.Invoices, p.InvoiceID)]; !ok && !told {
			say("its invoice %s is not there", p.InvoiceID)
		}
		if ok && v.Total.Currency == p.Amount.Currency {
			sum := paid[p.InvoiceID]
			sum.Currency = p.Amount.Currency
			sum.Minor += p.Amount.Minor
			paid[p.InvoiceID] = sum
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b.Invoices)) {
		out = append(out, b.invoice(b.Invoices[id], paid[id])...)
	}
	return out
}

func party(p sdk.Party) (out []string) {
	say := func(format string, args ...any) { out = append(out, "party "+p.ID+": "+fmt.Sprintf(format, args...)) }
	if strings.TrimSpace(p.Name) == "" {
		say("it has no name")
	}
	if !slices.Contains([]sdk.PartyKind{sdk.Business, sdk.Consumer, sdk.Unknown}, p.Kind) {
		say("%q is no kind of party", p.Kind)
	}
	if c := p.Address.Country; c != "" && !country.MatchString(c) {
		say("%q is no country code", c)
	}
	return out
}

func (b *Books) invoice(v sdk.Invoice, paid money.Amount) (out []string) {
	say := func(format string, args ...any) { out = append(out, "invoice "+v.ID+": "+fmt.Sprintf(format, args...)) }
	if _, err := money.ParseCurrency(string(v.Total.Currency)); err != nil || v.Open.Currency != v.Total.Currency {
		say("the currencies are %q and %q", v.Total.Currency, v.Open.Currency)
	}
	if v.Kind != sdk.SalesInvoice && v.Kind != sdk.CreditNote {
		say("%q is no kind of invoice", v.Kind)
	}
	if !slices.Contains([]sdk.InvoiceStatus{sdk.Draft, sdk.Open, sdk.Paid, sdk.Void, sdk.Uncollectible}, v.Status) {
		say("%q is no status", v.Status)
	}
	if v.Status != sdk.Draft && v.Number == "" {
		say("it has no number")
	}
	if v.Status != sdk.Draft && (v.Issued.IsZero() || v.Due.IsZero()) {
		say("it was issued on %q and is due on %q", v.Issued, v.Due)
	}
	if !v.Due.IsZero() && v.Due.Before(v.Issued) {
		say("it is due on %s, before it was issued on %s", v.Due, v.Issued)
	}
	if _, ok := b.Parties[v.PartyID]; !ok && b.Unreadable[key(sdk.Parties, v.PartyID)] == "" {
		say("its debtor %q is not there", v.PartyID)
	}
	if v.Kind == sdk.CreditNote && v.Total.Minor < 0 {
		say("a credit note says so by its kind and not by a negative total, %s", v.Total)
	}
	if v.Status == sdk.Paid && !v.Open.IsZero() {
		say("it is paid and has %s open", v.Open)
	}
	if v.Status == sdk.Open && v.Open.IsZero() && !v.Total.IsZero() {
		say("it is open and has nothing open")
	}
	if v.Total.Minor > 0 && v.Open.Minor > v.Total.Minor {
		say("%s is open of %s", v.Open, v.Total)
	}
	// Where all money is on record, what is open and what was paid make the total.
	if v.Kind == sdk.SalesInvoice && paid.Minor != 0 && v.Total.Currency == paid.Currency && v.Status != sdk.Void && v.Status != sdk.Uncollectible &&
		v.Open.Minor+paid.Minor > v.Total.Minor+1 {
		say("%s is paid and %s open, of %s", paid, v.Open, v.Total)
	}
	return out
}
