// Package tenant knows the creditors that use an installation, the people who
// work for them, and who is signed in.
package tenant

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// sessionLength is how long a sign-in lasts.
const sessionLength = 12 * time.Hour

// Role is what a member may do.
type Role string

// The roles.
const (
	Owner     Role = "owner"     // everything
	Collector Role = "collector" // everything but settings
	Viewer    Role = "viewer"    // look only
)

// May reports whether a role may change what happens to debtors.
func (r Role) May() bool { return r == Owner || r == Collector }

// Member is somebody who is signed in.
type Member struct {
	ID     uuid.UUID
	Tenant uuid.UUID
	Name   string
	Email  string
	Role   Role
}

// Directory signs people in.
type Directory struct {
	Store *store.Store
}

// New is a tenant to create.
type New struct {
	Slug, Name, TimeZone string
	Clock                clock.Scale
	Demo                 bool
}

// Create makes a tenant and returns its id, which is derived from the slug: to
// create it again changes nothing.
func (d Directory) Create(ctx context.Context, n New) (uuid.UUID, error) {
	scale, err := json.Marshal(n.Clock)
	if err != nil {
		return uuid.Nil, err
	}
	id := IDOf(n.Slug)
	if err := d.Store.Door().DoorCreateTenant(ctx, db.DoorCreateTenantParams{
		ID: id, Slug: n.Slug, Name: n.Name, TimeZone: n.TimeZone, Clock: scale, Demo: n.Demo,
	}); err != nil {
		return uuid.Nil, fmt.Errorf("create tenant %s: %w", n.Slug, err)
	}
	return id, nil
}

// IDOf returns the id of the tenant with a slug.
func IDOf(slug string) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("voldaan/tenant/"+slug))
}

// AddMember lets somebody sign in.
func (d Directory) AddMember(ctx context.Context, tenant uuid.UUID, email, name string, role Role, password string) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		return tx.AddMember(ctx, db.AddMemberParams{
			ID: uuid.New(), TenantID: tenant, Email: strings.ToLower(strings.TrimSpace(email)), Name: name, Role: string(role), PasswordHash: hash,
		})
	})
}

// errSignIn is the same for an unknown address and a wrong password, so that
// nobody learns who has an account.
var errSignIn = fault.New(fault.SignIn, "sign_in_failed", "This e-mail address and password do not belong together. Check both and try again.")

// SignIn starts a session and returns its token, which is stored as a hash only.
func (d Directory) SignIn(ctx context.Context, email, password string) (token string, err error) {
	found, err := d.Store.Door().DoorMember(ctx, strings.TrimSpace(email))
	if errors.Is(err, pgx.ErrNoRows) {
		checkPassword(decoy, password) // takes as long as for a known address
		return "", errSignIn
	}
	if err != nil {
		return "", fmt.Errorf("find member: %w", err)
	}
	if !checkPassword(found.PasswordHash, password) {
		return "", errSignIn
	}
	token = NewToken()
	return token, d.Store.In(ctx, found.TenantID, func(tx store.Tx) error {
		return tx.AddSession(ctx, db.AddSessionParams{
			TokenHash: Hash(token), TenantID: found.TenantID, MemberID: found.MemberID, ExpiresAt: time.Now().Add(sessionLength),
		})
	})
}

// Session returns who a token belongs to, or a fault of kind SignIn.
func (d Directory) Session(ctx context.Context, token string) (m Member, err error) {
	found, err := d.Store.Door().DoorSession(ctx, Hash(token))
	if errors.Is(err, pgx.ErrNoRows) {
		return m, fault.New(fault.SignIn, "session_ended", "Your session has ended. Please sign in again.")
	}
	if err != nil {
		return m, fmt.Errorf("find session: %w", err)
	}
	err = d.Store.In(ctx, found.TenantID, func(tx store.Tx) error {
		row, err := tx.Member(ctx, found.MemberID)
		m = Member{ID: row.ID, Tenant: row.TenantID, Name: row.Name, Email: row.Email, Role: Role(row.Role)}
		return err
	})
	return m, err
}

// SignOut ends a session.
func (d Directory) SignOut(ctx context.Context, m Member, token string) error {
	return d.Store.In(ctx, m.Tenant, func(tx store.Tx) error { return tx.EndSession(ctx, Hash(token)) })
}

// NewToken returns 192 random bits for a cookie or a link.
func NewToken() string {
	b := make([]byte, 24)
	rand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is how a token is stored.
func Hash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
