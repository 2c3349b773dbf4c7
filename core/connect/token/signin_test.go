package token_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"context"

	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// desk is a package's side of signing in: a handler that notes what it got.
type desk struct {
	*httptest.Server
	calls atomic.Int64
	mu    sync.Mutex
	seen  []string
}

func newDesk(t *testing.T, answer func(n int64, r *http.Request, body string, w http.ResponseWriter)) *desk {
	d := &desk{}
	d.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		d.seen = append(d.seen, fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("Content-Type"), body))
		d.mu.Unlock()
		answer(d.calls.Add(1), r, string(body), w)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *desk) service(t *testing.T, store token.Store) *token.Service {
	t.Helper()
	s, err := token.New(token.Config{
		Store: store, Sealer: sealer{}, HTTP: d.Client().Transport,
		App: func(context.Context, string) (token.App, error) {
			return token.App{ClientID: "us", ClientSecret: "s3cret", Values: map[string]string{"partner": "p-1"}}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func session(base string) manifest.Auth {
	return manifest.Auth{Name: "session", Type: manifest.Session, AppValues: []string{"partner"}, Login: []manifest.Step{{
		URL:  base + "/login",
		Body: manifest.Body{Format: manifest.JSON, JSON: map[string]any{"key": "{{secret.key}}", "partner": "{{app.partner}}", "n": 1.0}},
		Take: []manifest.Take{{Name: "id", In: manifest.FromJSON, At: "value.token"}, {Name: "expires_in", In: manifest.FromJSON, At: "value.life"}},
	}}, Logout: &manifest.Step{Method: http.MethodDelete, URL: base + "/login/{{session.id}}"}}
}

func TestSessionIsOpenedOnceForAll(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(n int64, _ *http.Request, _ string, w http.ResponseWriter) {
		time.Sleep(20 * time.Millisecond)
		fmt.Fprintf(w, `{"value":{"token":"s%d","life":"3600"}}`, n)
	})
	store := token.NewMemory()
	hosts := []*token.Service{d.service(t, store), d.service(t, store), d.service(t, store)}
	m := &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{session(d.URL)}}
	put(t, hosts[0], token.Credentials{Method: "session", Fields: map[string]string{"key": `a "quoted" key`}})
	for _, want := range []string{"s1", "s2"} {
		var wg sync.WaitGroup
		for i := range 150 {
			wg.Go(func() {
				g, err := hosts[i%3].Get(t.Context(), ref, m)
				if err == nil && want == "s2" { // the package says that it has ended
					g, err = hosts[i%3].Renew(t.Context(), ref, m, 2)
				}
				if err != nil || g.Session["id"] != want || time.Until(g.Expiry) < 59*time.Minute {
					t.Errorf("got %v until %s, %v", g.Session, g.Expiry, err)
				}
			})
		}
		wg.Wait()
	}
	if d.calls.Load() != 2 || d.seen[0] != `POST /login application/json {"key":"a \"quoted\" key","n":1,"partner":"p-1"}` {
		t.Errorf("%d logins, %v", d.calls.Load(), d.seen)
	}
	if err := hosts[0].Revoke(t.Context(), ref, m); err != nil || !strings.HasPrefix(d.seen[2], "DELETE /login/s2 ") {
		t.Errorf("logout: %v, %v", d.seen, err)
	}
}

func TestWrongSecretsAreTriedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		body   string
		dead   bool
	}{
		"status":             {401, "", true},
		"words":              {200, "<fault>Invalid access key</fault>", true},
		"no value":           {200, `{"result":false}`, true},
		"maintenance":        {200, "<html><h1>back soon", false},
		"out of order":       {503, "", false},
		"too many at a time": {429, "", false},
	} {
		d := newDesk(t, func(_ int64, _ *http.Request, _ string, w http.ResponseWriter) {
			w.WriteHeader(c.status)
			fmt.Fprint(w, c.body)
		})
		auth := session(d.URL)
		auth.Login[0].Refused = []string{"Invalid access key"}
		m := &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{auth}}
		s := d.service(t, token.NewMemory())
		put(t, s, token.Credentials{Method: "session", Fields: map[string]string{"key": "SECRET-KEY"}})
		for range 5 {
			_, err := s.Get(t.Context(), ref, m)
			if err == nil || errors.Is(err, sdk.ErrAuth) != c.dead || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if d.calls.Load() != 1 {
			t.Errorf("%s: %d logins", name, d.calls.Load())
		}
	}
}

