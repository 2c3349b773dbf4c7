// Package emulator is a Creditsafe account that runs on this machine, written from the
// vendor's published documents (doc.creditsafe.com) and public clients of its Connect API.
//
// POST /v1/authenticate gives a token of one hour; GET /v1/companies searches, free of
// charge; GET /v1/companies/{connectId} is charged against what was paid for, which
// GET /v1/access tells. Unsure: the answer of an account whose reports are used up
// (403 here), and which parts of a report there are in each country.
//
//	GET  /_control/companies  what it knows
//	POST /_control/companies  Company: know one more, or one anew
//	GET  /_control/reports    what was charged, in order
//	POST /_control/credit     {"broke": true}: refuse reports for want of credit
package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Config sets up a Creditsafe.
type Config struct {
	Now, Wall func() time.Time
	StateDir  string
	User      string // "demo" when empty
	Password  string // "demo" when empty
	Paid      int    // reports that were paid for; 100 when zero
}

// Company is one that Creditsafe knows.
type Company struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Registration string `json:"registration"`
	VAT          string `json:"vat"`
	Country      string `json:"country"`
	Street       string `json:"street,omitempty"`
	PostalCode   string `json:"postal_code,omitempty"`
	City         string `json:"city,omitempty"`
	// Type is Ltd or NonLtd, LegalForm its words.
	Type      string `json:"type,omitempty"`
	LegalForm string `json:"legal_form,omitempty"`
	// Status is Active or NonActive, Description its words.
	Status      string `json:"status,omitempty"`
	Description string `json:"description,omitempty"`
	// Score is of 100; negative for not rated.
	Score     int    `json:"score"`
	Class     string `json:"class,omitempty"` // A to E
	Advice    string `json:"advice,omitempty"`
	Limit     string `json:"limit,omitempty"`
	Currency  string `json:"currency,omitempty"`
	Pod       string `json:"pod,omitempty"` // percent
	DaysLate  *int   `json:"days_late,omitempty"`
	Remarks   int    `json:"remarks,omitempty"`
	WasClass  string `json:"was_class,omitempty"`
	ChangedOn string `json:"changed_on,omitempty"`
}

// Order is a report that was charged.
type Order struct {
	Company, Reference string
	At                 time.Time
}

type account struct {
	Companies []Company
	Orders    []Order
	Tokens    map[string]time.Time // until when
	Broke     bool
}

// Server is an emulated Creditsafe, an [http.Handler].
type Server struct {
	cfg     Config
	kit     *emulator.Kit
	state   *emulator.State[account]
	handler http.Handler
}

// New opens a Creditsafe, with the state of its folder when it has one.
func New(cfg Config) (*Server, error) {
	cfg.User, cfg.Password, cfg.Paid = cmp.Or(cfg.User, "demo"), cmp.Or(cfg.Password, "demo"), cmp.Or(cfg.Paid, 100)
	s := &Server{cfg: cfg, kit: emulator.New(emulator.Config{Now: cfg.Now, Wall: cfg.Wall, StateDir: cfg.StateDir})}
	var err error
	if s.state, err = emulator.OpenState(s.kit, "creditsafe", &account{Tokens: map[string]time.Time{}}); err != nil {
		return nil, err
	}
	s.kit.OnExpireToken(func(*http.Request) {
		_ = s.state.Update(func(a *account) error { clear(a.Tokens); return nil })
	})
	s.controls()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/authenticate", s.authenticate)
	on := func(pattern string, fn http.HandlerFunc) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			good := false
			s.state.View(func(a *account) { good = s.kit.Wall().Before(a.Tokens[emulator.Bearer(r)]) })
			if !good {
				refuse(w, http.StatusUnauthorized, "Unauthorized", "The token is not valid.")
				return
			}
			fn(w, r)
		})
	}
	on("GET /v1/access", s.access)
	on("GET /v1/companies", s.search)
	on("GET /v1/companies/{id}", s.report)
	s.handler = s.kit.Handler(mux)
	return s, nil
}

// ServeHTTP answers as Creditsafe, and below /_control/ as the emulator.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Kit returns the controls.
func (s *Server) Kit() *emulator.Kit { return s.kit }

