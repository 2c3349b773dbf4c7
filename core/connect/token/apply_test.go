package token_test

import (
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

const key = "SECRET<&\">-key"

func grant() token.Grant {
	return token.Grant{
		Credentials: token.Credentials{
			Access: "ACCESS", Fields: map[string]string{"key": key, "plain": "plain-secret"}, Session: map[string]string{"id": "SESSION", "uid": "7"},
		},
		Config: map[string]string{"user": "jan"},
		App:    token.App{ClientID: "us", ClientSecret: "s3cret", Values: map[string]string{"subscription": "sub-1"}},
	}
}

func apply(t *testing.T, auth manifest.Auth, method, url, kind, body string) (*http.Request, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if err := grant().Apply(req, auth, []byte(body), time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)); err != nil {
		return nil, "", err
	}
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		t.Fatal(err)
	}
	return req, string(sent), nil
}

func TestApplyPutsCredentialsWhereTheManifestSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		send []manifest.Send
		see  func(*http.Request) string
		want string
	}{
		"several headers": {
			[]manifest.Send{{In: manifest.InHeader, Name: "Authorization", Prefix: "Bearer "}, {In: manifest.InHeader, Name: "Ocp-Apim-Subscription-Key", Value: "{{app.subscription}}"}},
			func(r *http.Request) string {
				return r.Header.Get("Authorization") + " " + r.Header.Get("Ocp-Apim-Subscription-Key")
			}, "Bearer ACCESS sub-1",
		},
		"encoded as a whole": {
			[]manifest.Send{{In: manifest.InHeader, Name: "Authorization", Value: "Session {{value.ticket|base64}}"}},
			func(r *http.Request) string { return r.Header.Get("Authorization") }, "Session amFuOjc6U0VTU0lPTg==",
		},
		"query":  {[]manifest.Send{{In: manifest.InQuery, Name: "api_key", Value: "{{secret.key}}"}}, func(r *http.Request) string { return r.URL.RawQuery }, "a=1&api_key=SECRET%3C%26%22%3E-key"},
		"cookie": {[]manifest.Send{{In: manifest.InCookie, Name: "sid", Value: "{{session.id}}"}}, func(r *http.Request) string { return r.Header.Get("Cookie") }, "sid=SESSION"},
		"fixed user": {[]manifest.Send{{In: manifest.InBasic, User: "0", Password: "{{session.id}}"}}, func(r *http.Request) string {
			u, p, _ := r.BasicAuth()
			return u + ":" + p
		}, "0:SESSION"},
		"fixed password": {[]manifest.Send{{In: manifest.InBasic, User: "{{secret.plain}}", Password: "x"}}, func(r *http.Request) string {
			u, p, _ := r.BasicAuth()
			return u + ":" + p
		}, "plain-secret:x"},
		"other paths": {[]manifest.Send{{In: manifest.InHeader, Name: "X", Value: "{{session.id}}", Paths: []string{"/elsewhere"}}}, func(r *http.Request) string { return r.Header.Get("X") }, ""},
	} {
		auth := manifest.Auth{Type: manifest.OAuth2, Values: map[string]string{"ticket": "{{config.user}}:{{session.uid}}:{{session.id}}"}, Send: c.send}
		req, _, err := apply(t, auth, "GET", "https://api.example/x?a=1", "", "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := c.see(req); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	missing := manifest.Auth{Type: manifest.Token, Send: []manifest.Send{{In: manifest.InHeader, Name: "X", Value: "{{secret.none}}"}}}
	if _, _, err := apply(t, missing, "GET", "https://api.example/", "", ""); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("a missing secret: %v", err)
	}
}

