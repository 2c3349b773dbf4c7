package bailiff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Put stores the settings of a bailiff, new or known. Without a secret the stored
// one stays; a new way over SFTP without one gets a key of our own, whose public
// half the bailiff needs. A fault of kind Invalid says what is wrong.
func (o *Office) Put(ctx context.Context, tx store.Tx, p db.PutBailiffParams, secret string, now time.Time, today date.Date, by string) error {
	if err := Check(db.Bailiff{Name: p.Name, Kind: p.Kind, Email: p.Email, PaysTo: p.PaysTo, Transport: p.Transport, Endpoint: p.Endpoint, Username: p.Username, HostKey: p.HostKey}); err != nil {
		return err
	}
	if p.FeeBp < 0 || p.FeeBp > 10000 {
		return fault.New(fault.Invalid, "bailiff_fee", "The part that the bailiff keeps is from 0 to 100 per cent.")
	}
	known, err := tx.Bailiff(ctx, p.ID)
	fresh := err != nil
	if secret = strings.TrimSpace(secret); secret == "" && p.Transport == "sftp" && (fresh || len(known.SealedSecret) == 0) {
		if secret, p.PublicKey, err = NewKey(); err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
	} else if p.Transport == "sftp" {
		if p.PublicKey, err = PublicKey(secret); err != nil {
			return err
		}
	}
	if p.SealedSecret, err = o.Seal(tx.Tenant, p.ID, secret); err != nil {
		return fmt.Errorf("seal the secret of a bailiff: %w", err)
	}
	p.TenantID, p.CreatedAt = tx.Tenant, now
	if p.RegisterNumber != "" {
		p.RegisterSeen = today
	}
	if p.Standard {
		if err := tx.ClearStandardBailiff(ctx, p.ID); err != nil {
			return fmt.Errorf("choose the standard bailiff: %w", err)
		}
	}
	if err := tx.PutBailiff(ctx, p); err != nil {
		return fmt.Errorf("store a bailiff: %w", err)
	}
	action := "bailiff_changed"
	if fresh {
		action = "bailiff_added"
	}
	return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: action, Subject: "bailiff/" + p.ID.String(), Detail: []byte("{}")})
}

// End takes a bailiff off the list; cases that it has stay with it.
func End(ctx context.Context, tx store.Tx, id uuid.UUID, now time.Time, by string) error {
	if err := tx.EndBailiff(ctx, id); err != nil {
		return fmt.Errorf("take a bailiff off the list: %w", err)
	}
	return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: "bailiff_removed", Subject: "bailiff/" + id.String(), Detail: []byte("{}")})
}
