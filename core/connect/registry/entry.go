package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Entry is a version in the register.
type Entry struct {
	Name           string
	Version        Version
	Publisher      string
	PublisherTitle string
	Level          Level
	Source         string // connector.yaml
	Readme         string
	Changelog      string
	Changes        []Change // since the version before
	Report         []byte   // of the conformance kit: ours, else the publisher's
	Attested       bool     // the report is ours
	Known          bool     // somebody made sure who the publisher is
	Digest         pack.Hash
	SHA256         pack.Hash // of the file
	Size           int64
	SignedBy       string // id of the key
	SignedAt       time.Time
	PublishedAt    time.Time
	Percent        int // of tenants that get it
	StageAt        time.Time
	HaltedAt       *time.Time
	HaltedWhy      string
	YankedAt       *time.Time
	YankedWhy      string
	Revoked        bool // its key was
}

// offered reports whether tenants may get it.
func (e *Entry) offered() bool { return e.HaltedAt == nil && e.YankedAt == nil && !e.Revoked }

func (e *Entry) published() Published {
	return Published{
		Name: e.Name, Version: e.Version.String(), Publisher: e.Publisher, Level: e.Level, SHA256: e.SHA256,
		PublishedAt: e.PublishedAt, Percent: e.Percent, Changes: e.Changes,
	}
}

// Versions returns the versions of a connector in the order in which they were
// published, of all connectors when the name is empty.
func (r *Registry) Versions(ctx context.Context, name string) ([]Entry, error) {
	return r.versions(ctx, r.store.Door(), name)
}

func (r *Registry) versions(ctx context.Context, q *db.Queries, name string) ([]Entry, error) {
	var of *string
	if name != "" {
		of = &name
	}
	rows, err := q.ConnectorVersions(ctx, of)
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	out := make([]Entry, 0, len(rows))
	for _, v := range rows {
		number, err := ParseVersion(v.Version)
		if err != nil {
			return nil, fmt.Errorf("read the register: %s: %w", v.Name, err)
		}
		e := Entry{
			Name: v.Name, Version: number, Publisher: v.PublisherID, PublisherTitle: v.PublisherTitle,
			Level:  LevelOf(v.VerifiedAt != nil, about(v.Report, v.Name, v.Version), about(v.Attested, v.Name, v.Version)),
			Source: v.Manifest, Readme: v.Readme, Changelog: v.Changelog, Report: v.Report,
			Digest: hashOf(v.Digest), SHA256: hashOf(v.ContentHash), Size: v.Size, SignedBy: v.KeyID, SignedAt: v.SignedAt, PublishedAt: v.PublishedAt,
			Percent: int(v.Percent), StageAt: v.StageAt, HaltedAt: v.HaltedAt, HaltedWhy: v.HaltedWhy, YankedAt: v.YankedAt, YankedWhy: v.YankedWhy,
			Revoked: v.KeyRevokedAt != nil, Known: v.VerifiedAt != nil, Attested: v.Attested != nil,
		}
		if v.Attested != nil {
			e.Report = v.Attested
		}
		if err := json.Unmarshal(v.Changes, &e.Changes); err != nil {
			return nil, fmt.Errorf("read the register: %s: %w", v.Name, err)
		}
		out = append(out, e)
	}
	return out, nil
}

// Attest keeps the report of our own run of the conformance kit on a version. A
// fault of kind Invalid says why it proves nothing: it is short, or on something
// else.
func (r *Registry) Attest(ctx context.Context, name, version string, report []byte) error {
	versions, err := r.Versions(ctx, name)
	if err != nil {
		return err
	}
	var source []byte
	for _, e := range versions {
		if e.Version.String() == version {
			source = []byte(e.Source)
		}
	}
	if _, err := proof(report, source, name, version); err != nil {
		return err
	}
	n, err := r.store.Door().AttestConnectorVersion(ctx, db.AttestConnectorVersionParams{Name: name, Version: version, Attested: report})
	return one(n, err, "connector_version_unknown", "There is no version %s of %s.", version, name)
}

// Package returns the package of a version.
func (r *Registry) Package(ctx context.Context, name, version string) ([]byte, error) {
	versions, err := r.Versions(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, e := range versions {
		if e.Version.String() == version {
			return r.blobs.Get(ctx, e.SHA256)
		}
	}
	return nil, fault.New(fault.NotFound, "connector_version_unknown", "There is no version %s of %s.", version, name)
}
