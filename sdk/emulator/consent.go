package emulator

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var consentPage = template.Must(template.New("consent").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Allow {{.App}}? - {{.Vendor}} (emulator)</title>
<style>
 body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f6f3ec;color:#16202c;display:grid;place-items:center;min-height:100vh}
 main{background:#fff;border:1px solid #ddd6c8;border-radius:12px;padding:2rem;max-width:26rem;margin:1rem}
 h1{font-size:1.25rem;margin:0 0 .75rem} small{color:#5a6472} ul{padding-left:1.2rem}
 button{font:inherit;padding:.6rem 1.1rem;border-radius:8px;border:1px solid #16202c;background:#fff;color:inherit;cursor:pointer}
 button.yes{background:#16202c;color:#fff} form{display:flex;gap:.75rem;margin-top:1.25rem}
</style>
</head>
<body><main>
<small>{{.Vendor}}, emulated on this machine</small>
<h1>{{.App}} asks for access</h1>
<p>If you allow it, {{.App}} may use:</p>
<ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post" action="{{.Action}}">
{{range $k, $v := .Hidden}}<input type="hidden" name="{{$k}}" value="{{$v}}">{{end}}
<button class="yes" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</main></body></html>
`))

// authorization is a checked request of an application for access.
type authorization struct {
	client    string
	app       string
	redirect  *url.URL
	state     string
	scope     string
	challenge string
}

// read checks the parameters. A request that names no known application or a
// foreign redirect is answered here and never redirected (RFC 6749 4.1.2.1).
func (o *OAuth) read(w http.ResponseWriter, v url.Values) (authorization, bool) {
	c, ok := o.cfg.Clients[v.Get("client_id")]
	if !ok {
		http.Error(w, "The application (client_id) is not registered.", http.StatusBadRequest)
		return authorization{}, false
	}
	redirect, err := url.Parse(v.Get("redirect_uri"))
	if err != nil || !redirect.IsAbs() || len(c.RedirectURIs) > 0 && !slices.Contains(c.RedirectURIs, v.Get("redirect_uri")) {
		http.Error(w, "The redirect_uri is not one of the application's.", http.StatusBadRequest)
		return authorization{}, false
	}
	a := authorization{client: v.Get("client_id"), app: c.Name, redirect: redirect, state: v.Get("state"), scope: strings.Join(strings.Fields(v.Get("scope")), " "), challenge: v.Get("code_challenge")}
	if a.app == "" {
		a.app = a.client
	}
	if a.scope == "" {
		a.scope = o.cfg.DefaultScope
	}
	switch {
	case v.Get("response_type") != "code":
		a.back(w, url.Values{"error": {"unsupported_response_type"}})
	case a.challenge != "" && v.Get("code_challenge_method") != "S256":
		a.back(w, url.Values{"error": {"invalid_request"}})
	case !o.knows(a.scope):
		a.back(w, url.Values{"error": {"invalid_scope"}, "error_description": {"The requested scope is invalid, unknown, or malformed."}})
	default:
		return a, true
	}
	return a, false
}

func (o *OAuth) knows(scope string) bool {
	for _, s := range strings.Fields(scope) {
		if len(o.cfg.Scopes) > 0 && !slices.Contains(o.cfg.Scopes, s) {
			return false
		}
	}
	return true
}

func (a authorization) back(w http.ResponseWriter, v url.Values) {
	if a.state != "" {
		v.Set("state", a.state)
	}
	to := *a.redirect
	q := to.Query()
	for k := range v {
		q.Set(k, v.Get(k))
	}
	to.RawQuery = q.Encode()
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusFound)
}

func (o *OAuth) ask(w http.ResponseWriter, r *http.Request) {
	a, ok := o.read(w, r.URL.Query())
	if !ok {
		return
	}
	hidden := map[string]string{}
	for k := range r.URL.Query() {
		hidden[k] = r.URL.Query().Get(k)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_ = consentPage.Execute(w, map[string]any{"Vendor": o.cfg.Vendor, "App": a.app, "Scopes": strings.Fields(a.scope), "Action": o.cfg.AuthorizePath, "Hidden": hidden})
}

// decide takes the answer of the consent page: the parameters of the request
// and decision=allow or decision=deny.
func (o *OAuth) decide(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "Send a form.", http.StatusBadRequest)
		return
	}
	a, ok := o.read(w, r.PostForm)
	if !ok {
		return
	}
	if r.PostForm.Get("decision") != "allow" {
		a.back(w, url.Values{"error": {"access_denied"}, "error_description": {"The resource owner or authorization server denied the request."}})
		return
	}
	code := secret()
	err := o.state.Update(func(s *oauthState) error {
		s.Codes[code] = authCode{
			Grant:    Grant{Client: a.client, Scope: a.scope, Family: secret()},
			Redirect: r.PostForm.Get("redirect_uri"), Challenge: a.challenge,
			Expires: o.kit.Wall().Add(o.cfg.CodeLifetime),
		}
		return nil
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	a.back(w, url.Values{"code": {code}})
}
