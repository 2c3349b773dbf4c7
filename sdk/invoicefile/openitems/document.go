package openitems

import (
	"errors"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/ubl"
	"github.com/voldaan/voldaan/sdk/money"
)

// document reads a row.
func (x items) document(r item) (invoicefile.Document, *invoicefile.Problem) {
	number := invoicefile.Clean(x.get(r.row, InvoiceNo).text, 100)
	fail := func(code, format string, args ...any) (invoicefile.Document, *invoicefile.Problem) {
		p := invoicefile.Problemf(code, format, args...)
		p.Number = number
		return invoicefile.Document{}, p
	}
	if number == "" {
		return fail("no_number", "There is an amount but no invoice number.")
	}
	currency := x.m.Currency
	if text := x.get(r.row, CurrencyCode).text; text != "" {
		if strings.Contains(text, "€") {
			text = "EUR"
		}
		c, err := money.ParseCurrency(text)
		if err != nil {
			return fail("unknown_currency", "Invoice %s is in %q, which is no currency that we know.", number, invoicefile.Clean(text, 10))
		}
		currency = c
	}
	total, open, problem := x.amount(r.row, number, currency)
	if problem != nil {
		return invoicefile.Document{}, problem
	}
	var days [2]date.Date
	for i, f := range []Field{InvoiceDate, DueDate} {
		c := x.get(r.row, f)
		v, err := parseDay(c, x.days, x.epoch)
		if err != nil {
			return fail("date", "Invoice %s has %q in the column %s, which is not a date like the others (%s).", number, invoicefile.Clean(c.text, 40), x.names[f], x.days.name)
		}
		days[i] = v
	}
	d := invoicefile.Document{Row: r.number, Debtor: x.debtor(r), Terms: invoicefile.Clean(x.get(r.row, PaymentTerm).text, 200)}
	d.Invoice = sdk.Invoice{
		Number: number, Kind: sdk.SalesInvoice, Status: sdk.Open, PartyID: d.Debtor.ID,
		Issued: days[0], Due: days[1], Total: total, Open: open,
	}
	i := &d.Invoice
	if total.Minor < 0 || total.IsZero() && open.Minor < 0 {
		i.Kind, i.Total, i.Open = sdk.CreditNote, total.Neg(), open.Neg()
	}
	if i.Open.IsZero() {
		i.Status = sdk.Paid
	}
	i.ID = invoicefile.InvoiceID(i.Kind, number)
	if i.Due.IsZero() && !i.Issued.IsZero() {
		if n, ok := ubl.DaysOf(d.Terms); ok {
			i.Due = i.Issued.AddDays(n)
		} else if x.m.Term > 0 {
			i.Due = i.Issued.AddDays(x.m.Term)
		}
	}
	if reference := invoicefile.Clean(x.get(r.row, Reference).text, 140); invoicefile.Structured(reference) {
		i.PaymentReference, d.PaymentID = reference, reference
	} else {
		i.Reference = reference
	}
	return d, nil
}

// amount finds the total and what is open of it. A list gives some of: the
// original amount, what is open, what is paid, or debit and credit columns.
func (x items) amount(r row, number string, currency money.Currency) (total, open money.Amount, problem *invoicefile.Problem) {
	read := func(f Field) (money.Amount, bool) {
		c := x.get(r, f)
		if c.text == "" || problem != nil {
			return money.Of(0, currency), false
		}
		a, err := parseAmount(c, x.decimal, currency)
		switch {
		case errors.Is(err, money.ErrPrecision):
			problem = invoicefile.Problemf("amount", "Invoice %s has %q in the column %s: more decimals than %s has.", number, invoicefile.Clean(c.text, 40), x.names[f], currency)
		case err != nil:
			problem = invoicefile.Problemf("amount", "Invoice %s has %q in the column %s, which is not an amount like the others (decimal mark %c).", number, invoicefile.Clean(c.text, 40), x.names[f], x.decimal)
		}
		return a, err == nil
	}
	open, hasOpen := read(OpenAmount)
	total, hasTotal := read(OriginalAmount)
	paid, hasPaid := read(PaidAmount)
	debit, hasDebit := read(Debit)
	credit, hasCredit := read(Credit)
	if problem == nil && !hasTotal && (hasDebit || hasCredit) {
		if v, err := debit.Sub(credit); err == nil {
			total, hasTotal = v, true
		}
	}
	var err error
	switch {
	case problem != nil:
	case !hasOpen && !hasTotal:
		problem = invoicefile.Problemf("amount", "Invoice %s has no amount.", number)
	case !hasOpen && hasPaid:
		open, err = total.Sub(paid)
	case !hasOpen:
		open = total
	case !hasTotal && hasPaid:
		total, err = open.Add(paid)
	case !hasTotal:
		total = open
	}
	if err != nil && problem == nil {
		problem = invoicefile.Problemf("amount", "Invoice %s has amounts that are too large to be true.", number)
	}
	if problem != nil {
		problem.Number = number
		return money.Amount{}, money.Amount{}, problem
	}
	// A column says on which side the amounts stand, and they carry no sign then.
	switch foldHeader(x.get(r, Side).text) {
	case "c", "h", "credit", "haben", "cr":
		if total.Minor > 0 {
			total = total.Neg()
		}
		if open.Minor > 0 {
			open = open.Neg()
		}
	}
	return total, open, nil
}

func (x items) debtor(r item) sdk.Party {
	get := func(f Field, most int) string { return invoicefile.Clean(x.get(r.row, f).text, most) }
	no, name := get(DebtorNo, 100), get(DebtorName, 200)
	if no == "" && name == "" {
		no, name = invoicefile.Clean(r.debtorNo, 100), invoicefile.Clean(r.debtorName, 200)
	}
	p := sdk.Party{
		Name: name, Kind: sdk.Unknown, Email: get(Email, 254), Phone: get(Phone, 50), VATNumber: get(VATNo, 30),
		IBAN: strings.ToUpper(strings.ReplaceAll(get(IBAN, 40), " ", "")),
		Address: sdk.Address{Line1: get(Street, 200), PostalCode: get(Postcode, 20), City: get(City, 100),
			Country: country(get(Country, 60))},
	}
	if p.VATNumber != "" {
		p.Kind = sdk.Business
	}
	if name == "" && no != "" {
		p.Name = no
	}
	if no != "" || name != "" {
		p.ID = invoicefile.PartyID(no, p)
	}
	return p
}

// country keeps two-letter codes and knows the names that Dutch lists write.
func country(s string) string {
	switch foldHeader(s) {
	case "nederland", "netherlands", "holland", "thenetherlands":
		return "NL"
	case "belgie", "belgium", "belgique", "belgien":
		return "BE"
	case "duitsland", "germany", "deutschland":
		return "DE"
	case "frankrijk", "france", "frankreich":
		return "FR"
	case "verenigdkoninkrijk", "unitedkingdom", "engeland", "uk":
		return "GB"
	}
	if len(s) == 2 {
		return strings.ToUpper(s)
	}
	return ""
}
