package pginbox

import (
	"context"
	"fmt"

	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// holding is who delivered an invoice; 0 is nobody.
type holding struct {
	owner, latest int64
	digest        string
}

// Claim implements inbox.Files.
func (f files) Claim(ctx context.Context, id string, claims []filebox.Claim) (filebox.Claimed, error) {
	out := filebox.Claimed{Conflicts: []filebox.Conflict{}, Owned: []string{}}
	seq, err := seqOf(id)
	if err != nil {
		return out, err
	}
	return out, f.in(ctx, func(tx store.Tx) error {
		if _, err := tx.LockInbox(ctx, f.connection); err != nil {
			return err
		}
		if _, err := f.get(ctx, tx, seq); err != nil {
			return err
		}
		held, err := f.held(ctx, tx, claims)
		if err != nil {
			return err
		}
		put := db.PutInboxClaimsParams{ConnectionID: f.connection}
		changed := map[string]bool{}
		for _, c := range claims {
			h := held[c.Key]
			switch {
			case c.Shared && h.owner != 0:
				out.Owned = append(out.Owned, c.Key)
			case c.Shared:
			case h.owner != 0 && h.owner != seq && h.digest != c.Digest:
				owner, err := f.get(ctx, tx, h.owner)
				if err != nil {
					return err
				}
				out.Conflicts = append(out.Conflicts, filebox.Conflict{Key: c.Key, File: owner})
				continue
			case h.owner == 0 || h.owner == seq:
				h.owner, h.digest = seq, c.Digest
			}
			h.latest = max(h.latest, seq)
			if held[c.Key] != h {
				held[c.Key], changed[c.Key] = h, true
			}
		}
		for key := range changed {
			h := held[key]
			put.Keys, put.Owners = append(put.Keys, key), append(put.Owners, h.owner)
			put.Digests, put.Latests = append(put.Digests, h.digest), append(put.Latests, h.latest)
		}
		if len(put.Keys) == 0 {
			return nil
		}
		if err := tx.PutInboxClaims(ctx, put); err != nil {
			return fmt.Errorf("note what file %s delivers: %w", id, err)
		}
		return nil
	})
}

func (f files) held(ctx context.Context, tx store.Tx, claims []filebox.Claim) (map[string]holding, error) {
	keys := make([]string, len(claims))
	for i, c := range claims {
		keys[i] = c.Key
	}
	rows, err := tx.InboxClaims(ctx, db.InboxClaimsParams{ConnectionID: f.connection, Keys: keys})
	if err != nil {
		return nil, fmt.Errorf("load claims: %w", err)
	}
	held := make(map[string]holding, len(rows))
	for _, r := range rows {
		h := holding{latest: r.LatestSeq, digest: r.Digest}
		if r.OwnerSeq != nil {
			h.owner = *r.OwnerSeq
		}
		held[r.Key] = h
	}
	return held, nil
}

// Holders implements inbox.Files.
func (f files) Holders(ctx context.Context, key string) (out filebox.Holders, err error) {
	err = f.in(ctx, func(tx store.Tx) error {
		r, err := tx.InboxHolders(ctx, db.InboxHoldersParams{ConnectionID: f.connection, Key: key})
		if err != nil {
			return err
		}
		if out.Latest, err = f.get(ctx, tx, r.LatestSeq); err != nil || r.OwnerSeq == nil {
			return err
		}
		out.Owner, err = f.get(ctx, tx, *r.OwnerSeq)
		return err
	})
	return out, err
}
