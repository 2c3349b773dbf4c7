package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/budget"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/serve"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

const secret = "SECRET-TOKEN"

// seen is what a package saw, in words that do not count as the secret.
func seen(s string) string { return strings.ReplaceAll(s, secret, "<token>") }

// credentials hands out one token per generation.
type credentials struct {
	generation atomic.Int64
	err        error
}

func (c *credentials) grant() token.Grant {
	g := c.generation.Load()
	return token.Grant{Generation: g, Credentials: token.Credentials{
		Access: fmt.Sprint(secret, g), Refresh: "r", Fields: map[string]string{"api_token": secret, "user": "us"},
	}}
}

func (c *credentials) Get(context.Context, token.Ref, *manifest.Manifest) (token.Grant, error) {
	return c.grant(), c.err
}

func (c *credentials) Renew(_ context.Context, _ token.Ref, _ *manifest.Manifest, refused int64) (token.Grant, error) {
	c.generation.CompareAndSwap(refused, refused+1)
	return c.grant(), c.err
}

type bench struct {
	client      *http.Client
	call        *broker.Call
	broker      *broker.Broker
	credentials *credentials
	manifest    *manifest.Manifest
	log         *bytes.Buffer
	port        *broker.Port
	host        pb.HostServiceClient
}

func newBench(t *testing.T, handler http.Handler, change func(*manifest.Manifest, *broker.Config, *broker.EgressConfig)) *bench {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	b := &bench{credentials: &credentials{}, log: &bytes.Buffer{}}
	b.manifest = &manifest.Manifest{
		Name: "acme", Title: "Acme", Hosts: []string{"api.acme.example", "{url}"}, Downloads: []string{"files.acme.example"},
		Auth: []manifest.Auth{{Type: manifest.OAuth2, Send: []manifest.Send{{In: manifest.InHeader, Name: "Authorization", Prefix: "Bearer "}}}},
	}
	egress := broker.EgressConfig{Overrides: map[string]string{"api.acme.example": server.URL, "files.acme.example": server.URL, "other.example": server.URL}}
	config := broker.Config{
		Credentials: b.credentials, Budget: budget.NewMemory(budget.Config{}), Backoff: time.Millisecond,
		Log: slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(b.manifest, &config, &egress)
	}
	var err error
	if config.Egress, err = broker.NewEgress(egress); err != nil {
		t.Fatal(err)
	}
	if b.broker, err = broker.New(config); err != nil {
		t.Fatal(err)
	}
	b.port = b.broker.NewPort()
	l := bufconn.Listen(1 << 20)
	s := b.port.Server()
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient("passthrough:host", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	b.call = b.port.Open(t.Context(), broker.Target{Manifest: b.manifest}, broker.Connection{ID: uuid.New(), Config: map[string]string{"url": "https://localhost:9/x"}})
	b.host = pb.NewHostServiceClient(conn)
	b.client = &http.Client{Transport: serve.NewTransport(b.host, b.call.Token)}
	return b
}

func (b *bench) get(t *testing.T, url string) (*http.Response, string, error) {
	t.Helper()
	resp, err := b.client.Get(url)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp, string(body), err
}

func TestExchange(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Set-Cookie", "session=1")
		w.Header().Set("Link", "<https://api.acme.example/2>; rel=next")
		fmt.Fprintf(w, "%s %s %s host=%s auth=%q cookie=%q body=%d", r.Method, r.URL, r.Header.Get("X-Own"), r.Host, seen(r.Header.Get("Authorization")), r.Header.Get("Cookie"), len(body))
	}), nil)
	req, _ := http.NewRequest(http.MethodPost, "https://api.acme.example/v2/a%2Fb?q=1#f", bytes.NewReader(make([]byte, 300<<10)))
	req.Header.Set("X-Own", "mine")
	req.Header.Set("Authorization", "Bearer stolen")
	req.Header.Set("Cookie", "a=b")
	resp, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	want := `POST /v2/a%2Fb?q=1 mine host=api.acme.example auth="Bearer <token>0" cookie="" body=307200`
	if string(body) != want {
		t.Errorf("the package saw\n %s, want\n %s", body, want)
	}
	if resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Link") == "" || resp.StatusCode != 200 {
		t.Errorf("the connector saw %d %v", resp.StatusCode, resp.Header)
	}
	if strings.Contains(b.log.String(), secret) || !strings.Contains(b.log.String(), `"host":"api.acme.example"`) {
		t.Errorf("log: %s", b.log)
	}
}

