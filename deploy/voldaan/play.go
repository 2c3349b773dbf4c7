package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/outreach/mailsink"
	"github.com/voldaan/voldaan/core/payment/debit"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func playCommand() *cobra.Command {
	return &cobra.Command{
		Use: "play", Short: "Set up the demonstration tenant and act its debtors", GroupID: "part", Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig()
			if err != nil {
				return err
			}
			a, err := open(cmd.Context(), c, slog.Default())
			if err != nil {
				return err
			}
			defer a.close()
			d, err := a.demonstration(cmd.Context())
			if err != nil {
				return err
			}
			go d.begin(cmd.Context())
			d.player.play(cmd.Context(), d.parts, sayReady)
			// The fast part is over: from here on the books are read at real pace.
			if err := a.schedule(cmd.Context(), d.player.tenant, d.player.adm, demoSync, "Sync of "+creditor.Name); err != nil {
				return err
			}
			<-cmd.Context().Done()
			return nil
		},
	}
}

// sayReady tells whoever waits that the tenant is set up and that its debtors
// have caught up with the story.
func sayReady() {
	if path := os.Getenv("VOLDAAN_DEMO_READY"); path != "" {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			slog.Warn("say that the demonstration is ready", "error", err)
		}
	}
}

// demonstration is the tenant of the story, set up.
type demonstration struct {
	player *player
	parts  []*part
	clock  string // the file that it is kept in
}

