package emulator

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Config sets up a Twilio. The zero value is one with the account of the
// demonstration on the real clock.
type Config struct {
	Now, Wall func() time.Time
	StateDir  string
	// Account and Token are the account SID and its auth token. Default: AC and 32
	// zeros, and "demo".
	Account, Token string
	// Lag is how long a message takes; 2 s when zero, decided by hand below zero.
	Lag time.Duration
}

// Server is an emulated Twilio, an [http.Handler].
type Server struct {
	cfg     Config
	kit     *emulator.Kit
	box     *outbox.Outbox
	hooks   *emulator.Deliveries
	handler http.Handler
}

// New opens a Twilio, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.Account, cfg.Token = cmp.Or(cfg.Account, "AC"+strings.Repeat("0", 32)), cmp.Or(cfg.Token, "demo")
	cfg.Lag = cmp.Or(cfg.Lag, 2*time.Second)
	s := &Server{cfg: cfg, kit: emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir, Problem: problem})}
	var err error
	if s.box, err = outbox.Open(s.kit, cfg.Lag); err != nil {
		return nil, err
	}
	if s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: []time.Duration{time.Second, 5 * time.Second}, Prepare: s.sign}); err != nil {
		return nil, err
	}
	s.box.Changed = func(m outbox.Message) {
		if m.Callback != "" {
			s.hooks.Enqueue(m.ID, m.Callback, "application/x-www-form-urlencoded", callback(m).Encode())
		}
	}
	mux := http.NewServeMux()
	const account = "/2010-04-01/Accounts/{account}"
	on := func(pattern string, fn http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			user, password, _ := r.BasicAuth()
			switch {
			case user != s.cfg.Account || password != s.cfg.Token:
				fail(w, http.StatusUnauthorized, 20003, "Authenticate")
			case s.box.Broke() && r.Method == http.MethodPost:
				fail(w, http.StatusUnauthorized, 20005, "Account "+user+" is not active")
			case strings.TrimSuffix(r.PathValue("account"), ".json") != s.cfg.Account:
				fail(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
			default:
				fn(w, r)
			}
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
	})
	on("GET "+account, func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusOK, map[string]any{"sid": s.cfg.Account, "friendly_name": "Bakkerij De Korenaar", "status": "active", "type": "Full"})
	})
	on("POST "+account+"/Messages.json", s.createMessage)
	on("GET "+account+"/Messages.json", s.list("messages", "sms", s.message))
	on("GET "+account+"/Messages/{sid}", s.get("sms", s.message))
	on("POST "+account+"/Calls.json", s.createCall)
	on("GET "+account+"/Calls.json", s.list("calls", "voice", s.call))
	on("GET "+account+"/Calls/{sid}", s.get("voice", s.call))
	on("GET "+account+"/Calls/{sid}/Events.json", s.events)
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Twilio, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Outbox returns what was sent.
func (s *Server) Outbox() *outbox.Outbox { return s.box }

// Kit returns the toolkit: faults and the request log.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Close stops deliveries.
func (s *Server) Close() { s.hooks.Close() }

func fail(w http.ResponseWriter, status, code int, message string) {
	emulator.WriteJSON(w, status, map[string]any{"code": code, "message": message, "more_info": fmt.Sprintf("https://www.twilio.com/docs/errors/%d", code), "status": status})
}

func problem(status int) (string, []byte) {
	return "application/json", fmt.Appendf(nil, `{"code":20%03d,"message":%q,"status":%d}`, status, http.StatusText(status), status)
}

var isNumber = regexp.MustCompile(`^\+[1-9]\d{6,14}$`).MatchString

// addressed refuses what cannot be sent to or from.
func (s *Server) addressed(w http.ResponseWriter, r *http.Request) bool {
	to, from := r.FormValue("To"), cmp.Or(r.FormValue("From"), r.FormValue("MessagingServiceSid"))
	switch {
	case !isNumber(to) || s.box.Refused(to):
		fail(w, http.StatusBadRequest, 21211, "The 'To' number "+to+" is not a valid phone number.")
	case from == "":
		fail(w, http.StatusBadRequest, 21603, "A 'From' or 'MessagingServiceSid' parameter is required.")
	default:
		return true
	}
	return false
}

func (s *Server) createMessage(w http.ResponseWriter, r *http.Request) {
	body := r.FormValue("Body")
	if !s.addressed(w, r) {
		return
	}
	switch {
	case body == "":
		fail(w, http.StatusBadRequest, 21602, "Message body is required.")
		return
	case len([]rune(body)) > 1600:
		fail(w, http.StatusBadRequest, 21617, "The concatenated message body exceeds the 1600 character limit.")
		return
	}
	s.create(w, outbox.Message{Kind: "sms", To: r.FormValue("To"), From: cmp.Or(r.FormValue("From"), r.FormValue("MessagingServiceSid")), Text: body,
		Callback: r.FormValue("StatusCallback"), Parts: outbox.Segments(body)}, "SM", s.message)
}

func (s *Server) createCall(w http.ResponseWriter, r *http.Request) {
	if !s.addressed(w, r) {
		return
	}
	twiml := r.FormValue("Twiml")
	if twiml == "" && r.FormValue("Url") == "" {
		fail(w, http.StatusBadRequest, 21205, "Url parameter is required.")
		return
	}
	if !isNumber(r.FormValue("From")) {
		fail(w, http.StatusBadRequest, 21212, "The source phone number provided, "+r.FormValue("From")+", is not a valid phone number.")
		return
	}
	s.create(w, outbox.Message{Kind: "voice", To: r.FormValue("To"), From: r.FormValue("From"), Text: twiml, Callback: r.FormValue("StatusCallback")}, "CA", s.call)
}

