package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/tenant"
)

func sender() url.Values {
	return url.Values{
		"name": {"Van Dijk Warmte BV"}, "line1": {"Lange Brug 9"}, "postal_code": {"3811 AB"}, "city": {"Amersfoort"}, "email": {"geld@vandijk.example"},
		"phone": {"033 123 45 67"}, "registration": {"1234 5678"}, "vat": {"nl 1234.56.789.b01"}, "colour": {"#0b5d78"},
	}
}

func TestSettingsSender(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	page, to := c.Get("/settings"), "/settings/sender/"+ten.Administration.String()
	page.Has(t, 200, "As a letter shows it", "Korte Brug 4", "NL91 ABNA 0417 1643 00")
	t.Run("what is wrong is said at its field and nothing is saved", func(t *testing.T) {
		before, bad := ten.Dump(), sender()
		bad.Set("registration", "12345")
		bad.Set("email", "no address")
		c.Post(to, bad).Has(t, 422, "A KvK number has 8 digits", "This is no e-mail address", "Van Dijk Warmte BV")
		same(t, before, ten.Dump())
	})
	t.Run("the next message says what was saved", func(t *testing.T) {
		c.Post(to, sender()).Has(t, 200, "Saved. The next message says it.", "KvK 12345678", "VAT NL123456789B01", "Lange Brug 9")
		ten.Take("1")
		mail := unfold(ten.Mail(ten.Sent()[0]))
		if !strings.Contains(mail, "Van Dijk Warmte BV") || !strings.Contains(mail, "033 123 45 67") || strings.Contains(mail, "Van Dijk Installaties") {
			t.Errorf("the message does not say the new sender:\n%s", mail)
		}
	})
}

func TestSettingsAccount(t *testing.T) {
	t.Parallel()
	const iban, shown = "NL20INGB0001234567", "NL20 INGB 0001 2345 67"
	t.Run("R124 a change of bank details needs a second person", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.Member("second@vandijk.example", tenant.Owner)
		ten.Member("collector@vandijk.example", tenant.Collector)
		to := "/settings/sender/" + ten.Administration.String() + "/account"
		c := ten.SignIn(ten.Email)
		c.Post(to, url.Values{"iban": {"NL20INGB0001234568"}}).Has(t, 422, "no valid account number")
		c.Post(to, url.Values{"iban": {shown}}).Has(t, 200, "Another owner confirms it", "waits for a second person", "NL91 ABNA 0417 1643 00")
		decide := url.Values{"iban": {iban}, "decision": {"confirm"}}
		c.Post(to+"/decide", decide).Has(t, 403, "another owner confirms it")
		ten.SignIn("collector@vandijk.example").Post(to+"/decide", decide).Has(t, 403)
		other := ten.SignIn("second@vandijk.example")
		other.Post(to+"/decide", url.Values{"iban": {"NL02RABO0123456789"}, "decision": {"confirm"}}).Has(t, 409, "not proposed any more")
		other.Post(to+"/decide", decide).Has(t, 200, "Confirmed", shown)
	})
	t.Run("R124 the only owner types the password", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		to := "/settings/sender/" + ten.Administration.String() + "/account"
		c := ten.SignIn(ten.Email)
		c.Post(to, url.Values{"iban": {iban}, "password": {"a stolen session"}}).Has(t, 422, "type your password")
		c.Post(to, url.Values{"iban": {iban}, "password": {apitest.Password}}).Has(t, 200, "The next message names this account", shown)
	})
}

