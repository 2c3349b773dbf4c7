// Package portal lets a debtor in: the link of a message says who it is for and
// changes nothing, a code sent to the debtor's own address opens the data (R112).
package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

const (
	codeMinutes   = 15
	codeTries     = 5
	codesPerHour  = 5
	sessionLength = 2 * time.Hour
)

// Debtor is who a link or a session belongs to.
type Debtor struct {
	Tenant uuid.UUID
	Debtor uuid.UUID
}

// Courier brings a code to the debtor's address on file.
type Courier interface {
	PortalCode(ctx context.Context, d Debtor, code string, minutes int) error
}

// Gatekeeper opens the portal.
type Gatekeeper struct {
	Store   *store.Store
	Real    clock.Clock
	Courier Courier
}

var errLink = fault.New(fault.NotFound, "link_unknown", "This link is not valid. Open the newest message of the company that wrote to you, or ask them for a new link.")

// Link returns who the token of a message is for. It changes nothing, so that a
// mail filter that opens links does no harm.
func (g *Gatekeeper) Link(ctx context.Context, token string) (Debtor, error) {
	found, err := g.Store.Door().DoorPortal(ctx, tenant.Hash(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return Debtor{}, errLink
	}
	if err != nil {
		return Debtor{}, fmt.Errorf("find portal link: %w", err)
	}
	d := Debtor{Tenant: found.TenantID, Debtor: found.DebtorID}
	return d, g.Store.In(ctx, d.Tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, g.Real)
		if err == nil && found.ExpiresAt.Before(now) {
			return fault.New(fault.Denied, "link_expired", "This link has expired. Open the newest message, or ask the company that wrote to you for a new link.")
		}
		return err
	})
}

// SendCode sends a one-time code to the address on file, at most a few an hour.
func (g *Gatekeeper) SendCode(ctx context.Context, d Debtor) error {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := fmt.Sprintf("%06d", n)
	if err := g.Store.In(ctx, d.Tenant, func(tx store.Tx) error {
		if err := tx.LockPortalCodes(ctx, d.Debtor); err != nil {
			return fmt.Errorf("wait for the code before: %w", err)
		}
		recent, err := tx.RecentPortalCodes(ctx, d.Debtor)
		if err != nil {
			return err
		}
		if recent >= codesPerHour {
			return fault.New(fault.Denied, "too_many_codes", "We sent several codes already. Please wait an hour, or use the newest one.")
		}
		return tx.AddPortalCode(ctx, db.AddPortalCodeParams{
			ID: uuid.New(), TenantID: d.Tenant, DebtorID: d.Debtor, CodeHash: codeHash(d, code), ExpiresAt: time.Now().Add(codeMinutes * time.Minute),
		})
	}); err != nil {
		return err
	}
	return g.Courier.PortalCode(ctx, d, code, codeMinutes)
}

// Enter checks a code and starts a session.
func (g *Gatekeeper) Enter(ctx context.Context, d Debtor, code string) (session string, err error) {
	session = tenant.NewToken()
	var wrong error
	err = g.Store.In(ctx, d.Tenant, func(tx store.Tx) error {
		row, err := tx.TryPortalCode(ctx, d.Debtor)
		if errors.Is(err, pgx.ErrNoRows) {
			wrong = fault.New(fault.Denied, "code_expired", "This code has expired. Ask for a new one.")
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case row.Tries > codeTries:
			wrong = fault.New(fault.Denied, "code_tries", "This code was tried too often. Ask for a new one.")
			return nil
		case subtle.ConstantTimeCompare(row.CodeHash, codeHash(d, code)) != 1:
			wrong = fault.New(fault.Invalid, "code_wrong", "This is not the code we sent. Check the newest message and try again.")
			return nil
		}
		if err := tx.UsePortalCode(ctx, row.ID); err != nil {
			return err
		}
		return tx.AddPortalSession(ctx, db.AddPortalSessionParams{
			TokenHash: tenant.Hash(session), TenantID: d.Tenant, DebtorID: d.Debtor, ExpiresAt: time.Now().Add(sessionLength),
		})
	})
	return session, errors.Join(err, wrong)
}

// Session returns who a session belongs to, or a fault of kind SignIn.
func (g *Gatekeeper) Session(ctx context.Context, token string) (Debtor, error) {
	found, err := g.Store.Door().DoorPortalSession(ctx, tenant.Hash(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return Debtor{}, fault.New(fault.SignIn, "portal_session_ended", "Your visit has ended. Open the link in the message again.")
	}
	return Debtor{Tenant: found.TenantID, Debtor: found.DebtorID}, err
}

// codeHash binds a code to its debtor, so that equal codes have other hashes.
func codeHash(d Debtor, code string) []byte {
	sum := sha256.Sum256([]byte(d.Debtor.String() + "/" + code))
	return sum[:]
}
