package rest

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/tenant"
)

// publisher is the way of a publisher to prove who they are: by signing the
// request itself.
const publisher = "publisher"

// signable is metadata of an operation that a publisher may sign, and of one that
// nobody else may call.
const (
	signable   = "voldaan-signable"
	signedOnly = "voldaan-signed"
)

// uploads is how many packages are taken in at once: each lies in memory.
const uploads = 4

// sentKey holds the path that a request was sent to.
type sentKey struct{}

// outside lets publishers leave Prefix out: the addresses of their requests are
// those of the registry's protocol, wherever a hub is mounted.
func outside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner := r.WithContext(context.WithValue(r.Context(), sentKey{}, r.URL.Path))
		if strings.HasPrefix(r.URL.Path, registry.PublishPath) {
			u := *r.URL
			u.Path, inner.URL = Prefix+r.URL.Path, &u
		}
		next.ServeHTTP(w, inner)
		r.Pattern = inner.Pattern // for the access log
	})
}

// signedRequest is what a publisher sent, as far as its header goes.
func signedRequest(ctx huma.Context) (*registry.Request, error) {
	path, _ := ctx.Context().Value(sentKey{}).(string)
	return registry.ParseRequest(ctx.Header(registry.SignatureHeader), ctx.Method(), path, ctx.Host())
}

type requestKey struct{}

// signed lets a request through that may be a publisher's; the operation checks
// the signature, for which it needs the body.
func (h *hub) signed(ctx huma.Context, next func(huma.Context)) error {
	from, err := signedRequest(ctx)
	if err != nil {
		return err
	}
	if h.Register == nil {
		return errNoRegister
	}
	if err := h.Register.Expects(ctx.Context(), from); err != nil {
		return err
	}
	next(huma.WithValue(ctx, requestKey{}, from))
	return nil
}

var errNoRegister = fault.New(fault.Unavailable, "no_register", "Nobody can publish to this hub.")

// registerSigned adds an operation that a publisher signs.
func registerSigned[I, O any](h *hub, o operation, f func(ctx context.Context, from *registry.Request, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: "/v1" + o.path, Summary: o.summary, Description: o.description, Tags: []string{o.tag},
		DefaultStatus: o.status, MaxBodyBytes: o.maxBody, BodyReadTimeout: 5 * time.Minute,
		Errors:   append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusInternalServerError, http.StatusServiceUnavailable}, o.errors...),
		Security: []map[string][]string{{publisher: {}}},
		Metadata: map[string]any{signable: true, signedOnly: true, scopeOf: tenant.Write},
	}
	huma.Register(h.api, op, func(ctx context.Context, in *I) (*O, error) {
		from, _ := ctx.Value(requestKey{}).(*registry.Request)
		if from == nil {
			return nil, h.problem(ctx, fault.New(fault.SignIn, "request_not_signed", "The request is not signed."))
		}
		out, err := f(ctx, from, in)
		if err != nil {
			return nil, h.problem(ctx, err)
		}
		return out, nil
	})
}
