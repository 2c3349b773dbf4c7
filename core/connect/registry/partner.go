package registry

import (
	"context"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store/db"
)

// Authorise makes sure that a request is a publisher's. The error is a fault of
// kind SignIn.
func (r *Registry) Authorise(ctx context.Context, from *Request, body []byte) error {
	_, err := r.authorise(ctx, from, body, r.clock.Now())
	return err
}

// Expects says whether a request may be a publisher's as far as can be known
// before its body is there: by a key that is registered, and signed just now. It
// keeps strangers from sending large bodies. The error is a fault of kind SignIn.
func (r *Registry) Expects(ctx context.Context, from *Request) error {
	ring, err := r.keys(ctx, r.store.Door(), from.Publisher)
	if err != nil {
		return err
	}
	_, err = from.key(ring[from.Publisher], r.clock.Now())
	return err
}

// Belong notes which tenant a publisher is, so that its members see how its
// connectors do.
func (r *Registry) Belong(ctx context.Context, publisher string, tenant uuid.UUID) error {
	n, err := r.store.Door().SetPublisherTenant(ctx, db.SetPublisherTenantParams{ID: publisher, Organisation: uuid.NullUUID{UUID: tenant, Valid: tenant != uuid.Nil}})
	return one(n, err, "publisher_unknown", "There is no publisher %s.", publisher)
}
