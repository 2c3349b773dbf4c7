package serve

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
)

type named struct {
	sdk.Connector
	text string
}

func (named) Check(context.Context, *sdk.Session) error { return nil }

// library hands out manifests by the token of the call, and counts.
type library struct {
	pb.HostServiceClient
	content map[string]string
	asked   atomic.Int32
	fail    atomic.Bool
}

func (l *library) Manifest(_ context.Context, q *pb.ManifestRequest, _ ...grpc.CallOption) (*pb.ManifestResponse, error) {
	l.asked.Add(1)
	if l.fail.Load() {
		return nil, errors.New("gone")
	}
	return &pb.ManifestResponse{Content: []byte(l.content[q.GetToken()])}, nil
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestManifestsAreMadeOnceAndByTheirHash(t *testing.T) {
	t.Parallel()
	l := &library{content: map[string]string{"a": "one", "b": "two", "evil": "three", "bad": "bad"}}
	s := newServer(nil, l, nil)
	s.manifests = newManifests(func(b []byte) (sdk.Connector, error) {
		if string(b) == "bad" {
			panic("cannot")
		}
		return named{text: string(b)}, nil
	})
	l.fail.Store(true)
	if _, err := s.of(t.Context(), &pb.Session{Token: "a", Manifest: hash("one")}); err == nil {
		t.Error("a manifest that is not handed out")
	}
	l.fail.Store(false)
	l.asked.Store(0)
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			token, text := "a", "one"
			if i%2 == 1 {
				token, text = "b", "two"
			}
			c, err := s.of(t.Context(), &pb.Session{Token: token, Manifest: hash(text)})
			if err != nil || c.(named).text != text {
				t.Errorf("%v, %v", c, err)
			}
		})
	}
	all.Wait()
	if n := l.asked.Load(); n != 2 {
		t.Errorf("asked %d times for two manifests", n)
	}
	for token, want := range map[string]string{"evil": "is not the one that was named", "bad": "cannot be carried out"} {
		named := hash("one more")
		if token == "bad" {
			named = hash("bad")
		}
		if _, err := s.of(t.Context(), &pb.Session{Token: token, Manifest: named}); !errors.Is(err, sdk.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", token, err)
		}
	}
	if _, err := s.of(t.Context(), &pb.Session{Token: "a"}); !errors.Is(err, sdk.ErrInvalid) {
		t.Errorf("no manifest named: %v", err)
	}
}

func TestManifestsAreBounded(t *testing.T) {
	t.Parallel()
	m := newManifests(func([]byte) (sdk.Connector, error) { return named{}, nil })
	for i := range 3 * keep {
		text := fmt.Sprint(i)
		if _, err := m.get(hash(text), func() ([]byte, error) { return []byte(text), nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.ready) > keep {
		t.Errorf("%d are kept", len(m.ready))
	}
	if _, ok := m.ready[hash(fmt.Sprint(3*keep-1))]; !ok {
		t.Error("the newest was dropped")
	}
}
