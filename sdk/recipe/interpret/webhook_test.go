package interpret_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
)

func sum(h func() hash.Hash, text string) []byte {
	m := hmac.New(h, []byte("secret"))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := strings.ReplaceAll(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "\n", "\n      ")
	const body = `{"id":"1","Content":{"Key":"k"},"Hash":"%s"}`
	signRSA := func(text string) string {
		d := sha512.Sum512([]byte(text))
		s, err := rsa.SignPKCS1v15(nil, key, crypto.SHA512, d[:])
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(s)
	}
	for name, tt := range map[string]struct {
		signature string
		header    string
		body      string
		good      bool
	}{
		"hex of the body":       {"{scheme: hmac-sha256, header: X-S, prefix: sha256=}", "sha256=" + hex.EncodeToString(sum(sha256.New, body)), body, true},
		"without the prefix":    {"{scheme: hmac-sha256, header: X-S, prefix: sha256=}", hex.EncodeToString(sum(sha256.New, body)), body, false},
		"base64":                {"{scheme: hmac-sha256, header: X-S, encoding: base64}", base64.StdEncoding.EncodeToString(sum(sha256.New, body)), body, true},
		"sha1":                  {"{scheme: hmac-sha1, header: X-S}", hex.EncodeToString(sum(sha1.New, body)), body, true},
		"sha512":                {"{scheme: hmac-sha512, header: X-S}", hex.EncodeToString(sum(sha512.New, body)), body, true},
		"of a template":         {`{scheme: hmac-sha256, header: X-S, signed: '{{ $headers["x-at"] }}.{{ $text }}', at: '$headers["x-at"] | moment("unix")'}`, hex.EncodeToString(sum(sha256.New, "1795262400."+body)), body, true},
		"too old":               {`{scheme: hmac-sha256, header: X-S, at: '.at'}`, hex.EncodeToString(sum(sha256.New, `{"at":"2026-11-21T11:54:00Z"}`)), `{"at":"2026-11-21T11:54:00Z"}`, false},
		"in the body":           {`{scheme: hmac-sha256, given: .Hash, signed: '{{ $text | capture("\"Content\":(?<c>.*),\"Hash\"").c }}'}`, "", fmt.Sprintf(body, strings.ToUpper(hex.EncodeToString(sum(sha256.New, `{"Key":"k"}`)))), true},
		"token":                 {"{scheme: token, header: X-S}", "secret", body, true},
		"basic":                 {"{scheme: token, header: X-S, prefix: 'Basic '}", "Basic secret", body, true},
		"wrong token":           {"{scheme: token, header: X-S}", "Secret", body, false},
		"none":                  {"{scheme: none}", "", body, true},
		"changed":               {"{scheme: hmac-sha256, header: X-S}", hex.EncodeToString(sum(sha256.New, body+" ")), body, false},
		"missing":               {"{scheme: hmac-sha256, header: X-S}", "", body, false},
		"nonsense":              {"{scheme: hmac-sha256, header: X-S}", "zz", body, false},
		"rsa":                   {"\n    scheme: rsa-sha512\n    header: X-S\n    encoding: base64\n    public_key: |\n      " + public, signRSA(body), body, true},
		"rsa of something else": {"\n    scheme: rsa-sha512\n    header: X-S\n    encoding: base64\n    public_key: |\n      " + public, signRSA("x"), body, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, "webhook:\n  signature: "+tt.signature+"\n  hint: {stream: invoices, id: .id // \"1\"}\n", nil)
			h := http.Header{"X-At": {"1795262400"}}
			if tt.header != "" {
				h.Set("X-S", tt.header)
			}
			got, err := b.c.Webhook(t.Context(), b.s, sdk.WebhookCall{Header: h, Body: []byte(tt.body)})
			if tt.good != (err == nil) || err != nil && !errors.Is(err, sdk.ErrAuth) || tt.good && (len(got) != 1 || got[0].ID != "1" || got[0].Event == "") {
				t.Errorf("%+v, %v", got, err)
			}
			if strings.HasPrefix(tt.signature, "{scheme: hmac") || strings.HasPrefix(tt.signature, "{scheme: token") {
				b.s.WebhookSecret = nil
				if _, err := b.c.Webhook(t.Context(), b.s, sdk.WebhookCall{Header: h, Body: []byte(tt.body)}); !errors.Is(err, sdk.ErrAuth) {
					t.Errorf("without a secret: %v", err)
				}
			}
		})
	}
}

