package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/fail"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
)

// status is the answer's status of each kind of fault.
var status = map[fault.Kind]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Conflict: http.StatusConflict,
	fault.Denied: http.StatusForbidden, fault.SignIn: http.StatusUnauthorized, fault.Unavailable: http.StatusServiceUnavailable,
	fault.Internal: http.StatusInternalServerError,
}

var failKinds = map[fault.Kind]fail.Kind{
	fault.NotFound: fail.NotFound, fault.Denied: fail.Denied, fault.Unavailable: fail.Offline, fault.Internal: fail.Internal,
}

// fail answers with an error page, inside the tenant's pages where v is set. Who
// is not signed in is led to the sign-in page.
func (s *site) fail(w http.ResponseWriter, r *http.Request, v *visit, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the reader is gone
	}
	f := faultOf(err)
	if f.Kind == fault.SignIn {
		s.toSignIn(w, r)
		return
	}
	if f.Kind == fault.Internal {
		s.log.ErrorContext(r.Context(), "request failed", "request", traceOf(r.Context()).id, "route", route(r), "error", err)
	}
	m := fail.Model{Theme: theme(r), Kind: failKinds[f.Kind], Text: f.Message, Request: traceOf(r.Context()).id, Links: []component.Link{{Label: "To the dashboard", Href: "/", Icon: "layout-dashboard"}}}
	switch f.Kind {
	case fault.Invalid:
		m.Kind, m.Title = fail.Denied, "This could not be done"
	case fault.Conflict:
		m.Kind, m.Title = fail.Denied, "Not at this moment"
	case fault.Denied:
		m.Title = "This is not open to you"
	case fault.Unavailable:
		m.Title = "Out of reach for a moment"
	case fault.Internal:
		m.Text = ""
	}
	if v != nil {
		m.Frame = v.failFrame(cmp.Or(m.Title, "Error"))
	}
	if err := s.show(w, r, status[f.Kind], fail.Page(m)); err != nil {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
	}
}

// failFrame is the frame of an error page, nil when even that cannot be had.
func (v *visit) failFrame(title string) *component.Frame {
	var f component.Frame
	if v.read(func(_ context.Context, tx store.Tx) (err error) {
		f, err = v.frame(tx, component.Nowhere, title)
		return err
	}) != nil {
		return nil
	}
	return &f
}

// dataException is the class of Postgres errors about a value, such as a cursor
// of another list or a character that no text holds.
const dataException = "22"

// faultOf knows the errors of the web besides those of the core.
func faultOf(err error) *fault.Error {
	var big *http.MaxBytesError
	var sql *pgconn.PgError
	switch {
	case errors.As(err, &sql) && strings.HasPrefix(sql.Code, dataException):
		return fault.New(fault.Invalid, "unreadable", "Something in this request cannot be read. Open the page again and type it anew.").Because(err)
	case errors.As(err, &big):
		return fault.New(fault.Invalid, "too_large", "This is larger than can be taken at once (%d MB). Split it, and send the parts one by one.", big.Limit>>20).Because(err)
	case errors.Is(err, pgx.ErrNoRows):
		return errNotHere.Because(err)
	}
	return fault.Of(err)
}

func (s *site) toSignIn(w http.ResponseWriter, r *http.Request) {
	to := "/sign-in"
	if next := r.URL.RequestURI(); r.Method == http.MethodGet && next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// nowhere answers every address that no other handler has.
func (s *site) nowhere(w http.ResponseWriter, r *http.Request) {
	if m, err := s.memberOf(r); err == nil {
		s.fail(w, r, &visit{site: s, w: w, r: r, member: m}, errNotHere)
		return
	}
	s.fail(w, r, nil, errNotHere)
}

// foreign answers a form that was posted from another site (W2).
func (s *site) foreign(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, nil, fault.New(fault.Denied, "cross_origin", "This form was sent from another site, so nothing was done. Open the page here and try again."))
}