func TestLoginInOtherFormats(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(_ int64, r *http.Request, _ string, w http.ResponseWriter) {
		switch r.URL.Path {
		case "/soap":
			fmt.Fprint(w, `<s:Envelope xmlns:s="x"><s:Body><AuthenticateResponse><AuthenticateResult n="7">guid</AuthenticateResult></AuthenticateResponse></s:Body></s:Envelope>`)
		case "/form":
			http.SetCookie(w, &http.Cookie{Name: "sid", Value: "cookie-1"})
			w.Header().Set("X-Csrf", "csrf-1")
			fmt.Fprint(w, `{"server":"https://eu1.acme.example/"}`)
		}
	})
	auth := manifest.Auth{Name: "s", Type: manifest.Session, Login: []manifest.Step{
		{
			URL: d.URL + "/soap", Header: map[string]string{"SOAPAction": "x"},
			Body: manifest.Body{Format: manifest.XML, XML: "<a>{{secret.key}}</a>"},
			Take: []manifest.Take{{Name: "guid", In: manifest.FromXML, At: "Envelope/Body/AuthenticateResponse/AuthenticateResult"}, {Name: "n", In: manifest.FromXML, At: "Envelope/Body/AuthenticateResponse/AuthenticateResult/@n"}},
		},
		{
			URL: d.URL + "/form?u={{config.user}}", Body: manifest.Body{Format: manifest.Form, Form: map[string]string{"guid": "{{session.guid}}"}},
			Take: []manifest.Take{{Name: "sid", In: manifest.FromCookie, At: "sid"}, {Name: "csrf", In: manifest.FromHeader, At: "X-Csrf"}},
			Keep: []manifest.Take{{Name: "server", In: manifest.FromJSON, At: "server", Hosts: []string{"*.acme.example"}}},
		},
	}, Lifetime: time.Hour}
	m := &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{auth}}
	s := d.service(t, token.NewMemory())
	if err := s.Put(t.Context(), ref, token.Credentials{Fields: map[string]string{"key": `<&">`}, Kept: map[string]string{"user": "j&n"}}); err != nil {
		t.Fatal(err)
	}
	g, err := s.Get(t.Context(), ref, m)
	if err != nil || g.Session["guid"] != "guid" || g.Session["n"] != "7" || g.Session["sid"] != "cookie-1" || g.Session["csrf"] != "csrf-1" || g.Config["server"] != "https://eu1.acme.example" {
		t.Errorf("%v %v, %v", g.Session, g.Config, err)
	}
	if d.seen[0] != "POST /soap text/xml; charset=utf-8 <a>&lt;&amp;&#34;&gt;</a>" || d.seen[1] != "POST /form?u=j%26n application/x-www-form-urlencoded guid=guid" {
		t.Errorf("%q", d.seen)
	}
	// A server that connector.yaml does not allow is not believed.
	auth.Login[1].Keep[0].Hosts = []string{"*.other.example"}
	put(t, s, token.Credentials{Fields: map[string]string{"key": "k"}})
	if _, err := s.Get(t.Context(), ref, m); err == nil || !strings.Contains(err.Error(), "does not allow") {
		t.Errorf("another server: %v", err)
	}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(n int64, r *http.Request, body string, w http.ResponseWriter) {
		q, _ := url.ParseQuery(body)
		if q.Get("clientkey") == "wrong" {
			w.WriteHeader(400)
			fmt.Fprint(w, `{"error":"invalid_grant"}`)
			return
		}
		fmt.Fprintf(w, `{"access_token":"a%d","expires_in":3600}`, n)
	})
	for name, c := range map[string]struct {
		auth manifest.Auth
		want string
	}{
		"key":  {manifest.Auth{ClientNowhere: true, TokenParams: map[string]string{"grant_type": "clientkey", "clientkey": "{{secret.key}}"}}, "clientkey=k1&grant_type=clientkey"},
		"ours": {manifest.Auth{Scopes: []string{"a", "b"}, ScopeSeparator: ","}, "client_id=us&client_secret=s3cret&grant_type=client_credentials&scope=a%2Cb"},
		"form": {manifest.Auth{ClientID: "{{config.id}}", ClientSecret: "{{secret.key}}"}, "client_id=theirs&client_secret=k1&grant_type=client_credentials"},
		"json": {manifest.Auth{TokenJSON: true, ClientInHeader: true}, `{"grant_type":"client_credentials"}`},
	} {
		c.auth.Type, c.auth.TokenURL = manifest.ClientCredentials, d.URL+"/"+name
		m := &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{c.auth}}
		s := d.service(t, token.NewMemory())
		if err := s.Put(t.Context(), ref, token.Credentials{Fields: map[string]string{"key": "k1"}, Kept: map[string]string{"id": "theirs"}}); err != nil {
			t.Fatal(err)
		}
		before := d.calls.Load()
		for range 3 {
			if g, err := s.Get(t.Context(), ref, m); err != nil || g.Access == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got := d.seen[len(d.seen)-1]; d.calls.Load() != before+1 || !strings.HasSuffix(got, " "+c.want) {
			t.Errorf("%s: %d calls, %q; want %q", name, d.calls.Load()-before, got, c.want)
		}
		put(t, s, token.Credentials{Fields: map[string]string{"key": "wrong"}})
		if _, err := s.Get(t.Context(), ref, m); name == "key" && (!errors.Is(err, sdk.ErrAuth) || !strings.Contains(err.Error(), "filled in")) {
			t.Errorf("%s with a wrong key: %v", name, err)
		}
	}
}

