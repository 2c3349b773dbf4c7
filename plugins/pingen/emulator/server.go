// Package emulator is a Pingen that runs on this machine: one organisation that
// prints and posts letters, written from the vendor's published documents
// (api.pingen.com/documentation) and its own client for Go.
//
// A file is put at an address of its own and named by a signature; a letter goes from
// validating over valid to sent, with an event for each step, or comes back with the event
// letter_undeliverable. An address that cannot be read asks for action. Webhooks are signed
// over their body. Unsure: codes of events, prices.
//
// The control API is that of package outbox.
package emulator

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Organisation is the one there is.
const Organisation = "b85c7b52-debb-4b15-b5db-d86b0a4e9bbf"

const storage = "https://storage.pingen.com"

// Config sets up a Pingen.
type Config struct {
	Clock                  func() time.Time // of letters and of the wire; real time when nil
	StateDir               string
	ClientID, ClientSecret string // "demo" when empty
	SigningKey, Webhook    string // "webhook" when empty; where calls go, nowhere when empty
	Lag                    time.Duration
	PublicURL              string // what addresses of uploads begin with; storage.pingen.com when empty
}

// Server is an emulated Pingen, an [http.Handler].
type Server struct {
	cfg     Config
	kit     *emulator.Kit
	box     *outbox.Outbox
	hooks   *emulator.Deliveries
	handler http.Handler

	mu    sync.Mutex
	files map[string][]byte // uploaded, by their signature
	seq   int
}

// New opens a Pingen, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.ClientID, cfg.ClientSecret, cfg.SigningKey = cmp.Or(cfg.ClientID, "demo"), cmp.Or(cfg.ClientSecret, "demo"), cmp.Or(cfg.SigningKey, "webhook")
	cfg.Lag, cfg.PublicURL = cmp.Or(cfg.Lag, 2*time.Second), cmp.Or(cfg.PublicURL, storage)
	s := &Server{cfg: cfg, files: map[string][]byte{}, kit: emulator.New(emulator.Config{Now: cfg.Clock, StateDir: cfg.StateDir, Problem: func(status int) (string, []byte) {
		b, _ := json.Marshal(failure(status, http.StatusText(status)))
		return "application/vnd.api+json", b
	}})}
	var err error
	if s.box, err = outbox.Open(s.kit, cfg.Lag); err != nil {
		return nil, err
	}
	if s.hooks, err = s.kit.Deliveries("webhooks", emulator.DeliveryConfig{Retry: []time.Duration{time.Second, 5 * time.Second}, Prepare: func(r *http.Request, d emulator.Delivery) bool {
		r.Header.Set("Signature", s.sign([]byte(d.Body)))
		return true
	}}); err != nil {
		return nil, err
	}
	s.box.Changed = func(m outbox.Message) {
		if cfg.Webhook != "" {
			s.hooks.Enqueue(m.ID, cfg.Webhook, "application/json", string(call(m)))
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /auth/access-tokens", s.token)
	on := func(pattern string, fn http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if emulator.Bearer(r) != s.bearer() {
				write(w, http.StatusUnauthorized, failure(401, "Unauthenticated."))
				return
			}
			fn(w, r)
		})
	}
	on("GET /organisations", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]any{"data": []any{map[string]any{"id": Organisation, "type": "organisations", "attributes": map[string]any{"name": "Bakkerij De Korenaar", "default_country": "NL", "billing_currency": "EUR"}}}})
	})
	on("GET /file-upload", s.upload)
	mux.HandleFunc("PUT /uploads/{name}", s.put)
	const letters = "/organisations/" + Organisation + "/letters"
	on("POST "+letters, s.create)
	on("GET "+letters, s.list)
	on("GET "+letters+"/{id}", s.get)
	on("GET "+letters+"/{id}/events", s.events)
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Pingen, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Outbox returns what was sent.
func (s *Server) Outbox() *outbox.Outbox { return s.box }

// Close stops deliveries.
func (s *Server) Close() { s.hooks.Close() }

func write(w http.ResponseWriter, status int, body any) { emulator.WriteJSON(w, status, body) }

func failure(status int, detail string) map[string]any {
	return map[string]any{"errors": []map[string]any{{"code": fmt.Sprint(status), "title": http.StatusText(status), "detail": detail}}}
}

func (s *Server) bearer() string {
	sum := sha256.Sum256([]byte(s.cfg.ClientID + s.cfg.ClientSecret))
	return hex.EncodeToString(sum[:])
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	if r.FormValue("grant_type") != "client_credentials" || id != s.cfg.ClientID || secret != s.cfg.ClientSecret {
		write(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "error_description": "Client authentication failed"})
		return
	}
	write(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": 43200, "access_token": s.bearer()})
}

func (s *Server) upload(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	s.seq++
	name := outbox.Hex("u", 24)(s.seq)
	s.mu.Unlock()
	write(w, http.StatusOK, map[string]any{"data": map[string]any{"id": name, "type": "file_uploads", "attributes": map[string]any{
		"url": s.cfg.PublicURL + "/uploads/" + name, "url_signature": "sig" + name, "expires_at": s.kit.Now().Add(time.Hour).Format(time.RFC3339),
	}}})
}

func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 20<<20))
	if err != nil || !strings.HasPrefix(string(b), "%PDF-") || r.Header.Get("Authorization") != "" {
		http.Error(w, "SignatureDoesNotMatch", http.StatusForbidden)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files["sig"+r.PathValue("name")] = b
}