func TestHintsAndHandshake(t *testing.T) {
	t.Parallel()
	b := open(t, `webhook:
  signature: {scheme: none}
  each: .value
  hint:
    when: .type != "Estimate"
    administration: .realm
    stream: {of: .type, is: {Invoice: invoices, Payment: payments, Customer: parties}, otherwise: ""}
    id: .id
    event: .event
  handshake: {when: .validationToken, answer: "{{ .validationToken }}"}
`, nil)
	call := func(body string) sdk.WebhookCall { return sdk.WebhookCall{Header: http.Header{}, Body: []byte(body)} }
	got, err := b.c.Webhook(t.Context(), b.s, call(`{"value":[{"type":"Invoice","id":130,"realm":9,"event":"e1"},{"type":"Customer","id":"c"},{"type":"Estimate","id":1},{"type":"New","id":2},{"type":"Invoice"}]}`))
	if err != nil || len(got) != 2 || got[0] != (sdk.Hint{Administration: "9", Stream: sdk.Invoices, ID: "130", Event: "e1"}) || got[1].Stream != sdk.Parties || got[1].Event == "" {
		t.Errorf("%+v, %v", got, err)
	}
	for _, body := range []string{`{`, `{"value":{}}`, `[]`, ``} {
		if got, err := b.c.Webhook(t.Context(), b.s, call(body)); !errors.Is(err, sdk.ErrInvalid) {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
	if text, yes, err := b.c.Handshake(t.Context(), b.s, call(`{"validationToken":"abc"}`)); text != "abc" || !yes || err != nil {
		t.Errorf("%q %v %v", text, yes, err)
	}
	if _, yes, err := b.c.Handshake(t.Context(), b.s, call(`{}`)); yes || err != nil {
		t.Errorf("%v %v", yes, err)
	}
}

// The address and the method of a call are signed by some, and asked about by others.
func TestCalledAddress(t *testing.T) {
	t.Parallel()
	b := open(t, `webhook:
  signature:
    scheme: hmac-sha256
    header: X-Signature
    encoding: base64
    signed: "{{ $method }}{{ $url }}{{ $text }}"
  hint: {stream: '"invoices"', id: .id}
  handshake: {when: $query.validationToken, answer: "{{ $query.validationToken }}"}
`, nil)
	b.s.WebhookSecret = []byte("secret")
	call := sdk.WebhookCall{Method: "POST", URL: "https://hub.example/calls/7?x=1", Header: http.Header{}, Body: []byte(`{"id":"4"}`)}
	mac := hmac.New(sha256.New, b.s.WebhookSecret)
	mac.Write([]byte(`POSThttps://hub.example/calls/7?x=1{"id":"4"}`))
	call.Header.Set("X-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	if got, err := b.c.Webhook(t.Context(), b.s, call); err != nil || len(got) != 1 || got[0].ID != "4" {
		t.Errorf("%+v, %v", got, err)
	}
	call.URL = "https://hub.example/calls/8?x=1"
	if _, err := b.c.Webhook(t.Context(), b.s, call); !errors.Is(err, sdk.ErrAuth) {
		t.Errorf("a call to another address: %v", err)
	}
	asked := sdk.WebhookCall{Method: "GET", URL: "https://hub.example/calls/7?validationToken=a%20b"}
	if text, yes, err := b.c.Handshake(t.Context(), b.s, asked); text != "a b" || !yes || err != nil {
		t.Errorf("%q %v %v", text, yes, err)
	}
}
