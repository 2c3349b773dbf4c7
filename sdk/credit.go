package sdk

import (
	"context"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// CreditReporter is implemented when the package is an agency that reports on
// companies. Looking a company up costs nothing; a report is charged, so it is
// asked for once, by requests that carry the context of [Once].
type CreditReporter interface {
	// Companies returns the companies that fit, the best fit first; none is no error.
	Companies(ctx context.Context, s *Session, q CompanyQuery) ([]Company, error)
	// CreditReport returns the report on a company. The error wraps [ErrGone] when the
	// agency has none, and then nothing was charged. After any other error that does
	// not come from before the request, it is not known whether it was charged.
	CreditReport(ctx context.Context, s *Session, r CreditRequest) (CreditReport, error)
}

// CompanyQuery looks a company up in a country by one of its number, its VAT number
// and its name; the others are empty.
type CompanyQuery struct {
	Administration string
	Country        string // ISO 3166-1 alpha-2
	Registration   string // number in the trade register of the country
	VATNumber      string // with the country in front
	Name           string
	PostalCode     string // with the name, to choose among many
}

// Company is one that an agency knows.
type Company struct {
	ID           string // the agency's; a report is asked for by it
	Name         string
	Registration string
	VATNumber    string
	Address      Address
	Status       CompanyStatus
	// NaturalPerson says that the business is a person, such as a sole trader, so
	// that a report on it is personal data.
	NaturalPerson bool
	// Price is what a report costs; nil when the agency does not say.
	Price *money.Amount
}

// CompanyStatus is how a company is doing.
type CompanyStatus string

// The states. The empty one is not known.
const (
	CompanyActive    CompanyStatus = "active"
	CompanyInactive  CompanyStatus = "inactive" // in the register, without business
	CompanyInsolvent CompanyStatus = "insolvent"
	CompanyDissolved CompanyStatus = "dissolved"
)

// CreditRequest asks for the report on a company.
type CreditRequest struct {
	// Key is the same for every attempt at the same report.
	Key            string
	Administration string
	Company        string // its id, as Companies gave it
	Country        string // ISO 3166-1 alpha-2
	Language       string // BCP 47; the agency's own when it has no other
}

// CreditReport is what an agency says of a company.
type CreditReport struct {
	ID           string // the agency's reference of the report, or of the company
	Company      string // the agency's id of the company
	Name         string
	Registration string
	Country      string // ISO 3166-1 alpha-2
	// On is the day of which the figures are.
	On date.Date
	// Score is of ScoreMax, higher is better. ScoreMax is 0 when there is none.
	Score, ScoreMax int
	Grade           string        // class in the agency's own scale, such as "A"
	Limit           *money.Amount // how much to trust them with at most; nil when it names none
	// Probability is the chance of failure within twelve months, in hundredths of a
	// percent; nil when the agency names none.
	Probability *int
	Advice      string // in the agency's words
	Status      CompanyStatus
	// Insolvent says that they are in bankruptcy or what is like it.
	Insolvent     bool
	NaturalPerson bool
	// DaysLate is how many days after the due date they pay on average, as others
	// report it; nil when the agency does not say.
	DaysLate *int
	// Facts are what the agency knows of how they pay, in its words.
	Facts []CreditFact
	// Price is what the report cost; nil when the agency does not say.
	Price *money.Amount
}

// CreditFact is one thing that an agency tells, such as 2 for "Payment remarks".
type CreditFact struct{ Name, Text string }
