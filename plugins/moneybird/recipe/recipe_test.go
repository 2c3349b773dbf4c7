package recipe_test

import (
	"net/http"
	"net/url"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/recipe/interpret"
)

// newConnector is the recipe, carried out.
func newConnector(now func() time.Time) *interpret.Connector {
	m, err := manifest.Load("..")
	if err != nil {
		panic(err)
	}
	c, err := interpret.New(m, interpret.Options{Now: now})
	if err != nil {
		panic(err)
	}
	return c
}

// detour sends requests for Moneybird to a test server and others on their way.
type detour struct{ to string }

// RoundTrip implements http.RoundTripper.
func (d detour) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != "moneybird.com" {
		return http.DefaultTransport.RoundTrip(req)
	}
	to, err := url.Parse(d.to)
	if err != nil {
		return nil, err
	}
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = to.Scheme, to.Host, ""
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err == nil {
		resp.Request = req
	}
	return resp, err
}
