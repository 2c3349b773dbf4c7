package rest

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// The ways to prove who one is.
const (
	bearer  = "key"
	session = "session"
)

// The metadata of an operation that decide who may call it.
const (
	scopeOf    = "voldaan-scope"
	ownersOnly = "voldaan-owners"
	// settingsOnly closes an operation to members who may not change settings.
	settingsOnly = "voldaan-settings"
)

// actor is who asks.
type actor struct {
	tenant uuid.UUID
	// by is how the actor is written down: "api:<name of the key>" or a member's
	// name.
	by string
	// id is theirs alone, unlike a name: of the key or of the member.
	id      uuid.UUID
	program bool
	owner   bool
	scopes  []tenant.Scope
	err     error // why nobody was recognised
}

type actorKey struct{}

func actorOf(ctx context.Context) actor {
	a, _ := ctx.Value(actorKey{}).(actor)
	return a
}

var errNobody = fault.New(fault.SignIn, "no_key", "Send an API key as “Authorization: Bearer …”.")

// identified finds out who asks; whether they may is for each operation.
func (h *hub) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := r.WithContext(context.WithValue(r.Context(), actorKey{}, h.who(r)))
		next.ServeHTTP(w, inner)
		r.Pattern = inner.Pattern // for the access log
	})
}

func (h *hub) who(r *http.Request) actor {
	ctx := r.Context()
	if secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		k, err := h.Directory.Key(ctx, strings.TrimSpace(secret))
		return actor{tenant: k.Tenant, id: k.ID, by: api.ByProgram + k.Name, program: true, scopes: k.Scopes, err: err}
	}
	c, err := r.Cookie(api.SessionCookie)
	if err != nil {
		return actor{err: errNobody}
	}
	m, err := h.Directory.Session(ctx, c.Value)
	a := actor{tenant: m.Tenant, id: m.ID, by: m.Name, owner: m.Role == tenant.Owner, scopes: []tenant.Scope{tenant.Read}, err: err}
	if m.Role.May() {
		a.scopes = append(a.scopes, tenant.Write)
	}
	return a
}

// admit lets a request through to its operation when the operation says who may
// call it and the caller is that (A1).
func (h *hub) admit(ctx huma.Context, next func(huma.Context)) {
	scope, ok := ctx.Operation().Metadata[scopeOf].(tenant.Scope)
	settings, _ := ctx.Operation().Metadata[settingsOnly].(bool)
	owners, _ := ctx.Operation().Metadata[ownersOnly].(bool)
	who := actorOf(ctx.Context())
	var err error
	may, _ := ctx.Operation().Metadata[signable].(bool)
	only, _ := ctx.Operation().Metadata[signedOnly].(bool)
	if may && (only || ctx.Header(registry.SignatureHeader) != "") {
		if err = h.signed(ctx, next); err == nil {
			return
		}
	}
	switch {
	case err != nil:
	case !ok || len(ctx.Operation().Security) == 0:
		err = fault.New(fault.Denied, "closed", "This operation is closed.")
	case who.err != nil:
		err = who.err
	case who.tenant == uuid.Nil:
		err = errNobody
	case owners && !who.owner:
		err = fault.New(fault.Denied, "owners_only", "Only an owner who is signed in to the pages may do this.")
	case settings && !who.program && !who.owner:
		err = fault.New(fault.Denied, "owners_only", "Only an owner of the organisation may do this.")
	case !slices.Contains(who.scopes, scope):
		err = fault.New(fault.Denied, "scope_missing", "This needs the scope %q.", scope)
	}
	if err == nil {
		next(ctx)
		return
	}
	f := faultOf(err)
	h.onRecord(ctx.Context(), who, ctx.Operation(), f)
	if f.Kind == fault.Internal {
		h.log.ErrorContext(ctx.Context(), "caller not recognised", "error", err)
	}
	if f.Kind == fault.SignIn {
		ctx.SetHeader("WWW-Authenticate", `Bearer realm="voldaan"`)
	}
	if werr := huma.WriteErr(h.api, ctx, statuses[f.Kind], f.Message, f); werr != nil {
		h.log.ErrorContext(ctx.Context(), "answer not written", "error", werr)
	}
}

// onRecord puts on record that a program or a member tried what it may not do
// (R124). The refusal stands whether or not it can be written down.
func (h *hub) onRecord(ctx context.Context, who actor, op *huma.Operation, f *fault.Error) {
	if f.Kind != fault.Denied || who.tenant == uuid.Nil || op.Method == http.MethodGet {
		return
	}
	subject := "member/" + who.id.String()
	if who.program {
		subject = "key/" + who.id.String()
	}
	if err := h.write(ctx, who, func(tx store.Tx) error {
		now, err := tx.Now(ctx, h.Real)
		if err != nil {
			return err
		}
		return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: who.by, Action: "refused " + op.OperationID, Subject: subject, Detail: []byte("{}")})
	}); err != nil {
		h.log.ErrorContext(ctx, "refusal not recorded", "error", err)
	}
}
