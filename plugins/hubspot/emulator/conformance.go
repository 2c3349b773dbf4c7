package emulator

import (
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// Conformance plays HubSpot for the conformance kit, without its limits.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{
		Now: c.Now, PublicURL: "https://api.hubapi.com", TenSecondly: -1, Daily: -1, Searches: -1, WebhookSecret: conformance.ClientSecret,
		Clients: map[string]emulator.OAuthClient{conformance.ClientID: {Name: "Conformance", Secret: conformance.ClientSecret}},
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.SeedAdministration(ledger.AdministrationSeed{Name: "Studio Noord"}); err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s,
		Grant: func() (conformance.Access, error) {
			grant, err := s.oauth.Connect(conformance.ClientID, allScopes, "")
			access, _ := grant["access_token"].(string)
			refresh, _ := grant["refresh_token"].(string)
			return conformance.Access{Method: "oauth", Token: access, Refresh: refresh, Config: map[string]string{"sign_in": "app"}}, err
		},
		Books: &keeper{s: s}, Shift: conformance.ShiftPages(s), Close: s.Close,
	}, nil
}

// keeper plants companies and people; a CRM has no invoices.
type keeper struct {
	s *Server
	n int
}

var errNoInvoices = fmt.Errorf("a CRM has no invoices: %w", errors.ErrUnsupported)

// Begin implements conformance.Keeper.
func (k *keeper) Begin(n int) error { return k.Add(n) }

// Add implements conformance.Keeper.
func (k *keeper) Add(n int) error {
	for range n {
		k.n++
		seed := ledger.ContactSeed{FirstName: "Ada", LastName: fmt.Sprint("de Vries ", k.n), Email: fmt.Sprintf("ada%d@vries.example", k.n), City: "Groningen", Country: "NL"}
		if k.n%2 == 0 {
			seed.CompanyName, seed.Address = fmt.Sprintf("Garage %d & Zn.", k.n), "Ringweg 12 a"
		}
		if _, _, err := k.s.SeedContact(seed); err != nil {
			return err
		}
	}
	return nil
}

// Invoices implements conformance.Keeper.
func (k *keeper) Invoices() ([]conformance.Entry, error) { return nil, nil }

// Pay implements conformance.Keeper.
func (k *keeper) Pay(string, string) error { return errNoInvoices }

// SetDue implements conformance.Keeper.
func (k *keeper) SetDue(string, date.Date) error { return errNoInvoices }

// Delete implements conformance.Keeper.
func (k *keeper) Delete(string) error { return errNoInvoices }