func (s *Server) create(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Data struct {
			Attributes struct {
				Name      string `json:"file_original_name"`
				Signature string `json:"file_url_signature"`
				Position  string `json:"address_position"`
				AutoSend  bool   `json:"auto_send"`
				Product   string `json:"delivery_product"`
			}
		}
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	a := in.Data.Attributes
	s.mu.Lock()
	file, ok := s.files[a.Signature]
	s.mu.Unlock()
	switch {
	case err != nil || len(a.Name) < 5:
		write(w, http.StatusUnprocessableEntity, failure(422, "The file original name must be at least 5 characters."))
	case !ok:
		write(w, http.StatusUnprocessableEntity, failure(422, "The file url signature is invalid."))
	case a.Position != "left" && a.Position != "right":
		write(w, http.StatusUnprocessableEntity, failure(422, "The selected address position is invalid."))
	case s.box.Broke():
		write(w, http.StatusPaymentRequired, failure(402, "Your balance is too low to send this letter."))
	default:
		m, err := s.box.Add(outbox.Message{Kind: "letter", FileName: a.Name, File: file, Parts: max(1, strings.Count(string(file), "/Type /Page\n")), To: a.Product}, outbox.UUID)
		if err != nil {
			write(w, http.StatusInternalServerError, failure(500, err.Error()))
			return
		}
		write(w, http.StatusCreated, map[string]any{"data": s.show(m)})
	}
}

func (s *Server) show(m outbox.Message) map[string]any {
	status := map[string]string{"queued": "validating", "sent": "sent", "delivered": "sent", "returned": "sent", "failed": "action_required"}[m.State]
	out := map[string]any{"status": status, "file_original_name": m.FileName, "file_pages": m.Parts, "delivery_product": m.To, "created_at": m.At.Format("2006-01-02T15:04:05-0700"), "updated_at": m.Updated.Format("2006-01-02T15:04:05-0700"), "price_currency": "EUR", "price_value": nil}
	if m.State != "queued" {
		out["price_value"] = 1.015
	}
	return map[string]any{"id": m.ID, "type": "letters", "attributes": out}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	limit, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page[limit]"), "20"))
	page, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page[number]"), "1"))
	all, out := s.box.List(nil), []any{}
	for i := (page - 1) * limit; i < len(all) && i < page*limit; i++ {
		out = append(out, s.show(all[i]))
	}
	write(w, http.StatusOK, map[string]any{"data": out, "meta": map[string]any{"current_page": page, "total": len(all)}})
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("id"))
	if !ok {
		write(w, http.StatusNotFound, failure(404, "Letter not found."))
		return
	}
	write(w, http.StatusOK, map[string]any{"data": s.show(m)})
}

func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("id"))
	if !ok {
		write(w, http.StatusNotFound, failure(404, "Letter not found."))
		return
	}
	out := []any{}
	add := func(code, name string, at time.Time) {
		out = append(out, map[string]any{"id": outbox.UUID(len(out) + 1), "type": "letters_events", "attributes": map[string]any{"code": code, "name": name, "producer": "Pingen", "emitted_at": at.Format("2006-01-02T15:04:05-0700")}})
	}
	add("letter_created", "Created", m.At)
	switch m.State {
	case "failed":
		code, name := "content_failed_inspection", cmp.Or(m.Reason, "The content was not accepted")
		if m.Bad {
			code, name = "content_failed_address", "The address cannot be read"
		}
		add(code, name, m.Updated)
	case "sent":
		add("letter_sent", "Sent", m.Updated)
	case "delivered":
		add("letter_sent", "Sent", m.Updated)
		add("letter_delivered", "Delivered", m.Updated)
	case "returned":
		add("letter_sent", "Sent", m.Updated)
		add("letter_undeliverable", cmp.Or(m.Reason, "Undeliverable: moved away"), m.Updated)
	}
	write(w, http.StatusOK, map[string]any{"data": out})
}

// call is the body of a webhook about a letter.
func call(m outbox.Message) []byte {
	kind := map[string]string{"failed": "webhook_issues", "returned": "webhook_undeliverable"}[m.State]
	b, _ := json.Marshal(map[string]any{"data": map[string]any{
		"type": cmp.Or(kind, "webhook_sent"), "id": outbox.UUID(len(m.ID) + int(m.Updated.Unix())), "attributes": map[string]any{"reason": m.Reason, "created_at": m.Updated.Format(time.RFC3339)},
		"relationships": map[string]any{
			"organisation": map[string]any{"data": map[string]string{"type": "organisations", "id": Organisation}},
			"letter":       map[string]any{"data": map[string]string{"type": "letters", "id": m.ID}},
		},
	}})
	return b
}

func (s *Server) sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(s.cfg.SigningKey))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// played decides by the city on the first page: Pingen reads the address there.
type played struct{ outbox.Played }

// Refuse has letters to nowhere ask for an address.
func (p played) Refuse(string) error { return p.Played.Refuse("cheap") }

// Conformance plays Pingen for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Clock: c.Now, Lag: -1})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close, Hosts: []string{"storage.pingen.com"},
		Outbox: played{outbox.Played{Box: s.box, Late: true, Calls: func(m outbox.Message, address string) (sdk.WebhookCall, []byte) {
			k := sdk.WebhookCall{Method: http.MethodPost, URL: address, Header: http.Header{"Content-Type": {"application/json"}}, Body: call(m)}
			k.Header.Set("Signature", s.sign(k.Body))
			return k, []byte(s.cfg.SigningKey)
		}}},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{
				Config:  map[string]string{"client_id": s.cfg.ClientID, "country": "NL", "product": "cheap", "window": "left"},
				Secrets: map[string]string{"client_secret": s.cfg.ClientSecret, "signing_key": s.cfg.SigningKey},
			}, nil
		},
	}, nil
}
