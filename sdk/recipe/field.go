package recipe

import (
	"cmp"
	"slices"
)

// FieldKind is what a field of a record takes.
type FieldKind int

// The kinds of field.
const (
	TextField FieldKind = iota
	IDField             // a text or number that names a record
	AmountField
	DayField
	MomentField
	FlagField
	EnumField
)

var kindNames = map[FieldKind]string{
	TextField: "text", IDField: "id", AmountField: "amount", DayField: "day", MomentField: "moment", FlagField: "flag", EnumField: "one of",
}

// FieldDef is a field of a record.
type FieldDef struct {
	Name  string
	Kind  FieldKind
	Must  bool
	Enum  []string
	Doc   string
	Index int
	// Label is what messages call the field.
	Label string
}

func (f FieldDef) kind() string {
	if f.Kind == EnumField {
		return "one of " + joined(f.Enum)
	}
	return kindNames[f.Kind]
}

// Indexes of the fields of a party.
const (
	PartyID = iota
	PartyRevision
	PartyName
	PartyKind
	PartyAttention
	PartyEmail
	PartyPhone
	PartyLine1
	PartyLine2
	PartyPostalCode
	PartyCity
	PartyCountry
	PartyLanguage
	PartyIBAN
	PartyVAT
	PartyRegistration
	PartyURL
	PartyOwnerID
	PartyOwnerName
	PartyOwnerEmail
)

// Indexes of the fields of an invoice.
const (
	InvoiceID = iota
	InvoiceRevision
	InvoiceParty
	InvoiceNumber
	InvoiceKind
	InvoiceStatus
	InvoiceIssued
	InvoiceDue
	InvoiceCurrency
	InvoiceTotal
	InvoiceOpen
	InvoiceReference
	InvoicePaymentReference
	InvoiceSent
	InvoiceCredits
	InvoiceDocument
	InvoiceURL
	InvoiceHold
)

// Indexes of the fields of a payment.
const (
	PaymentID = iota
	PaymentRevision
	PaymentParty
	PaymentInvoice
	PaymentAmount
	PaymentCurrency
	PaymentDate
	PaymentReference
	PaymentCreditNote
)

// Indexes of the fields of an administration.
const (
	AdministrationID = iota
	AdministrationName
	AdministrationCountry
	AdministrationCurrency
	AdministrationTimeZone
	AdministrationLanguage
	AdministrationReadOnly
	AdministrationAccount
)

// Indexes of the fields of what is gone.
const (
	GoneStream = iota
	GoneID
)

// Indexes of the fields of a hint.
const (
	HintAdministration = iota
	HintStream
	HintID
	HintEvent
	HintAccount
)

// Indexes of the fields of a report.
const (
	ReportState = iota
	ReportAt
	ReportReason
	ReportBadAddress
	ReportPrice
	ReportCurrency
	ReportParts
	ReportAnswered
	ReportKeys
	ReportPostedOn
)

// Indexes of the fields of a company.
const (
	CompanyID = iota
	CompanyName
	CompanyRegistration
	CompanyVAT
	CompanyLine1
	CompanyPostalCode
	CompanyCity
	CompanyCountry
	CompanyStatus
	CompanyNaturalPerson
	CompanyPrice
	CompanyCurrency
)

// Indexes of the fields of a credit report.
const (
	CreditID = iota
	CreditCompany
	CreditName
	CreditRegistration
	CreditCountry
	CreditOn
	CreditScore
	CreditScoreMax
	CreditGrade
	CreditLimit
	CreditLimitCurrency
	CreditProbability
	CreditAdvice
	CreditStatus
	CreditInsolvent
	CreditNaturalPerson
	CreditDaysLate
	CreditPrice
	CreditPriceCurrency
)

// Indexes of the fields of a fact.
const (
	FactName = iota
	FactText
)

var companyStates = []string{"active", "inactive", "insolvent", "dissolved"}

var streams = []string{"parties", "invoices", "payments"}

