package apitest

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk/pack"
)

// register is one that keeps packages in a folder of the test. Requests are
// signed by the machine's time, so it goes by that too.
func register(t testing.TB, s *store.Store, wall clock.Clock) *registry.Registry {
	t.Helper()
	r, err := registry.New(registry.Config{Store: s, Blobs: blob.NewFolder(t.TempDir()), Log: slog.New(slog.DiscardHandler), Moved: marketplace.NoteMove(wall)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Publisher sends packages to the hub.
type Publisher struct {
	*Bench
	Name string
	Key  pack.PrivateKey
}

// Publisher registers a publisher with a key.
func (b *Bench) Publisher(name, title string) *Publisher {
	b.T.Helper()
	r := b.Services.Register
	if err := r.RegisterPublisher(b.T.Context(), name, title); err != nil {
		b.T.Fatal(err)
	}
	k, err := pack.GenerateKey()
	if err == nil {
		err = r.AddKey(b.T.Context(), name, k.Public(), time.Time{})
	}
	if err != nil {
		b.T.Fatal(err)
	}
	return &Publisher{Bench: b, Name: name, Key: k}
}

const acme = `name: NAME
title: TITLE
kind: accounting
countries: [NL, BE]
version: VERSION
publisher: PUBLISHER
summary: Invoices and payments of TITLE.
program: acme
capabilities: [documents]
reads: [parties, invoices]
auth:
  - name: key
    title: Key
    type: token
    secret_field: api_key
form:
  - {name: api_key, title: API key, secret: true, required: true}
hosts: [api.acme.example]
limits: [{requests: 60, per: 1m}]
`

// Package is a signed package of a connector; change replaces text in its
// manifest, and files are added.
func (p *Publisher) Package(name, title, version string, files map[string]string, change ...string) []byte {
	p.T.Helper()
	text := strings.NewReplacer("NAME", name, "TITLE", title, "VERSION", version, "PUBLISHER", p.Name).Replace(acme)
	text = strings.NewReplacer(change...).Replace(text)
	s := &pack.Source{
		Files:    map[string][]byte{pack.Manifest: []byte(text)},
		Programs: map[pack.Platform][]byte{pack.Any: []byte("no program"), pack.Host(): []byte("no program")},
	}
	for path, content := range files {
		s.Files[path] = []byte(content)
	}
	b, err := pack.Build(s)
	if err == nil {
		b, err = pack.Sign(b, p.Key, time.Now())
	}
	if err != nil {
		p.T.Fatal(err)
	}
	return b
}

// Send sends a signed request, as the command voldaan connector does.
func (p *Publisher) Send(method, path, mediaType string, body []byte) Answer {
	p.T.Helper()
	host := strings.TrimPrefix(p.Server.URL, "http://")
	c := &Client{T: p.T, Base: p.Server.URL, HTTP: http.DefaultClient}
	return c.Do(method, path, string(body), map[string]string{
		"Content-Type": mediaType, registry.SignatureHeader: registry.SignRequest(p.Key, p.Name, method, path, host, body, time.Now()),
	})
}

// Publish publishes a package over HTTP.
func (p *Publisher) Publish(body []byte) Answer {
	p.T.Helper()
	return p.Send("POST", registry.PublishPath, registry.MediaType, body)
}
