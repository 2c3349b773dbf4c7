package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// answers are those to the form that are no secret.
func answers(m *manifest.Manifest, method string, form map[string]string) (map[string]string, error) {
	filled, err := m.Fill(method, form)
	if wrong, ok := errors.AsType[manifest.FormProblems](err); ok {
		return nil, fault.New(fault.Invalid, "form_refused", "%s", wrong[0].Message).Because(err)
	}
	open := map[string]string{}
	for _, f := range m.Form {
		if v := filled[f.Name]; v != "" && !f.Secret {
			open[f.Name] = v
		}
	}
	return open, nil
}

// Change replaces the answers to the form of a connection. A secret that is left
// empty stays as it was. Settings that the connector refuses are not kept.
func (c *Connections) Change(ctx context.Context, tenant, connection uuid.UUID, form map[string]string) error {
	m, method, err := c.manifest(ctx, tenant, connection)
	if err != nil {
		return err
	}
	ref := token.Ref{Tenant: tenant, Connection: connection}
	secrets, err := c.secrets(ctx, ref, m)
	if err != nil {
		return err
	}
	filled, changed := map[string]string{}, false
	maps.Copy(filled, form)
	for _, f := range m.Form {
		switch {
		case !f.Secret:
		case form[f.Name] == "":
			filled[f.Name] = secrets.Fields[f.Name]
		default:
			secrets.Fields[f.Name], changed = form[f.Name], true
			secrets.Session = nil // it was opened with the old one
		}
	}
	open, err := answers(m, method, filled)
	if err != nil {
		return err
	}
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return err
	}
	kept(m, method, conn.Config, open)
	conn.Config = open
	if err := c.Host.Check(ctx, conn); errors.Is(err, sdk.ErrInvalid) {
		return fault.New(fault.Invalid, "settings_refused", "%s", fault.Of(err).Message).Because(err)
	}
	config, err := json.Marshal(open)
	if err != nil {
		return err
	}
	if err := c.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.SetConnectionConfig(ctx, db.SetConnectionConfigParams{ID: connection, Config: config}); err != nil {
			return fmt.Errorf("keep the settings: %w", err)
		}
		return c.keepSources(ctx, tx, connection, m, open)
	}); err != nil || !changed {
		return err
	}
	if secrets.Method == "" {
		secrets.Method = method
	}
	if err := c.Host.Tokens().Put(ctx, ref, secrets); err != nil {
		return fmt.Errorf("keep the secrets: %w", err)
	}
	return nil
}

// kept carries over what signing in put into the config.
func kept(m *manifest.Manifest, method string, from, to map[string]string) {
	auth, _ := m.Method(method)
	for _, name := range auth.Kept() {
		if v, ok := from[name]; ok {
			to[name] = v
		}
	}
}

// secrets are the sealed answers to the form; there need not be any.
func (c *Connections) secrets(ctx context.Context, ref token.Ref, m *manifest.Manifest) (token.Credentials, error) {
	g, err := c.Host.Tokens().Get(ctx, ref, m)
	if err != nil && !errors.Is(err, sdk.ErrAuth) {
		return token.Credentials{}, fmt.Errorf("open the secrets: %w", err)
	}
	out := g.Credentials
	if out.Fields == nil {
		out.Fields = map[string]string{}
	}
	return out, nil
}
