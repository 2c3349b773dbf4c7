package emulator

import (
	"strings"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays Twinfield for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	const cluster = "accounting2.twinfield.com"
	s, err := New(Config{
		Now: c.Now, ClusterURL: "https://" + cluster, Clients: map[string]emulator.OAuthClient{conformance.ClientID: {Name: "Conformance", Secret: conformance.ClientSecret}},
	})
	if err != nil {
		return nil, err
	}
	adm, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Hosts: []string{cluster},
		Grant: func() (conformance.Access, error) {
			grant, err := s.oauth.Connect(conformance.ClientID, strings.Join(scopes, " "), "")
			access, _ := grant["access_token"].(string)
			refresh, _ := grant["refresh_token"].(string)
			return conformance.Access{
				Method: "oauth", Token: access, Refresh: refresh,
				Config: map[string]string{"cluster": "https://" + cluster, "journals": "VRK", "payment_journal": "MEMO", "payment_ledger": "1250"},
			}, err
		},
		Books: conformance.NewControl(s, c, adm), Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}
