package broker

import (
	"context"
	"crypto/tls"
	"net/http"
	"sync"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// shown is a certificate of a client that is shown in one connection of a tenant.
type shown struct {
	connection uuid.UUID
	generation int64
	cert       *tls.Certificate
	transports map[*http.Transport]*http.Transport // by what they are a copy of
}

type certificateKey struct{}

// withCertificate makes Egress show a certificate.
func withCertificate(ctx context.Context, s *shown) context.Context {
	return context.WithValue(ctx, certificateKey{}, s)
}

// maxMutual bounds how many connections with a certificate are kept ready.
const maxMutual = 256

// mutual keeps transports of their own for connections with a certificate: what
// was opened with one must never carry the requests of another.
type mutual struct {
	mu  sync.Mutex
	all map[uuid.UUID]*shown
}

// certificate returns what a connection shows, read once per generation of its
// credentials.
func (m *mutual) certificate(connection uuid.UUID, auth manifest.Auth, g token.Grant) (*shown, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.all[connection]
	if old != nil && old.generation == g.Generation {
		return old, nil
	}
	cert, err := g.Certificate(auth)
	if err != nil {
		return nil, err
	}
	if m.all == nil {
		m.all = map[uuid.UUID]*shown{}
	}
	old.close()
	for id, s := range m.all {
		if len(m.all) < maxMutual {
			break
		}
		s.close()
		delete(m.all, id)
	}
	m.all[connection] = &shown{connection: connection, generation: g.Generation, cert: cert, transports: map[*http.Transport]*http.Transport{}}
	return m.all[connection], nil
}

func (s *shown) close() {
	if s == nil {
		return
	}
	for _, t := range s.transports {
		t.CloseIdleConnections()
	}
}

// transport returns base, or a copy of it that shows the certificate of the
// request.
func (m *mutual) transport(base *http.Transport, req *http.Request) *http.Transport {
	s, ok := req.Context().Value(certificateKey{}).(*shown)
	if !ok {
		return base
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t := s.transports[base]
	if t == nil {
		t = base.Clone()
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{}
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{*s.cert}
		s.transports[base] = t
	}
	return t
}
