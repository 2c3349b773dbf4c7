package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator"
)

// controls adds the routes that the package documentation lists.
func (s *Store) controls() {
	const adm = "/_control/administrations/{adm}"
	const inv = adm + "/invoices/{inv}"
	in := func(r *http.Request) (string, string) { return r.PathValue("adm"), r.PathValue("inv") }

	s.kit.Control("GET /_control/administrations", func(w http.ResponseWriter, _ *http.Request) {
		out := []AdministrationSeed{}
		s.All(func(a *Administration) { out = append(out, a.Seed) })
		emulator.WriteJSON(w, http.StatusOK, out)
	})
	control(s, "POST /_control/administrations", func(_ *http.Request, seed AdministrationSeed) (any, error) {
		id, err := s.SeedAdministration(seed)
		return created{id}, err
	})
	control(s, "POST "+adm+"/demonstration", func(r *http.Request, _ struct{}) (any, error) {
		return nil, s.Demonstrate(r.PathValue("adm"))
	})
	control(s, "POST "+adm+"/contacts", func(r *http.Request, seed ContactSeed) (any, error) {
		id, err := s.SeedContact(r.PathValue("adm"), seed)
		return created{id}, err
	})
	control(s, "PATCH "+adm+"/contacts/{id}", func(r *http.Request, seed ContactSeed) (any, error) {
		return nil, s.ChangeContact(r.PathValue("adm"), r.PathValue("id"), seed)
	})
	s.kit.Control("DELETE "+adm+"/contacts/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, s.DeleteContact(r.PathValue("adm"), r.PathValue("id")))
	})
	s.kit.Control("POST "+adm+"/invoices", s.controlInvoices)
	s.kit.Control("GET "+adm+"/invoices", func(w http.ResponseWriter, r *http.Request) {
		list, err := s.Summaries(r.PathValue("adm"))
		answer(w, list, err)
	})
	control(s, "POST "+inv+"/pay", func(r *http.Request, seed PaymentSeed) (any, error) {
		a, i := in(r)
		id, err := s.Pay(a, i, seed)
		return created{id}, err
	})
	control(s, "POST "+inv+"/due_date", func(r *http.Request, v struct {
		Due date.Date `json:"due"`
	}) (any, error) {
		a, i := in(r)
		return nil, s.SetDue(a, i, v.Due)
	})
	control(s, "POST "+inv+"/amount", func(r *http.Request, v struct {
		Total string `json:"total"`
	}) (any, error) {
		a, i := in(r)
		return nil, s.SetTotal(a, i, v.Total)
	})
	control(s, "POST "+inv+"/credit", func(r *http.Request, v struct {
		Settle bool `json:"settle"`
	}) (any, error) {
		a, i := in(r)
		id, err := s.Credit(a, i, v.Settle)
		return created{id}, err
	})
	s.kit.Control("POST "+inv+"/void", func(w http.ResponseWriter, r *http.Request) {
		a, i := in(r)
		answer(w, nil, s.Void(a, i))
	})
	s.kit.Control("DELETE "+inv, func(w http.ResponseWriter, r *http.Request) {
		a, i := in(r)
		answer(w, nil, s.DeleteInvoice(a, i))
	})
	s.kit.Control("DELETE "+inv+"/payments", func(w http.ResponseWriter, r *http.Request) {
		a, i := in(r)
		answer(w, nil, s.Unpay(a, i, ""))
	})
	s.kit.Control("DELETE "+inv+"/payments/{payment}", func(w http.ResponseWriter, r *http.Request) {
		a, i := in(r)
		answer(w, nil, s.Unpay(a, i, r.PathValue("payment")))
	})
	s.kit.Control("GET "+adm+"/notes", func(w http.ResponseWriter, r *http.Request) {
		out := []*Note{}
		err := s.View(r.PathValue("adm"), func(a *Administration) error { out = append(out, a.Notes...); return nil })
		answer(w, out, err)
	})
}

type created struct {
	ID string `json:"id"`
}

// control adds a route that takes a document of T and answers what fn returns:
// 201 with it, or 204.
func control[T any](s *Store, pattern string, fn func(*http.Request, T) (any, error)) {
	s.kit.Control(pattern, func(w http.ResponseWriter, r *http.Request) {
		var v T
		if !emulator.ReadControl(w, r, &v) {
			return
		}
		out, err := fn(r, v)
		if err == nil && out != nil {
			emulator.WriteJSON(w, http.StatusCreated, out)
			return
		}
		answer(w, nil, err)
	})
}

func answer(w http.ResponseWriter, body any, err error) {
	switch {
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrNoAdministration):
		emulator.WriteJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
	case err != nil:
		emulator.WriteJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		emulator.WriteJSON(w, http.StatusOK, body)
	}
}

// controlInvoices takes one invoice or a list of them.
func (s *Store) controlInvoices(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 256<<20))
	if err != nil {
		answer(w, nil, err)
		return
	}
	if raw = bytes.TrimSpace(raw); !bytes.HasPrefix(raw, []byte("[")) {
		raw = append(append([]byte("["), raw...), ']')
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	var seeds []InvoiceSeed
	if err := dec.Decode(&seeds); err != nil {
		answer(w, nil, err)
		return
	}
	ids, err := s.SeedInvoices(r.PathValue("adm"), seeds)
	if err != nil {
		answer(w, nil, err)
		return
	}
	emulator.WriteJSON(w, http.StatusCreated, map[string][]string{"ids": ids})
}
