package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/voldaan/voldaan/core/fault"
)

// Problem is an error as RFC 9457 has it.
type Problem struct {
	Type      string              `json:"type" doc:"A URI that names the kind of problem" example:"urn:voldaan:problem:invoice_not_found"`
	Title     string              `json:"title" doc:"The status in words" example:"Not Found"`
	Status    int                 `json:"status" example:"404"`
	Detail    string              `json:"detail" doc:"What happened and what to do next, for a person"`
	Code      string              `json:"code" doc:"Stable, for programs" example:"invoice_not_found"`
	Retryable bool                `json:"retryable" doc:"Whether the same request may succeed later"`
	RequestID string              `json:"request_id,omitempty" doc:"To quote when you ask for help"`
	Errors    []*huma.ErrorDetail `json:"errors,omitempty" doc:"What is wrong with the input, field by field"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the status of the answer.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType makes JSON a problem document.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

var statuses = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Denied: http.StatusForbidden, fault.SignIn: http.StatusUnauthorized, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Internal: http.StatusInternalServerError,
}

func problemOf(f *fault.Error) *Problem {
	status := statuses[f.Kind]
	p := &Problem{Type: problemType + f.Code, Title: http.StatusText(status), Status: status, Detail: f.Message, Code: f.Code, Retryable: f.Kind == fault.Unavailable}
	if f.Kind == fault.Internal {
		p.Type, p.Code, p.Detail = problemType+"internal", "internal", "Something went wrong on our side. It was recorded; the same request may be sent again."
	}
	return p
}

const problemType = "urn:voldaan:problem:"

// newProblem is what huma makes of an error of its own, such as of input that
// does not fit.
func newProblem(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	p := &Problem{Title: http.StatusText(status), Status: status, Detail: msg, Code: cmp.Or(codes[status], "error"), Retryable: status == http.StatusServiceUnavailable}
	for _, err := range errs {
		var f *fault.Error
		var d huma.ErrorDetailer
		switch {
		case errors.As(err, &f):
			*p = *problemOf(f)
		case errors.As(err, &d):
			p.Errors = append(p.Errors, short(d.ErrorDetail()))
		case err != nil && status < http.StatusInternalServerError:
			p.Errors = append(p.Errors, &huma.ErrorDetail{Message: err.Error()})
		}
	}
	if status >= http.StatusInternalServerError {
		p.Detail = problemOf(&fault.Error{Kind: fault.Internal}).Detail
	}
	if p.Type == "" {
		p.Type = problemType + p.Code
	}
	if p.Detail == "validation failed" {
		p.Detail = "The request does not fit its description; errors says where."
	}
	if ctx != nil {
		_, w := humago.Unwrap(ctx)
		p.RequestID = w.Header().Get("X-Request-Id")
	}
	return p
}

// mostEchoed is the largest value that an answer shows again.
const mostEchoed = 200

// short leaves out a value that is long, such as a whole body.
func short(d *huma.ErrorDetail) *huma.ErrorDetail {
	if b, err := json.Marshal(d.Value); err == nil && len(b) <= mostEchoed {
		return d
	}
	return &huma.ErrorDetail{Message: d.Message, Location: d.Location}
}

var codes = map[int]string{
	http.StatusBadRequest: "bad_request", http.StatusUnprocessableEntity: "invalid_request", http.StatusRequestEntityTooLarge: "too_large", http.StatusNotFound: "not_found",
	http.StatusMethodNotAllowed: "method_not_allowed", http.StatusNotAcceptable: "not_acceptable", http.StatusUnsupportedMediaType: "unsupported_media_type", http.StatusInternalServerError: "internal",
}

// faultOf knows the errors of the boundary besides those of the core.
func faultOf(err error) *fault.Error {
	var sql *pgconn.PgError
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return errNotFound.Because(err)
	case errors.As(err, &sql) && strings.HasPrefix(sql.Code, "22"):
		return fault.New(fault.Invalid, "unreadable_value", "A value of this request cannot be read, such as a cursor of another list.").Because(err)
	}
	return fault.Of(err)
}

var errNotFound = fault.New(fault.NotFound, "not_found", "There is no such thing here.")

// problem logs what is our mistake, and returns what the caller sees.
func (h *hub) problem(ctx context.Context, err error) error {
	f := faultOf(err)
	if f.Kind == fault.Internal && ctx.Err() == nil {
		h.log.ErrorContext(ctx, "operation failed", "error", err)
	}
	return problemOf(f)
}

// writeProblem answers outside of an operation.
func writeProblem(w http.ResponseWriter, f *fault.Error) {
	p := problemOf(f)
	p.RequestID = w.Header().Get("X-Request-Id")
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// recovered turns a panic into a problem.
func (h *hub) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				h.log.ErrorContext(r.Context(), "panic in an operation", "route", r.Pattern, "panic", p, "stack", string(debug.Stack()))
				writeProblem(w, &fault.Error{Kind: fault.Internal})
			}
		}()
		next.ServeHTTP(w, r)
	})
}
