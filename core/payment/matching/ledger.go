package matching

import (
	"slices"

	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/sdk/money"
)

// Ledger is the open items of one creditor, indexed for matching. It does not
// change and is safe for use by several goroutines; make a new one after
// booking.
type Ledger struct {
	invoices    []Invoice
	debtors     map[string]Debtor
	byDebtor    map[string][]int
	references  map[string][]int // electronic form
	numbers     map[string][]numbered
	accounts    map[string][]string // IBAN -> debtors with open items
	collections map[string]Collection
	mandates    map[string][]Collection
}

// NewLedger indexes the open items of one creditor. Items without an open
// amount take no part.
func NewLedger(debtors []Debtor, invoices []Invoice, collections []Collection) *Ledger {
	l := &Ledger{
		debtors: map[string]Debtor{}, byDebtor: map[string][]int{}, references: map[string][]int{},
		numbers: map[string][]numbered{}, accounts: map[string][]string{}, collections: map[string]Collection{}, mandates: map[string][]Collection{},
	}
	for _, inv := range invoices {
		if inv.Open.IsZero() {
			continue
		}
		i := len(l.invoices)
		l.invoices = append(l.invoices, inv)
		l.byDebtor[inv.DebtorID] = append(l.byDebtor[inv.DebtorID], i)
		for _, text := range inv.References {
			for _, r := range reference.Parse(text) {
				if !slices.Contains(l.references[r.Text], i) {
					l.references[r.Text] = append(l.references[r.Text], i)
				}
			}
		}
		for _, name := range append([]string{inv.Number}, inv.Aliases...) {
			if n := newNumber(name); n.key != "" {
				l.numbers[n.key] = append(l.numbers[n.key], numbered{number: n, invoice: i})
			}
		}
	}
	for _, d := range debtors {
		l.debtors[d.ID] = d
		if len(l.byDebtor[d.ID]) == 0 {
			continue
		}
		for _, text := range d.IBANs {
			if iban, err := reference.ParseIBAN(text); err == nil && !slices.Contains(l.accounts[iban], d.ID) {
				l.accounts[iban] = append(l.accounts[iban], d.ID)
			}
		}
	}
	for _, c := range collections {
		if c.EndToEndID != "" {
			l.collections[c.EndToEndID] = c
		}
		if c.MandateID != "" {
			l.mandates[c.MandateID] = append(l.mandates[c.MandateID], c)
		}
	}
	return l
}

// open lists the items of a debtor in a currency, credit notes last.
func (l *Ledger) open(debtor string, c money.Currency) (invoices, credits []Invoice) {
	for _, i := range l.byDebtor[debtor] {
		switch inv := l.invoices[i]; {
		case inv.Open.Currency != c:
		case inv.Open.Positive():
			invoices = append(invoices, inv)
		default:
			credits = append(credits, inv)
		}
	}
	return invoices, credits
}

func (l *Ledger) name(debtor string) string {
	if d := l.debtors[debtor]; d.Name != "" {
		return d.Name
	}
	return "debtor " + debtor
}

func total(invoices []Invoice) int64 {
	sum := int64(0)
	for _, inv := range invoices {
		sum += inv.Open.Minor
	}
	return sum
}

// whole allocates every item in full.
func whole(invoices []Invoice) []Allocation {
	var out []Allocation
	for _, inv := range invoices {
		out = append(out, Allocation{InvoiceID: inv.ID, Amount: inv.Open})
	}
	return out
}
