// Package emulator is a Bird SMS account that runs on this machine, written from the
// published reference of the SMS API (developers.messagebird.com) and the vendor's own
// Go client.
//
// A recipient goes from sent to delivered, or to delivery_failed with a status error code;
// errors are lists with a code, a description and a parameter; an account without balance
// answers 402 with code 25. Unsure: prices.
//
// The control API is that of package outbox.
package emulator

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Config sets up a Bird.
type Config struct {
	Now, Wall func() time.Time
	StateDir  string
	Key       string        // "demo" when empty
	Lag       time.Duration // 2 s when zero, decided by hand below zero
}

// Server is an emulated Bird, an [http.Handler].
type Server struct {
	cfg     Config
	box     *outbox.Outbox
	handler http.Handler
}

// New opens a Bird, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.Key, cfg.Lag = cmp.Or(cfg.Key, "demo"), cmp.Or(cfg.Lag, 2*time.Second)
	s := &Server{cfg: cfg}
	kit := emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: func(status int) (string, []byte) {
		b, _ := json.Marshal(failure(99, http.StatusText(status), ""))
		return "application/json", b
	}})
	var err error
	if s.box, err = outbox.Open(kit, cfg.Lag); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	on := func(pattern string, fn http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "AccessKey "+s.cfg.Key {
				emulator.WriteJSON(w, http.StatusUnauthorized, failure(2, "Request not allowed (incorrect access_key)", "access_key"))
				return
			}
			fn(w, r)
		})
	}
	on("GET /balance", func(w http.ResponseWriter, _ *http.Request) {
		amount := 12.5
		if s.box.Broke() {
			amount = 0
		}
		emulator.WriteJSON(w, http.StatusOK, map[string]any{"payment": "prepaid", "type": "euros", "amount": amount})
	})
	on("POST /messages", s.create)
	on("GET /messages", s.list)
	on("GET /messages/{id}", s.get)
	s.handler = kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Bird, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Outbox returns what was sent.
func (s *Server) Outbox() *outbox.Outbox { return s.box }

// Close does nothing: a Bird calls nobody here.
func (s *Server) Close() {}

func failure(code int, description, parameter string) map[string]any {
	return map[string]any{"errors": []map[string]any{{"code": code, "description": description, "parameter": parameter}}}
}

var isNumber = regexp.MustCompile(`^[1-9]\d{6,14}$`).MatchString

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Originator, Body, Reference string
		Recipients                  []string
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		emulator.WriteJSON(w, http.StatusUnprocessableEntity, failure(9, "no (correct) JSON", ""))
		return
	}
	switch {
	case s.box.Broke():
		emulator.WriteJSON(w, http.StatusPaymentRequired, failure(25, "Not enough balance", ""))
	case in.Originator == "" || len(in.Originator) > 17:
		emulator.WriteJSON(w, http.StatusUnprocessableEntity, failure(9, "originator is invalid", "originator"))
	case in.Body == "":
		emulator.WriteJSON(w, http.StatusUnprocessableEntity, failure(9, "body is required", "body"))
	case len(in.Recipients) != 1 || !isNumber(in.Recipients[0]):
		emulator.WriteJSON(w, http.StatusUnprocessableEntity, failure(9, "no (correct) recipients found", "recipients"))
	default:
		m, err := s.box.Add(outbox.Message{Kind: "sms", To: "+" + in.Recipients[0], From: in.Originator, Text: in.Body, Reference: in.Reference, Parts: outbox.Segments(in.Body)}, outbox.Hex("", 32))
		if err != nil {
			emulator.WriteJSON(w, http.StatusInternalServerError, failure(99, err.Error(), ""))
			return
		}
		emulator.WriteJSON(w, http.StatusCreated, s.show(m))
	}
}

func (s *Server) show(m outbox.Message) map[string]any {
	n, _ := strconv.ParseInt(strings.TrimPrefix(m.To, "+"), 10, 64)
	to := map[string]any{"recipient": n, "status": "sent", "statusDatetime": m.Updated.Format(time.RFC3339), "statusErrorCode": nil, "statusReason": nil, "messagePartCount": m.Parts,
		"price": map[string]any{"amount": float64(m.Parts) * 0.075, "currency": "EUR"}}
	switch m.State {
	case "delivered":
		to["status"], to["statusErrorCode"] = "delivered", 0
	case "failed", "returned":
		to["status"], to["statusErrorCode"], to["statusReason"] = "delivery_failed", 6, cmp.Or(m.Reason, "absent subscriber")
		if m.Bad {
			to["statusErrorCode"] = 1
		}
	}
	return map[string]any{
		"id": m.ID, "href": "https://rest.messagebird.com/messages/" + m.ID, "direction": "mt", "type": "sms", "originator": m.From, "body": m.Text,
		"reference": m.Reference, "createdDatetime": m.At.Format(time.RFC3339),
		"recipients": map[string]any{"totalCount": 1, "items": []any{to}},
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("limit"), "20"))
	offset, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	all := s.box.List(nil)
	items := []any{}
	for i := offset; i < len(all) && i < offset+limit; i++ {
		items = append(items, s.show(all[i]))
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"offset": offset, "limit": limit, "count": len(items), "totalCount": len(all), "items": items})
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("id"))
	if !ok {
		emulator.WriteJSON(w, http.StatusNotFound, failure(20, "message not found", ""))
		return
	}
	emulator.WriteJSON(w, http.StatusOK, s.show(m))
}

// Conformance plays Bird for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now, Lag: -1})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close, Outbox: outbox.Played{Box: s.box, Late: true},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"country": "NL"}, Secrets: map[string]string{"access_key": s.cfg.Key}}, nil
		},
	}, nil
}
