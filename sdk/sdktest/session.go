// Package sdktest runs a connector in-process against test servers, so that its
// tests need no host and no second process.
package sdktest

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
)

// Options describe the connection under test.
type Options struct {
	// Hosts maps the host names that the connector calls to base URLs of test
	// servers. A request to any other host fails, as it does in production.
	Hosts map[string]string
	// Downloads lists those of Hosts that get no credentials.
	Downloads []string
	// Authorize adds the credentials, as the host would.
	Authorize func(*http.Request)
	// Config holds the answers to the connection form.
	Config map[string]string
	// WebhookSecret signs calls of the package.
	WebhookSecret []byte
}

// Bearer returns an Authorize that adds a bearer token.
func Bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// NewSession returns a session whose requests go to the test servers.
func NewSession(t testing.TB, o Options) *sdk.Session {
	t.Helper()
	tr := &transport{hosts: make(map[string]*url.URL), o: o}
	for host, base := range o.Hosts {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" {
			t.Fatalf("sdktest: %q is not the base URL of a server", base)
		}
		tr.hosts[host] = u
	}
	config := o.Config
	if config == nil {
		config = map[string]string{}
	}
	return &sdk.Session{
		HTTP:          &http.Client{Transport: tr},
		Config:        config,
		WebhookSecret: o.WebhookSecret,
		Log:           slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// transport sends requests to the test servers under the name of the host.
type transport struct {
	hosts map[string]*url.URL
	o     Options
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	name := req.URL.Hostname()
	base, ok := t.hosts[name]
	if !ok {
		for known, u := range t.hosts { // a test server that redirects to its own address
			if u.Host == req.URL.Host {
				name, base, ok = known, u, true
			}
		}
	}
	if !ok {
		return nil, fmt.Errorf("the connector may not call %s", req.URL.Host)
	}
	out := req.Clone(req.Context())
	out.Host = name
	out.URL.Scheme, out.URL.Host = base.Scheme, base.Host
	out.URL.Path = strings.TrimSuffix(base.Path, "/") + req.URL.Path
	out.Header.Del("Authorization")
	out.Header.Del("Referer")
	if t.o.Authorize != nil && !slices.Contains(t.o.Downloads, name) {
		t.o.Authorize(out)
	}
	resp, err := http.DefaultTransport.RoundTrip(out)
	if err == nil {
		resp.Request = req
	}
	return resp, err
}
