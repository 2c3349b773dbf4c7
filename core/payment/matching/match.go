package matching

import (
	"fmt"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/sdk/money"
)

// Match proposes what a line is for. The first method that finds exactly one
// debtor wins; the amount is always checked and never the only key. A line
// that no method knows comes back Unmatched, with the reason.
func (l *Ledger) Match(line Line) Proposal {
	if p, ok := l.byCollection(line); ok {
		return p
	}
	if !line.Amount.Positive() {
		return line.proposal(Unmatched, None, "", "Money that went out is matched only when it undoes a collection of ours.")
	}
	for _, method := range []func(Line) (Proposal, bool){l.byStructured, l.byTextReference, l.byNumber, l.byAccount, l.byName} {
		if p, ok := method(line); ok {
			return p
		}
	}
	return line.proposal(Unmatched, None, "", "Nothing in this line points to one debtor: no reference of ours, no invoice number, no known account or name with a fitting amount.")
}

// byCollection recognises our own direct debits, and what undoes them.
func (l *Ledger) byCollection(line Line) (Proposal, bool) {
	c, known := l.collections[line.EndToEndID]
	exact := known
	amount := line.Amount
	if undoes := line.Return || line.Amount.Minor < 0; undoes {
		amount = money.Of(max(amount.Minor, -amount.Minor), amount.Currency)
	}
	if !known {
		// The mandate alone names the debtor; the amount must name the collection.
		for _, one := range l.mandates[line.MandateID] {
			if sum(one.Parts) == amount {
				if known {
					return line.proposal(ByEndToEnd, Suggest, one.DebtorID, "Several collections on mandate %s are of %s; choose one.", line.MandateID, amount), true
				}
				c, known = one, true
			}
		}
	}
	if !known {
		return Proposal{}, false
	}
	by := "on mandate " + c.MandateID
	if exact {
		by = c.EndToEndID
	}
	certainty := Book
	note := ""
	if sum(c.Parts) != amount {
		certainty, note = Suggest, fmt.Sprintf(", which was of %s", sum(c.Parts))
	}
	switch {
	case line.Amount.Minor < 0:
		p := line.proposal(ByEndToEnd, certainty, c.DebtorID, "%s was taken back from our collection %s%s: the invoices are open again, at their original due dates.", amount, by, note)
		p.Reopens, p.Allocations = true, c.Parts
		p.Remainder = money.Of(amount.Minor-sum(c.Parts).Minor, amount.Currency)
		return p, true
	case line.Return:
		return line.proposal(ByEndToEnd, Suggest, c.DebtorID, "The bank undid a booking on our collection %s in our favour; a person decides what it settles.", by), true
	}
	p := line.proposal(ByEndToEnd, certainty, c.DebtorID, "This is our own collection %s%s.", by, note)
	return p.with(line.Amount, c.Parts), true
}

func sum(parts []Allocation) money.Amount {
	total := money.Amount{}
	for _, p := range parts {
		total = money.Of(total.Minor+p.Amount.Minor, p.Amount.Currency)
	}
	return total
}

// byStructured recognises a reference in its own field.
func (l *Ledger) byStructured(line Line) (Proposal, bool) {
	for _, r := range reference.Parse(line.StructuredReference) {
		if hits := l.references[r.Text]; len(hits) > 0 {
			return l.designated(line, ByStructured, l.items(hits), "the reference "+r.Text, r.Checked()), true
		}
	}
	return Proposal{}, false
}

// byTextReference recognises our references in the free text, and in a
// structured field that holds more than a reference.
func (l *Ledger) byTextReference(line Line) (Proposal, bool) {
	var hits []int
	var names []string
	for _, r := range reference.Find(line.StructuredReference + "\n" + line.Text) {
		for _, i := range l.references[r.Text] {
			if !slices.Contains(hits, i) {
				hits = append(hits, i)
				names = append(names, r.Text)
			}
		}
	}
	if len(hits) == 0 {
		return Proposal{}, false
	}
	return l.designated(line, ByTextReference, l.items(hits), "the reference "+listed(names)+" in the text", true), true
}

