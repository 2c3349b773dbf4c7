package broker_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/serve"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// names is a name server that answers with one address after the other and keeps
// to the last.
func names(t *testing.T, answers ...string) (*net.Resolver, *atomic.Int64) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	asked := &atomic.Int64{}
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(answerTo(buf[:n], answers, asked), from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}, asked
}

// answerTo answers a question for an address of the kind that the answer is of
// (RFC 1035, section 4).
func answerTo(q []byte, answers []string, asked *atomic.Int64) []byte {
	end := 12
	for end < len(q) && q[end] != 0 {
		end += int(q[end]) + 1
	}
	end += 5
	kind := binary.BigEndian.Uint16(q[end-4:])
	out := bytes.Clone(q[:end])
	out[2], out[3] = 0x81, 0x80
	copy(out[6:12], []byte{0, 0, 0, 0, 0, 0})
	a := netip.MustParseAddr(answers[min(int(asked.Load()), len(answers)-1)])
	if kind == 1 && a.Is4() || kind == 28 && a.Is6() {
		asked.Add(1)
		out[7] = 1
		out = append(out, 0xc0, 12)
		out = binary.BigEndian.AppendUint16(out, kind)
		out = append(out, 0, 1, 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint16(out, uint16(len(a.AsSlice())))
		out = append(out, a.AsSlice()...)
	}
	return out
}

// TestNamesThatLeadInside gives a host of the allow-list an address inside.
func TestNamesThatLeadInside(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"127.0.0.1", "0.0.0.0", "0.1.2.3", "10.0.0.5", "169.254.169.254", "100.100.100.200", "192.168.0.1", "::1", "::ffff:127.0.0.1",
		"::ffff:169.254.169.254", "fd00:ec2::254", "fe80::1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::",
	} {
		resolver, asked := names(t, address)
		b := newBench(t, http.NotFoundHandler(), func(_ *manifest.Manifest, c *broker.Config, e *broker.EgressConfig) {
			e.Overrides, e.Resolver, c.Attempts = nil, resolver, 1
		})
		_, _, err := b.get(t, "https://api.acme.example/")
		if err == nil || !strings.Contains(err.Error(), broker.ErrPrivate.Error()) || asked.Load() == 0 {
			t.Errorf("%s: %v after %d questions", address, err, asked.Load())
		}
		if b.broker.Stats.Denied.Load() == 0 {
			t.Errorf("%s was not counted as denied", address)
		}
	}
}

// TestNameThatChangesItsMind resolves to a public address at the first look and
// to ours at the second. What is looked at is what is dialled, so the second look
// is of no use; the server here proves that nobody comes.
func TestNameThatChangesItsMind(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	t.Cleanup(server.Close)
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	open := func(inside []netip.Prefix, answers ...string) *bench {
		resolver, _ := names(t, answers...)
		b := newBench(t, http.NotFoundHandler(), func(_ *manifest.Manifest, c *broker.Config, e *broker.EgressConfig) {
			e.Overrides, e.Resolver, e.Inside, c.Attempts = nil, resolver, inside, 4
			e.TLS = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
			e.TLS.ServerName = "example.com"
			c.Timeout = 300 * time.Millisecond // nothing answers at the first address
		})
		// The port is that of a package that the user hosts.
		b.client.Transport = serve.NewTransport(b.host, b.port.Open(t.Context(), broker.Target{Manifest: b.manifest},
			broker.Connection{ID: uuid.New(), Config: map[string]string{"url": "https://books.example:" + port}}).Token)
		return b
	}
	if _, _, err := open(nil, "192.88.98.1", "127.0.0.1").get(t, "https://books.example:"+port+"/"); err == nil {
		t.Error("no error")
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests came in", n)
	}
	// The same with our network open shows that the test would notice.
	if _, _, err := open([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, "127.0.0.1").get(t, "https://books.example:"+port+"/"); err != nil || reached.Load() != 1 {
		t.Errorf("inside: %v after %d requests", err, reached.Load())
	}
}

func TestURLsThatPretend(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.URL.Query().Get("to"); to != "" {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
			return
		}
		reached.Add(1)
	}), func(_ *manifest.Manifest, _ *broker.Config, e *broker.EgressConfig) {
		delete(e.Overrides, "files.acme.example")
	})
	urls := []string{
		"https://evil.example/", "https://api.acme.example@evil.example/", "https://evil.example#@api.acme.example/",
		"https://evil.example?.api.acme.example", "https://evil.example\\@api.acme.example/", "https://api.acme.example.evil.example/",
		"https://xapi.acme.example/", "https://api%2eacme.example/", "https://api.acme.example%00.evil.example/", "//api.acme.example/",
		"gopher://api.acme.example/", "ftp://files.acme.example/", "http://files.acme.example/", "https://files.acme.example:8443/",
		"https://files.acme.example:22/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0x7f.1/", "https://127.1/",
		"https://localhost:10/", "unix:///var/run/docker.sock", "https:///nothing", "https://files.acme.example:443:22/",
	}
	for _, u := range urls {
		for _, via := range []string{u, "https://api.acme.example/?to=" + url.QueryEscape(u)} {
			if via != u && strings.HasPrefix(u, "//") {
				continue // a redirect to where it comes from
			}
			if resp, _, err := b.raw(t, via); err == nil && resp.StatusCode < 300 {
				t.Errorf("%s was let through", via)
			}
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("%d requests came in", n)
	}
	long := "https://api.acme.example/?q=" + strings.Repeat("x", 17<<10)
	if _, _, err := b.get(t, long); !errors.Is(err, sdk.ErrInvalid) || !strings.Contains(err.Error(), "a URL of") {
		t.Errorf("a long URL: %v", err)
	}
}