// Close does nothing: a Creditsafe calls nobody here.
func (s *Server) Close() {}

func (s *Server) controls() {
	s.kit.Control("GET /_control/companies", func(w http.ResponseWriter, _ *http.Request) {
		s.state.View(func(a *account) { emulator.WriteJSON(w, http.StatusOK, a.Companies) })
	})
	s.kit.Control("POST /_control/companies", func(w http.ResponseWriter, r *http.Request) {
		var c Company
		if emulator.ReadControl(w, r, &c) {
			done(w, s.Know(c))
		}
	})
	s.kit.Control("GET /_control/reports", func(w http.ResponseWriter, _ *http.Request) { emulator.WriteJSON(w, http.StatusOK, s.Orders()) })
	s.kit.Control("POST /_control/credit", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Broke bool `json:"broke"`
		}
		if emulator.ReadControl(w, r, &in) {
			done(w, s.SetBroke(in.Broke))
		}
	})
}

func done(w http.ResponseWriter, err error) {
	if err != nil {
		emulator.WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Know adds a company, or replaces the one of its number.
func (s *Server) Know(c Company) error {
	c.ID = cmp.Or(c.ID, c.Country+"-X-"+c.Registration)
	return s.state.Update(func(a *account) error {
		a.Companies = append(slices.DeleteFunc(a.Companies, func(o Company) bool { return o.ID == c.ID }), c)
		return nil
	})
}

// Orders are the reports that were charged.
func (s *Server) Orders() []Order {
	out := []Order{}
	s.state.View(func(a *account) { out = append(out, a.Orders...) })
	return out
}

// SetBroke takes the credit away, or gives it back.
func (s *Server) SetBroke(broke bool) error {
	return s.state.Update(func(a *account) error { a.Broke = broke; return nil })
}

func refuse(w http.ResponseWriter, status int, word, details string) {
	emulator.WriteJSON(w, status, map[string]string{"correlationId": "00000000-0000-4000-8000-000000000000", "error": word, "details": details})
}

func (s *Server) authenticate(w http.ResponseWriter, r *http.Request) {
	var in struct{ Username, Password string }
	if json.NewDecoder(r.Body).Decode(&in) != nil || in.Username != s.cfg.User || in.Password != s.cfg.Password {
		refuse(w, http.StatusUnauthorized, "Unauthorized", "Invalid credentials.")
		return
	}
	var token string
	if err := s.state.Update(func(a *account) error {
		token = outbox.Hex("eyJ", 40)(len(a.Tokens) + len(a.Orders) + int(s.kit.Wall().Unix()%100000))
		a.Tokens[token] = s.kit.Wall().Add(time.Hour)
		return nil
	}); err != nil {
		refuse(w, http.StatusInternalServerError, "Internal error", err.Error())
		return
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]string{"token": token})
}

func (s *Server) access(w http.ResponseWriter, _ *http.Request) {
	var list []any
	s.state.View(func(a *account) {
		for _, c := range []string{"NL", "BE", "DE", "FR", "GB"} {
			list = append(list, map[string]any{"countryIso2": c, "templateName": "full", "paid": s.cfg.Paid, "used": len(a.Orders)})
		}
	})
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"correlationId": outbox.UUID(1), "countryAccess": map[string]any{"creditsafeConnectOnlineReports": list}})
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("countries") == "" {
		refuse(w, http.StatusBadRequest, "Bad Request", "countries is required.")
		return
	}
	var found []any
	s.state.View(func(a *account) {
		for _, c := range a.Companies {
			fits := func(key, value string) bool { return q.Get(key) == "" || q.Get(key) == value }
			if !slices.Contains(strings.Split(q.Get("countries"), ","), c.Country) || !fits("regNo", c.Registration) || !fits("vatNo", c.VAT) || !fits("postCode", c.PostalCode) ||
				!strings.Contains(strings.ToLower(c.Name), strings.ToLower(q.Get("name"))) {
				continue
			}
			found = append(found, map[string]any{
				"id": c.ID, "country": c.Country, "regNo": c.Registration, "vatNo": []string{c.VAT}, "safeNo": "NL" + c.Registration, "name": c.Name,
				"address": map[string]any{"simpleValue": strings.TrimSpace(c.Street + " " + c.PostalCode + " " + c.City), "street": c.Street, "postCode": c.PostalCode, "city": c.City},
				"status":  cmp.Or(c.Status, "Active"), "type": cmp.Or(c.Type, "Ltd"), "officeType": "HeadOffice",
			})
		}
	})
	if found == nil {
		found = []any{}
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{"correlationId": outbox.UUID(2), "messages": []any{}, "totalSize": len(found), "companies": found})
}

