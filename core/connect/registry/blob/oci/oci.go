// Package oci pushes packages to and pulls them from an OCI registry, where they
// lie beside container images.
package oci

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/sdk/pack"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"
	"oras.land/oras-go/v2/registry/remote/retry"
)

// The types by which others recognise a package.
const (
	ArtifactType = "application/vnd.voldaan.connector.v1"
	LayerType    = "application/vnd.voldaan.connector.v1+zip"
)

// Repository is a repository of an OCI registry. The digest of a package there is
// the hash that we keep it by.
type Repository struct{ remote *remote.Repository }

// Open names a repository, as "ghcr.io/acme/connectors"; nothing is asked of it
// yet. plain leaves TLS away, for registries on this machine. Credentials are
// those that docker login has stored.
func Open(name string, plain bool) (*Repository, error) {
	r, err := remote.NewRepository(name)
	if err != nil {
		return nil, fmt.Errorf("%q does not name a repository such as ghcr.io/acme/connectors: %w", name, err)
	}
	r.PlainHTTP = plain
	client := &auth.Client{Client: retry.DefaultClient, Cache: auth.NewCache()}
	if store, err := credentials.NewStoreFromDocker(credentials.StoreOptions{}); err == nil {
		client.Credential = credentials.Credential(store)
	}
	r.Client = client
	return &Repository{remote: r}, nil
}

// Push uploads a package under a tag, such as "acme-1.0.0". What is there already
// is not sent again.
func (r *Repository) Push(ctx context.Context, b []byte, tag string) error {
	p, err := pack.Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	x := p.Index()
	return r.push(ctx, b, tag, map[string]string{
		ocispec.AnnotationTitle: x.Name + "-" + x.Version + pack.Extension, ocispec.AnnotationVersion: x.Version, ocispec.AnnotationVendor: x.Publisher,
	})
}

func (r *Repository) push(ctx context.Context, b []byte, tag string, notes map[string]string) error {
	layer := content.NewDescriptorFromBytes(LayerType, b)
	if ok, err := r.remote.Exists(ctx, layer); err != nil {
		return fmt.Errorf("push package: %w", err)
	} else if !ok {
		if err := r.remote.Push(ctx, layer, bytes.NewReader(b)); err != nil && !errors.Is(err, errdef.ErrAlreadyExists) {
			return fmt.Errorf("push package: %w", err)
		}
	}
	// A moment that never changes: the same package gives the same manifest.
	annotations := map[string]string{ocispec.AnnotationCreated: "1980-01-01T00:00:00Z"}
	for k, v := range notes {
		annotations[k] = v
	}
	m, err := oras.PackManifest(ctx, r.remote, oras.PackManifestVersion1_1, ArtifactType, oras.PackManifestOptions{
		Layers: []ocispec.Descriptor{layer}, ManifestAnnotations: annotations,
	})
	if err != nil {
		return fmt.Errorf("push manifest: %w", err)
	}
	if err := r.remote.Tag(ctx, m, tag); err != nil {
		return fmt.Errorf("tag %s: %w", tag, err)
	}
	return nil
}

// maxManifest bounds what describes a package, in bytes.
const maxManifest = 1 << 20

// Pull downloads the package of a tag or digest. Nobody has vouched for it: its
// signature is yet to be checked.
func (r *Repository) Pull(ctx context.Context, reference string) ([]byte, error) {
	desc, err := r.remote.Resolve(ctx, reference)
	if err != nil {
		return nil, notFound(reference, err)
	}
	if desc.Size > maxManifest {
		return nil, fmt.Errorf("%s: its manifest has %d bytes: it is not a connector", reference, desc.Size)
	}
	layers, err := content.Successors(ctx, r.remote, desc)
	if err != nil {
		return nil, fmt.Errorf("pull %s: %w", reference, err)
	}
	for _, l := range layers {
		if l.MediaType == LayerType {
			return r.fetch(ctx, l)
		}
	}
	return nil, fmt.Errorf("%s is not a connector: it has no layer of type %s", reference, LayerType)
}

func (r *Repository) fetch(ctx context.Context, d ocispec.Descriptor) ([]byte, error) {
	if d.Size > pack.MaxPackage {
		return nil, fmt.Errorf("%w: %d bytes", pack.ErrTooLarge, d.Size)
	}
	b, err := content.FetchAll(ctx, r.remote, d) // checks size and digest
	if err != nil {
		return nil, notFound(d.Digest.String(), err)
	}
	return b, nil
}

func notFound(what string, err error) error {
	if errors.Is(err, errdef.ErrNotFound) {
		return fmt.Errorf("%s: %w", what, blob.ErrNotFound)
	}
	return fmt.Errorf("pull %s: %w", what, err)
}

// Put implements blob.Blobs; the tag is the hash.
func (r *Repository) Put(ctx context.Context, b []byte) (pack.Hash, error) {
	h := pack.Hash(sha256.Sum256(b))
	return h, r.push(ctx, b, "sha256-"+h.String(), nil)
}

// Get implements blob.Blobs.
func (r *Repository) Get(ctx context.Context, h pack.Hash) ([]byte, error) {
	d, err := r.remote.Blobs().Resolve(ctx, "sha256:"+h.String())
	if err != nil {
		return nil, notFound(h.String(), err)
	}
	d.MediaType = LayerType
	b, err := r.fetch(ctx, d)
	if err != nil {
		return nil, err
	}
	return blob.Check(h, b)
}

// Has implements blob.Blobs.
func (r *Repository) Has(ctx context.Context, h pack.Hash) (bool, error) {
	_, err := r.remote.Blobs().Resolve(ctx, "sha256:"+h.String())
	if errors.Is(err, errdef.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