// A secret goes into a body only where the manifest says, however often a
// connector writes its placeholder.
func TestSecretsInBodies(t *testing.T) {
	t.Parallel()
	jsonPlace := manifest.Send{In: manifest.InBody, Format: manifest.JSON, At: "params.args.2", Value: "{{secret.key}}", Paths: []string{"/jsonrpc"}}
	xmlPlace := manifest.Send{In: manifest.InBody, Format: manifest.XML, At: "Envelope/Body/*/sessionID", Value: "{{session.id}}"}
	xmlIndex := manifest.Send{In: manifest.InBody, Format: manifest.XML, At: "methodCall/params/param[3]/value/string", Value: "{{secret.key}}"}
	formPlace := manifest.Send{In: manifest.InBody, Format: manifest.Form, At: "api_key", Value: "{{secret.key}}"}
	for name, c := range map[string]struct {
		send manifest.Send
		path string
		body string
		want string // empty for as it was
	}{
		"json": {jsonPlace, "/jsonrpc", `{"big":12345678901234567890.10, "params":{"args":["db",7,"{{secret.key}}","note","create",[{"text":"{{secret.key}}"}]],"x":{"args":["a","b","{{secret.key}}"]}}}`,
			`{"big":12345678901234567890.10, "params":{"args":["db",7,"SECRET\u003c\u0026\"\u003e-key","note","create",[{"text":"{{secret.key}}"}]],"x":{"args":["a","b","{{secret.key}}"]}}}`},
		"json, key of that name":     {jsonPlace, "/jsonrpc", `{"params.args.2":"{{secret.key}}","params":{"args":{"2":["{{secret.key}}"]}}}`, ""},
		"json, more than it":         {jsonPlace, "/jsonrpc", `{"params":{"args":[1,2,"x{{secret.key}}"]}}`, ""},
		"json, another secret":       {jsonPlace, "/jsonrpc", `{"params":{"args":[1,2,"{{secret.plain}}"]}}`, ""},
		"json, elsewhere":            {jsonPlace, "/api", `{"params":{"args":[1,2,"{{secret.key}}"]}}`, ""},
		"xml":                        {xmlPlace, "/", `<s:Envelope xmlns:s="x"><s:Body><OpenItems a="{{session.id}}"><sessionID>{{session.id}}</sessionID><note>{{session.id}}</note></OpenItems></s:Body></s:Envelope>`, `<s:Envelope xmlns:s="x"><s:Body><OpenItems a="{{session.id}}"><sessionID>SESSION</sessionID><note>{{session.id}}</note></OpenItems></s:Body></s:Envelope>`},
		"xml, with more around it":   {xmlPlace, "/", `<Envelope><Body><a><sessionID><!-- -->{{session.id}}</sessionID></a></Body></Envelope>`, ""},
		"xml, deeper":                {xmlPlace, "/", `<Envelope><Body><a><b><sessionID>{{session.id}}</sessionID></b></a></Body></Envelope>`, ""},
		"xml-rpc":                    {xmlIndex, "/", `<methodCall><params><param/><param><value><string>{{secret.key}}</string></value></param><param><value><string>{{secret.key}}</string></value></param></params></methodCall>`, `<methodCall><params><param/><param><value><string>{{secret.key}}</string></value></param><param><value><string>SECRET&lt;&amp;&#34;&gt;-key</string></value></param></params></methodCall>`},
		"form":                       {formPlace, "/", `note=%7B%7Bsecret.key%7D%7D&api_key=%7B%7Bsecret.key%7D%7D&b=1`, `note=%7B%7Bsecret.key%7D%7D&api_key=SECRET%3C%26%22%3E-key&b=1`},
		"nothing is asked for":       {jsonPlace, "/jsonrpc", `not json at all`, ""},
		"json, escapes in the place": {jsonPlace, "/jsonrpc", `{"params":{"args":[1,2,"{{secret.ke\u0079}}"]}}`, "!"},
		"json that breaks off":       {jsonPlace, "/jsonrpc", `{"params":{"args":[1,2,"{{secret.key}}"`, "!"},
		"xml with a document type":   {xmlPlace, "/", `<!DOCTYPE a><Envelope>{{session.id}}</Envelope>`, "!"},
	} {
		_, sent, err := apply(t, manifest.Auth{Type: manifest.Token, Send: []manifest.Send{c.send}}, "POST", "https://api.example"+c.path, "", c.body)
		switch {
		case c.want == "!":
			if !errors.Is(err, sdk.ErrInvalid) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: sent %q, %v", name, sent, err)
			}
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want == "" && sent != c.body, c.want != "" && sent != c.want:
			t.Errorf("%s: sent\n %s, want\n %s", name, sent, c.want)
		}
	}
}

