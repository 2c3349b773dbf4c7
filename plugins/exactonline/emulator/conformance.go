package emulator

import (
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays Exact Online for the conformance kit, without its limits.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{
		Now: c.Now, PublicURL: "https://start.exactonline.nl", Minutely: -1, Daily: -1, Errors: -1, EarlyRefresh: true, WebhookSecret: conformance.ClientSecret,
		Clients: map[string]emulator.OAuthClient{conformance.ClientID: {Name: "Conformance", Secret: conformance.ClientSecret}},
	})
	if err != nil {
		return nil, err
	}
	adm, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s,
		Grant: func() (conformance.Access, error) {
			grant, err := s.oauth.Connect(conformance.ClientID, "", "")
			access, _ := grant["access_token"].(string)
			refresh, _ := grant["refresh_token"].(string)
			return conformance.Access{Method: "oauth", Token: access, Refresh: refresh, Config: map[string]string{"country": "nl"}}, err
		},
		Books: conformance.NewControl(s, c, adm), Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}
