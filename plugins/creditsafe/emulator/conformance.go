package emulator

import (
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/conformance"
)

// Conformance plays Creditsafe for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close, Agency: played{s},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{
				Config:  map[string]string{"user": s.cfg.User, "environment": "connect", "country": "NL", "price": "4.50", "currency": "EUR"},
				Secrets: map[string]string{"password": s.cfg.Password},
			}, nil
		},
	}, nil
}

// played implements conformance.Agency.
type played struct{ s *Server }

// Know implements conformance.Agency.
func (p played) Know(vat string, says sdk.CreditReport) error {
	c := Company{
		Name: says.Name, Registration: says.Registration, VAT: vat, Country: says.Country, Score: -1, Class: says.Grade, Advice: says.Advice, DaysLate: says.DaysLate, Remarks: len(says.Facts),
	}
	if says.ScoreMax > 0 {
		c.Score = says.Score * 100 / says.ScoreMax
	}
	if says.Limit != nil {
		c.Limit, c.Currency = says.Limit.Decimal(), string(says.Limit.Currency)
	}
	if says.Probability != nil {
		c.Pod = fmt.Sprintf("%d.%02d", *says.Probability/100, *says.Probability%100)
	}
	if says.Insolvent {
		c.Status, c.Description = "NonActive", "Bankrupt"
	}
	return p.s.Know(c)
}

// Charged implements conformance.Agency.
func (p played) Charged() (int, error) { return len(p.s.Orders()), nil }

// Spend implements conformance.Agency.
func (p played) Spend(broke bool) error { return p.s.SetBroke(broke) }
