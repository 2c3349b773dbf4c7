package main

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"
	bailiffemu "github.com/voldaan/voldaan/core/bailiff/emulator"
	birdemu "github.com/voldaan/voldaan/plugins/bird/emulator"
	creditsafeemu "github.com/voldaan/voldaan/plugins/creditsafe/emulator"
	eboekhoudenemu "github.com/voldaan/voldaan/plugins/eboekhouden/emulator"
	exactemu "github.com/voldaan/voldaan/plugins/exactonline/emulator"
	hubspotemu "github.com/voldaan/voldaan/plugins/hubspot/emulator"
	odooemu "github.com/voldaan/voldaan/plugins/odoo/emulator"
	pingenemu "github.com/voldaan/voldaan/plugins/pingen/emulator"
	spryngemu "github.com/voldaan/voldaan/plugins/spryng/emulator"
	storecoveemu "github.com/voldaan/voldaan/plugins/storecove/emulator"
	twilioemu "github.com/voldaan/voldaan/plugins/twilio/emulator"
	twinfieldemu "github.com/voldaan/voldaan/plugins/twinfield/emulator"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
)

// vendor is one whose package an emulator plays.
type vendor struct {
	name, short string
	open        func(vendorConfig) (emulation, error)
}

// vendorConfig is what the command line says about it.
type vendorConfig struct {
	Now                 func() time.Time
	StateDir, PublicURL string
	Clients             map[string]emulator.OAuthClient
}

// emulation is an opened emulator.
type emulation interface {
	http.Handler
	Close()
}

// emulators are the packages that "voldaan emulate" plays, beside Moneybird and
// Mollie, which the demonstration stack sets up itself.
var emulators = []vendor{
	{"acmebooks", "Acme Books, the invented package of the connector guide; API key \"demo\"", func(c vendorConfig) (emulation, error) {
		return acmebooks.New(acmebooks.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"eboekhouden", "e-Boekhouden.nl, REST v1; API token \"demo\"", func(c vendorConfig) (emulation, error) {
		s, err := eboekhoudenemu.New(eboekhoudenemu.Config{Now: c.Now, StateDir: c.StateDir, PublicURL: c.PublicURL})
		if err == nil {
			_, err = s.SeedToken(demoBooks, "demo")
		}
		return s, err
	}},
	{"odoo", "Odoo, JSON-RPC and JSON-2; database \"odoo\", login \"bot\", API key \"demo\"", func(c vendorConfig) (emulation, error) {
		s, err := odooemu.New(odooemu.Config{Now: c.Now, StateDir: c.StateDir, PublicURL: c.PublicURL})
		if err == nil {
			_, err = s.SeedKey("demo", false)
		}
		return s, err
	}},
	{"twinfield", "Twinfield, SOAP and XML", func(c vendorConfig) (emulation, error) {
		return twinfieldemu.New(twinfieldemu.Config{Now: c.Now, StateDir: c.StateDir, ClusterURL: c.PublicURL, Clients: c.Clients})
	}},
	{"exactonline", "Exact Online, REST and match sets", func(c vendorConfig) (emulation, error) {
		return exactemu.New(exactemu.Config{Now: c.Now, StateDir: c.StateDir, PublicURL: c.PublicURL, Clients: c.Clients})
	}},
	{"twilio", "Twilio, text messages and calls; account AC and 32 zeros, auth token \"demo\"", func(c vendorConfig) (emulation, error) {
		return twilioemu.New(twilioemu.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"bird", "Bird, text messages; access key \"demo\"", func(c vendorConfig) (emulation, error) {
		return birdemu.New(birdemu.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"spryng", "Spryng, text messages; API key \"demo\"", func(c vendorConfig) (emulation, error) {
		return spryngemu.New(spryngemu.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"creditsafe", "Creditsafe, credit reports on companies; user \"demo\", password \"demo\"", func(c vendorConfig) (emulation, error) {
		return creditsafeemu.New(creditsafeemu.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"pingen", "Pingen, letters printed and posted; client \"demo\", secret \"demo\"", func(c vendorConfig) (emulation, error) {
		return pingenemu.New(pingenemu.Config{Clock: c.Now, StateDir: c.StateDir, PublicURL: c.PublicURL})
	}},
	{"storecove", "Storecove, the Peppol access point; API key \"demo\", legal entity 1001", func(c vendorConfig) (emulation, error) {
		return storecoveemu.New(storecoveemu.Config{Now: c.Now, StateDir: c.StateDir})
	}},
	{"bailiff", "A bailiff who serves the interface of core/bailiff; key \"demo\"", func(c vendorConfig) (emulation, error) {
		return bailiffemu.New(bailiffemu.Config{Token: "demo", Now: c.Now, StateDir: c.StateDir, Works: true})
	}},
	{"hubspot", "HubSpot CRM v3; private app token \"demo\"", func(c vendorConfig) (emulation, error) {
		s, err := hubspotemu.New(hubspotemu.Config{Now: c.Now, StateDir: c.StateDir, PublicURL: c.PublicURL, Clients: c.Clients})
		if err == nil {
			_, err = s.SeedToken("", "demo")
		}
		return s, err
	}},
}

// demoBooks is the administration of an emulator that was asked for a
// demonstration.
const demoBooks = "100001"

// ledgerBooks are emulators that hold something to look at.
type ledgerBooks interface {
	SeedAdministration(ledger.AdministrationSeed) (string, error)
	Demonstrate(adm string) error
}

func emulateCommands() (all []*cobra.Command) {
	for _, p := range emulators {
		var s served
		var demo bool
		cmd := &cobra.Command{Use: p.name, Short: p.short, Args: cobra.NoArgs}
		s.flags(cmd)
		cmd.Flags().BoolVar(&demo, "demo", false, "begin with a creditor, debtors and invoices to look at")
		cmd.RunE = func(cmd *cobra.Command, _ []string) error {
			srv, err := p.open(vendorConfig{
				Now: s.clock().Now, StateDir: s.state, PublicURL: s.public,
				Clients: map[string]emulator.OAuthClient{demoClient.ID: {Secret: demoClient.Secret, Name: "Voldaan"}},
			})
			if err != nil {
				return err
			}
			defer srv.Close()
			if demo {
				if err := plant(srv); err != nil {
					return err
				}
			}
			return serveHTTP(cmd.Context(), s.listen, srv)
		}
		all = append(all, cmd)
	}
	return all
}

// plant puts in what there is to look at.
func plant(srv emulation) error {
	b, ok := srv.(ledgerBooks)
	if !ok {
		return nil
	}
	adm, err := b.SeedAdministration(ledger.AdministrationSeed{
		ID: demoBooks, Name: "Bakkerij De Korenaar B.V.", Address: "Molenstraat 7", Zipcode: "3511 EJ", City: "Utrecht", Email: "administratie@korenaar.example",
		Phone: "030 123 45 67", IBAN: "NL91ABNA0417164300", BIC: "ABNANL2A", TaxNumber: "NL123456782B01", ChamberOfCommerce: "30123456",
	})
	if err != nil {
		return err
	}
	return b.Demonstrate(adm)
}