func FuzzSecretInJSON(f *testing.F) {
	f.Add(`{"params":{"args":[1,2,"{{secret.key}}"]}}`)
	f.Add(`[["{{secret.key}}"]]`)
	f.Fuzz(func(t *testing.T, body string) {
		send := manifest.Send{In: manifest.InBody, Format: manifest.JSON, At: "params.args.2", Value: "{{secret.key}}"}
		_, sent, err := apply(t, manifest.Auth{Type: manifest.Token, Send: []manifest.Send{send}}, "POST", "https://api.example/", "", body)
		if err == nil && sent != body && !regexp.MustCompile(`"params"\s*:`).MatchString(body) && !strings.Contains(body, `\u`) {
			t.Errorf("%q became %q", body, sent)
		}
	})
}

func TestSignedRequests(t *testing.T) {
	t.Parallel()
	hmac := manifest.Auth{Type: manifest.Signed, Sign: &manifest.Sign{
		Scheme: manifest.HMAC, Algorithm: "sha256", Key: "{{secret.plain}}", Text: "{{request.method}}\n{{request.path}}\n{{now.unix}}\n{{request.body|sha256|hex}}", Encoding: "hex",
		Header: map[string]string{"X-Time": "{{now.unix}}", "X-Nonce": "{{nonce}}", "Authorization": "Acme {{config.user}}:{{signature}}"},
	}}
	req, _, err := apply(t, hmac, "POST", "https://api.example/v1/x?b=2", "application/json", `{}`)
	// printf 'POST\n/v1/x\n1795251600\n44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' | openssl dgst -sha256 -hmac plain-secret
	const want = "Acme jan:ed64b7d3eb37eec92170df9e2825c5b0c505766bf7d97a699027fdcaf43d0e5c"
	if err != nil || req.Header.Get("Authorization") != want || req.Header.Get("X-Time") != "1795251600" || len(req.Header.Get("X-Nonce")) < 16 {
		t.Errorf("%v, %v; want %s", req.Header, err, want)
	}
	one := manifest.Auth{Type: manifest.Signed, Sign: &manifest.Sign{
		Scheme: manifest.OAuth1, Algorithm: "sha256", ConsumerKey: "{{app.client_id}}", ConsumerSecret: "{{app.client_secret}}",
		Token: "{{session.id}}", TokenSecret: "{{secret.plain}}", Realm: "{{config.user}}",
	}}
	req, _, err = apply(t, one, "GET", "https://api.example/v1/x?b=2&a=1%202", "", "")
	if err != nil {
		t.Fatal(err)
	}
	form := regexp.MustCompile(`^OAuth realm="jan", oauth_consumer_key="us", oauth_nonce="\w+", oauth_signature_method="HMAC-SHA256", oauth_timestamp="1795251600", oauth_version="1.0", oauth_token="SESSION", oauth_signature="[^"]+"$`)
	if got := req.Header.Get("Authorization"); !form.MatchString(got) {
		t.Errorf("OAuth 1: %s", got)
	}
}

func TestRedactKeepsLengths(t *testing.T) {
	t.Parallel()
	g := grant()
	in := "a plain-secret, SECRET%3C%26%22%3E-key and us"
	if got := string(g.Redact([]byte(in))); got != "a ************, ********************** and us" || len(got) != len(in) {
		t.Errorf("%q", got)
	}
}
