package acmebooks

import (
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays Acme Books for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now})
	if err != nil {
		return nil, err
	}
	company, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "De Korenaar"})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close,
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Method: "key", Secrets: map[string]string{"api_key": Key}}, nil
		},
		Books: conformance.NewControl(s, c, company), Shift: conformance.ShiftPages(s),
	}, nil
}
