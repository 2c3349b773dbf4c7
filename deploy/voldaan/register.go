package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/connect/registry/blob/s3"
	"github.com/voldaan/voldaan/core/marketplace"
)

// openRegister opens the register of connectors that partners publish.
func (a *app) openRegister(ctx context.Context) error {
	blobs, err := packages(ctx, a.config)
	if err != nil {
		return err
	}
	a.register, err = registry.New(registry.Config{
		Store: a.services.Store, Blobs: blobs, Log: a.log.With("part", "register"), Moved: marketplace.NoteMove(a.services.Real),
	})
	return err
}

// packages is where published packages are kept: VOLDAAN_PACKAGES, a folder or
// "s3://endpoint/bucket/prefix" with the credentials of AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY; else a folder beside the keys.
func packages(ctx context.Context, c config) (blob.Blobs, error) {
	place := os.Getenv("VOLDAAN_PACKAGES")
	if place == "" {
		place = filepath.Join(filepath.Dir(c.Keys), "packages")
	}
	if !strings.HasPrefix(place, "s3://") {
		return blob.NewFolder(place), nil
	}
	u, err := url.Parse(place)
	if err != nil {
		return nil, fmt.Errorf("VOLDAAN_PACKAGES: %w", err)
	}
	bucket, prefix, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if u.Host == "" || bucket == "" {
		return nil, fmt.Errorf("VOLDAAN_PACKAGES: %q is not of the form s3://endpoint/bucket/prefix", place)
	}
	return s3.Open(ctx, s3.Config{Endpoint: u.Host, Bucket: bucket, Prefix: prefix, Region: os.Getenv("AWS_REGION")})
}

// keepConnectors keeps this process in step with the register.
func (a *app) keepConnectors(ctx context.Context) error {
	k := &registry.Keeper{
		Registry: a.register, Dir: a.config.Packages, Scan: a.services.Host.Catalog().Scan, Log: a.log.With("part", "register"),
		Counts: func() map[registry.Call]registry.Tally {
			out := map[registry.Call]registry.Tally{}
			for v, s := range a.services.Host.VersionStats() {
				out[registry.Call(v)] = registry.Tally{Calls: s.Calls, Failures: s.Faults}
			}
			return out
		},
	}
	return k.Run(ctx)
}