// TestHeadersThatSmuggle sends headers over the wire that Go's client would not.
func TestHeadersThatSmuggle(t *testing.T) {
	t.Parallel()
	var seen atomic.Pointer[http.Request]
	b := newBench(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r) }), nil)
	for name, value := range map[string]string{
		"X-A": "1\r\nHost: evil.example", "X-B": "1\nX: y", "X-C": "\x00", "X-D\r\nHost": "evil.example", "X E": "1", "X-F:": "1", "": "1",
		":authority": "evil.example", "X-Ünder": "1",
	} {
		if _, err := b.exchange(t, &pb.RequestHead{Method: "GET", Url: "https://api.acme.example/", Header: []*pb.HeaderField{{Name: name, Value: []byte(value)}}}); !strings.Contains(fmt.Sprint(err), "InvalidArgument") {
			t.Errorf("%q: %q: %v", name, value, err)
		}
	}
	var many []*pb.HeaderField
	for i := range 101 {
		many = append(many, &pb.HeaderField{Name: fmt.Sprint("X-", i), Value: []byte("1")})
	}
	if _, err := b.exchange(t, &pb.RequestHead{Method: "GET", Url: "https://api.acme.example/", Header: many}); !strings.Contains(fmt.Sprint(err), "101 headers") {
		t.Errorf("many headers: %v", err)
	}
	for _, method := range []string{"CONNECT", "TRACE", "GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "", "get"} {
		if _, err := b.exchange(t, &pb.RequestHead{Method: method, Url: "https://api.acme.example/"}); !strings.Contains(fmt.Sprint(err), "InvalidArgument") {
			t.Errorf("method %q: %v", method, err)
		}
	}
	if seen.Load() != nil {
		t.Fatalf("a request came in: %v", seen.Load().Header)
	}
	var ours []*pb.HeaderField
	for _, name := range []string{
		"host", "HOST", "transfer-encoding", "content-length", "connection", "upgrade", "te", "trailer", "expect", "authorization", "cookie",
		"x-forwarded-for", "x-forwarded-anything", "proxy-authorization", "proxy-x", "forwarded", "via", "x-real-ip",
	} {
		ours = append(ours, &pb.HeaderField{Name: name, Value: []byte("evil")})
	}
	if _, err := b.exchange(t, &pb.RequestHead{Method: "GET", Url: "https://api.acme.example/", Header: ours}); err != nil {
		t.Fatal(err)
	}
	r := seen.Load()
	if r.Host != "api.acme.example" || r.ContentLength != 0 || len(r.TransferEncoding) != 0 {
		t.Errorf("host %q, length %d, encoding %v", r.Host, r.ContentLength, r.TransferEncoding)
	}
	for name, values := range r.Header {
		if strings.Contains(strings.Join(values, ""), "evil") {
			t.Errorf("%s: %v came through", name, values)
		}
	}
}

