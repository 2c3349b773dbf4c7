package web

import (
	"net/http"
	"strings"

	view "github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/fault"
)

// archiveRoutes are the page on which a bailiff fetches an archive that was too
// large for e-mail. A code to the bailiff's own address opens it (R112).
func (s *site) archiveRoutes() {
	s.mux.HandleFunc("GET /archive/{link}", func(w http.ResponseWriter, r *http.Request) { s.archive(w, r, (*site).archivePage) })
	s.mux.HandleFunc("POST /archive/{link}/code", func(w http.ResponseWriter, r *http.Request) { s.archive(w, r, (*site).archiveCode) })
	s.mux.HandleFunc("POST /archive/{link}/fetch", func(w http.ResponseWriter, r *http.Request) { s.archive(w, r, (*site).fetchArchive) })
}

func (s *site) archive(w http.ResponseWriter, r *http.Request, f func(*site, http.ResponseWriter, *http.Request) error) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	if err := f(s, w, r); err != nil {
		s.failPortal(w, r, err)
	}
}

func (s *site) archivePage(w http.ResponseWriter, r *http.Request) error {
	return s.showArchive(w, r, http.StatusOK, view.ArchiveModel{})
}

func (s *site) showArchive(w http.ResponseWriter, r *http.Request, code int, m view.ArchiveModel) error {
	shelf, err := s.shelf(r)
	if err != nil {
		return err
	}
	m.Link, m.Case, m.Creditor, m.Bailiff = r.PathValue("link"), shelf.Number, shelf.Creditor, shelf.Bailiff
	return s.show(w, r, code, view.Archive(m))
}

func (s *site) shelf(r *http.Request) (casework.Shelf, error) {
	return s.Cases.Find(r.Context(), r.PathValue("link"))
}

func (s *site) archiveCode(w http.ResponseWriter, r *http.Request) error {
	err := s.Cases.SendCode(r.Context(), r.PathValue("link"))
	if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
		return s.showArchive(w, r, http.StatusOK, view.ArchiveModel{Sent: true, Problem: f.Message})
	}
	if err != nil {
		return err
	}
	return s.showArchive(w, r, http.StatusOK, view.ArchiveModel{Sent: true})
}

func (s *site) fetchArchive(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	doc, err := s.Cases.Fetch(r.Context(), r.PathValue("link"), strings.TrimSpace(r.FormValue("code")))
	if f := fault.Of(err); err != nil && f.Code == "wrong_code" {
		return s.showArchive(w, r, http.StatusUnprocessableEntity, view.ArchiveModel{Sent: true, Problem: f.Message})
	}
	if err != nil {
		return err
	}
	serveDocument(w, doc, true)
	return nil
}