// Fields are the fields of each kind of record, in the order of their indexes.
var Fields = map[string][]FieldDef{
	"party": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true},
		{Name: "revision", Doc: "Changes when the record does."},
		{Name: "name", Must: true, Doc: "Company, or first and last name."},
		{Name: "kind", Kind: EnumField, Enum: []string{"business", "consumer", "unknown"}, Doc: "The law differs; unknown when left out, which is treated as a consumer."},
		{Name: "attention", Doc: "Person or department that post is for."},
		{Name: "email", Doc: "For invoices and reminders."},
		{Name: "phone"}, {Name: "line1"}, {Name: "line2"}, {Name: "postal_code"}, {Name: "city"},
		{Name: "country", Doc: "A code or a name that `country` knows; others are dropped."},
		{Name: "language", Doc: "As `language_tag` knows it; others are dropped."},
		{Name: "iban"}, {Name: "vat_number"}, {Name: "registration", Doc: "Number in the trade register."},
		{Name: "url", Doc: "Page of the party in the package."},
		{Name: "owner_id", Kind: IDField, Doc: "Our person for this party."}, {Name: "owner_name"}, {Name: "owner_email"},
	}),
	"invoice": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true, Doc: "Gets the prefix of its source."},
		{Name: "revision", Doc: "The list's when there is one."},
		{Name: "party", Kind: IDField, Must: true, Doc: "Id of the debtor."},
		{Name: "number", Doc: "As the debtor sees it."},
		{Name: "kind", Kind: EnumField, Enum: []string{"invoice", "credit_note"}, Doc: "By the sign of the total when left out. A credit note's negative amounts become positive."},
		{Name: "status", Kind: EnumField, Must: true, Enum: []string{"draft", "open", "paid", "void", "uncollectible"}, Doc: "open is everything neither settled nor withdrawn, late or not."},
		{Name: "issued", Kind: DayField}, {Name: "due", Kind: DayField},
		{Name: "currency", Must: true, Doc: "ISO 4217."},
		{Name: "total", Kind: AmountField, Must: true, Doc: "With tax."},
		{Name: "open", Kind: AmountField, Must: true, Doc: "What the books still expect, with the sign of total."},
		{Name: "reference", Doc: "The debtor's own."},
		{Name: "payment_reference", Doc: "RF, OGM, betalingskenmerk and the like."},
		{Name: "sent", Kind: MomentField, Doc: "When the package sent it. A day becomes noon in Amsterdam's winter time."},
		{Name: "credits", Kind: IDField, Doc: "Of a credit note: id of the invoice it corrects."},
		{Name: "document", Kind: FlagField, Doc: "The PDF can be had."},
		{Name: "url", Doc: "Page of the invoice in the package."},
		{Name: "hold", Kind: EnumField, Enum: []string{"paused", "payment_pending", "disputed"}, Doc: "Why nothing should be asked for now."},
	}),
	"payment": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true},
		{Name: "revision"},
		{Name: "party", Kind: IDField, Doc: "That of the invoice in the same item when left out."},
		{Name: "invoice", Kind: IDField, Doc: "The invoice in the same item when left out."},
		{Name: "amount", Kind: AmountField, Must: true},
		{Name: "currency", Doc: "That of the invoice in the same item when left out."},
		{Name: "date", Kind: DayField},
		{Name: "reference"},
		{Name: "credit_note", Kind: IDField, Doc: "Id of the credit note, when no money moved."},
	}),
	"administration": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true, Doc: "Known as $administration afterwards."},
		{Name: "name", Must: true}, {Name: "country"}, {Name: "currency"},
		{Name: "time_zone", Doc: "Name such as Europe/Amsterdam."}, {Name: "language"},
		{Name: "read_only", Kind: FlagField},
		{Name: "account", Kind: IDField, Doc: "What account of a hint names it by; its id when left out."},
	}),
	"gone": indexed([]FieldDef{
		{Name: "stream", Kind: EnumField, Must: true, Enum: streams},
		{Name: "id", Kind: IDField, Must: true, Doc: "Gets the prefix of its source."},
	}),
	"hint": indexed([]FieldDef{
		{Name: "administration", Kind: IDField},
		{Name: "stream", Kind: EnumField, Enum: append(streams[:3:3], "messages")},
		{Name: "id", Kind: IDField},
		{Name: "event", Kind: IDField, Doc: "The package's id of the call; a hash of the body when left out."},
		{Name: "account", Kind: IDField, Doc: "For packages that call one address for all users of our registration: whose event it is. Signed calls only, and without $form and $values, as it is not known yet for which connection a call is."},
	}),
	"report": indexed([]FieldDef{
		{Name: "state", Kind: EnumField, Must: true, Enum: []string{"accepted", "sent", "delivered", "failed", "returned"}, Doc: "accepted: the package has it. sent: on its way. The others are final."},
		{Name: "at", Kind: MomentField, Doc: "Since when."},
		{Name: "reason", Doc: "Why it failed."},
		{Name: "bad_address", Kind: FlagField, Doc: "Nothing will ever arrive there."},
		{Name: "price", Doc: "An exact number, rounded up to a minor unit; its sign does not matter."},
		{Name: "currency", Doc: "ISO 4217; without it there is no price."},
		{Name: "parts", Doc: "Segments or pages."},
		{Name: "answered", Kind: EnumField, Enum: []string{"person", "machine", "none"}, Doc: "Who answered a call."},
		{Name: "keys", Doc: "Keys that were pressed."},
		{Name: "posted_on", Kind: DayField, Doc: "Day on which a letter was posted."},
	}),
	"company": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true, Doc: "The agency's; a report is asked for by it."},
		{Name: "name", Must: true}, {Name: "registration", Doc: "Number in the trade register."}, {Name: "vat_number", Doc: "With the country in front."},
		{Name: "line1"}, {Name: "postal_code"}, {Name: "city"}, {Name: "country"},
		{Name: "status", Kind: EnumField, Enum: companyStates, Doc: "inactive: in the register, without business. Not known when left out."},
		{Name: "natural_person", Kind: FlagField, Doc: "The business is a person, such as a sole trader."},
		{Name: "price", Doc: "What a report costs: an exact number, rounded up to a minor unit."},
		{Name: "currency", Doc: "Of the price, ISO 4217; without it there is no price."},
	}),
	"credit_report": indexed([]FieldDef{
		{Name: "id", Kind: IDField, Must: true, Doc: "The agency's reference of the report, or of the company."},
		{Name: "company", Kind: IDField, Doc: "The agency's id of the company; the one asked for when left out."},
		{Name: "name", Must: true, Doc: "Of the company."}, {Name: "registration", Doc: "Number in the trade register."}, {Name: "country"},
		{Name: "on", Kind: DayField, Must: true, Doc: "Day of which the figures are."},
		{Name: "score", Doc: "A whole number of score_max, higher is better. None when left out, or not a number."},
		{Name: "score_max", Doc: "The highest score; needed with score."},
		{Name: "grade", Doc: "Class in the agency's own scale, such as A."},
		{Name: "limit", Doc: "How much to trust them with at most: an exact number. None when left out, or not a number."},
		{Name: "limit_currency", Doc: "ISO 4217; without it there is no limit."},
		{Name: "probability", Doc: "Chance of failure within twelve months, in percent: 1.25."},
		{Name: "advice", Doc: "In the agency's words."},
		{Name: "status", Kind: EnumField, Enum: companyStates, Doc: "Not known when left out."},
		{Name: "insolvent", Kind: FlagField, Doc: "In bankruptcy or what is like it."},
		{Name: "natural_person", Kind: FlagField},
		{Name: "days_late", Doc: "Days after the due date that they pay on average, a whole number."},
		{Name: "price", Doc: "What the report cost, as of a company."}, {Name: "price_currency", Doc: "ISO 4217; without it there is no price."},
	}),
	"fact": indexed([]FieldDef{
		{Name: "name", Must: true, Doc: "What it is about, for people."},
		{Name: "text", Must: true, Doc: "What is said. A fact without it is left out."},
	}),
}

var labels = map[string]string{
	"issued": "invoice date", "due": "due date", "open": "unpaid amount", "status": "state", "party": "debtor",
	"sent": "date of sending", "date": "payment date",
}

func indexed(list []FieldDef) []FieldDef {
	for i := range list {
		list[i].Index = i
		list[i].Label = cmp.Or(labels[list[i].Name], list[i].Name)
	}
	return list
}

// Mapping gives values to the fields of a record.
type Mapping struct {
	Line int
	// Kind is the key into Fields.
	Kind string
	// Like names the source whose mapping of this kind gives the fields that are
	// not given here.
	Like string
	// Each gives the list of records in an item; the item itself when nil.
	Each *Expr
	// When tells whether there is a record.
	When *Expr
	// Fields holds the value of each field by its index, nil where there is none.
	Fields []*FieldValue
}

// FieldValue is where a field's value comes from: an expression or a table.
type FieldValue struct {
	Line int
	Expr *Expr
	// Table turns what Expr gives into the field's value.
	Table map[string]string
	// Otherwise is for what is not in the table; without it such a record is
	// unreadable.
	Otherwise *string
}

func joined(list []string) string {
	out := ""
	for i, s := range list {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}

func known(list []string, s string) bool { return slices.Contains(list, s) }
