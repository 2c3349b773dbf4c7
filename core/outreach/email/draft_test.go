package email_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/outreach/email"
)

func draft() email.Draft {
	id := uuid.MustParse("0193a1f0-7d2c-7a6b-9c55-3f0a1b2c3d4e")
	return email.Draft{
		MessageID: email.MessageID(id, "mail.voldaan.example"),
		Date:      time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		From:      email.Sender("Café 't Hoekje", "info@hoekje.example", false, "berichten@mail.voldaan.example"),
		To:        mail.Address{Name: "Zoë", Address: "zoe@example.org"},
		ReplyTo:   mail.Address{Name: "Café 't Hoekje", Address: "reply+abc@in.voldaan.example"},
		Bounce:    "bounce+abc@in.voldaan.example",
		Subject:   "Factuur 2026-0412 van Café 't Hoekje",
		Text:      "Nog te betalen: € 1.210,00\n.een punt aan het begin\n",
		HTML:      "<p>Nog te betalen: €&nbsp;1.210,00</p>",
		Attachments: []email.Attachment{
			{Name: "factuur é.pdf", ContentType: "application/pdf", Bytes: []byte("%PDF-1.4 x")},
		},
	}
}

func compose(t *testing.T, d email.Draft, s *email.Signer) (email.Envelope, *mail.Message) {
	t.Helper()
	e, err := email.Compose(d, s)
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(e.Raw))
	if err != nil {
		t.Fatal(err)
	}
	return e, m
}

func TestCompose(t *testing.T) {
	t.Parallel()
	d := draft()
	for i := range 25 {
		d.Thread = append(d.Thread, fmt.Sprintf("<m%d@mail.voldaan.example>", i))
	}
	e, m := compose(t, d, nil)
	if e.From != d.Bounce || e.To != "zoe@example.org" {
		t.Errorf("envelope %s -> %s", e.From, e.To)
	}
	refs := strings.Fields(m.Header.Get("References"))
	if len(refs) != 11 || refs[0] != "<m0@mail.voldaan.example>" || refs[10] != "<m24@mail.voldaan.example>" {
		t.Errorf("References %v", refs)
	}
	from, err := m.Header.AddressList("From")
	if err != nil || from[0].Name != "Café 't Hoekje via Voldaan" || from[0].Address != "berichten@mail.voldaan.example" {
		t.Errorf("From %v, %v", from, err)
	}
	for name, want := range map[string]string{
		"Message-Id": d.MessageID, "In-Reply-To": "<m24@mail.voldaan.example>", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe": "", "Precedence": "", "Bcc": "", "Return-Path": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for line := range bytes.SplitSeq(e.Raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Fatalf("a line of %d octets or with a lone CR or LF", len(line))
		}
	}
	kinds := parts(t, m.Header.Get("Content-Type"), m.Body)
	if got := strings.Join(kinds, " "); got != "text/plain text/html application/pdf" {
		t.Errorf("parts %s", got)
	}
}

func parts(t *testing.T, contentType string, body io.Reader) []string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return []string{kind}
	}
	var out []string
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, parts(t, p.Header.Get("Content-Type"), p)...)
	}
}

func TestSender(t *testing.T) {
	t.Parallel()
	own := email.Sender("Acme", "a@acme.example", true, "x@v.example")
	if got := own.String(); got != `"Acme" <a@acme.example>` {
		t.Errorf("aligned: %s", got)
	}
	via := email.Sender("Acme", "a@acme.example", false, "x@v.example")
	if got := via.String(); got != `"Acme via Voldaan" <x@v.example>` {
		t.Errorf("not aligned: %s", got)
	}
}

func TestComposeRefusesInjection(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*email.Draft){
		"recipient with a line break": func(d *email.Draft) { d.To.Address = "a@x.example\r\nBcc: b@x.example" },
		"two recipients":              func(d *email.Draft) { d.To.Address = "a@x.example, b@x.example" },
		"recipient with a name":       func(d *email.Draft) { d.To.Address = "A <a@x.example>" },
		"no recipient":                func(d *email.Draft) { d.To.Address = "" },
		"Message-ID without brackets": func(d *email.Draft) { d.MessageID = "a@b" },
		"bounce with a bracket":       func(d *email.Draft) { d.Bounce = "a@b> SIZE=1" },
	} {
		d := draft()
		change(&d)
		if e, err := email.Compose(d, nil); err == nil {
			t.Errorf("%s was composed:\n%s", name, e.Raw)
		}
	}
	d := draft()
	d.Subject = "Factuur\r\nBcc: b@x.example"
	d.From.Name = "Acme\r\nBcc: b@x.example"
	d.Attachments[0].Name = "../a.pdf\"\r\nBcc: b@x.example"
	for kind, want := range map[string]string{
		"application/pdf": "application/pdf", "application/pdf; charset=x": "application/pdf", "application/pdf\r\nX-Evil: 1": "application/octet-stream", "": "application/octet-stream",
		"text/html\r\n\r\n<html>": "application/octet-stream",
	} {
		d.Attachments[0].ContentType = kind
		e, m := compose(t, d, nil)
		if m.Header.Get("Bcc") != "" || bytes.Contains(e.Raw, []byte("\nX-Evil")) || bytes.Contains(e.Raw, []byte("\nBcc")) {
			t.Errorf("a header was smuggled in:\n%s", e.Raw)
		}
		if kinds := parts(t, m.Header.Get("Content-Type"), m.Body); kinds[len(kinds)-1] != want {
			t.Errorf("%q became %s", kind, kinds)
		}
	}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaPub, err := x509.MarshalPKIXPublicKey(&rsaKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	edPub, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a, err := email.NewSigner("mail.voldaan.example", "v1", rsaKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := email.NewSigner("mail.voldaan.example", "v1", edKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		signer *email.Signer
		record string
	}{
		"rsa":     {a, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(rsaPub)},
		"ed25519": {b, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(edPub)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, _ := compose(t, draft(), tc.signer)
			verify := func(raw []byte) error {
				opts := &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "v1._domainkey.mail.voldaan.example" {
						return nil, fmt.Errorf("asked for %s", domain)
					}
					return []string{tc.record}, nil
				}}
				v, err := dkim.VerifyWithOptions(bytes.NewReader(raw), opts)
				if err != nil {
					return err
				}
				if len(v) != 1 {
					return fmt.Errorf("%d signatures", len(v))
				}
				return v[0].Err
			}
			if err := verify(e.Raw); err != nil {
				t.Fatalf("signature does not verify: %v", err)
			}
			for what, raw := range map[string][]byte{
				"a second From":       append([]byte("From: evil@example.org\r\n"), e.Raw...),
				"an added References": append([]byte("References: <x@y>\r\n"), e.Raw...),
				"another amount":      bytes.Replace(e.Raw, []byte("1.210,00"), []byte("9.210,00"), 1),
			} {
				if verify(raw) == nil {
					t.Errorf("the signature survives %s", what)
				}
			}
		})
	}
	if weak, _ := rsa.GenerateKey(rand.Reader, 1024); weak != nil {
		if _, err := email.NewSigner("x.example", "s", weak); err == nil {
			t.Error("a weak key was taken")
		}
	}
}
