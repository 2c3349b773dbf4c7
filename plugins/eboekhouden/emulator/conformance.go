package emulator

import (
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays e-Boekhouden for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	const files = "files.e-boekhouden.nl"
	s, err := New(Config{Now: c.Now, PublicURL: "https://" + files})
	if err != nil {
		return nil, err
	}
	adm, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"})
	if err != nil {
		return nil, err
	}
	token, err := s.SeedToken(adm, "")
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Hosts: []string{files},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"country": "nl", "bank_ledger": "1010"}, Secrets: map[string]string{"api_token": token}}, nil
		},
		Books: conformance.NewControl(s, c, adm), Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}