// byNumber recognises invoice and case numbers in the text.
func (l *Ledger) byNumber(line Line) (Proposal, bool) {
	found := l.findNumbers(line.StructuredReference + " " + line.EndToEndID + " " + line.Text)
	if len(found) == 0 {
		return Proposal{}, false
	}
	var hits []int
	strong := true
	for _, n := range found {
		hits = append(hits, n.invoice)
		strong = strong && !n.weak
	}
	items := l.items(hits)
	var names []string
	for _, inv := range items {
		names = append(names, inv.Number)
	}
	// A number is no proof, as check digits are: somebody else's account asks
	// for a second sign, the amount.
	if payer := l.payers(line); len(payer) > 0 && !slices.ContainsFunc(items, func(i Invoice) bool { return slices.Contains(payer, i.DebtorID) }) {
		strong = false
	}
	return l.designated(line, ByNumber, items, "number "+listed(names)+" in the text", strong), true
}

// designated follows the debtor's own designation (R28). Without strong
// evidence only an exact amount is certain.
func (l *Ledger) designated(line Line, m Method, items []Invoice, by string, strong bool) Proposal {
	items, ok := l.ofOneDebtor(line, items)
	if !ok {
		return line.proposal(m, None, "", "The payment names invoices of several debtors, by %s; choose one.", by)
	}
	debtor := items[0].DebtorID
	same := slices.DeleteFunc(slices.Clone(items), func(i Invoice) bool { return i.Open.Currency != line.Amount.Currency })
	if len(same) == 0 {
		return line.proposal(m, Suggest, debtor, "The payment names %s of %s, but in another currency; convert it first.", by, l.name(debtor))
	}
	certainty := Book
	if !strong && total(same) != line.Amount.Minor || len(same) < len(items) {
		certainty = Suggest
	}
	// Named credit notes reduce what the payment must cover.
	if total(same) == line.Amount.Minor {
		p := line.proposal(m, certainty, debtor, "%s pays %s in full, by %s.", l.name(debtor), numbers(same), by)
		return p.with(line.Amount, whole(same))
	}
	parts, left := Spread(line.Amount, same, line.ValueDate)
	p := line.proposal(m, certainty, debtor, "%s pays %s, by %s", l.name(debtor), numbers(same), by)
	if left.Positive() {
		p.Reason += fmt.Sprintf("; %s is more than is open and stays as unapplied credit.", left)
	} else {
		p.Reason += fmt.Sprintf("; it is a part of the %s that is open.", money.Of(total(same), line.Amount.Currency))
	}
	return p.with(line.Amount, parts)
}

// ofOneDebtor keeps the items of the payer where a text names those of several
// debtors. It is false when that leaves no single debtor.
func (l *Ledger) ofOneDebtor(line Line, items []Invoice) ([]Invoice, bool) {
	other := func(i Invoice) bool { return i.DebtorID != items[0].DebtorID }
	if !slices.ContainsFunc(items, other) {
		return items, true
	}
	payer := l.payers(line)
	if len(payer) != 1 {
		return nil, false
	}
	items = slices.DeleteFunc(slices.Clone(items), func(i Invoice) bool { return i.DebtorID != payer[0] })
	return items, len(items) > 0
}

// byAccount recognises the account of exactly one debtor with open items.
func (l *Ledger) byAccount(line Line) (Proposal, bool) {
	payer := l.payers(line)
	if len(payer) != 1 {
		return Proposal{}, false
	}
	who := l.name(payer[0])
	if p, ok := l.byAmount(line, ByAccount, payer[0], Book, "the account is that of "+who); ok {
		return p, true
	}
	invoices, _ := l.open(payer[0], line.Amount.Currency)
	if len(invoices) == 0 {
		return Proposal{}, false
	}
	parts, _ := Spread(line.Amount, invoices, line.ValueDate)
	p := line.proposal(ByAccount, Suggest, payer[0], "The account is that of %s, but %s fits no invoice; it would go to what is due first, then what bears costs or interest, then the oldest.", who, line.Amount)
	return p.with(line.Amount, parts), true
}

