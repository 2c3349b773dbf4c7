package broker

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"golang.org/x/net/http/httpguts"
)

// Bounds of a request's head, in bytes.
const (
	maxURL         = 16 << 10
	maxHeaders     = 100
	maxHeaderBytes = 64 << 10
)

// request is what a connector asks for, checked.
type request struct {
	method     string
	url        *url.URL
	header     http.Header
	body       []byte
	repeatable bool
	access     manifest.Access
}

// ours are request headers that a connector does not set.
var ours = []string{
	"Authorization", "Cookie", "Host", "Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Http2-Settings",
	"Expect", "Accept-Encoding", "Content-Length", "Forwarded", "Via", "X-Real-Ip",
}

// theirs are answer headers that are not a connector's business.
var theirs = []string{
	"Set-Cookie", "Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Connection", "Trailer", "Transfer-Encoding", "Upgrade",
	"Alt-Svc", "Strict-Transport-Security", "Public-Key-Pins", "Report-To", "Nel", "Content-Security-Policy",
}

// check turns the head of a request into one that may be sent.
func (p *Port) check(c *Call, head *pb.RequestHead, body []byte) (*request, error) {
	if len(head.GetUrl()) > maxURL {
		return nil, fmt.Errorf("%w: a URL of %d bytes", sdk.ErrInvalid, len(head.GetUrl()))
	}
	u, err := url.Parse(head.GetUrl())
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%w: not an absolute URL", sdk.ErrInvalid)
	}
	u.Fragment, u.RawFragment = "", ""
	egress := p.broker.Egress
	if name, ok := egress.nameOf(u); ok {
		u.Host = name
	}
	host := strings.ToLower(u.Hostname())
	access := c.target.Manifest.Allow(host, c.connection.Config)
	if access == manifest.Forbidden || !egress.inHouse(host) && !standard(u, c.connection.Config) {
		p.broker.Stats.Denied.Add(1)
		return nil, fmt.Errorf("%w: connector.yaml of %s does not name %s://%s", wire.ErrDenied, c.target.Manifest.Name, u.Scheme, u.Host)
	}
	if !validMethod(head.GetMethod()) {
		return nil, fmt.Errorf("%w: method %q", sdk.ErrInvalid, head.GetMethod())
	}
	h, err := header(head.GetHeader())
	if err != nil {
		return nil, err
	}
	if h.Get("User-Agent") == "" {
		h.Set("User-Agent", "Voldaan/1")
	}
	m := head.GetMethod()
	return &request{
		method: m, url: u, header: h, body: body, access: access,
		repeatable: !head.GetOnce() && (head.GetRepeatable() || m == http.MethodGet || m == http.MethodHead || m == http.MethodOptions),
	}, nil
}

// header returns what a connector may send of its headers.
func header(list []*pb.HeaderField) (http.Header, error) {
	size := 0
	for _, f := range list {
		size += len(f.GetName()) + len(f.GetValue())
		// A name or value that is not one could end the header and begin another request.
		if !httpguts.ValidHeaderFieldName(f.GetName()) || !httpguts.ValidHeaderFieldValue(string(f.GetValue())) {
			return nil, fmt.Errorf("%w: header %q", sdk.ErrInvalid, f.GetName())
		}
	}
	if len(list) > maxHeaders || size > maxHeaderBytes {
		return nil, fmt.Errorf("%w: %d headers of %d bytes", sdk.ErrInvalid, len(list), size)
	}
	h := wire.FromHeader(list)
	for _, name := range ours {
		h.Del(name)
	}
	for name := range h {
		if strings.HasPrefix(name, "X-Forwarded-") || strings.HasPrefix(name, "Proxy-") || strings.HasPrefix(name, "Sec-") {
			h.Del(name)
		}
	}
	return h, nil
}

func validMethod(m string) bool {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	default:
		return false
	}
}

// standard reports whether the URL is https on its usual port, or on the very
// port that the user filled in for a package that people host themselves.
func standard(u *url.URL, config map[string]string) bool {
	if u.Scheme != "https" {
		return false
	}
	if u.Port() == "" || u.Port() == "443" {
		return true
	}
	for _, v := range config {
		if c, err := url.Parse(v); err == nil && c.Scheme == "https" && strings.EqualFold(c.Host, u.Host) {
			return true
		}
	}
	return false
}

// build makes the request that goes out, with the credentials.
func (r *request) build(ctx context.Context, auth manifest.Auth, g token.Grant) (*http.Request, error) {
	u := *r.url
	var body io.Reader
	if len(r.body) > 0 {
		body = bytes.NewReader(r.body)
	}
	out, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return nil, fmt.Errorf("%w: not a request", sdk.ErrInvalid)
	}
	out.Header = r.header.Clone()
	if r.access != manifest.Full {
		return out, nil
	}
	return out, g.Apply(out, auth, r.body, time.Now())
}
