package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/tenant"
)

// visit is one request of a member who is signed in.
type visit struct {
	*site
	w      http.ResponseWriter
	r      *http.Request
	member tenant.Member
}

// look registers a page that every member may see.
func (s *site) look(pattern string, f func(*visit) error) {
	s.mux.HandleFunc(pattern, s.signedIn(formBytes, func(tenant.Role) bool { return true }, f))
}

// act registers a change that only those may make who may change what happens
// to debtors.
func (s *site) act(pattern string, f func(*visit) error) {
	s.mux.HandleFunc(pattern, s.signedIn(formBytes, tenant.Role.May, f))
}

// upload registers an act with a file.
func (s *site) upload(pattern string, f func(*visit) error) {
	s.mux.HandleFunc(pattern, s.signedIn(uploadBytes, tenant.Role.May, f))
}

// own registers a change of settings, for owners.
func (s *site) own(pattern string, f func(*visit) error) {
	s.mux.HandleFunc(pattern, s.signedIn(uploadBytes, func(r tenant.Role) bool { return r == tenant.Owner }, f))
}

var errRole = fault.New(fault.Denied, "role", "Your role does not include this. Ask an owner of your organisation to do it, or to change your role.")

func (s *site) signedIn(most int64, may func(tenant.Role) bool, f func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m, err := s.memberOf(r)
		if err != nil {
			s.fail(w, r, nil, err)
			return
		}
		v := &visit{site: s, w: w, r: r, member: m}
		t := traceOf(r.Context())
		t.tenant, t.member = m.Tenant, m.ID
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if !may(m.Role) {
			s.refused(r, m)
			s.fail(w, r, v, errRole)
			return
		}
		if err := f(v); err != nil {
			v.onRecord(err)
			s.fail(w, r, v, err)
		}
	}
}

func (s *site) memberOf(r *http.Request) (tenant.Member, error) {
	token := cookie(r, sessionCookie)
	if token == "" {
		return tenant.Member{}, fault.New(fault.SignIn, "signed_out", "Please sign in.")
	}
	return s.Directory.Session(r.Context(), token)
}

// read runs f in a transaction that cannot write (W1).
func (v *visit) read(f func(ctx context.Context, tx store.Tx) error) error {
	return v.site.read(v.r.Context(), v.member.Tenant, f)
}

func (s *site) read(ctx context.Context, tenant uuid.UUID, f func(ctx context.Context, tx store.Tx) error) error {
	return s.Store.In(ctx, tenant, func(tx store.Tx) error {
		if _, err := tx.Exec(ctx, "set transaction read only"); err != nil {
			return fmt.Errorf("make the transaction read-only: %w", err)
		}
		return f(ctx, tx)
	})
}

// write runs f in a transaction of the member's tenant.
func (v *visit) write(f func(ctx context.Context, tx store.Tx) error) error {
	ctx := v.r.Context()
	return v.Store.In(ctx, v.member.Tenant, func(tx store.Tx) error { return f(ctx, tx) })
}

// frame is what surrounds a page of the tenant, in the tenant's time.
func (v *visit) frame(tx store.Tx, section component.Section, title string) (component.Frame, error) {
	ctx := v.r.Context()
	f := component.Frame{
		Title: title, Section: section, Theme: theme(v.r), Path: v.r.URL.RequestURI(), Flash: v.flashed(v.w, v.r),
		User: component.User{Name: v.member.Name, Email: v.member.Email, Role: string(v.member.Role)},
	}
	t, err := tx.Queries.Tenant(ctx)
	if err != nil {
		return f, fmt.Errorf("load the organisation: %w", err)
	}
	scale, err := tx.Scale(ctx)
	if err != nil {
		return f, err
	}
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return f, fmt.Errorf("time zone %q: %w", t.TimeZone, err)
	}
	unread, err := tx.WaitingThreads(ctx)
	if err != nil {
		return f, fmt.Errorf("count waiting messages: %w", err)
	}
	post, err := tx.LettersWaiting(ctx)
	if err != nil {
		return f, fmt.Errorf("count letters to post: %w", err)
	}
	f.Letters = int(post)
	f.Tenant, f.Now, f.Unread = t.Name, scale.Tenant(v.Real.Now()).In(zone), int(unread)
	if t.Demo {
		f.Demo = demoLine(scale, f.Now)
	}
	return f, nil
}

func demoLine(scale clock.Scale, now time.Time) string {
	const made = "A demonstration: its debtors are made up and its mail goes nowhere."
	if scale.IsReal() || !scale.Until.IsZero() && !now.Before(scale.Until) {
		return made
	}
	return fmt.Sprintf("%s A day takes %s here; it is %s now.", made, scale.DayLength, now.Format("Mon 2 Jan 2006 15:04"))
}

// show renders a page. It renders all of it before the first byte leaves, so
// that a mistake half-way is an error page and not half a page.
func (s *site) show(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render %s: %w", route(r), err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return ignoreGone(err)
}

func (v *visit) show(c templ.Component) error { return v.site.show(v.w, v.r, http.StatusOK, c) }

// again shows a form once more, with what is wrong in it.
func (v *visit) again(c templ.Component) error {
	return v.site.show(v.w, v.r, http.StatusUnprocessableEntity, c)
}

// ignoreGone drops the error of a reader who closed the page.
func ignoreGone(error) error { return nil }

// done leads to a page that says what was done.
func (v *visit) done(to string, f component.Flash) error {
	if f.Text != "" {
		v.flash(v.w, f)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// back is where a small form returns to: a page of ours, never elsewhere.
func back(r *http.Request, otherwise string) string {
	return local(r.FormValue("back"), otherwise)
}

func local(path, otherwise string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return otherwise
	}
	return path
}

var errNotHere = fault.New(fault.NotFound, "not_here", "This page is not here. It may have moved, or the address has a typing mistake.")

// id reads an id from the path; anything else is a page that is not here.
func (v *visit) id(name string) (uuid.UUID, error) {
	id, err := uuid.Parse(v.r.PathValue(name))
	if err != nil {
		return id, errNotHere
	}
	return id, nil
}

// refererPath is the page of ours that a form was on.
func refererPath(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host {
		return ""
	}
	return u.RequestURI()
}
