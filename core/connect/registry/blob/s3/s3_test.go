package s3_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/connect/registry/blob/blobtest"
	"github.com/voldaan/voldaan/core/connect/registry/blob/s3"
	"github.com/voldaan/voldaan/sdk/pack"
)

// server is an object store in this process with a bucket "packages".
func server(t *testing.T) (*s3mem.Backend, s3.Config) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("packages"); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(srv.Close)
	return backend, s3.Config{
		Endpoint: strings.TrimPrefix(srv.URL, "http://"), Bucket: "packages", Prefix: "connectors/", Region: "us-east-1",
		AccessKey: "key", SecretKey: "secret", Plain: true,
	}
}

func TestBucket(t *testing.T) {
	t.Parallel()
	type kept struct {
		blob.Blobs
		backend *s3mem.Backend
	}
	blobtest.Run(t, func(t *testing.T) blob.Blobs {
		backend, c := server(t)
		b, err := s3.Open(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return kept{b, backend}
	}, func(t *testing.T, b blob.Blobs, h pack.Hash) {
		_, err := b.(kept).backend.PutObject("packages", "connectors/"+h.String()+pack.Extension, map[string]string{}, strings.NewReader("other"), 5, nil)
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestNoBucket(t *testing.T) {
	t.Parallel()
	_, c := server(t)
	c.Bucket = "nowhere"
	if _, err := s3.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "no bucket nowhere") {
		t.Errorf("opened a bucket that is not there: %v", err)
	}
}
