package broker

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// EgressConfig says where requests really go. The zero value is right for
// production: to the host itself, on the public internet.
type EgressConfig struct {
	// Overrides sends requests for a host name to another server, by base URL,
	// such as an emulator on a loopback address. Only the composition root fills
	// this in.
	Overrides map[string]string
	// Local answers requests for a host name inside this process. The handler
	// finds the connection with ConnectionOf.
	Local map[string]http.Handler
	// Inside lists networks that are not public and may be reached all the same,
	// for packages that people run there themselves.
	Inside []netip.Prefix
	// Resolver looks up names, that of the system when nil.
	Resolver *net.Resolver
	// TLS is for tests with a certificate of their own.
	TLS *tls.Config
}

// Egress sends requests out. It follows no redirects and keeps no cookies.
type Egress struct {
	public    *http.Transport
	inside    *http.Transport
	overrides map[string]*url.URL
	local     map[string]http.Handler
	mutual    mutual
}

// NewEgress returns an error when an override is not a base URL.
func NewEgress(c EgressConfig) (*Egress, error) {
	e := &Egress{
		public:    transport(&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Resolver: c.Resolver, Control: guard(c.Inside)}, c.TLS),
		inside:    transport(&net.Dialer{Timeout: 10 * time.Second}, c.TLS),
		overrides: make(map[string]*url.URL, len(c.Overrides)),
		local:     c.Local,
	}
	for host, base := range c.Overrides {
		u, err := url.Parse(base)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, fmt.Errorf("override of %s: %q is not the base URL of a server", host, base)
		}
		e.overrides[strings.ToLower(host)] = u
	}
	return e, nil
}

func transport(d *net.Dialer, t *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            d.DialContext,
		TLSClientConfig:        t,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  time.Minute,
		MaxResponseHeaderBytes: 256 << 10,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		ForceAttemptHTTP2:      true,
	}
}

// RoundTrip implements http.RoundTripper. The Host header keeps the name that
// was asked for, also where an override sends the request elsewhere.
func (e *Egress) RoundTrip(req *http.Request) (*http.Response, error) {
	host := strings.ToLower(req.URL.Hostname())
	if h, ok := e.local[host]; ok {
		return serveLocally(h, req)
	}
	base, ok := e.overrides[host]
	if !ok {
		return e.mutual.transport(e.public, req).RoundTrip(req)
	}
	out := req.Clone(req.Context())
	if out.Host == "" {
		out.Host = req.URL.Host
	}
	out.URL.Scheme, out.URL.Host = base.Scheme, base.Host
	out.URL.Path = strings.TrimSuffix(base.Path, "/") + req.URL.Path
	if req.URL.RawPath != "" {
		out.URL.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + req.URL.RawPath
	}
	return e.mutual.transport(e.inside, out).RoundTrip(out)
}

// inHouse reports whether requests for a host stay with servers of the
// composition root, which makes their scheme and port irrelevant.
func (e *Egress) inHouse(host string) bool {
	_, overridden := e.overrides[host]
	_, local := e.local[host]
	return overridden || local
}

// nameOf returns the host name that an overriding server stands for, for
// servers that answer with their own address.
func (e *Egress) nameOf(u *url.URL) (string, bool) {
	for name, base := range e.overrides {
		if base.Host == u.Host {
			return name, true
		}
	}
	return "", false
}

// Browser returns a URL as a browser of this installation can open it: with the
// overriding server in place of the host.
func (e *Egress) Browser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	base, ok := e.overrides[strings.ToLower(u.Hostname())]
	if !ok {
		return address
	}
	u.Scheme, u.Host, u.Path = base.Scheme, base.Host, strings.TrimSuffix(base.Path, "/")+u.Path
	return u.String()
}
