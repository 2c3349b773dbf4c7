package synctest

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk/date"
)

// Back is where packages send a person who gave access.
const Back = "https://hub.example/connect/back"

const verifier = "a-verifier-of-forty-three-characters-or-more-"

// Connections connect as the marketplace page does.
func (b *Bench) Connections() *sync.Connections {
	return &sync.Connections{
		Store: b.Store, Host: b.Host, Runner: b.Runner,
		Schedule: func(context.Context, uuid.UUID, uuid.UUID, time.Duration, string) error { return nil },
	}
}

// ConnectBySecret connects with what a person filled in, and chooses the only
// administration.
func (b *Bench) ConnectBySecret(connector, method string, form map[string]string) {
	ctx := b.T.Context()
	b.T.Helper()
	c := b.Connections()
	id, err := c.Begin(ctx, b.Tenant, connector, method, form)
	if err == nil {
		err = c.Use(ctx, b.Tenant, id, form)
	}
	if err != nil {
		b.T.Fatal(err)
	}
	b.choose(c, id)
}

// ConnectByPage connects as a person does on the page of an emulated package at
// an address, and chooses the only administration.
func (b *Bench) ConnectByPage(connector, method string, form map[string]string, emulated string) {
	ctx := b.T.Context()
	b.T.Helper()
	c := b.Connections()
	id, err := c.Begin(ctx, b.Tenant, connector, method, form)
	if err != nil {
		b.T.Fatal(err)
	}
	b.Authorize(c, id, emulated)
	b.choose(c, id)
}

// Authorize gives a connection access as a person does on the page of an emulated
// package.
func (b *Bench) Authorize(c *sync.Connections, id uuid.UUID, emulated string) {
	ctx := b.T.Context()
	b.T.Helper()
	page, err := c.AuthorizeURL(ctx, b.Tenant, id, Back, "state", verifier)
	if err != nil {
		b.T.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		b.T.Fatal(err)
	}
	q := u.Query()
	q.Set("decision", "allow")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.PostForm(emulated+u.Path, q)
	if err != nil {
		b.T.Fatal(err)
	}
	_ = resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		b.T.Fatalf("%s answers %s: %v", page, resp.Status, err)
	}
	if err := c.Authorize(ctx, b.Tenant, id, Back, to.Query(), verifier); err != nil {
		b.T.Fatal(err)
	}
}

func (b *Bench) choose(c *sync.Connections, id uuid.UUID) {
	b.T.Helper()
	list, err := c.Administrations(b.T.Context(), b.Tenant, id)
	if err != nil || len(list) != 1 {
		b.T.Fatalf("%+v, %v", list, err)
	}
	adm, err := c.Choose(b.T.Context(), b.Tenant, id, list[0])
	if err != nil {
		b.T.Fatal(err)
	}
	b.Use(id, adm)
}

// Received records money that came in through us for an invoice, and returns the
// write that tells the books.
func (b *Bench) Received(inv db.Invoice, cents int64) uuid.UUID {
	b.T.Helper()
	ctx, pay, write := b.T.Context(), uuid.New(), uuid.New()
	day := date.Of(b.Now()).AddDays(-5)
	b.In(func(tx store.Tx) error {
		if _, err := tx.PutPayment(ctx, db.PutPaymentParams{
			ID: pay, TenantID: b.Tenant, AdministrationID: b.Adm, Source: "mollie", ExternalID: "tr_1", State: "booked", Currency: "EUR", AmountMinor: cents,
			ValueDate: day, Reference: "tr_1", SeenAt: b.Now(),
		}); err != nil {
			return err
		}
		if err := tx.AddAllocation(ctx, db.AddAllocationParams{
			ID: uuid.New(), TenantID: b.Tenant, PaymentID: pay, InvoiceID: inv.ID, Kind: "principal", AmountMinor: cents, Method: "designation", CreatedAt: b.Now(),
		}); err != nil {
			return err
		}
		return tx.AddWriteBack(ctx, db.AddWriteBackParams{
			ID: write, TenantID: b.Tenant, AdministrationID: b.Adm, PaymentID: pay, InvoiceID: inv.ID, AmountMinor: cents, Currency: "EUR", ValueDate: day, Reference: "tr_1", UpdatedAt: b.Now(),
		})
	})
	return write
}

// State returns the state of the connection and why it is in it.
func (b *Bench) State() (state, why string) {
	b.T.Helper()
	b.In(func(tx store.Tx) error {
		c, err := tx.Connection(b.T.Context(), b.Connection)
		state, why = c.State, c.StateReason
		return err
	})
	return state, why
}

// Confirm reads given invoices, as is done just before a message goes out.
func (b *Bench) Confirm(external ...string) {
	b.T.Helper()
	ids := make([]uuid.UUID, len(external))
	for i, e := range external {
		ids[i] = sync.InvoiceID(b.Adm, e)
	}
	if err := b.Runner.Confirm(b.T.Context(), b.Tenant, b.Adm, ids); err != nil {
		b.T.Fatal(err)
	}
}
