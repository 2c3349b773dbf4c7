package moneybird

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// externalPrefix marks the ids of external sales invoices: Moneybird does not
// say that the two kinds share one range, and they live under other addresses.
const externalPrefix = "external-"

func (c *Connector) party(administration string, k contact) sdk.Party {
	p := sdk.Party{
		ID: string(k.ID), Revision: string(k.Version),
		Name:      clip(firstOf(k.CompanyName, strings.TrimSpace(k.FirstName+" "+k.LastName))),
		Kind:      kind(k),
		Attention: clip(firstOf(k.SendAttention, k.Attention)),
		Email:     clip(firstOf(k.SendEmail, k.Email)), Phone: clip(k.Phone),
		Address: sdk.Address{
			Line1: clip(k.Address1), Line2: clip(k.Address2), PostalCode: clip(k.PostalCode),
			City: clip(k.City), Country: strings.ToUpper(clip(k.Country)),
		},
		IBAN: clip(firstOf(k.MandateIBAN, k.BankAccount)), VATNumber: clip(k.TaxNumber),
		Registration: clip(k.ChamberNumber),
		URL:          c.page(administration, "contacts", string(k.ID)),
	}
	if p.Attention == "" && k.CompanyName != "" {
		p.Attention = clip(strings.TrimSpace(k.FirstName + " " + k.LastName))
	}
	return p
}

// kind follows Moneybird's own two types of contact: a company has a company
// name, a private individual has not. Numbers that only businesses have decide
// as well.
func kind(k contact) sdk.PartyKind {
	switch {
	case firstOf(k.CompanyName, k.ChamberNumber, k.TaxNumber) != "":
		return sdk.Business
	case firstOf(k.FirstName, k.LastName) != "":
		return sdk.Consumer
	}
	return sdk.Unknown
}

// translated is an invoice with its payments, and what could not be read of it.
type translated struct {
	invoice  sdk.Invoice
	payments []sdk.Payment
	problems []string
}

// invoice translates a sales invoice or an external one. A field that cannot be
// read is named in problems; such an invoice is reported and not sent, and the
// others go on.
func (c *Connector) invoice(administration string, external bool, in invoice) translated {
	var t translated
	num := reader{currency: in.Currency, problems: &t.problems}
	number, issued, resource := in.Number, in.InvoiceDate, "sales_invoices"
	if external {
		number, issued, resource = in.Reference, in.Date, "external_sales_invoices"
	}
	v := sdk.Invoice{
		ID: invoiceID(external, in.ID), Revision: string(in.Version),
		PartyID: string(in.ContactID), Number: clip(number), Kind: sdk.SalesInvoice,
		Issued: num.date("invoice date", issued), Due: num.date("due date", in.DueDate),
		Total: num.amount("total", in.Total), Open: num.amount("unpaid amount", in.Unpaid),
		PaymentReference: clip(in.PaymentRef),
		URL:              c.page(administration, resource, string(in.ID)),
		Document:         !external && number != "",
	}
	if !external {
		v.Reference = clip(in.Reference)
		v.Sent = sentMoment(num.date("date of sending", in.SentAt))
	} else {
		v.Document = slices.ContainsFunc(in.Attachments, isPDF)
	}
	if v.Total.Minor < 0 {
		v.Kind = sdk.CreditNote
		v.Total, v.Open = v.Total.Neg(), v.Open.Neg()
		if in.OriginalID != "" {
			v.Credits = invoiceID(false, in.OriginalID)
		}
	}
	var known bool
	if v.Status, known = status(in.State); !known {
		t.problems = append(t.problems, "the state "+strconv.Quote(clip(in.State))+" is not known")
	}
	if in.Uncollectible != "" && v.Status == sdk.Open {
		v.Status = sdk.Uncollectible
	}
	for _, p := range in.Payments {
		t.payments = append(t.payments, sdk.Payment{
			ID: string(p.ID), Revision: p.UpdatedAt, PartyID: v.PartyID, InvoiceID: v.ID,
			Amount: num.amount("payment", p.Price), ValueDate: num.date("payment date", p.Date),
			Reference: clip(referenceOf(p.Identifier)), CreditNote: creditID(p.CreditInvoice),
		})
	}
	t.invoice = v
	return t
}

// status maps Moneybird's states; it returns false for one that it does not know.
func status(state string) (sdk.InvoiceStatus, bool) {
	switch state {
	case "draft", "scheduled", "new":
		return sdk.Draft, true
	case "open", "late", "reminded", "pending_payment":
		return sdk.Open, true
	case "paid":
		return sdk.Paid, true
	case "uncollectible":
		return sdk.Uncollectible, true
	}
	return "", false
}

// sentMoment takes noon of the day in Amsterdam's winter time: Moneybird gives
// no hour.
func sentMoment(d date.Date) time.Time {
	if d.IsZero() {
		return time.Time{}
	}
	return d.At(11, 0, time.UTC)
}

func invoiceID(external bool, i id) string {
	if external {
		return externalPrefix + string(i)
	}
	return string(i)
}

func creditID(i id) string {
	if i == "" {
		return ""
	}
	return invoiceID(false, i)
}

func splitID(s string) (bare string, external bool) {
	bare, external = strings.CutPrefix(s, externalPrefix)
	return bare, external
}

func resource(external bool) string {
	if external {
		return "external_sales_invoices"
	}
	return "sales_invoices"
}

// page is where a person sees the record in Moneybird.
func (c *Connector) page(administration, resource, record string) string {
	return strings.Join([]string{c.home, escape(administration), resource, escape(record)}, "/")
}

// reader reads the values of one record and collects what is wrong with it.
type reader struct {
	currency string
	problems *[]string
}

func (r reader) amount(what string, d decimal) money.Amount {
	c, err := money.ParseCurrency(r.currency)
	if err != nil {
		r.note(what, err)
		return money.Amount{}
	}
	a, err := money.Parse(string(d), c)
	if err != nil {
		r.note(what, err)
		return money.Amount{}
	}
	return a
}

// date reads a day; payments may carry a moment, of which the day is taken.
func (r reader) date(what, text string) date.Date {
	day, _, _ := strings.Cut(text, "T")
	d, err := date.Parse(day)
	if err != nil {
		r.note(what, err)
	}
	return d
}

func (r reader) note(what string, err error) {
	*r.problems = append(*r.problems, clip(what+": "+err.Error()))
}

// maxText is far above any real field; what is longer is an accident.
const maxText = 500

// clip drops control characters that no field needs and cuts a text off at
// maxText characters.
func clip(s string) string {
	if len(s) > 4*maxText {
		s = strings.ToValidUTF8(s[:4*maxText], "")
	}
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	if utf8.RuneCountInString(s) > maxText {
		return string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

func isPDF(a attachment) bool {
	return a.ContentType == "application/pdf" || strings.HasSuffix(strings.ToLower(a.Name), ".pdf")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
