package ledger

import (
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Data is everything a store keeps.
type Data struct {
	Administrations map[string]*Administration `json:"administrations"`
	Order           []string                   `json:"order"`
}

// Administration is one set of books.
type Administration struct {
	ID   string             `json:"id"`
	Seed AdministrationSeed `json:"seed"`
	// Seq numbers the records: no two of an administration share a number.
	Seq int64 `json:"seq"`
	// Rev counts changes; a record carries the count of its last one.
	Rev       int64       `json:"rev"`
	CreatedAt time.Time   `json:"created_at"`
	Contacts  []*Contact  `json:"contacts"`
	Invoices  []*Invoice  `json:"invoices"`
	Payments  []*Payment  `json:"payments"`
	Notes     []*Note     `json:"notes"`
	Gone      []Gone      `json:"gone"`
	Numbers   map[int]int `json:"numbers"` // invoices by year

	taken     map[string]bool // invoice numbers, also of invoices that went; made when first needed
	bySale    atomic.Pointer[index]
	byContact atomic.Pointer[map[int64]*Contact]
}

// Stamp is what all records have.
type Stamp struct {
	No       int64     `json:"no"`   // within the administration, from 1
	UUID     string    `json:"uuid"` // across administrations
	Rev      int64     `json:"rev"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
}

// Contact is a debtor.
type Contact struct {
	Stamp
	Code   string      `json:"code"`
	Fields ContactSeed `json:"fields"`
	// Note is the free text that some packages keep on a debtor.
	Note string `json:"note,omitempty"`
}

// Name is that of the company, or of the person.
func (c *Contact) Name() string {
	if c.Fields.CompanyName != "" {
		return c.Fields.CompanyName
	}
	return c.Person()
}

// Person is the name of the contact person, or "".
func (c *Contact) Person() string {
	if c.Fields.FirstName == "" || c.Fields.LastName == "" {
		return c.Fields.FirstName + c.Fields.LastName
	}
	return c.Fields.FirstName + " " + c.Fields.LastName
}

// Business reports whether the debtor is a company.
func (c *Contact) Business() bool { return c.Fields.CompanyName != "" }

// Invoice is an invoice, or a credit note when Credit is set: its amounts are
// negative then. Amounts are minor units of Currency.
type Invoice struct {
	Stamp
	Number    string    `json:"number"`
	Contact   int64     `json:"contact"`
	Credit    bool      `json:"credit,omitempty"`
	Of        int64     `json:"of,omitempty"` // the invoice that it credits
	Draft     bool      `json:"draft,omitempty"`
	Void      bool      `json:"void,omitempty"` // cancelled: it keeps its number and owes nothing
	Date      date.Date `json:"date"`
	Due       date.Date `json:"due"`
	Currency  string    `json:"currency"`
	Reference string    `json:"reference,omitempty"`
	Lines     []Line    `json:"lines"`
	Excl      int64     `json:"excl"`
	Total     int64     `json:"total"`
	// Edited is when the invoice itself was changed last; a payment changes
	// Modified only.
	Edited time.Time `json:"edited"`
}

// Tax is the VAT of the invoice.
func (v *Invoice) Tax() int64 { return v.Total - v.Excl }

// Line is one line, in minor units.
type Line struct {
	Description string `json:"description"`
	Quantity    string `json:"quantity"`
	Price       int64  `json:"price"` // of one, without VAT
	TaxRate     string `json:"tax_rate"`
	Excl        int64  `json:"excl"`
	Tax         int64  `json:"tax"`
	// Given marks sums that are not counted from the price: a total with VAT.
	Given bool `json:"given,omitempty"`
}

// Payment is money that came in, or a credit note set off against an invoice.
type Payment struct {
	Stamp
	Contact int64 `json:"contact"`
	// Invoice is what it pays; 0 is money that was not matched yet.
	Invoice int64 `json:"invoice,omitempty"`
	// Amount lowers what is open on the invoice; negative on a credit note.
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Date     date.Date `json:"date"`
	Text     string    `json:"text,omitempty"`
	// Offset is the other side, when a credit note was set off: no money moved.
	Offset int64 `json:"offset,omitempty"`
	// Extra is what the emulator wants to remember: a journal, an entry number.
	Extra map[string]string `json:"extra,omitempty"`
}

// Note is a remark on a contact or on an invoice.
type Note struct {
	Stamp
	Contact int64  `json:"contact,omitempty"`
	Invoice int64  `json:"invoice,omitempty"`
	Subject string `json:"subject,omitempty"`
	Text    string `json:"text"`
}

// Gone is a record that was deleted.
type Gone struct {
	Kind string    `json:"kind"` // KindContact, KindInvoice, KindPayment
	No   int64     `json:"no"`
	UUID string    `json:"uuid"`
	Rev  int64     `json:"rev"`
	At   time.Time `json:"at"`
	// Of is the date of the invoice or payment.
	Of date.Date `json:"of"`
}

// The kinds of records.
const (
	KindContact = "contact"
	KindInvoice = "invoice"
	KindPayment = "payment"
	KindNote    = "note"
)

// Derived makes a UUID of its own for something that belongs to a record.
func Derived(of, what string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(of+"/"+what)).String()
}

// Location is the time zone of the books.
func (a *Administration) Location() *time.Location {
	loc, err := time.LoadLocation(a.Seed.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Decimal writes minor units with a point and all decimals: "1210.00".
func Decimal(minor int64, currency string) string {
	return money.Of(minor, money.Currency(currency)).Decimal()
}
