package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
)

// home is the door before the code and the overview after it.
func (c *caller) home() error {
	if c.entered {
		return c.overview()
	}
	return c.door(http.StatusOK, view.DoorModel{Sent: c.r.URL.Query().Has("sent")})
}

// door shows the creditor and where the code goes, nothing about the debt.
func (c *caller) door(code int, m view.DoorModel) error {
	if err := c.read(func(ctx context.Context, tx store.Tx) error {
		p, err := c.party(ctx, tx)
		m.Shell = p.shell
		m.Reference = shortReference(p.debtor.ID)
		return err
	}); err != nil {
		return err
	}
	return c.show(code, view.Door(m))
}

// shortReference is what a debtor can read to the creditor over the phone, and
// says nothing to anybody else.
func shortReference(id uuid.UUID) string {
	hex := strings.ToUpper(strings.ReplaceAll(id.String(), "-", ""))
	return hex[:4] + "-" + hex[4:8]
}

func (c *caller) sendCode() error {
	err := c.Portal.SendCode(c.r.Context(), c.debtor)
	switch f := fault.Of(err); {
	case err == nil:
		http.Redirect(c.w, c.r, c.base()+"?sent", http.StatusSeeOther)
		return nil
	case f.Code == "too_many_codes":
		return c.door(http.StatusTooManyRequests, view.DoorModel{Problem: "locked"})
	}
	return err
}

// doorProblems are the words of the door for what is wrong with a code.
var doorProblems = map[string]string{"code_wrong": "wrong", "code_expired": "expired", "code_tries": "locked"}

func (c *caller) verify() error {
	code := strings.Join(strings.Fields(c.r.FormValue("code")), "")
	succeeded, err := c.doors.try(c.client(c.r), "portal "+c.debtor.Debtor.String())
	if err != nil {
		return c.door(http.StatusTooManyRequests, view.DoorModel{Problem: "locked"})
	}
	session, err := c.Portal.Enter(c.r.Context(), c.debtor, code)
	if err != nil {
		if problem := doorProblems[fault.Of(err).Code]; problem != "" {
			return c.door(http.StatusUnprocessableEntity, view.DoorModel{Problem: problem})
		}
		return err
	}
	succeeded()
	c.keep(c.w, portalCookie, session, c.base(), portalAge)
	return c.toHome()
}

func (c *caller) language() error {
	for _, have := range view.Languages() {
		if c.r.FormValue("lang") == have {
			c.keep(c.w, languageCookie, have, c.base(), 365*24*time.Hour)
		}
	}
	return c.toHome()
}

// genuine tells whether a message is from a creditor here. It says who sent it
// and nothing about whom it was for.
func (s *site) genuine(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	m := view.GenuineModel{Lang: languageOf(append([]string{q.Get("lang")}, acceptLanguages(r)...)...), Host: s.Public}
	m.Reference = strings.TrimSpace(q.Get("reference"))
	if id := r.PathValue("message"); id != "" {
		m.Reference = id
	}
	if m.Reference != "" {
		m.Checked = true
		if id, err := uuid.Parse(m.Reference); err == nil {
			if err := s.sender(r.Context(), id, &m); err != nil && !fault.Is(faultOf(err), fault.NotFound) {
				s.failPortal(w, r, err)
				return
			}
		}
		if said := q.Get("lang"); said != "" {
			m.Lang = languageOf(said)
		}
	}
	if err := s.show(w, r, http.StatusOK, view.Genuine(m)); err != nil {
		s.failPortal(w, r, err)
	}
}

func (s *site) sender(ctx context.Context, message uuid.UUID, m *view.GenuineModel) error {
	tenant, err := s.Store.Door().DoorMessage(ctx, message)
	if err != nil {
		return err
	}
	return s.read(ctx, tenant, func(ctx context.Context, tx store.Tx) error {
		row, err := tx.Message(ctx, message)
		if err != nil {
			return err
		}
		adm, err := tx.Administration(ctx, row.AdministrationID)
		if err != nil {
			return err
		}
		m.Lang = languageOf(row.Language)
		_, domain, _ := strings.Cut(adm.SenderEmail, "@")
		m.Found, m.Creditor, m.Domain = true, creditorName(adm), domain
		return nil
	})
}
