package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (s *site) portalContactRoutes() {
	s.inside("GET /p/{token}/contact", (*caller).contactForm)
	s.inside("POST /p/{token}/contact", (*caller).contact)
	s.inside("POST /p/{token}/contact/channel", (*caller).channelWish)
	s.mux.HandleFunc("GET /stop/{token}", s.stopForm)
	s.mux.HandleFunc("POST /stop/{token}", s.stop)
	s.mux.HandleFunc("GET /e/{token}", s.proof)
	s.mux.HandleFunc("POST /e/{token}", s.proved)
}

func (c *caller) contactForm() error { return c.contactPage(http.StatusOK, view.ContactModel{}) }

func (c *caller) contactPage(code int, m view.ContactModel) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		m.Shell = p.shell
		if err != nil {
			return err
		}
		wishes, err := tx.ObjectionsOf(ctx, c.debtor.Debtor)
		m.NoEmail = slices.ContainsFunc(wishes, func(o db.Objection) bool { return o.Channel == "email" })
		if m.Error != "" {
			m.Error = p.shell.T(m.Error)
		}
		return err
	}); err != nil {
		return err
	}
	return c.show(code, view.Contact(m))
}

// contact sends a link to an address that the debtor gives; a few times at most,
// since the address may be anybody's.
func (c *caller) contact() error {
	m := view.ContactModel{Email: cutText(strings.TrimSpace(c.r.FormValue("email")), 254)}
	who := "contact " + c.debtor.Debtor.String()
	if _, err := c.doors.try(who, who); err != nil {
		m.Error = "contact.often"
		return c.contactPage(http.StatusTooManyRequests, m)
	}
	err := c.Steps.AskContact(c.r.Context(), c.debtor.Tenant, c.debtor.Debtor, m.Email, func(token string) string {
		return strings.TrimSuffix(c.Public, "/") + "/e/" + token
	})
	if fault.Is(err, fault.Invalid) {
		m.Error = "contact.wrong"
		return c.contactPage(http.StatusUnprocessableEntity, m)
	}
	if err != nil {
		return err
	}
	m.Sent = true
	return c.contactPage(http.StatusOK, m)
}

// channelWish ends e-mail, or takes it up again (R59).
func (c *caller) channelWish() error {
	if err := c.site.Store.In(c.r.Context(), c.debtor.Tenant, func(tx store.Tx) error {
		if c.r.FormValue("email") == "yes" {
			return c.Planner.Agree(c.r.Context(), tx, c.debtor.Debtor, "email", dunning.Debtor)
		}
		return c.Planner.Object(c.r.Context(), tx, c.debtor.Debtor, "email", "unsubscribed")
	}); err != nil {
		return err
	}
	http.Redirect(c.w, c.r, c.base()+"/contact", http.StatusSeeOther)
	return nil
}

// stopForm asks whether e-mail shall end. It changes nothing: mail scanners open
// links too.
func (s *site) stopForm(w http.ResponseWriter, r *http.Request) {
	s.stopPage(w, r, http.StatusOK, view.StopModel{Action: r.URL.Path})
}

func (s *site) stopPage(w http.ResponseWriter, r *http.Request, code int, m view.StopModel) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the token
	m.Lang = languageOf(append([]string{s.Steps.StopLanguage(r.Context(), r.PathValue("token"))}, acceptLanguages(r)...)...)
	if err := s.show(w, r, code, view.Stop(m)); err != nil {
		s.failPortal(w, r, err)
	}
}

// stop ends e-mail to the debtor who got the message, by the page's button or by
// the one request of a mail program (RFC 8058).
func (s *site) stop(w http.ResponseWriter, r *http.Request) {
	err := s.Steps.Stop(r.Context(), r.PathValue("token"))
	switch {
	case fault.Is(err, fault.NotFound):
		s.stopPage(w, r, http.StatusNotFound, view.StopModel{Gone: true})
	case err != nil:
		s.failPortal(w, r, err)
	default:
		s.stopPage(w, r, http.StatusOK, view.StopModel{Done: true})
	}
}

// proof asks to confirm an address. It changes nothing: mail scanners open links
// too.
func (s *site) proof(w http.ResponseWriter, r *http.Request) {
	s.proofPage(w, r, http.StatusOK, view.ProofModel{Action: r.URL.Path})
}

func (s *site) proofPage(w http.ResponseWriter, r *http.Request, code int, m view.ProofModel) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address holds the token
	m.Lang = languageOf(acceptLanguages(r)...)
	if err := s.show(w, r, code, view.Proof(m)); err != nil {
		s.failPortal(w, r, err)
	}
}

// proved takes the address into use (R60).
func (s *site) proved(w http.ResponseWriter, r *http.Request) {
	address, err := s.Steps.VerifyContact(r.Context(), r.PathValue("token"))
	switch {
	case fault.Is(err, fault.NotFound):
		s.proofPage(w, r, http.StatusNotFound, view.ProofModel{Gone: true})
	case err != nil:
		s.failPortal(w, r, err)
	default:
		s.proofPage(w, r, http.StatusOK, view.ProofModel{Email: address})
	}
}