// demonstration sets up whatever is missing and can be called again at any
// point of the story.
func (a *app) demonstration(ctx context.Context) (*demonstration, error) {
	books := os.Getenv("VOLDAAN_DEMO_MONEYBIRD")
	numbers, err := seedBooks(books)
	if err != nil {
		return nil, fmt.Errorf("seed the books: %w", err)
	}
	day, err := time.ParseDuration(os.Getenv("VOLDAAN_DEMO_DAY"))
	if err != nil {
		return nil, fmt.Errorf("VOLDAAN_DEMO_DAY: %w", err)
	}
	file := os.Getenv("VOLDAAN_DEMO_CLOCK")
	scale, err := keepScale(file, storyScale(time.Now().Add(startMargin), day))
	if err != nil {
		return nil, err
	}
	id, err := a.services.Directory.Create(ctx, tenant.New{Slug: demoSlug, Name: creditor.Name, TimeZone: "Europe/Amsterdam", Clock: scale, Demo: true})
	if err != nil {
		return nil, err
	}
	if err := a.services.Directory.AddMember(ctx, id, demoEmail, "Demo de Linde", tenant.Owner, demoPassword); err != nil {
		return nil, err
	}
	adm, err := a.connectBooks(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := a.settleBailiff(ctx, id, os.Getenv("VOLDAAN_DEMO_BAILIFF")); err != nil {
		return nil, fmt.Errorf("settle the bailiff: %w", err)
	}
	p := &player{
		store: a.services.Store, tenant: id, adm: adm, sink: mailsink.Log{URL: a.config.MailLog}, hub: a.config.Public, moneybird: books, mollie: a.config.MollieURL,
		now: (&fileClock{path: file}).Now, notes: func(s string) { a.log.Info("story", "note", s) }, clerk: &clerk{hub: a.config.Public},
		bank: func(ctx context.Context, name string, r io.Reader) error {
			_, err := a.services.Bank.Import(ctx, id, adm, name, r)
			return err
		},
	}
	// Whoever was killed between the two clocks leaves them apart.
	if err := shiftTenant(ctx, p.store, id, scale); err != nil {
		return nil, err
	}
	return &demonstration{player: p, parts: p.parts(numbers), clock: file}, nil
}

// demoSync is how often the story's books are read, in the tenant's time: seldom
// enough that a reminder meets a payment which no sync has seen.
const demoSync = 72 * time.Hour

// connectBooks connects the emulated Moneybird and switches reminders on.
func (a *app) connectBooks(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	c := a.services.Connections
	connection, err := a.connection(ctx, id)
	if err != nil {
		return uuid.Nil, err
	}
	list, err := c.Administrations(ctx, id, connection)
	if err != nil {
		return uuid.Nil, fmt.Errorf("list the administrations: %w", err)
	}
	var chosen sdk.Administration
	for _, one := range list {
		if one.ID == creditor.ID {
			chosen = one
		}
	}
	if chosen.ID == "" {
		return uuid.Nil, fmt.Errorf("the books of %s are not in the list of %d", creditor.Name, len(list))
	}
	adm, err := c.Choose(ctx, id, connection, chosen)
	if err != nil {
		return adm, err
	}
	if err := a.services.Store.In(ctx, id, func(tx store.Tx) error {
		if err := tx.SetSyncEvery(ctx, db.SetSyncEveryParams{ID: adm, SyncEvery: demoSync, Freshness: demoSync + policy.DefaultFreshness}); err != nil {
			return err
		}
		// The story plays for years and nobody is there to approve its cases.
		if err := tx.SetSending(ctx, db.SetSendingParams{ID: adm, Sending: []byte("{}"), MinimumInterval: policy.DefaultMinInterval, EntryStep: string(policy.Reminder1)}); err != nil {
			return err
		}
		return tx.SetAdministrationSender(ctx, db.SetAdministrationSenderParams{
			ID: adm, LegalName: creditor.Name, SenderEmail: creditor.Email, SenderPhone: creditor.Phone, Line1: creditor.Address,
			PostalCode: creditor.Zipcode, City: creditor.City, Iban: creditor.IBAN, Accent: "#1f5f46",
		})
	}); err != nil {
		return adm, err
	}
	if err := a.collectByDebit(ctx, id, adm); err != nil {
		return adm, err
	}
	if err := a.schedule(ctx, id, adm, demoSync, "Sync of "+creditor.Name); err != nil {
		return adm, err
	}
	return adm, c.SetGoLive(ctx, id, adm, sync.GoLive{On: date.Of(storyOrigin), Entry: policy.Reminder1})
}

// collectByDebit offers debtors a mandate in the portal.
func (a *app) collectByDebit(ctx context.Context, id, adm uuid.UUID) error {
	var setting db.DebitSetting
	if err := a.services.Store.In(ctx, id, func(tx store.Tx) (err error) {
		setting, err = debit.Setting(ctx, tx, adm)
		return err
	}); err != nil || setting.Enabled {
		return err
	}
	setting.Enabled, setting.Offered, setting.CreditorID = true, true, demoCreditorID
	return a.services.Debits.Configure(ctx, id, setting, "voldaan demo")
}

// connection returns the demonstration's connection, made on the first start.
func (a *app) connection(ctx context.Context, id uuid.UUID) (uuid.UUID, error) {
	var have []db.Connection
	if err := a.services.Store.In(ctx, id, func(tx store.Tx) (err error) {
		have, err = tx.Connections(ctx)
		return err
	}); err != nil {
		return uuid.Nil, err
	}
	connection := uuid.Nil
	if len(have) > 0 {
		connection = have[0].ID
		if have[0].State == "connected" {
			return connection, nil
		}
	}
	c := a.services.Connections
	form := map[string]string{"api_token": demoToken}
	if connection == uuid.Nil {
		var err error
		if connection, err = c.Begin(ctx, id, "moneybird", "token", form); err != nil {
			return connection, err
		}
	}
	return connection, c.Use(ctx, id, connection, form)
}

// seedBooks puts the creditor, the debtors and their invoices into the emulated
// books once, and returns the invoices' ids by number.
func seedBooks(books string) (map[string]string, error) {
	numbers := map[string]string{}
	if err := control("POST", books+"/_control/administrations", creditor, nil); err != nil {
		return nil, err
	}
	if err := control("POST", books+"/_control/tokens", map[string]any{"administration": creditor.ID, "token": demoToken}, nil); err != nil {
		return nil, err
	}
	at := books + "/_control/administrations/" + creditor.ID
	var have []struct{ ID, Number string }
	if err := control("GET", at+"/invoices", nil, &have); err != nil {
		return nil, err
	}
	for _, i := range have {
		numbers[i.Number] = i.ID
	}
	for _, actor := range cast {
		if numbers[actor.invoices[0].Number] != "" {
			continue
		}
		var made struct{ ID string }
		if err := control("POST", at+"/contacts", actor.contact, &made); err != nil {
			return nil, err
		}
		for i := range actor.invoices {
			seed := actor.invoices[i]
			seed.Contact, seed.InclTax = made.ID, true
			var got struct{ IDs []string }
			if err := control("POST", at+"/invoices", seed, &got); err != nil {
				return nil, err
			}
			numbers[seed.Number] = got.IDs[0]
		}
	}
	return numbers, nil
}