func (s *Server) create(w http.ResponseWriter, m outbox.Message, prefix string, show func(outbox.Message) map[string]any) {
	m, err := s.box.Add(m, outbox.Hex(prefix, 32))
	if err != nil {
		fail(w, http.StatusInternalServerError, 20500, err.Error())
		return
	}
	emulator.WriteJSON(w, http.StatusCreated, show(m))
}

func (s *Server) list(name, kind string, show func(outbox.Message) map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		from := cmp.Or(q.Get("DateSent>"), q.Get("StartTime>"))
		out := []map[string]any{}
		for _, m := range s.box.List(func(m outbox.Message) bool {
			return m.Kind == kind && (q.Get("To") == "" || q.Get("To") == m.To) && m.At.Format(time.DateOnly) >= from
		}) {
			out = append(out, show(m))
		}
		emulator.WriteJSON(w, http.StatusOK, map[string]any{name: out, "next_page_uri": nil, "page": 0, "page_size": 200, "uri": r.URL.RequestURI()})
	}
}

func (s *Server) get(kind string, show func(outbox.Message) map[string]any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m, ok := s.box.Get(strings.TrimSuffix(r.PathValue("sid"), ".json"))
		if !ok || m.Kind != kind {
			fail(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
			return
		}
		emulator.WriteJSON(w, http.StatusOK, show(m))
	}
}

func (s *Server) message(m outbox.Message) map[string]any {
	out := map[string]any{
		"sid": m.ID, "account_sid": s.cfg.Account, "to": m.To, "from": m.From, "body": m.Text, "num_segments": fmt.Sprint(m.Parts), "direction": "outbound-api",
		"status": smsState(m), "date_created": m.At.Format(time.RFC1123Z), "date_updated": m.Updated.Format(time.RFC1123Z), "date_sent": nil,
		"error_code": nil, "error_message": nil, "price": nil, "price_unit": "USD", "num_media": "0",
	}
	if m.State != "queued" {
		out["date_sent"], out["price"] = m.At.Format(time.RFC1123Z), fmt.Sprintf("-%d.%04d0", m.Parts*1042/10000, m.Parts*1042%10000)
	}
	if m.State == "failed" {
		out["error_code"], out["error_message"] = 30003, cmp.Or(m.Reason, "Unreachable destination handset")
		if m.Bad {
			out["error_code"] = 30005
		}
	}
	return out
}

func smsState(m outbox.Message) string {
	if m.State == "failed" || m.State == "returned" {
		return "undelivered"
	}
	return m.State
}

func callState(m outbox.Message) string {
	switch {
	case m.State == "delivered":
		return "completed"
	case m.State == "failed" && m.Bad:
		return "failed"
	case m.State == "failed":
		return "no-answer"
	case m.State == "sent":
		return "in-progress"
	}
	return m.State
}

func (s *Server) call(m outbox.Message) map[string]any {
	out := map[string]any{
		"sid": m.ID, "account_sid": s.cfg.Account, "to": m.To, "from": m.From, "direction": "outbound-api", "status": callState(m),
		"date_created": m.At.Format(time.RFC1123Z), "date_updated": m.Updated.Format(time.RFC1123Z), "start_time": nil, "end_time": nil,
		"answered_by": nil, "duration": nil, "price": nil, "price_unit": "USD",
	}
	if m.State == "delivered" {
		out["start_time"], out["end_time"] = m.At.Format(time.RFC1123Z), m.Updated.Format(time.RFC1123Z)
		out["duration"], out["price"] = "31", "-0.03200"
		out["answered_by"] = map[string]string{"machine": "machine_start", "person": "human"}[m.Answered]
	}
	return out
}

// events can be read a quarter of an hour after the call.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("sid"))
	if !ok {
		fail(w, http.StatusNotFound, 20404, "The requested resource "+r.URL.Path+" was not found")
		return
	}
	events := []map[string]any{}
	if m.State == "delivered" && s.kit.Now().Sub(m.Updated) >= 15*time.Minute {
		for _, key := range m.Keys {
			events = append(events, map[string]any{"request": map[string]any{"url": m.Callback, "method": "POST", "parameters": map[string]any{"call_sid": m.ID, "digits": string(key)}}, "response": map[string]any{"response_code": 200}})
		}
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"events": events, "next_page_uri": nil})
}

// callback are the fields of a call about a message.
func callback(m outbox.Message) url.Values {
	if m.Kind == "voice" {
		return url.Values{"CallSid": {m.ID}, "CallStatus": {callState(m)}, "To": {m.To}, "From": {m.From}, "AnsweredBy": {m.Answered}}
	}
	return url.Values{"MessageSid": {m.ID}, "SmsSid": {m.ID}, "MessageStatus": {smsState(m)}, "To": {m.To}, "From": {m.From}}
}

// Signature signs a call as Twilio does.
func Signature(token, address string, fields url.Values) string {
	text := address
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text += name + strings.Join(fields[name], "")
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (s *Server) sign(r *http.Request, d emulator.Delivery) bool {
	fields, err := url.ParseQuery(d.Body)
	r.Header.Set("X-Twilio-Signature", Signature(s.cfg.Token, d.URL, fields))
	return err == nil
}
