package emulator

import (
	"cmp"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

func (c *call) account() error {
	var body object
	c.s.crm.View(func(m *crm) {
		body = object{"portalId": m.Portal, "accountType": "STANDARD", "timeZone": "Europe/Amsterdam", "companyCurrency": "EUR", "additionalCurrencies": []string{}, "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000, "uiDomain": "app.hubspot.com", "dataHostingLocation": "na1"}
	})
	return c.json(http.StatusOK, body)
}

// tokenInfo tells what an access token is good for; the token itself is the
// credential.
func (s *Server) tokenInfo(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	g, err := s.oauth.Check(token)
	if err != nil {
		(&call{s: s, w: w, r: r}).fail(refuse(http.StatusNotFound, "OBJECT_NOT_FOUND", "access token not found"))
		return
	}
	s.crm.View(func(m *crm) {
		emulator.WriteJSON(w, http.StatusOK, object{
			"token": token, "user": "noor@korenaar.example", "hub_domain": strings.ToLower(strings.ReplaceAll(m.Name, " ", "-")) + ".example", "scopes": strings.Fields(g.Scope),
			"hub_id": m.Portal, "app_id": appID, "expires_in": int(g.Expires.Sub(s.kit.Wall()).Seconds()), "user_id": 9001, "token_type": "access",
		})
	})
}

func (o owner) draw() object {
	return object{"id": o.ID, "email": o.Email, "type": "PERSON", "firstName": o.First, "lastName": o.Last, "userId": o.User, "userIdIncludingInactive": o.User, "createdAt": stamp(o.Created), "updatedAt": stamp(o.Created), "archived": false}
}

func (c *call) listOwners() error {
	limit, _ := strconv.Atoi(cmp.Or(c.r.URL.Query().Get("limit"), "100"))
	if limit < 1 || limit > 500 {
		return invalid("limit must be between 1 and 500")
	}
	after, _ := strconv.Atoi(c.r.URL.Query().Get("after"))
	mail := c.r.URL.Query().Get("email")
	body := object{}
	c.s.crm.View(func(m *crm) {
		all := []object{}
		for _, o := range m.Owners {
			if mail == "" || strings.EqualFold(mail, o.Email) {
				all = append(all, o.draw())
			}
		}
		from := min(max(0, after+emulator.PageShift(c.r)*limit), len(all))
		to := min(from+limit, len(all))
		body["results"] = all[from:to]
		if to < len(all) {
			body["paging"] = object{"next": object{"after": strconv.Itoa(to)}}
		}
	})
	return c.json(http.StatusOK, body)
}

func (c *call) getOwner() error {
	var body object
	c.s.crm.View(func(m *crm) {
		for _, o := range m.Owners {
			if o.ID == c.r.PathValue("id") {
				body = o.draw()
			}
		}
	})
	if body == nil {
		return errNoRecord
	}
	return c.json(http.StatusOK, body)
}

func drawField(f field) object {
	return object{"name": f.Name, "label": f.Label, "type": cmp.Or(f.Type, "string"), "fieldType": "text", "groupName": "information", "description": "", "options": []object{}}
}

func (c *call) listProperties() error {
	results := []object{}
	k := kinds[c.kind]
	for _, name := range append([]string{"hs_object_id", k.created, k.modified}, k.fields...) {
		results = append(results, drawField(field{Name: name, Label: name}))
	}
	c.s.crm.View(func(m *crm) {
		for _, f := range m.Custom[c.kind] {
			results = append(results, drawField(f))
		}
	})
	return c.json(http.StatusOK, object{"results": results})
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,99}$`)

func (c *call) createProperty() error {
	var in struct {
		Name  string `json:"name"`
		Label string `json:"label"`
		Type  string `json:"type"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !fieldName.MatchString(in.Name) {
		return invalid("The name of a property is made of small letters, digits and underscores")
	}
	f := field{in.Name, in.Label, in.Type}
	err := c.change(func(t *tx) error {
		if t.m.knows(c.kind, f.Name) {
			return refuse(http.StatusConflict, "OBJECT_ALREADY_EXISTS", "A property named '%s' already exists.", f.Name)
		}
		t.m.Custom[c.kind] = append(t.m.Custom[c.kind], f)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, drawField(f))
}
