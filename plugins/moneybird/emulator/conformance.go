package emulator

import (
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// Conformance plays Moneybird for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{
		Now: c.Now, PublicURL: "https://moneybird.com", DownloadURL: "https://storage.moneybird.dev", Rate: emulator.Rate{Limit: -1}, RotateRefresh: true,
		Clients: map[string]emulator.OAuthClient{conformance.ClientID: {Name: "Conformance", Secret: conformance.ClientSecret}},
	})
	if err != nil {
		return nil, err
	}
	adm, err := s.SeedAdministration(AdministrationSeed{Name: "Studio Noord"})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Hosts: []string{"storage.moneybird.dev"},
		Grant: func() (conformance.Access, error) {
			grant, err := s.oauth.Connect(conformance.ClientID, "sales_invoices bank settings", "")
			access, _ := grant["access_token"].(string)
			refresh, _ := grant["refresh_token"].(string)
			return conformance.Access{Method: "oauth", Token: access, Refresh: refresh}, err
		},
		Books: conformance.NewControl(s, c, adm), Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}
