// Package emulator is the access point of Storecove on this machine, written from the
// vendor's published documents (storecove.com/docs): discovery of receivers, submission of
// raw documents in UBL, idempotency by guid, and evidence.
//
// Unsure: the shape of evidence before and after a transmission.
//
// The control API is that of package outbox.
package emulator

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Config sets up an access point.
type Config struct {
	Now, Wall func() time.Time
	StateDir  string
	Key       string        // "demo" when empty
	Lag       time.Duration // 2 s when zero, decided by hand below zero
}

// Server is an emulated access point, an [http.Handler].
type Server struct {
	cfg     Config
	box     *outbox.Outbox
	handler http.Handler
}

// schemes are the names of identifier schemes, by the code of the list of Peppol.
var schemes = map[string]string{"NL:KVK": "0106", "NL:OINO": "0190", "NL:VAT": "9944", "BE:EN": "0208", "BE:VAT": "9925", "DE:LWID": "0204", "DE:VAT": "9930", "FR:SIRET": "0009", "FR:SIRENE": "0002", "GB:VAT": "9932", "GLN": "0088", "DUNS": "0060"}

// New opens an access point, with the state of its folder when it has one.
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
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			fn(w, r)
		})
	}
	on("GET /api/v2/legal_entities/1001", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusOK, map[string]any{"id": 1001, "party_name": "Bakkerij De Korenaar B.V.", "country": "NL"})
	})
	on("POST /api/v2/discovery/receives", s.receives)
	on("POST /api/v2/document_submissions", s.submit)
	on("GET /api/v2/document_submissions/{guid}/evidence/sending", s.evidence)
	s.handler = kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Storecove, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Outbox returns what was sent.
func (s *Server) Outbox() *outbox.Outbox { return s.box }

// Close does nothing.
func (s *Server) Close() {}

func (s *Server) receives(w http.ResponseWriter, r *http.Request) {
	var in struct{ Scheme, Identifier string }
	if json.NewDecoder(r.Body).Decode(&in) != nil || schemes[in.Scheme] == "" {
		refuse(w, "scheme", "is not a known scheme")
		return
	}
	code := "OK"
	if s.box.Refused(schemes[in.Scheme] + ":" + in.Identifier) {
		code = "NOK"
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]string{"code": code, "email": "false"})
}

func refuse(w http.ResponseWriter, source, details string) {
	emulator.WriteJSON(w, http.StatusUnprocessableEntity, map[string]any{"errors": []map[string]string{{"source": source, "details": details}}})
}

func (s *Server) submit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		LegalEntityID   int    `json:"legalEntityId"`
		IdempotencyGUID string `json:"idempotencyGuid"`
		Routing         struct {
			EIdentifiers []struct{ Scheme, ID string }
		}
		Document struct {
			DocumentType    string
			RawDocumentData struct{ Document, ParseStrategy string }
		}
	}
	err := json.NewDecoder(r.Body).Decode(&in)
	file, decoded := base64.StdEncoding.DecodeString(in.Document.RawDocumentData.Document)
	switch {
	case err != nil || in.LegalEntityID != 1001:
		refuse(w, "legalEntityId", "does not exist")
		return
	case decoded != nil || len(bytes.TrimSpace(file)) == 0:
		refuse(w, "document.rawDocumentData.document", "is not base64")
		return
	case len(in.Routing.EIdentifiers) != 1 || schemes[in.Routing.EIdentifiers[0].Scheme] == "":
		refuse(w, "routing.eIdentifiers", "is missing")
		return
	case s.box.Broke():
		emulator.WriteJSON(w, http.StatusPaymentRequired, map[string]any{"errors": []map[string]string{{"source": "account", "details": "has no credit"}}})
		return
	}
	for _, m := range s.box.List(func(m outbox.Message) bool { return m.Reference == in.IdempotencyGUID && m.Reference != "" }) {
		emulator.WriteJSON(w, http.StatusOK, map[string]string{"guid": m.ID})
		return
	}
	to := in.Routing.EIdentifiers[0]
	m, err := s.box.Add(outbox.Message{Kind: "document", To: schemes[to.Scheme] + ":" + to.ID, Reference: in.IdempotencyGUID, File: file}, outbox.UUID)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]string{"guid": m.ID})
}

func (s *Server) evidence(w http.ResponseWriter, r *http.Request) {
	m, ok := s.box.Get(r.PathValue("guid"))
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	out := map[string]any{"guid": m.ID, "receiver": m.To, "network": "peppol", "status": "queued", "updated_at": m.Updated.Format(time.RFC3339), "transmission_datetime": nil, "errors": []any{}}
	switch m.State {
	case "sent":
		out["status"] = "sending"
	case "delivered":
		out["status"], out["transmission_datetime"] = "delivered", m.Updated.Format(time.RFC3339)
	case "failed", "returned":
		code := "transmission_failed"
		if m.Bad {
			code = "receiver_unknown"
		}
		out["status"], out["errors"] = "failed", []any{map[string]string{"code": code, "details": cmp.Or(m.Reason, "The receiving access point did not answer")}}
	}
	emulator.WriteJSON(w, http.StatusOK, out)
}

// Conformance plays Storecove for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now, Lag: -1})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close, Outbox: outbox.Played{Box: s.box},
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"country": "NL", "legal_entity": "1001"}, Secrets: map[string]string{"api_key": s.cfg.Key}}, nil
		},
	}, nil
}
