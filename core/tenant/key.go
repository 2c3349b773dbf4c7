package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// Scope is what a program may do.
type Scope string

// The scopes of a key.
const (
	Read  Scope = "read"
	Write Scope = "write"
)

// keyPrefix begins every key, so that one that leaks is recognised for what it is.
const keyPrefix = "vd_"

// shownOfKey is how many characters of a key are kept to recognise it by.
const shownOfKey = len(keyPrefix) + 6

// Key is a program that uses the API.
type Key struct {
	ID     uuid.UUID
	Tenant uuid.UUID
	Name   string
	Scopes []Scope
}

// Has reports whether the key has a scope.
func (k Key) Has(s Scope) bool { return slices.Contains(k.Scopes, s) }

// NewKey makes a key and returns its secret, which is not kept.
func (d Directory) NewKey(ctx context.Context, tenant uuid.UUID, name string, scopes []Scope, by string) (k Key, secret string, err error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 80 {
		return k, "", fault.New(fault.Invalid, "key_name", "Give the key a name of at most 80 characters, such as that of the program.")
	}
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		if s != Read && s != Write {
			return k, "", fault.New(fault.Invalid, "key_scope", "A key may read, or read and write.")
		}
		texts[i] = string(s)
	}
	k = Key{ID: uuid.New(), Tenant: tenant, Name: name, Scopes: scopes}
	secret = keyPrefix + NewToken()
	return k, secret, d.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.AddApiKey(ctx, db.AddApiKeyParams{
			ID: k.ID, TenantID: tenant, Name: name, Prefix: secret[:shownOfKey], KeyHash: Hash(secret), Scopes: texts, CreatedBy: by,
		}); err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		return note(ctx, tx, by, "make_key", "key/"+k.ID.String())
	})
}

var errKey = fault.New(fault.SignIn, "key_unknown", "This API key is not known or was revoked.")

// Key returns the program that a secret belongs to, or a fault of kind SignIn.
func (d Directory) Key(ctx context.Context, secret string) (k Key, err error) {
	if !strings.HasPrefix(secret, keyPrefix) {
		return k, errKey
	}
	found, err := d.Store.Door().DoorApiKey(ctx, Hash(secret))
	if errors.Is(err, pgx.ErrNoRows) {
		return k, errKey
	}
	if err != nil {
		return k, fmt.Errorf("find the key: %w", err)
	}
	err = d.Store.In(ctx, found.TenantID, func(tx store.Tx) error {
		if err := tx.UseApiKey(ctx, found.KeyID); err != nil {
			return fmt.Errorf("note the use of a key: %w", err)
		}
		row, err := tx.ApiKey(ctx, found.KeyID)
		k = Key{ID: row.ID, Tenant: row.TenantID, Name: row.Name}
		for _, s := range row.Scopes {
			k.Scopes = append(k.Scopes, Scope(s))
		}
		return err
	})
	return k, err
}

// RevokeKey makes a key useless at once.
func (d Directory) RevokeKey(ctx context.Context, tenant, key uuid.UUID, by string) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		n, err := tx.RevokeApiKey(ctx, key)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "key_not_found", "This key does not exist or was revoked already.")
		}
		if err != nil {
			return fmt.Errorf("revoke a key: %w", err)
		}
		return note(ctx, tx, by, "revoke_key", "key/"+key.String())
	})
}