func TestAnswersThatHarm(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			zeros := make([]byte, 1<<20)
			for range 512 {
				if _, err := z.Write(zeros); err != nil {
					return
				}
			}
			_ = z.Close()
		case "/drip":
			for {
				if _, err := w.Write([]byte(".")); err != nil || r.Context().Err() != nil {
					return
				}
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		case "/headers":
			for i := range 10_000 {
				w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 100))
			}
		case "/mute":
			<-r.Context().Done()
		}
	}), func(_ *manifest.Manifest, c *broker.Config, _ *broker.EgressConfig) {
		c.MaxBody, c.Timeout, c.Attempts = 8<<20, 300*time.Millisecond, 2
	})
	began := time.Now()
	_, body, err := b.get(t, "https://api.acme.example/bomb")
	if err == nil || len(body) > 8<<20 {
		t.Errorf("a bomb gave %d bytes, %v", len(body), err)
	}
	for _, path := range []string{"/drip", "/mute", "/headers"} {
		if _, _, err := b.get(t, "https://api.acme.example"+path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestConnectorThatWithholdsIsNotBusy opens requests that it does not finish: that
// does not count as waiting for the package, which would excuse it for ever.
func TestConnectorThatWithholdsIsNotBusy(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.NotFoundHandler(), nil)
	stream, err := b.host.Exchange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&pb.ExchangeRequest{Head: &pb.RequestHead{Token: b.call.Token, Method: "POST", Url: "https://api.acme.example/"}}); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(5 * time.Second); b.call.Exchanges() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the request did not come in")
		}
	}
	time.Sleep(20 * time.Millisecond)
	if b.call.Busy() {
		t.Error("a request that is not finished counts as waiting for the package")
	}
}

// TestBodiesThatPileUp opens many large requests at once.
func TestBodiesThatPileUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }), nil)
	chunk := make([]byte, wire.ChunkSize)
	refused := false
	for range 8 {
		stream, err := b.host.Exchange(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_ = stream.Send(&pb.ExchangeRequest{Head: &pb.RequestHead{Token: b.call.Token, Method: "POST", Url: "https://api.acme.example/"}})
		for range 30<<20/len(chunk) - 1 {
			if err := stream.Send(&pb.ExchangeRequest{Body: chunk}); err != nil {
				_, err = stream.Recv()
				refused = refused || strings.Contains(err.Error(), "more than 128 MiB under way")
				break
			}
		}
	}
	if !refused {
		t.Error("240 MiB of requests were held at once")
	}
	if _, _, err := b.get(t, "https://api.acme.example/"); err != nil {
		t.Errorf("a small one beside them: %v", err)
	}
}

// TestTokenOfAnotherProcess uses a token that belongs to a call which is under way
// in another process, and asks for its manifest.
func TestTokenOfAnotherProcess(t *testing.T) {
	t.Parallel()
	b := newBench(t, http.NotFoundHandler(), nil)
	other := b.broker.NewPort().Open(t.Context(), broker.Target{Manifest: b.manifest, Source: []byte("name: acme")}, broker.Connection{ID: uuid.New()})
	for name, tok := range map[string]string{"of another process": other.Token, "made up": "x"} {
		if _, err := b.exchange(t, &pb.RequestHead{Token: tok, Method: "GET", Url: "https://api.acme.example/"}); !strings.Contains(fmt.Sprint(err), "PermissionDenied") {
			t.Errorf("a token %s: %v", name, err)
		}
		if _, err := b.host.Manifest(t.Context(), &pb.ManifestRequest{Token: tok}); !strings.Contains(fmt.Sprint(err), "PermissionDenied") {
			t.Errorf("a manifest with a token %s: %v", name, err)
		}
	}
	recipe := b.port.Open(t.Context(), broker.Target{Manifest: b.manifest, Source: []byte("name: acme")}, broker.Connection{ID: uuid.New()})
	if m, err := b.host.Manifest(t.Context(), &pb.ManifestRequest{Token: recipe.Token}); err != nil || string(m.GetContent()) != "name: acme" {
		t.Errorf("%q, %v", m.GetContent(), err)
	}
}

// raw asks for a URL as it is, without Go's client cleaning it, and follows one
// redirect in the same way.
func (b *bench) raw(t *testing.T, u string) (*http.Response, string, error) {
	t.Helper()
	m, err := b.exchange(t, &pb.RequestHead{Method: "GET", Url: u})
	if err != nil {
		return nil, "", err
	}
	for _, h := range m.GetHead().GetHeader() {
		if h.GetName() == "Location" {
			if m, err = b.exchange(t, &pb.RequestHead{Method: "GET", Url: string(h.GetValue())}); err != nil {
				return nil, "", err
			}
		}
	}
	return &http.Response{StatusCode: int(m.GetHead().GetStatus())}, string(m.GetBody()), nil
}

// exchange makes one request over the wire, with the token of the bench's call
// unless the head has one.
func (b *bench) exchange(t *testing.T, head *pb.RequestHead) (*pb.ExchangeResponse, error) {
	t.Helper()
	if head.Token == "" {
		head.Token = b.call.Token
	}
	stream, err := b.host.Exchange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(stream.Send(&pb.ExchangeRequest{Head: head}), stream.CloseSend()); err != nil {
		t.Fatal(err)
	}
	return stream.Recv()
}
