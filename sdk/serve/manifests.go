package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// keep is how many connectors a process holds ready. The one that was not used
// for the longest time makes place; it is made anew when it is called.
const keep = 256

// manifests makes connectors from their connector.yaml, once each.
type manifests struct {
	open func([]byte) (sdk.Connector, error)

	mu    sync.Mutex // protects what follows
	ready map[string]*opened
	clock int
}

// opened is a connector, or one that is being made.
type opened struct {
	done      chan struct{}
	connector sdk.Connector
	err       error
	used      int
}

func newManifests(open func([]byte) (sdk.Connector, error)) *manifests {
	return &manifests{open: open, ready: map[string]*opened{}}
}

// of returns the connector of a call.
func (s *server) of(ctx context.Context, m *pb.Session) (sdk.Connector, error) {
	if s.manifests == nil {
		return s.connector, nil
	}
	if len(m.GetManifest()) != hex.EncodedLen(sha256.Size) {
		return nil, fmt.Errorf("%w: the call does not say by which manifest", sdk.ErrInvalid)
	}
	return s.manifests.get(m.GetManifest(), func() ([]byte, error) {
		a, err := s.host.Manifest(ctx, &pb.ManifestRequest{Token: m.GetToken()})
		if err != nil {
			return nil, wire.FromStatus(err, nil)
		}
		return a.GetContent(), nil
	})
}

// get returns the connector of a hash. Only one call fetches and makes it; what
// failed is tried again by the next.
func (m *manifests) get(hash string, fetch func() ([]byte, error)) (sdk.Connector, error) {
	m.mu.Lock()
	m.clock++
	o, known := m.ready[hash]
	if known {
		o.used = m.clock
		m.mu.Unlock()
		<-o.done
		return o.connector, o.err
	}
	o = &opened{done: make(chan struct{}), used: m.clock}
	m.ready[hash] = o
	m.makePlace()
	m.mu.Unlock()

	o.connector, o.err = m.make(hash, fetch)
	if o.err != nil {
		m.mu.Lock()
		delete(m.ready, hash)
		m.mu.Unlock()
	}
	close(o.done)
	return o.connector, o.err
}

// make never trusts what is handed out further than its hash.
func (m *manifests) make(hash string, fetch func() ([]byte, error)) (_ sdk.Connector, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: the manifest cannot be carried out: %v", sdk.ErrInvalid, r)
		}
	}()
	content, err := fetch()
	if err != nil {
		return nil, fmt.Errorf("fetch the manifest: %w", err)
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != hash {
		return nil, fmt.Errorf("%w: the manifest that was handed out is not the one that was named", sdk.ErrInvalid)
	}
	c, err := m.open(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	return c, nil
}

// makePlace drops the connector that was not used for the longest time.
func (m *manifests) makePlace() {
	if len(m.ready) <= keep {
		return
	}
	oldest, at := "", m.clock
	for hash, o := range m.ready {
		if o.used < at {
			oldest, at = hash, o.used
		}
	}
	delete(m.ready, oldest)
}
