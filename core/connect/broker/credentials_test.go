package broker_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"software.sslmate.com/src/go-pkcs12"
)

func post(t *testing.T, b *bench, url, body string) string {
	t.Helper()
	resp, err := b.client.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// The connector writes a placeholder and gets to see a placeholder: what the
// package repeats of the secret is blotted out, and a download gets none.
func TestSecretInTheBody(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(string(body))
		w.Header().Set("X-Debug", string(body))
		fmt.Fprintf(w, "bad call: %s", body)
	}), func(m *manifest.Manifest, _ *broker.Config, _ *broker.EgressConfig) {
		m.Auth = []manifest.Auth{{Type: manifest.Token, Send: []manifest.Send{{In: manifest.InBody, Format: manifest.JSON, At: "args.1", Value: "{{secret.api_token}}"}}}}
	})
	const asked = `{"args":[7,"{{secret.api_token}}"],"note":"{{secret.api_token}}"}`
	if answer := post(t, b, "https://api.acme.example/rpc", asked); got.Load() != `{"args":[7,"`+secret+`"],"note":"{{secret.api_token}}"}` || strings.Contains(answer, secret) || !strings.Contains(answer, `"************"`) {
		t.Errorf("the package saw %s, the connector %s", got.Load(), answer)
	}
	if post(t, b, "https://files.acme.example/rpc", asked); got.Load() != asked {
		t.Errorf("a download saw %s", got.Load())
	}
	if strings.Contains(b.log.String(), secret) {
		t.Errorf("log: %s", b.log)
	}
}

// A session that has ended is opened again, also where the package says so with
// status 200, and the request is made again once.
func TestEndedSessionIsRenewed(t *testing.T) {
	t.Parallel()
	calls := atomic.Int64{}
	b := newBench(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Path == "/dead" || seen(r.Header.Get("Authorization")) == "<token>0" {
			fmt.Fprint(w, "<fault>Invalid session</fault>")
			return
		}
		fmt.Fprint(w, "fine")
	}), func(m *manifest.Manifest, _ *broker.Config, _ *broker.EgressConfig) {
		m.Auth = []manifest.Auth{{
			Type: manifest.ClientCredentials, Expired: manifest.Expired{Body: []string{"Invalid session"}},
			Send: []manifest.Send{{In: manifest.InHeader, Name: "Authorization", Value: "{{access}}"}},
		}}
	})
	if answer := post(t, b, "https://api.acme.example/x", "{}"); answer != "fine" || calls.Load() != 2 {
		t.Errorf("%q after %d calls", answer, calls.Load())
	}
	if answer := post(t, b, "https://api.acme.example/dead", "{}"); answer != "<fault>Invalid session</fault>" || calls.Load() != 4 {
		t.Errorf("%q after %d calls", answer, calls.Load())
	}
}

// certified hands out a certificate.
type certified struct{ grant token.Grant }

func (c *certified) Get(context.Context, token.Ref, *manifest.Manifest) (token.Grant, error) {
	return c.grant, nil
}

func (c *certified) Renew(context.Context, token.Ref, *manifest.Manifest, int64) (token.Grant, error) {
	return c.grant, nil
}

func selfSigned(t *testing.T, name string) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

func TestClientCertificates(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS.PeerCertificates[0].Subject.CommonName)
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	server.StartTLS()
	t.Cleanup(server.Close)
	key, cert := selfSigned(t, "Jansen")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pfx, err := pkcs12.Modern.Encode(key, cert, nil, "letmein-123")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{
		"cert": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})),
		"key":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
		"pfx":  base64.StdEncoding.EncodeToString(pfx), "password": "letmein-123", "wrong": "wrong",
	}
	for name, c := range map[string]struct {
		certificate manifest.ClientCertificate
		want        string
	}{
		"pem":            {manifest.ClientCertificate{CertificateField: "cert", KeyField: "key"}, "Jansen"},
		"pfx":            {manifest.ClientCertificate{PFXField: "pfx", PasswordField: "password"}, "Jansen"},
		"wrong password": {manifest.ClientCertificate{PFXField: "pfx", PasswordField: "wrong"}, ""},
		"not a key":      {manifest.ClientCertificate{CertificateField: "cert", KeyField: "cert"}, ""},
	} {
		credentials := &certified{token.Grant{Generation: 1, Credentials: token.Credentials{Fields: fields}}}
		b := newBench(t, http.NotFoundHandler(), func(m *manifest.Manifest, c2 *broker.Config, e *broker.EgressConfig) {
			m.Auth = []manifest.Auth{{Type: manifest.Certificate, ClientCertificate: &c.certificate}}
			c2.Credentials = credentials
			e.Overrides["api.acme.example"] = server.URL
			e.TLS = &tls.Config{InsecureSkipVerify: true} // the server's certificate is not what is tested
		})
		for range 2 {
			_, body, err := b.get(t, "https://api.acme.example/")
			if c.want == "" {
				if !errors.Is(err, sdk.ErrAuth) || strings.Contains(err.Error(), "PRIVATE") {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if err != nil || body != c.want {
				t.Errorf("%s: %q, %v", name, body, err)
			}
		}
		if bytes.Contains(b.log.Bytes(), []byte("letmein")) {
			t.Errorf("%s: log: %s", name, b.log)
		}
	}
}
