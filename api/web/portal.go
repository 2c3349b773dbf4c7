package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/fail"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/portal"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

const (
	portalCookie   = "voldaan_portal"
	languageCookie = "voldaan_language"
	portalAge      = 2 * time.Hour
)

// caller is one request of a debtor.
type caller struct {
	*site
	w       http.ResponseWriter
	r       *http.Request
	debtor  portal.Debtor
	entered bool // the code was given
}

func (s *site) portalRoutes() {
	s.open("GET /p/{token}", (*caller).home)
	s.open("POST /p/{token}/code", (*caller).sendCode)
	s.open("POST /p/{token}/verify", (*caller).verify)
	s.open("POST /p/{token}/language", (*caller).language)
	s.inside("GET /p/{token}/pay", (*caller).payForm)
	s.inside("POST /p/{token}/pay", (*caller).pay)
	s.inside("GET /p/{token}/paid/{checkout}", (*caller).paid)
	s.inside("GET /p/{token}/ask", (*caller).askForm)
	s.inside("POST /p/{token}/ask", (*caller).ask)
	s.inside("GET /p/{token}/dispute", (*caller).disputeForm)
	s.uploading("POST /p/{token}/dispute", (*caller).dispute)
	s.dealRoutes()
	s.inside("GET /p/{token}/pdf/{invoice}", (*caller).pdf)
	s.inside("GET /p/{token}/statement/{case}", (*caller).statement)
	s.portalMandateRoutes()
	s.portalContactRoutes()
	s.mux.HandleFunc("GET /genuine", s.genuine)
	s.mux.HandleFunc("GET /genuine/{message}", s.genuine)
}

// open registers a page that a link opens by itself: it shows the creditor, and
// nothing of the debtor before the code was given (R112).
func (s *site) open(pattern string, f func(*caller) error) { s.opened(pattern, formBytes, f) }

// uploading registers a form with files behind the code.
func (s *site) uploading(pattern string, f func(*caller) error) {
	s.opened(pattern, portalFile, behind(func(c *caller) error {
		if err := c.r.ParseMultipartForm(formBytes); err != nil && !errors.Is(err, http.ErrNotMultipart) {
			return fault.New(fault.Invalid, "form_too_large", "The files are too large. Send at most three of 5 MB.").Because(err)
		}
		return f(c)
	}))
}

func (s *site) opened(pattern string, most int64, f func(*caller) error) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the token
		d, err := s.Portal.Link(r.Context(), r.PathValue("token"))
		if err != nil {
			s.failPortal(w, r, err)
			return
		}
		traceOf(r.Context()).tenant = d.Tenant
		c := &caller{site: s, w: w, r: r, debtor: d}
		if token := cookie(r, portalCookie); token != "" {
			who, err := s.Portal.Session(r.Context(), token)
			c.entered = err == nil && who == d // W4
		}
		if err := f(c); err != nil {
			s.failPortal(w, r, err)
		}
	})
}

// inside registers a page behind the code; without it the door is shown.
func (s *site) inside(pattern string, f func(*caller) error) { s.open(pattern, behind(f)) }

func behind(f func(*caller) error) func(*caller) error {
	return func(c *caller) error {
		if c.entered {
			return f(c)
		}
		if c.r.Method == http.MethodGet {
			return c.door(http.StatusOK, view.DoorModel{})
		}
		return c.toHome()
	}
}

func (c *caller) base() string { return "/p/" + c.r.PathValue("token") }

func (c *caller) toHome() error {
	http.Redirect(c.w, c.r, c.base(), http.StatusSeeOther)
	return nil
}

func (c *caller) read(f func(ctx context.Context, tx store.Tx) error) error {
	return c.site.read(c.r.Context(), c.debtor.Tenant, f)
}

func (c *caller) show(status int, page templ.Component) error {
	return c.site.show(c.w, c.r, status, page)
}

// party is who the pages are about.
type party struct {
	debtor db.Debtor
	adm    db.Administration
	shell  view.Shell
}

// party reads the debtor and the creditor, and how to speak to them.
func (c *caller) party(ctx context.Context, tx store.Tx) (p party, err error) {
	if p.debtor, err = tx.Debtor(ctx, c.debtor.Debtor); err != nil {
		return p, fmt.Errorf("load the debtor of a link: %w", err)
	}
	if p.adm, err = tx.Administration(ctx, p.debtor.AdministrationID); err != nil {
		return p, fmt.Errorf("load the creditor of a link: %w", err)
	}
	now, err := tx.Now(ctx, c.Real)
	if err != nil {
		return p, err
	}
	zone, err := time.LoadLocation(p.adm.TimeZone)
	if err != nil {
		return p, fmt.Errorf("time zone %q: %w", p.adm.TimeZone, err)
	}
	chosen, err := flow.ProfileOf(ctx, tx, p.debtor.ID)
	if err != nil {
		return p, err
	}
	// What was picked on the page itself comes first, then what is known of the
	// debtor, as in messages; only then the browser, which may be a shared one.
	said := append([]string{cookie(c.r, languageCookie), chosen.Language, p.debtor.Language}, acceptLanguages(c.r)...)
	formal := p.adm.Formal
	if chosen.Form != "" {
		formal = chosen.Form == string(outreach.Formal)
	}
	p.shell = view.Shell{
		Base: c.base(), Lang: languageOf(append(said, p.adm.Language)...), Formal: formal, Now: now.In(zone), Genuine: "/genuine",
		Creditor: view.Creditor{Name: creditorName(p.adm), Colour: p.adm.Accent},
	}
	if p.adm.SenderEmail != "" {
		p.shell.Creditor.Contact = "mailto:" + p.adm.SenderEmail
	}
	return p, nil
}

func creditorName(a db.Administration) string {
	if a.LegalName != "" {
		return a.LegalName
	}
	return a.Name
}

// spoken is the language that the pages of a debtor are in.
func (c *caller) spoken() (lang string, err error) {
	err = c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		lang = p.shell.Lang
		return err
	})
	return lang, err
}

// languageOf is the first of the tags that the pages speak, English otherwise.
func languageOf(tags ...string) string {
	for _, tag := range tags {
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, have := range view.Languages() {
			if base == have {
				return have
			}
		}
	}
	return "en"
}

// failPortal answers with words for a debtor: never more than that a link does
// not work.
func (s *site) failPortal(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return
	}
	f := faultOf(err)
	if f.Kind == fault.Internal {
		s.log.ErrorContext(r.Context(), "request failed", "request", traceOf(r.Context()).id, "route", route(r), "error", err)
	}
	var page templ.Component
	switch {
	case f.Code == "link_unknown" || f.Code == "link_expired":
		page = view.Gone(view.GoneModel{Lang: languageOf(acceptLanguages(r)...), Genuine: "/genuine"})
	default:
		page = fail.Page(fail.Model{Kind: failKinds[f.Kind], Text: shown(f), Request: traceOf(r.Context()).id})
	}
	code := status[f.Kind]
	if f.Code == "link_expired" {
		code = http.StatusGone
	}
	if err := s.show(w, r, code, page); err != nil {
		http.Error(w, "Something went wrong on our side.", http.StatusInternalServerError)
	}
}

// shown is a fault's sentence, nothing of one that is our mistake.
func shown(f *fault.Error) string {
	if f.Kind == fault.Internal {
		return ""
	}
	return f.Message
}

func acceptLanguages(r *http.Request) []string {
	var tags []string
	for _, part := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tags = append(tags, tag)
	}
	return tags
}

func parseIDs(values []string) []uuid.UUID {
	var ids []uuid.UUID
	for _, v := range values {
		if id, err := uuid.Parse(v); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
