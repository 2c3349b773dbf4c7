package connect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/supervisor"
	"github.com/voldaan/voldaan/core/fault"
)

// Versions says which version of a connector a tenant uses. Tenants may be on
// different ones: both run side by side, and a tenant that goes on to another, or
// back, does so with its next call.
type Versions interface {
	// Version returns the version, or nothing for the newest that is installed.
	Version(ctx context.Context, tenant uuid.UUID, connector string) (string, error)
}

// recipes is the name of the process that carries out all connectors without a
// program.
const recipes = "recipes"

// runtime is the program of recipes, as it was when the host started.
type runtime struct {
	path   string
	sha256 [sha256.Size]byte
}

func (r *runtime) open() (*os.File, error) { return os.Open(r.path) }

// pin takes the hash of the runtime's program.
func pin(path string) (*runtime, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the program for manifest connectors: %w", err)
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, fmt.Errorf("read the program for manifest connectors: %w", err)
	}
	return &runtime{path: path, sha256: [sha256.Size]byte(h.Sum(nil))}, nil
}

// Package returns the version of a connector that calls over a connection get now.
func (h *Host) Package(ctx context.Context, c Connection) (*catalog.Package, error) {
	return h.get(ctx, c)
}

// get returns the package that a connection uses.
func (h *Host) get(ctx context.Context, c Connection) (*catalog.Package, error) {
	version := c.Version
	if version == "" && h.versions != nil {
		var err error
		if version, err = h.versions.Version(ctx, c.Tenant, c.Connector); err != nil {
			return nil, fmt.Errorf("version of %s for a tenant: %w", c.Connector, err)
		}
	}
	return h.catalog.Get(c.Connector, version)
}

// program returns what must run for a call to a package.
func (h *Host) program(pkg *catalog.Package, tenant uuid.UUID) (supervisor.Program, error) {
	p := supervisor.Program{
		Connector: pkg.Name(), Version: pkg.Manifest.Version, Title: pkg.Manifest.Title,
		File: pkg.Manifest.Program, Open: pkg.Open, SHA256: pkg.SHA256,
	}
	if pkg.Program != "" {
		if h.needs != nil {
			p.Needs = h.needs(pkg)
		}
		if h.apart != nil && h.apart(pkg) {
			p.For = tenant.String()
		}
		return p, nil
	}
	if h.recipes == nil {
		return p, fault.New(fault.Unavailable, "connector_runtime",
			"The connector %s is a manifest, and this installation has no program that carries out manifests; run make build and start again.", pkg.Manifest.Title)
	}
	p.File, p.Open, p.SHA256, p.Runtime = recipes, h.recipes.open, h.recipes.sha256, recipes
	return p, nil
}

// target is what the broker must know of a package.
func target(pkg *catalog.Package) broker.Target {
	t := broker.Target{Manifest: pkg.Manifest}
	if pkg.Program == "" {
		t.Source = pkg.Source
	}
	return t
}

// source is the hash by which a runtime knows a manifest, nothing for a connector
// with a program.
func source(pkg *catalog.Package) string {
	if pkg.Program != "" {
		return ""
	}
	sum := sha256.Sum256(pkg.Source)
	return hex.EncodeToString(sum[:])
}