func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	var c *Company
	broke, n := false, 0
	s.state.View(func(a *account) {
		broke = a.Broke || len(a.Orders) >= s.cfg.Paid
		if i := slices.IndexFunc(a.Companies, func(c Company) bool { return c.ID == r.PathValue("id") }); i >= 0 {
			copied := a.Companies[i]
			c = &copied
		}
	})
	switch {
	case c == nil:
		refuse(w, http.StatusNotFound, "Not Found", "No report is available for this company.")
		return
	case broke:
		refuse(w, http.StatusForbidden, "Forbidden", "Your reports for this country are used up.")
		return
	}
	at := s.kit.Now()
	if err := s.state.Update(func(a *account) error {
		a.Orders = append(a.Orders, Order{c.ID, r.URL.Query().Get("callRef"), at})
		n = len(a.Orders)
		return nil
	}); err != nil {
		refuse(w, http.StatusInternalServerError, "Internal error", err.Error())
		return
	}
	emulator.WriteJSON(w, http.StatusOK, map[string]any{
		"correlationId": outbox.UUID(100 + n), "companyId": c.ID, "dateOfOrder": at.Format("2006-01-02T15:04:05.000Z"), "language": "EN", "userId": "101", "report": c.report(),
	})
}

func (c *Company) report() map[string]any {
	rating := func(class, advice string) map[string]any {
		return map[string]any{"commonValue": cmp.Or(class, "E"), "commonDescription": advice, "creditLimit": map[string]any{"value": "No limit"}, "providerValue": map[string]any{"maxValue": "100", "minValue": "0", "value": "Not rated"}}
	}
	now := rating(c.Class, cmp.Or(c.Advice, "Not scored"))
	score := map[string]any{"currentCreditRating": now, "latestRatingChangeDate": cmp.Or(c.ChangedOn, "2026-01-15") + "T00:00:00Z"}
	if c.Score >= 0 {
		now["providerValue"] = map[string]any{"maxValue": "100", "minValue": "0", "value": fmt.Sprint(c.Score)}
		now["providerDescription"] = c.Advice
	}
	if c.Limit != "" {
		now["creditLimit"] = map[string]any{"currency": cmp.Or(c.Currency, "EUR"), "value": c.Limit}
	}
	if c.Pod != "" {
		now["pod"] = json.Number(c.Pod)
	}
	if c.WasClass != "" {
		score["previousCreditRating"] = rating(c.WasClass, "")
	}
	out := map[string]any{
		"companyId": c.ID, "language": "EN",
		"companySummary": map[string]any{
			"businessName": c.Name, "country": c.Country, "companyNumber": "NL" + c.Registration, "companyRegistrationNumber": c.Registration,
			"companyStatus": map[string]any{"status": cmp.Or(c.Status, "Active"), "description": cmp.Or(c.Description, "Active")},
		},
		"companyIdentification": map[string]any{"basicInformation": map[string]any{
			"businessName": c.Name, "companyRegistrationNumber": c.Registration, "country": c.Country, "vatRegistrationNumber": c.VAT,
			"legalForm": map[string]any{"commonCode": cmp.Or(c.Type, "Ltd"), "description": cmp.Or(c.LegalForm, "Private limited liability company")},
		}},
		"creditScore":         score,
		"negativeInformation": map[string]any{"numberOfPaymentRemarks": c.Remarks},
	}
	if c.DaysLate != nil {
		out["paymentData"] = map[string]any{"dbt": *c.DaysLate, "industryDbt": 11}
	}
	return out
}
