package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/voldaan/voldaan/core/store"
)

// login returns the address by which hub and worker reach the database: as a
// user that is held to the application's role. Where the owner may make no
// users, it is the owner's.
func (m *machine) login(ctx context.Context, owner string, note func(string)) (string, error) {
	kept, err := keep(filepath.Join(m.dir("keys"), "database.login"), func() ([]byte, error) {
		return []byte("voldaan_hub_" + strings.ToLower(rand.Text()[:8]) + " " + rand.Text()), nil
	})
	if err != nil {
		return "", fmt.Errorf("keep the database user: %w", err)
	}
	name, password, _ := strings.Cut(string(kept), " ")
	dsn, err := store.EnsureLogin(ctx, owner, name, password)
	if errors.Is(err, store.ErrNoLogin) {
		note("  the hub uses the database as its owner: " + err.Error())
		return owner, nil
	}
	return dsn, err
}