// byName suggests the one debtor whose name is like the payer's and whose
// items fit the amount. A person confirms.
func (l *Ledger) byName(line Line) (Proposal, bool) {
	var best Proposal
	hits := 0
	for id, d := range l.debtors {
		if len(l.byDebtor[id]) == 0 || alike(line.CounterpartyName, d.Name) < enoughAlike {
			continue
		}
		if p, ok := l.byAmount(line, ByName, id, Suggest, fmt.Sprintf("the name %q is like %q", line.CounterpartyName, d.Name)); ok {
			best = p
			hits++
		}
	}
	if hits > 1 {
		return line.proposal(ByName, None, "", "%d debtors have a name like %q and items of %s; choose one.", hits, line.CounterpartyName, line.Amount), true
	}
	return best, hits == 1
}

// byAmount finds items of one debtor that the amount pays exactly: one
// invoice, all that is open, or some invoices together (R35).
func (l *Ledger) byAmount(line Line, m Method, debtor string, best Certainty, because string) (Proposal, bool) {
	invoices, credits := l.open(debtor, line.Amount.Currency)
	var equal []Invoice
	for _, inv := range invoices {
		if inv.Open == line.Amount {
			equal = append(equal, inv)
		}
	}
	if len(equal) > 0 {
		slices.SortStableFunc(equal, func(a, b Invoice) int { return rank(a, b, line.ValueDate) })
		p := line.proposal(m, best, debtor, "%s is open on %s, and %s", line.Amount, numbers(equal[:1]), because)
		if len(equal) > 1 {
			p.Reason += fmt.Sprintf("; of %d invoices with this amount it is the first in the order of the law", len(equal))
		}
		p.Reason += "."
		return p.with(line.Amount, whole(equal[:1])), true
	}
	all := append(slices.Clone(invoices), credits...)
	if len(all) > 1 && total(all) == line.Amount.Minor {
		p := line.proposal(m, best, debtor, "%s is all that is open (%s), and %s.", line.Amount, numbers(all), because)
		return p.with(line.Amount, whole(all)), true
	}
	c := combine(line.Amount.Minor, invoices)
	if c.items == nil && len(credits) > 0 {
		// A payer who settles a credit note does so on purpose, but says so rarely.
		c = combine(line.Amount.Minor, all)
		best = Suggest
	}
	if c.items == nil {
		return Proposal{}, false
	}
	if m == ByAccount {
		m = ByCombination
	}
	certainty, how := best, "no other invoices of this debtor do"
	switch {
	case !c.complete:
		certainty, how = Suggest, "there are too many invoices to exclude another combination"
	case !c.unique:
		certainty, how = Suggest, "other invoices of this debtor do so as well"
	}
	p := line.proposal(m, certainty, debtor, "%s add up to %s, %s, and %s.", numbers(c.items), line.Amount, how, because)
	return p.with(line.Amount, whole(c.items)), true
}

// payers lists the debtors with open items that are known by the account.
func (l *Ledger) payers(line Line) []string {
	iban, err := reference.ParseIBAN(line.CounterpartyIBAN)
	if err != nil {
		return nil
	}
	return l.accounts[iban]
}

func (l *Ledger) items(indexes []int) []Invoice {
	out := make([]Invoice, len(indexes))
	for i, at := range indexes {
		out[i] = l.invoices[at]
	}
	return out
}

func numbers(items []Invoice) string {
	names := make([]string, len(items))
	for i, inv := range items {
		names[i] = inv.Number
	}
	return listed(names)
}

func listed(names []string) string {
	names = slices.Compact(slices.Clone(names))
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