func TestSettingsPeople(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	add := url.Values{"name": {"Noor Bos"}, "email": {"Noor@vandijk.example"}, "password": {apitest.Password}, "role": {"collector"}}
	t.Run("somebody new signs in with the role that was given", func(t *testing.T) {
		short := url.Values{"name": {"Noor Bos"}, "email": {"noor@vandijk.example"}, "password": {"short"}, "role": {"collector"}}
		c.Post("/settings/people", short).Has(t, 422, "at least 10 characters")
		c.Post("/settings/people", add).Has(t, 200, "Noor Bos can sign in now", "vandijk.example")
		c.Post("/settings/people", add).Has(t, 422, "signs in with this address already")
		n := ten.SignIn("noor@vandijk.example")
		n.Get("/settings/people").Has(t, 200, "You look only")
		n.Post("/settings/people", add).Has(t, 403)
	})
	id := regexp.MustCompile(`/settings/people/([0-9a-f-]{36})`).FindStringSubmatch(c.Get("/settings/people").Body)[1]
	t.Run("access ends at once, also where somebody is signed in", func(t *testing.T) {
		n := ten.SignIn("noor@vandijk.example")
		c.Post("/settings/people/"+id, url.Values{"end": {"1"}}).Has(t, 200, "access has ended", "Let in again")
		if a := n.Get("/invoices"); a.URL.Path != "/sign-in" {
			t.Errorf("the session lives on at %s", a.URL)
		}
		n.Post("/sign-in", url.Values{"email": {"noor@vandijk.example"}, "password": {apitest.Password}}).Has(t, 422, "do not belong together")
		c.Post("/settings/people/"+id, url.Values{"role": {"viewer"}}).Has(t, 200, "Saved")
		ten.SignIn("noor@vandijk.example").Post("/invoices/pause", url.Values{"id": {"x"}}).Has(t, 403)
	})
	t.Run("one owner stays", func(t *testing.T) {
		c.Post("/settings/people/"+id, url.Values{"role": {"owner"}}).Has(t, 200, "Saved")
		n := ten.SignIn("noor@vandijk.example")
		mine := regexp.MustCompile(`/settings/people/([0-9a-f-]{36})`).FindStringSubmatch(n.Get("/settings/people").Body)[1]
		n.Post("/settings/people/"+mine, url.Values{"role": {"viewer"}}).Has(t, 200, "Saved")
		c.Post("/settings/people/"+id, url.Values{"role": {"viewer"}}).Has(t, 403)
		n.Post("/settings/people/"+id, url.Values{"role": {"viewer"}}).Has(t, 403, "Another owner changes your role")
	})
}

func TestSettingsKeys(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	c.Post("/settings/keys", url.Values{"name": {" "}, "scope": {"read"}}).Has(t, 422, "Give the key a name")
	made := c.Post("/settings/keys", url.Values{"name": {"our ERP"}, "scope": {"read"}})
	made.Has(t, 200, "shown this once", "Never used")
	secret := regexp.MustCompile(`value="(vd_[^"]+)"`).FindStringSubmatch(made.Body)
	if secret == nil {
		t.Fatal("no secret on the page")
	}
	call := func(method, path string) apitest.Answer {
		return ten.Client().Do(method, "/api/v1"+path, "{}", map[string]string{"Authorization": "Bearer " + secret[1], "Content-Type": "application/json"})
	}
	call("GET", "/invoices").Has(t, 200, "2026-0412")
	call("POST", "/holds").Has(t, 403, "scope_missing")
	page := c.Get("/settings/keys")
	page.Has(t, 200, "our ERP", "Last used", "Reads · made")
	page.Lacks(t, secret[1], "Never used")
	id := regexp.MustCompile(`/settings/keys/([0-9a-f-]{36})/revoke`).FindStringSubmatch(page.Body)[1]
	c.Post("/settings/keys/"+id+"/revoke", nil).Has(t, 200, "is refused from now on", "Revoked")
	call("GET", "/invoices").Has(t, 401, "key_unknown")
	c.Post("/settings/keys/"+id+"/revoke", nil).Has(t, 200, "revoked already")
}

// What an owner keeps, nobody else changes.
func TestSettingsAreForOwners(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Member("collector@vandijk.example", tenant.Collector)
	c := ten.SignIn("collector@vandijk.example")
	before := ten.Dump()
	for path, form := range map[string]url.Values{
		"/settings/sender/" + ten.Administration.String():              sender(),
		"/settings/sender/" + ten.Administration.String() + "/account": {"iban": {"NL20INGB0001234567"}},
		"/settings/people": {"name": {"x"}, "email": {"x@y.example"}, "role": {"owner"}, "password": {apitest.Password}},
		"/settings/keys":   {"name": {"x"}, "scope": {"write"}},
	} {
		c.Post(path, form).Has(t, 403, "not open to you")
	}
	after := ten.Dump()
	delete(after, "audit") // R124: that a role was refused is on record
	same(t, before, after)
	for _, path := range []string{"/settings/sender", "/settings/people", "/settings/keys"} {
		c.Get(path).Has(t, 200, "You look only")
	}
}
