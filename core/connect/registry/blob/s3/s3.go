// Package s3 keeps packages in object storage that speaks the protocol of S3.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Config says where the packages are. Endpoint and Bucket must be set.
type Config struct {
	Endpoint string // host, with a port when it is not the usual one
	Bucket   string
	Prefix   string // of the names of objects, such as "connectors/"
	Region   string
	// AccessKey and SecretKey; when empty, those of the environment or of the
	// machine's role are used.
	AccessKey string
	SecretKey string
	Plain     bool // without TLS, for tests and private networks
	// Transport carries the requests, the usual one when nil.
	Transport http.RoundTripper
}

// Bucket is a bucket with packages.
type Bucket struct {
	client         *minio.Client
	bucket, prefix string
}

// Open connects to a bucket, which must be there.
func Open(ctx context.Context, c Config) (*Bucket, error) {
	if c.Endpoint == "" || c.Bucket == "" {
		return nil, errors.New("s3: Endpoint and Bucket must be set")
	}
	keys := credentials.NewStaticV4(c.AccessKey, c.SecretKey, "")
	if c.AccessKey == "" {
		keys = credentials.NewChainCredentials([]credentials.Provider{&credentials.EnvAWS{}, &credentials.IAM{}})
	}
	client, err := minio.New(c.Endpoint, &minio.Options{Creds: keys, Secure: !c.Plain, Region: c.Region, Transport: c.Transport})
	if err != nil {
		return nil, fmt.Errorf("connect to object storage: %w", err)
	}
	ok, err := client.BucketExists(ctx, c.Bucket)
	if err != nil {
		return nil, fmt.Errorf("connect to object storage: %w", err)
	}
	if !ok {
		return nil, fmt.Errorf("there is no bucket %s at %s; make it first", c.Bucket, c.Endpoint)
	}
	return &Bucket{client: client, bucket: c.Bucket, prefix: c.Prefix}, nil
}

func (b *Bucket) object(h pack.Hash) string { return b.prefix + h.String() + pack.Extension }

// Put implements blob.Blobs. It always writes: an object that was damaged is
// put right.
func (b *Bucket) Put(ctx context.Context, content []byte) (pack.Hash, error) {
	h := pack.Hash(sha256.Sum256(content))
	_, err := b.client.PutObject(ctx, b.bucket, b.object(h), bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{
		ContentType: "application/vnd.voldaan.connector", DisableMultipart: len(content) < 64<<20,
	})
	if err != nil {
		return h, fmt.Errorf("keep package: %w", err)
	}
	return h, nil
}

// Get implements blob.Blobs.
func (b *Bucket) Get(ctx context.Context, h pack.Hash) ([]byte, error) {
	o, err := b.client.GetObject(ctx, b.bucket, b.object(h), minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	defer func() { _ = o.Close() }()
	content, err := io.ReadAll(io.LimitReader(o, pack.MaxPackage+1))
	if missing(err) {
		return nil, fmt.Errorf("%s: %w", h, blob.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	return blob.Check(h, content)
}

// Has implements blob.Blobs.
func (b *Bucket) Has(ctx context.Context, h pack.Hash) (bool, error) {
	_, err := b.client.StatObject(ctx, b.bucket, b.object(h), minio.StatObjectOptions{})
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for package: %w", err)
	}
	return true, nil
}

func missing(err error) bool {
	return err != nil && minio.ToErrorResponse(err).StatusCode == http.StatusNotFound
}