// What providers answer in ways of their own, and what they tell besides.
func TestOddTokenAnswers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, func(n int64, r *http.Request, _ string, w http.ResponseWriter) {
		switch r.URL.Path {
		case "/nl/token":
			_ = json.NewEncoder(w).Encode(map[string]any{
				"data":         map[string]any{"token": fmt.Sprint("a", n), "refresh": "r9", "until": time.Now().Add(time.Hour).UnixMilli()},
				"instance_url": "https://eu.acme.example",
			})
		case "/whoami":
			if r.URL.Query().Get("token") != "a1" {
				t.Errorf("discovery with %s", r.URL)
			}
			fmt.Fprint(w, `{"acme.clusterUrl":"https://c2.acme.example","code":7}`)
		}
	})
	m := &manifest.Manifest{Name: "acme", Title: "Acme", Auth: []manifest.Auth{{
		Name: "oauth", Type: manifest.OAuth2, AuthorizeURL: d.URL + "/{{config.region}}/auth?x=1", TokenURL: d.URL + "/{{config.region}}/token", TokenJSON: true,
		Scopes: []string{"a", "offline_access"}, Params: map[string]string{"hint": "{{config.region}}"},
		Answer: manifest.Answer{Access: "data.token", Refresh: "data.refresh", ExpiresAt: "data.until"},
		Keep: []manifest.Take{
			{Name: "instance", In: manifest.FromJSON, At: "instance_url", Hosts: []string{"*.acme.example"}},
			{Name: "realm", In: manifest.FromRedirect, At: "realmId"},
		},
		Discover: []manifest.Step{{
			Method: http.MethodGet, URL: d.URL + "/whoami?token={{access}}", Take: []manifest.Take{{Name: "code", At: "code"}},
			Keep: []manifest.Take{{Name: "cluster", At: "acme.clusterUrl", Hosts: []string{"*.acme.example"}}},
		}},
	}}}
	s := d.service(t, token.NewMemory())
	in := token.SignIn{Redirect: "https://hub.example/back", State: "st", Config: map[string]string{"region": "nl"}}
	page, err := s.AuthorizeURL(t.Context(), m, in)
	if err != nil || !strings.HasPrefix(page, d.URL+"/nl/auth?x=1&client_id=us&hint=nl&") || !strings.Contains(page, "scope=a+offline_access") {
		t.Errorf("%s, %v", page, err)
	}
	in.Code, in.Back = "code", url.Values{"code": {"code"}, "realmId": {"4711"}}
	c, err := s.Exchange(t.Context(), m, in)
	if err != nil || c.Access != "a1" || c.Refresh != "r9" || time.Until(c.Expiry) < 59*time.Minute || c.Session["code"] != "7" {
		t.Fatalf("%+v, %v", c, err)
	}
	put(t, s, c)
	g, err := s.Get(t.Context(), ref, m)
	if err != nil || g.Config["instance"] != "https://eu.acme.example" || g.Config["realm"] != "4711" || g.Config["cluster"] != "https://c2.acme.example" {
		t.Errorf("kept %v, %v", g.Config, err)
	}
	if strings.Contains(fmt.Sprint(d.seen), "client_secret=") || !strings.Contains(d.seen[0], `"client_secret":"s3cret"`) {
		t.Errorf("sent %v", d.seen)
	}
}
