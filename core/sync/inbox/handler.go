package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

const (
	maxList = 1000
	maxBody = 64 << 20 // the claims and problems of a list of half a million rows
)

// Handler answers the protocol of package filebox. It asks of for the files of
// the connection that a request comes from.
func Handler(of func(context.Context) (Files, error)) http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, fn func(w http.ResponseWriter, r *http.Request, files Files) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			files, err := of(r.Context())
			if err == nil {
				err = fn(w, r, files)
			}
			if err != nil {
				refuse(w, err)
			}
		})
	}
	handle("GET /v1/files", func(w http.ResponseWriter, r *http.Request, files Files) error {
		limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
		if err != nil || limit < 1 || limit > maxList {
			limit = 100
		}
		list, err := files.List(r.Context(), r.URL.Query().Get("after"), limit, r.URL.Query().Get("open") == "true")
		if err != nil {
			return err
		}
		return answer(w, map[string]any{"files": list})
	})
	handle("GET /v1/files/{id}", func(w http.ResponseWriter, r *http.Request, files Files) error {
		f, err := files.Get(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		return answer(w, f)
	})
	handle("GET /v1/files/{id}/content", func(w http.ResponseWriter, r *http.Request, files Files) error {
		content, err := files.Open(r.Context(), r.PathValue("id"))
		if err != nil {
			return err
		}
		defer content.Close()
		w.Header().Set("Content-Type", "application/octet-stream")
		_, err = io.Copy(w, content)
		if err != nil {
			panic(http.ErrAbortHandler) // the header is out: break off rather than end well
		}
		return nil
	})
	handle("POST /v1/files/{id}/claims", func(w http.ResponseWriter, r *http.Request, files Files) error {
		var in struct {
			Claims []filebox.Claim `json:"claims"`
		}
		if err := body(r, &in); err != nil {
			return err
		}
		claimed, err := files.Claim(r.Context(), r.PathValue("id"), in.Claims)
		if err != nil {
			return err
		}
		return answer(w, claimed)
	})
	handle("PUT /v1/files/{id}/outcome", func(w http.ResponseWriter, r *http.Request, files Files) error {
		var o filebox.Outcome
		if err := body(r, &o); err != nil {
			return err
		}
		if !o.State.Settled() {
			return fault.New(fault.Invalid, "outcome_state", "An outcome is taken, partly or refused, not %q.", o.State)
		}
		if err := files.Settle(r.Context(), r.PathValue("id"), o); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	handle("GET /v1/invoices", func(w http.ResponseWriter, r *http.Request, files Files) error {
		h, err := files.Holders(r.Context(), r.URL.Query().Get("key"))
		if err != nil {
			return err
		}
		return answer(w, h)
	})
	handle("GET /v1/lists/latest", func(w http.ResponseWriter, r *http.Request, files Files) error {
		f, err := files.LatestList(r.Context(), r.URL.Query().Get("before"))
		if err != nil {
			return err
		}
		return answer(w, f)
	})
	return mux
}

func body(r *http.Request, v any) error {
	if err := json.NewDecoder(io.LimitReader(r.Body, maxBody)).Decode(v); err != nil {
		return fault.New(fault.Invalid, "body", "The request cannot be read.").Because(err)
	}
	return nil
}

func answer(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
	return nil
}

func refuse(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrNotFound), fault.Is(err, fault.NotFound):
		status = http.StatusNotFound
	case fault.Is(err, fault.Invalid):
		status = http.StatusUnprocessableEntity
	case fault.Is(err, fault.Unavailable):
		status = http.StatusServiceUnavailable
	case fault.Is(err, fault.Denied), fault.Is(err, fault.SignIn):
		status = http.StatusForbidden
	}
	http.Error(w, fault.Of(err).Message, status)
}
