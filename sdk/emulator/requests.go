package emulator

import (
	"errors"
	"net/http"
	"strconv"
	"time"
)

var errTrailing = errors.New("there is more text after the document")

// Request is one line of the request log. Status is 0 while the request is
// being handled, and stays 0 when the connection was broken without an answer.
type Request struct {
	N      int       `json:"n"` // counts from 1
	At     time.Time `json:"at"`
	Method string    `json:"method"`
	Path   string    `json:"path"`
	Query  string    `json:"query,omitempty"`
	Status int       `json:"status"`
}

// Requests returns the log in the order in which the requests arrived. Control
// requests are not in it.
func (k *Kit) Requests() []Request {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]Request(nil), k.requests...)
}

// ForgetRequests empties the log; counting goes on.
func (k *Kit) ForgetRequests() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.dropped += len(k.requests)
	k.requests = nil
}

func (k *Kit) begin(r *http.Request) int {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.requests) >= k.cfg.KeepRequests {
		cut := max(1, k.cfg.KeepRequests/10)
		k.requests = append([]Request(nil), k.requests[min(cut, len(k.requests)):]...)
		k.dropped += cut
	}
	n := k.dropped + len(k.requests) + 1
	k.requests = append(k.requests, Request{N: n, At: k.cfg.Now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery})
	return n
}

func (k *Kit) end(n, status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if i := n - k.dropped - 1; i >= 0 && i < len(k.requests) {
		k.requests[i].Status = status
	}
}

func (k *Kit) routes() {
	k.Control("GET /_control/requests", func(w http.ResponseWriter, r *http.Request) {
		since, _ := strconv.Atoi(r.URL.Query().Get("since"))
		out := []Request{}
		for _, q := range k.Requests() {
			if q.N > since {
				out = append(out, q)
			}
		}
		WriteJSON(w, http.StatusOK, out)
	})
	k.Control("DELETE /_control/requests", func(w http.ResponseWriter, _ *http.Request) {
		k.ForgetRequests()
		w.WriteHeader(http.StatusNoContent)
	})
	k.Control("GET /_control/clock", func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, map[string]time.Time{"now": k.Now(), "wall": k.Wall()})
	})
	k.Control("POST /_control/clock", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			SkewMS int64 `json:"skew_ms"`
		}
		if ReadControl(w, r, &in) {
			k.Skew(time.Duration(in.SkewMS) * time.Millisecond)
			w.WriteHeader(http.StatusNoContent)
		}
	})
	k.Control("GET /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		WriteJSON(w, http.StatusOK, k.Faults())
	})
	k.Control("DELETE /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		k.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	k.Control("POST /_control/faults", k.postFaults)
	k.Control("GET /_control/deliveries", k.getDeliveries)
	k.Control("POST /_control/deliveries", k.postDeliveries)
}
