package sdk

import (
	"context"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// CreditReporter is implemented when the package is an agency that reports on
// companies.
type CreditReporter interface {
	// CreditReport returns the report on a company. The error wraps [ErrGone] when
	// the agency knows of no such company, and [ErrInvalid] for a number that can be
	// none.
	CreditReport(ctx context.Context, s *Session, r CreditRequest) (CreditReport, error)
}

// CreditRequest asks for the report on a company.
type CreditRequest struct {
	Registration string // number in the trade register of the country
	Country      string // ISO 3166-1 alpha-2
}

// CreditReport is what an agency says of a company.
type CreditReport struct {
	ID   string // the agency's, of the report or the company
	Name string // of the company
	On   date.Date
	// Score is of ScoreMax, higher is better. ScoreMax is 0 when there is none.
	Score, ScoreMax int
	Grade           string        // as the agency writes it, "A"
	Limit           *money.Amount // how much to trust them with; nil when it names none
	Advice          string        // in the agency's words
	Status          string        // of the company: "active", "insolvent", "dissolved"
}