func TestAllowList(t *testing.T) {
	t.Parallel()
	reached := atomic.Int64{}
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		if r.URL.Path == "/redirect" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
			return
		}
		fmt.Fprint(w, r.Host, " ", r.Header.Get("Authorization"))
	}), nil)
	for url, want := range map[string]string{
		"https://other.example/":                                      "does not name https://other.example",
		"https://api.acme.example.evil/":                              "does not name",
		"https://127.0.0.1/":                                          "does not name",
		"https://169.254.169.254/latest":                              "does not name",
		"https://localhost:8/":                                        "does not name https://localhost:8", // not the port that was filled in
		"https://localhost:9/x":                                       "not a public address",
		"http://localhost:9/x":                                        "does not name http://localhost:9",
		"https://u:p@api.acme.example/":                               "not an absolute URL",
		"file:///etc/passwd":                                          "not an absolute URL",
		"https://api.acme.example/redirect?to=https://other.example/": "does not name https://other.example",
		"https://api.acme.example/redirect?to=https://localhost:9/x":  "not a public address",
	} {
		if _, body, err := b.get(t, url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q, %v; want %q", url, body, err, want)
		}
	}
	if n := reached.Load(); n != 2 {
		t.Errorf("%d requests went out, want the 2 that were redirected", n)
	}
	if _, body, err := b.get(t, "https://api.acme.example/redirect?to=https://files.acme.example/a.pdf"); err != nil || body != "files.acme.example " {
		t.Errorf("a download got %q, %v; want no credentials", body, err)
	}
}

func TestRequestOutsideACallIsRefused(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.NotFoundHandler(), nil)
	b.call.Close()
	if _, _, err := b.get(t, "https://api.acme.example/"); !errors.Is(err, wire.ErrDenied) {
		t.Errorf("after the call: %v", err)
	}
}

func TestExpiredTokenInMidPageIsRenewedOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.Header.Get("Authorization") == "Bearer SECRET-TOKEN0" || r.URL.Path == "/never" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}), nil)
	resp, err := b.client.Post("https://api.acme.example/write", "text/plain", strings.NewReader("x"))
	if err != nil || resp.StatusCode != 200 || calls.Load() != 2 {
		t.Errorf("%v, %v after %d calls", resp, err, calls.Load())
	}
	calls.Store(0)
	if resp, _, err := b.get(t, "https://api.acme.example/never"); err != nil || resp.StatusCode != 401 || calls.Load() != 2 {
		t.Errorf("%v, %v after %d calls; want the package's own 401 after 2", resp, err, calls.Load())
	}
}

func TestDeadConnectionIsAFaultOfTheConnection(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.NotFoundHandler(), nil)
	b.credentials.err = fmt.Errorf("%w: connect it again", sdk.ErrAuth)
	if _, _, err := b.get(t, "https://api.acme.example/"); !errors.Is(err, sdk.ErrAuth) || !errors.Is(b.call.Fault(), sdk.ErrAuth) {
		t.Errorf("%v, noted %v", err, b.call.Fault())
	}
}

func TestRepeats(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := calls.Add(1)
		switch r.URL.Path {
		case "/flaky":
			if n < 3 {
				w.WriteHeader(http.StatusBadGateway)
			}
		case "/cut":
			if n < 3 {
				w.Header().Set("Content-Length", "100")
				fmt.Fprint(w, "half")
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, "whole")
		case "/down":
			w.WriteHeader(http.StatusInternalServerError)
		case "/limited":
			if n < 2 {
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		case "/spent":
			w.Header().Set("Retry-After", "86400")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}), nil)
	post := func(ctx context.Context, path string) (int, error) {
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "https://api.acme.example"+path, strings.NewReader("x"))
		resp, err := b.client.Do(req)
		if err != nil {
			return 0, err
		}
		_ = resp.Body.Close()
		return resp.StatusCode, nil
	}
	get := func(_ context.Context, path string) (int, error) {
		resp, _, err := b.get(t, "https://api.acme.example"+path)
		if err != nil {
			return 0, err
		}
		return resp.StatusCode, nil
	}
	for _, c := range []struct {
		name   string
		do     func(context.Context, string) (int, error)
		ctx    context.Context
		path   string
		status int
		calls  int64
	}{
		{"read that fails twice", get, t.Context(), "/flaky", 200, 3},
		{"read that breaks off", get, t.Context(), "/cut", 200, 3},
		{"read that keeps failing", get, t.Context(), "/down", 500, 4},
		{"write that fails", post, t.Context(), "/flaky", 502, 1},
		{"write that breaks off", post, t.Context(), "/cut", 0, 1},
		{"post that only reads", post, sdk.Repeatable(t.Context()), "/flaky", 200, 3},
		{"write that was too early", post, t.Context(), "/limited", 200, 2},
	} {
		calls.Store(0)
		status, err := c.do(c.ctx, c.path)
		if status != c.status || (err != nil) != (c.status == 0) || calls.Load() != c.calls {
			t.Errorf("%s: %d after %d calls (%v), want %d after %d", c.name, status, calls.Load(), err, c.status, c.calls)
		}
	}
	_, err := get(t.Context(), "/spent")
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait < 23*time.Hour {
		t.Errorf("a spent day: %v", err)
	}
	if _, ok := errors.AsType[*sdk.RetryAfter](b.call.Fault()); !ok {
		t.Errorf("noted %v", b.call.Fault())
	}
}

func TestLargeAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := 3 << 20
		if r.URL.Path == "/huge" {
			size = 5 << 20
		}
		_, _ = w.Write(bytes.Repeat([]byte("0123456789abcdef"), size/16))
	}), func(_ *manifest.Manifest, c *broker.Config, _ *broker.EgressConfig) { c.MaxBody = 4 << 20 })
	if _, body, err := b.get(t, "https://api.acme.example/large"); err != nil || len(body) != 3<<20 || !strings.HasSuffix(body, "0123456789abcdef") {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if _, body, err := b.get(t, "https://api.acme.example/huge"); !errors.Is(err, sdk.ErrInvalid) || !strings.Contains(err.Error(), "larger than 4 MiB") {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestCallEndsItsExchanges(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	b := newBench(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}), nil)
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "https://api.acme.example/hang", nil)
	if _, err := b.client.Do(req); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a hanging package: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); b.call.Busy(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the exchange goes on after its call")
		}
	}
}

func TestOtherWaysToSend(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		auth manifest.Auth
		want string
	}{
		"query":  {manifest.Auth{Type: manifest.Token, SecretField: "api_token", Send: []manifest.Send{{In: manifest.InQuery, Name: "key"}}}, "/?a=1&key=<token>"},
		"header": {manifest.Auth{Type: manifest.Token, SecretField: "api_token", Send: []manifest.Send{{In: manifest.InHeader, Name: "X-Key"}}}, "/?a=1  <token>"},
		"basic":  {manifest.Auth{Type: manifest.Basic, Send: []manifest.Send{{In: manifest.InBasic, User: "{{secret.user}}", Password: "{{secret.api_token}}"}}}, "/?a=1 Basic dXM6U0VDUkVULVRPS0VO"},
		"none":   {manifest.Auth{Type: manifest.None}, "/?a=1 "},
	} {
		b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, strings.TrimRight(seen(fmt.Sprintf("%s %s %s", r.URL, r.Header.Get("Authorization"), r.Header.Get("X-Key"))), " "))
		}), func(m *manifest.Manifest, _ *broker.Config, _ *broker.EgressConfig) { m.Auth = []manifest.Auth{c.auth} })
		if _, body, err := b.get(t, "https://api.acme.example/?a=1"); err != nil || body != strings.TrimRight(c.want, " ") {
			t.Errorf("%s: %q, %v; want %q", name, body, err, c.want)
		}
		if strings.Contains(b.log.String(), secret) {
			t.Errorf("%s: log: %s", name, b.log)
		}
	}
}

func TestLocalHandlerKnowsTheConnection(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.NotFoundHandler(), func(m *manifest.Manifest, _ *broker.Config, e *broker.EgressConfig) {
		m.Hosts = []string{"files.voldaan.internal"}
		e.Local = map[string]http.Handler{"files.voldaan.internal": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, ok := broker.ConnectionOf(r.Context())
			if r.URL.Path == "/panic" {
				panic("oops")
			}
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprint(w, r.URL.Path, ok && c.ID != uuid.Nil)
		})}
	})
	if resp, body, err := b.get(t, "https://files.voldaan.internal/list"); err != nil || body != "/listtrue" || resp.StatusCode != http.StatusTeapot {
		t.Errorf("%q, %v", body, err)
	}
	if _, body, err := b.get(t, "https://files.voldaan.internal/panic"); err == nil || !strings.Contains(err.Error(), "local server failed") {
		t.Errorf("%q, %v", body, err)
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2a00:1450:4001::1": true, "64:ff9b::808:808": true, "::ffff:8.8.8.8": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false, "192.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false,
		"64:ff9b::7f00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "ff02::1": false, "fe80::1%eth0": false, "::127.0.0.1": false,
	} {
		if got := broker.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("Public(%s) = %t", address, got)
		}
	}
}
