package emulator

import (
	"net/http"
	"strconv"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// SeedAdministration names the account, and gives it its first two owners; it
// returns the id.
func (s *Server) SeedAdministration(seed ledger.AdministrationSeed) (string, error) {
	id := ""
	err := s.change(func(t *tx) error {
		if n := number(seed.ID); n > 0 {
			t.m.Portal = n
		}
		t.m.Name = seed.Name
		id = strconv.FormatInt(t.m.Portal, 10)
		if len(t.m.Owners) == 0 {
			t.m.Owners = []owner{{t.m.id(), "sanne@korenaar.example", "Sanne", "Mulder", 9001, t.now}, {t.m.id(), "tim@korenaar.example", "Tim", "Visser", 9002, t.now}}
		}
		return nil
	})
	return id, err
}

// properties of a company and of its person, as far as the seed names them.
func properties(seed ledger.ContactSeed) (company, person map[string]any) {
	fill := func(pairs ...string) map[string]any {
		out := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i+1] != "" {
				out[pairs[i]] = pairs[i+1]
			}
		}
		return out
	}
	company = fill("name", seed.CompanyName, "phone", seed.Phone, "address", seed.Address, "zip", seed.Zipcode, "city", seed.City, "country", seed.Country)
	person = fill("firstname", seed.FirstName, "lastname", seed.LastName, "email", seed.Email, "phone", seed.Phone, "city", seed.City, "hs_language", seed.Language)
	return company, person
}

// SeedContact adds a company, its contact person, or both, and returns their
// ids; the first is that of the company when there is one.
func (s *Server) SeedContact(seed ledger.ContactSeed) (id, contact string, err error) {
	err = s.change(func(t *tx) error {
		company, person := properties(seed)
		var p *record
		if seed.FirstName+seed.LastName != "" || seed.CompanyName == "" {
			if p, err = t.create("contacts", input{Properties: person}); err != nil {
				return err
			}
			id, contact = p.ID, p.ID
		}
		if seed.CompanyName != "" {
			c, err := t.create("companies", input{Properties: company})
			if err != nil {
				return err
			}
			if len(t.m.Owners) > 0 {
				c.Properties["hubspot_owner_id"] = t.m.Owners[0].ID
			}
			if id = c.ID; p != nil {
				connect(c, p)
			}
		}
		return nil
	})
	return id, contact, err
}

// ChangeContact overwrites what the seed names of a company or a person.
func (s *Server) ChangeContact(id string, seed ledger.ContactSeed) error {
	return s.change(func(t *tx) error {
		r := t.m.find("", id)
		if r == nil {
			return errNoRecord
		}
		company, person := properties(seed)
		if r.Kind == "companies" {
			person = company
		}
		_, err := t.update(r.Kind, id, input{Properties: person})
		return err
	})
}

// Demonstrate plants companies and people; an account that has some is left as
// it is.
func (s *Server) Demonstrate(string) error {
	has := false
	s.crm.View(func(m *crm) { has = len(m.Records) > 0 })
	if has {
		return nil
	}
	for _, c := range []ledger.ContactSeed{
		{CompanyName: "Hotel Zeezicht B.V.", FirstName: "Noor", LastName: "de Wit", Email: "noor@zeezicht.example", Phone: "0223 611 200", Address: "Boulevard 12", Zipcode: "1781 AB", City: "Den Helder", Country: "NL"},
		{CompanyName: "Lunchroom Het Anker", FirstName: "Sem", LastName: "Bakker", Email: "sem@hetanker.example", Address: "Kade 3", Zipcode: "3011 AA", City: "Rotterdam", Country: "NL"},
		{CompanyName: "Brasserie Le Port SPRL", FirstName: "Julie", LastName: "Lambert", Email: "julie@leport.example", Address: "Quai 8", Zipcode: "1000", City: "Bruxelles", Country: "BE", Language: "fr"},
		{FirstName: "Petra", LastName: "Jansen", Email: "petra@jansen.example", City: "Utrecht"},
	} {
		if _, _, err := s.SeedContact(c); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) controls() {
	answer := func(w http.ResponseWriter, err error, status int, body any) {
		switch {
		case err != nil:
			(&call{s: s, w: w}).fail(err)
		case body == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			emulator.WriteJSON(w, status, body)
		}
	}
	s.kit.Control("POST /_control/administrations", func(w http.ResponseWriter, r *http.Request) {
		var in ledger.AdministrationSeed
		if emulator.ReadControl(w, r, &in) {
			id, err := s.SeedAdministration(in)
			answer(w, err, http.StatusCreated, object{"id": id})
		}
	})
	s.kit.Control("GET /_control/administrations", func(w http.ResponseWriter, _ *http.Request) {
		s.crm.View(func(m *crm) {
			answer(w, nil, http.StatusOK, []object{{"id": strconv.FormatInt(m.Portal, 10), "name": m.Name}})
		})
	})
	s.kit.Control("POST /_control/administrations/{adm}/demonstration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, s.Demonstrate(""), 0, nil)
	})
	s.kit.Control("POST /_control/administrations/{adm}/contacts", func(w http.ResponseWriter, r *http.Request) {
		var in ledger.ContactSeed
		if emulator.ReadControl(w, r, &in) {
			id, contact, err := s.SeedContact(in)
			answer(w, err, http.StatusCreated, object{"id": id, "contact": contact})
		}
	})
	s.kit.Control("PATCH /_control/administrations/{adm}/contacts/{id}", func(w http.ResponseWriter, r *http.Request) {
		var in ledger.ContactSeed
		if emulator.ReadControl(w, r, &in) {
			answer(w, s.ChangeContact(r.PathValue("id"), in), 0, nil)
		}
	})
	s.kit.Control("DELETE /_control/administrations/{adm}/contacts/{id}", func(w http.ResponseWriter, r *http.Request) {
		answer(w, s.change(func(t *tx) error {
			o := t.m.find("", r.PathValue("id"))
			if o == nil {
				return errNoRecord
			}
			t.archive(o.Kind, o.ID)
			return nil
		}), 0, nil)
	})
	s.kit.Control("GET /_control/administrations/{adm}/notes", func(w http.ResponseWriter, _ *http.Request) {
		out := []*record{}
		s.crm.View(func(m *crm) {
			for _, o := range m.Records {
				if o.Kind == "notes" {
					out = append(out, o)
				}
			}
			answer(w, nil, http.StatusOK, out)
		})
	})
	s.kit.Control("POST /_control/private_apps", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Scope string `json:"scope"`
			Token string `json:"token"`
		}
		if !emulator.ReadControl(w, r, &in) {
			return
		}
		token, err := s.SeedToken(in.Scope, in.Token)
		answer(w, err, http.StatusCreated, object{"token": token})
	})
	s.kit.Control("POST /_control/webhooks", func(w http.ResponseWriter, r *http.Request) {
		var in hook
		if emulator.ReadControl(w, r, &in) {
			answer(w, s.change(func(t *tx) error { t.m.Hook = in; return nil }), 0, nil)
		}
	})
}

// SeedToken makes a private app's token; "" as scope is every scope, "" as token
// is given one.
func (s *Server) SeedToken(scope, token string) (string, error) {
	if scope == "" {
		scope = allScopes
	}
	if token == "" {
		return s.oauth.Issue(scope, "")
	}
	return token, s.oauth.Adopt(token, scope, "")
}
