package rest

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// Prefix is where the API is mounted.
const Prefix = "/api"

// Version of the API's contract.
const Version = "1.0.0"

// hub is what all operations share.
type hub struct {
	api.Services
	log *slog.Logger
	api huma.API
	// uploads bounds how many packages are being taken in.
	uploads chan struct{}
}

// prepare sets huma's own globals, once for the process.
var prepare = sync.OnceFunc(func() {
	huma.DefaultArrayNullable = false
	huma.NewErrorWithContext = newProblem
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return newProblem(nil, status, msg, errs...)
	}
})

// New returns the handler of everything below Prefix, and the document.
func New(s api.Services, log *slog.Logger) (http.Handler, *huma.OpenAPI, error) {
	prepare()
	mux := http.NewServeMux()
	cfg := huma.DefaultConfig("Voldaan", Version)
	cfg.Info.Description = description
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath, cfg.CreateHooks = "/openapi", "", "", nil
	cfg.RejectUnknownQueryParameters = true
	cfg.Servers = []*huma.Server{{URL: Prefix}}
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer:    {Type: "http", Scheme: "bearer", Description: "An API key, as made with create-key. It may read, or read and write."},
		publisher: {Type: "apiKey", In: "header", Name: registry.SignatureHeader, Description: "The signature of a publisher's request, by a key that is registered here. The command voldaan connector makes it."},
		session:   {Type: "apiKey", In: "cookie", Name: api.SessionCookie, Description: "The session of a browser that is signed in to the pages."},
	}
	h := &hub{Services: s, log: log, api: humago.NewWithPrefix(mux, Prefix, cfg), uploads: make(chan struct{}, uploads)}
	h.api.UseMiddleware(h.admit)
	for _, part := range []func(){
		h.invoices,
		h.holds,
		h.debtors,
		h.profiles,
		h.messages,
		h.conversations,
		h.tasks,
		h.payments,
		h.channels,
		h.letters,
		h.debits,
		h.bank,
		h.cases,
		h.caseLists,
		h.insight,
		h.credit,
		h.casework,
		h.fees,
		h.caseTalk,
		h.bailiffs,
		h.books,
		h.keys,
		h.figures,
		h.lawSettings,
		h.rates,
		h.promises,
		h.plans,
		h.disputes,
		h.stops,
		h.flows,
		h.flowUse,
		h.connectors,
		h.connections,
		h.publishing,
		h.events,
		h.webhooks,
		h.texts,
	} {
		part()
	}
	docs, err := newDocs(h.api.OpenAPI())
	if err != nil {
		return nil, nil, fmt.Errorf("write the documentation: %w", err)
	}
	mux.Handle("GET "+Prefix+"/docs", docs)
	mux.HandleFunc("GET "+Prefix+"/{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, Prefix+"/docs", http.StatusFound) })
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, fault.New(fault.NotFound, "no_operation", "There is no such operation. The list is at %s/docs.", Prefix))
	})
	return h.recovered(outside(h.identified(h.once(mux)))), h.api.OpenAPI(), nil
}

const description = `Voldaan takes an invoice from the books to "voldaan": paid.

Amounts are whole minor units with an ISO 4217 code, and the same as a decimal
text. Days are dates, moments are RFC 3339 in UTC, both in the organisation's own
time. Lists come in pages: pass next_cursor as cursor to get the next one. A POST
with an Idempotency-Key is carried out once, however often it is sent. Errors are
problem documents with a stable code.`

// operation is what is registered besides types and a function.
type operation struct {
	id, method, path, summary, description, tag string
	scope                                       tenant.Scope
	status                                      int
	errors                                      []int
	maxBody                                     int64
	session                                     bool // only for a signed-in owner, not for a program
	settings                                    bool // for a signed-in owner, and for programs
	signable                                    bool // also for a publisher
}

// register adds an operation. Its function gets who asks, and may return faults.
func register[I, O any](h *hub, o operation, f func(ctx context.Context, who actor, in *I) (*O, error)) {
	op := huma.Operation{
		OperationID: o.id, Method: o.method, Path: "/v1" + o.path, Summary: o.summary, Description: o.description, Tags: []string{o.tag},
		DefaultStatus: o.status, MaxBodyBytes: o.maxBody,
		Errors:   append([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusInternalServerError}, o.errors...),
		Security: []map[string][]string{{bearer: {string(o.scope)}}, {session: {}}},
		Metadata: map[string]any{scopeOf: o.scope},
	}
	if o.settings {
		op.Metadata[settingsOnly] = true
	}
	if o.signable {
		op.Security, op.Metadata[signable] = append(op.Security, map[string][]string{publisher: {}}), true
	}
	if o.session {
		op.Security, op.Metadata[ownersOnly] = []map[string][]string{{session: {}}}, true
	}
	huma.Register(h.api, op, func(ctx context.Context, in *I) (*O, error) {
		who := actorOf(ctx)
		out, err := f(ctx, who, in)
		if err != nil {
			h.onRecord(ctx, who, &op, faultOf(err))
			return nil, h.problem(ctx, err)
		}
		return out, nil
	})
}

// read runs f in a transaction that cannot write.
func (h *hub) read(ctx context.Context, who actor, f func(tx store.Tx) error) error {
	return h.Store.In(ctx, who.tenant, func(tx store.Tx) error {
		if _, err := tx.Exec(ctx, "set transaction read only"); err != nil {
			return fmt.Errorf("make the transaction read-only: %w", err)
		}
		return f(tx)
	})
}

// write runs f in a transaction of the caller's tenant.
func (h *hub) write(ctx context.Context, who actor, f func(tx store.Tx) error) error {
	return h.Store.In(ctx, who.tenant, f)
}

// ByID is the input of an operation on one thing.
type ByID struct {
	ID uuid.UUID `path:"id" format:"uuid" doc:"Its id"`
}

// Repeatable is the header that lets a POST be repeated.
type Repeatable struct {
	Key string `header:"Idempotency-Key" minLength:"8" maxLength:"128" doc:"Any text of yours, new for each request. A repeat with the same key gets the same answer and does nothing more; it is kept for 24 hours."`
}
