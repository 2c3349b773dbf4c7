package web_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
)

// A limit counts the client behind a proxy of ours, and never what a client says
// of itself.
func TestLimitsCountTheClient(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		proxies string
		first   map[string]string // of eleven wrong passwords
		then    map[string]string // of the right one
		refused bool
	}{
		"without a proxy everybody here is one address":   {"", nil, nil, true},
		"a header from who is no proxy is not believed":   {"", map[string]string{"X-Forwarded-For": "203.0.113.9"}, map[string]string{"X-Forwarded-For": "203.0.113.10"}, true},
		"another client behind the proxy goes on":         {"127.0.0.0/8", map[string]string{"X-Forwarded-For": "203.0.113.9"}, map[string]string{"X-Forwarded-For": "203.0.113.10"}, false},
		"the same client is refused":                      {"127.0.0.0/8", map[string]string{"X-Forwarded-For": "203.0.113.9"}, map[string]string{"X-Forwarded-For": "203.0.113.9"}, true},
		"what the client put in front changes nothing":    {"127.0.0.0/8", map[string]string{"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}, map[string]string{"X-Forwarded-For": "198.51.100.2, 203.0.113.9"}, true},
		"the right-most that is no proxy counts":          {"127.0.0.0/8, 10.0.0.0/8", map[string]string{"X-Forwarded-For": "203.0.113.9, 10.0.0.7"}, map[string]string{"X-Forwarded-For": "203.0.113.10, 10.0.0.7"}, false},
		"Forwarded says it too":                           {"127.0.0.0/8", map[string]string{"Forwarded": `for="[2001:db8:1::17]:4711";proto=https`}, map[string]string{"Forwarded": `for="[2001:db8:2::17]"`}, false},
		"addresses of one IPv6 network are one client":    {"127.0.0.0/8", map[string]string{"Forwarded": `for="[2001:db8:1::17]"`}, map[string]string{"Forwarded": `for="[2001:db8:1::18]"`}, true},
		"a second header that disagrees is not believed":  {"127.0.0.0/8", map[string]string{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=198.51.100.1"}, map[string]string{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=198.51.100.2"}, true},
		"who names nobody is counted as the proxy":        {"127.0.0.0/8", map[string]string{"Forwarded": "for=unknown"}, map[string]string{"Forwarded": "for=_hidden"}, true},
		"an address that is none ends the walk before it": {"127.0.0.0/8, 10.0.0.0/8", map[string]string{"X-Forwarded-For": "junk, 10.0.0.7"}, map[string]string{"X-Forwarded-For": "junk2, 10.0.0.7"}, true},
		"a proxy that says nothing of it is the client":   {"127.0.0.0/8", nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := apitest.New(t)
			ten := b.Tenant("vandijk")
			b.Services.Proxies = prefixes(t, tc.proxies)
			b.Serve(web.New)
			signIn := func(password string, header map[string]string) apitest.Answer {
				all := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
				for k, v := range header {
					all[k] = v
				}
				return ten.Client().Do("POST", "/sign-in", url.Values{"email": {ten.Email}, "password": {password}}.Encode(), all)
			}
			for range 11 {
				signIn("a wrong password", tc.first)
			}
			if a := signIn(apitest.Password, tc.then); (a.Status == 422) != tc.refused {
				t.Errorf("ended at %s with %d", a.URL, a.Status)
			}
		})
	}
}

func prefixes(t *testing.T, text string) (out []netip.Prefix) {
	t.Helper()
	for _, one := range strings.Fields(strings.ReplaceAll(text, ",", " ")) {
		out = append(out, netip.MustParsePrefix(one))
	}
	return out
}
