package emulator

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Config sets up a Kit. The zero value is a vendor on the real clock that
// forgets everything when it stops.
type Config struct {
	// Now is the time of the vendor's books. Default: the real time in UTC.
	Now func() time.Time
	// Wall is the time of the wire. Default: the real time in UTC.
	Wall func() time.Time
	// StateDir is a folder for state that survives the process; "" keeps it in
	// memory. It is created when missing.
	StateDir string
	// Problem writes an error body the way the vendor does. Default: plain text.
	Problem func(status int) (contentType string, body []byte)
	// KeepRequests is the length of the request log. Default: 10,000.
	KeepRequests int
	// Log receives what goes wrong behind the requests. Default: slog.Default.
	Log *slog.Logger
}

// Kit is what all emulators share. Its methods may be called from any
// goroutine.
type Kit struct {
	cfg     Config
	control *http.ServeMux

	mu       sync.Mutex
	faults   []*armed
	faultSeq int
	requests []Request
	dropped  int // requests that left the front of the log
	expire   func(*http.Request)
	skew     time.Duration
	queues   []*Deliveries
}

// New returns a kit.
func New(cfg Config) *Kit {
	real := func() time.Time { return time.Now().UTC() }
	if cfg.Now == nil {
		cfg.Now = real
	}
	if cfg.Wall == nil {
		cfg.Wall = real
	}
	if cfg.Problem == nil {
		cfg.Problem = func(status int) (string, []byte) {
			return "text/plain; charset=utf-8", []byte(http.StatusText(status))
		}
	}
	cfg.KeepRequests = cmp.Or(cfg.KeepRequests, 10_000)
	cfg.Log = cmp.Or(cfg.Log, slog.Default())
	k := &Kit{cfg: cfg, control: http.NewServeMux()}
	k.routes()
	return k
}

// Now returns the time of the vendor's books.
func (k *Kit) Now() time.Time { return k.cfg.Now().Add(k.skewed()) }

// Wall returns the time of the wire.
func (k *Kit) Wall() time.Time { return k.cfg.Wall().Add(k.skewed()) }

// Skew sets the vendor's clocks off by d, until the next call. Tokens expire,
// records change and answers are dated by clocks that are wrong.
func (k *Kit) Skew(d time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.skew = d
}

func (k *Kit) skewed() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.skew
}

// Log returns the kit's logger.
func (k *Kit) Log() *slog.Logger { return k.cfg.Log }

// OnExpireToken says how the emulator expires the token that a request
// carries. The fault ExpireToken calls it before the request is handled.
func (k *Kit) OnExpireToken(fn func(*http.Request)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire = fn
}

// Control adds a route below /_control/ ("POST /_control/contacts").
func (k *Kit) Control(pattern string, fn http.HandlerFunc) { k.control.HandleFunc(pattern, fn) }

// Handler puts the request log, the faults and the control API around a vendor.
func (k *Kit) Handler(vendor http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	control := guard.Handler(k.control)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/_control/") {
			control.ServeHTTP(w, r)
			return
		}
		n := k.begin(r)
		w.Header().Set("Date", k.Wall().UTC().Format(http.TimeFormat))
		rec := &recorder{ResponseWriter: w}
		defer func() { k.end(n, rec.status) }()
		k.serve(rec, r, vendor)
	})
}

// WriteJSON answers with a status and a JSON body.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		http.Error(w, "cannot write the answer: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// ReadControl decodes a control request strictly: an unknown field, a wrong
// type or trailing text is answered with a sentence and status 400. It reports
// whether v was filled.
func ReadControl(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 32<<20))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil && dec.More() {
		err = errTrailing
	}
	if err != nil {
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": "Send one JSON document with the documented fields: " + err.Error()})
		return false
	}
	return true
}
