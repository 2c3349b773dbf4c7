package emulator

import (
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays Odoo 19 over JSON-RPC for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) { return play(c, "key") }

// ConformanceJSON2 plays Odoo 19 over JSON-2.
func ConformanceJSON2(c *conformance.Clock) (*conformance.Play, error) { return play(c, "bearer") }

func play(c *conformance.Clock, method string) (*conformance.Play, error) {
	const host = "studio.odoo.com"
	s, err := New(Config{Now: c.Now, PublicURL: "https://" + host})
	if err != nil {
		return nil, err
	}
	adm, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Hosts: []string{host},
		Grant: func() (conformance.Access, error) {
			key, err := s.SeedKey("", false)
			return conformance.Access{
				Method: method, Config: map[string]string{"url": "https://" + host, "database": "odoo", "user": login}, Secrets: map[string]string{"api_key": key},
			}, err
		},
		Books: conformance.NewControl(s, c, adm), Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}
