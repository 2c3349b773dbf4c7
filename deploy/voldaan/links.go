package main

import (
	"context"
	"net/url"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/portal"
)

// links are the addresses that messages carry.
type links struct{ public string }

func (l links) Portal(token string) string { return l.public + "/p/" + token }
func (l links) Pay(token string) string    { return l.public + "/p/" + token + "/pay" }
func (l links) Stop(token string) string   { return l.public + "/stop/" + token }

func (l links) Genuine(message uuid.UUID) string { return l.public + "/genuine/" + message.String() }

// Archive is where a bailiff fetches the dossier of a case.
func (l links) Archive(token string) string { return l.public + "/archive/" + token }

// escapeID makes a workflow id one segment of an address.
func escapeID(id string) string { return url.PathEscape(id) }

// courier brings portal codes by e-mail.
type courier struct{ steps *dunning.Steps }

func (c courier) PortalCode(ctx context.Context, d portal.Debtor, code string, minutes int) error {
	return c.steps.SendCode(ctx, d.Tenant, d.Debtor, code, minutes)
}
