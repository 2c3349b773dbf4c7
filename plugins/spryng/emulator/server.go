// Package emulator is a Spryng account that runs on this machine, written from the
// vendor's published documents (docs.spryngsms.com) and its own clients for Node and PHP.
//
// A message has a UUID and a reference; the list filters by reference, originator and
// number; a wrong request is answered 422 with errors by field, one without credits 402.
// Unsure: the shape of the state of recipients; statuses are 10 (delivered), 20 (failed) and
// 30 (buffered), with reason codes of delivery reports.
//
// The control API is that of package outbox.
package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"time"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Config sets up a Spryng.
type Config struct {
	Now, Wall func() time.Time
	StateDir  string
	Key       string        // "demo" when empty
	Lag       time.Duration // 2 s when zero, decided by hand below zero
}

// Server is an emulated Spryng, an [http.Handler].
type Server struct {
	cfg     Config
	box     *outbox.Outbox
	handler http.Handler
}

// New opens a Spryng, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.Key, cfg.Lag = cmp.Or(cfg.Key, "demo"), cmp.Or(cfg.Lag, 2*time.Second)
	s := &Server{cfg: cfg}
	kit := emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir})
	var err error
	if s.box, err = outbox.Open(kit, cfg.Lag); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	on := func(pattern string, fn http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if emulator.Bearer(r) != s.cfg.Key {
				emulator.WriteJSON(w, http.StatusUnauthorized, map[string]string{"message": "Unauthenticated."})
				return
			}
			fn(w, r)
		})
	}
	on("GET /v1/balance", func(w http.ResponseWriter, _ *http.Request) {
		amount := "250.00"
		if s.box.Broke() {
			amount = "0.00"
		}
		emulator.WriteJSON(w, http.StatusOK, map[string]string{"amount": amount})
	})
	on("POST /v1/messages", s.create)
	on("GET /v1/messages", s.list)
	on("GET /v1/messages/{id}", s.get)
	s.handler = kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Spryng, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Outbox returns what was sent.
func (s *Server) Outbox() *outbox.Outbox { return s.box }

// Close does nothing: a Spryng calls nobody here.
func (s *Server) Close() {}

var isNumber = regexp.MustCompile(`^[1-9]\d{6,14}$`).MatchString

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Body, Originator, Reference, Route, Encoding string
		Recipients                                   []string
	}
	errors := map[string][]string{}
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Body == "" {
		errors["body"] = []string{"The body field is required."}
	}
	if in.Originator == "" {
		errors["originator"] = []string{"The originator field is required."}
	}
	if len(in.Recipients) != 1 || !isNumber(in.Recipients[0]) || s.box.Refused("+"+in.Recipients[0]) {
		errors["recipients.0"] = []string{"The recipients.0 is not a valid phone number."}
	}
	switch {
	case len(errors) > 0:
		emulator.WriteJSON(w, http.StatusUnprocessableEntity, map[string]any{"message": "The given data was invalid.", "errors": errors})
		return
	case s.box.Broke():
		emulator.WriteJSON(w, http.StatusPaymentRequired, map[string]string{"message": "You do not have enough credits to send this message."})
		return
	}
	m, err := s.box.Add(outbox.Message{Kind: "sms", To: "+" + in.Recipients[0], From: in.Originator, Text: in.Body, Reference: in.Reference, Parts: outbox.Segments(in.Body)}, outbox.UUID)
	if err != nil {
		emulator.WriteJSON(w, http.StatusInternalServerError, map[string]string{"message": err.Error()})
		return
	}
	emulator.WriteJSON(w, http.StatusOK, s.show(m, false))
}

func (s *Server) show(m outbox.Message, whole bool) map[string]any {
	out := map[string]any{
		"id": m.ID, "encoding": "auto", "originator": m.From, "body": m.Text, "reference": m.Reference, "credits": float64(m.Parts), "parts": m.Parts,
		"scheduled_at": m.At.Format(time.RFC3339), "canceled_at": nil, "created_at": m.At.Format(time.RFC3339), "updated_at": m.Updated.Format(time.RFC3339),
		"links": map[string]string{"self": "/v1/messages/" + m.ID},
	}
	if whole {
		to := map[string]any{"number": m.To[1:], "status": 30, "reason_code": 0, "updated_at": m.Updated.Format(time.RFC3339)}
		switch m.State {
		case "delivered":
			to["status"] = 10
		case "failed", "returned":
			to["status"], to["reason_code"] = 20, 22
			if m.Bad {
				to["reason_code"] = 21
			}
		}
		out["recipients"] = map[string]any{"data": []any{to}}
	}
	return out
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	reference := r.URL.Query().Get("filters[reference]")
	out := []any{}
	for _, m := range s.box.List(func(m outbox.Message) bool { return reference == "" || m.Reference == reference }) {
		out = append(out, s.show(m, false))
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"data": out, "total": len(out)})
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("id"))
	if !ok {
		emulator.WriteJSON(w, http.StatusNotFound, map[string]string{"message": "Not found."})
		return
	}
	emulator.WriteJSON(w, http.StatusOK, s.show(m, r.URL.Query().Get("includes[]") == "recipients"))
}

// Conformance plays Spryng for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now, Lag: -1})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close, Outbox: outbox.Played{Box: s.box},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"country": "NL", "route": "business"}, Secrets: map[string]string{"api_key": s.cfg.Key}}, nil
		},
	}, nil
}
