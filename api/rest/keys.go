package rest

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// Key is an API key, without its secret.
type Key struct {
	ID        uuid.UUID  `json:"id" format:"uuid"`
	Name      string     `json:"name" example:"our ERP"`
	Prefix    string     `json:"prefix" doc:"The first characters, to recognise it by"`
	Scopes    []string   `json:"scopes" doc:"read, write"`
	CreatedBy string     `json:"created_by"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at,omitempty" doc:"When it was last used, to the minute"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
}

type keyList struct {
	Body struct {
		Items []Key `json:"items"`
	}
}

type newKey struct {
	Body struct {
		Name   string   `json:"name" minLength:"1" maxLength:"80"`
		Scopes []string `json:"scopes" minItems:"1" maxItems:"2" enum:"read,write"`
	}
}

type createdKey struct {
	Body struct {
		ID     uuid.UUID `json:"id" format:"uuid"`
		Secret string    `json:"secret" doc:"Shown once; keep it safe"`
	}
}

func (h *hub) keys() {
	register(h, operation{id: "list-keys", method: http.MethodGet, path: "/keys", tag: "Keys", scope: tenant.Read, session: true, summary: "List API keys"}, h.listKeys)
	register(h, operation{id: "create-key", method: http.MethodPost, path: "/keys", tag: "Keys", scope: tenant.Write, session: true, status: http.StatusCreated, summary: "Make an API key",
		description: "For an owner who is signed in to the pages. The secret is in the answer and nowhere else."}, h.createKey)
	register(h, operation{id: "revoke-key", method: http.MethodDelete, path: "/keys/{id}", tag: "Keys", scope: tenant.Write, session: true, status: http.StatusNoContent, summary: "Revoke an API key", errors: []int{http.StatusNotFound}}, h.revokeKey)
}

func (h *hub) listKeys(ctx context.Context, who actor, _ *struct{}) (*keyList, error) {
	out := &keyList{}
	out.Body.Items = []Key{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.ApiKeys(ctx)
		for _, k := range rows {
			out.Body.Items = append(out.Body.Items, Key{ID: k.ID, Name: k.Name, Prefix: k.Prefix, Scopes: k.Scopes, CreatedBy: k.CreatedBy, CreatedAt: k.CreatedAt.UTC(), UsedAt: moment(k.LastUsedAt), RevokedAt: moment(k.RevokedAt)})
		}
		return err
	})
}

func (h *hub) createKey(ctx context.Context, who actor, in *newKey) (*createdKey, error) {
	scopes := make([]tenant.Scope, len(in.Body.Scopes))
	for i, s := range in.Body.Scopes {
		scopes[i] = tenant.Scope(s)
	}
	k, secret, err := h.Directory.NewKey(ctx, who.tenant, in.Body.Name, scopes, who.by)
	if err != nil {
		return nil, err
	}
	out := &createdKey{}
	out.Body.ID, out.Body.Secret = k.ID, secret
	return out, nil
}

func (h *hub) revokeKey(ctx context.Context, who actor, in *ByID) (*struct{}, error) {
	return nil, h.Directory.RevokeKey(ctx, who.tenant, in.ID, who.by)
}
