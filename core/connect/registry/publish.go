package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Published tells a publisher what became of a package.
type Published struct {
	Name        string    `json:"name"`
	Version     string    `json:"version"`
	Publisher   string    `json:"publisher"`
	Level       Level     `json:"level"`
	SHA256      pack.Hash `json:"sha256"` // of the file
	PublishedAt time.Time `json:"published_at"`
	// Percent of tenants that get it at first.
	Percent int `json:"percent"`
	// Changes since the version before.
	Changes []Change `json:"changes"`
	// Again says that it was there already, with the same content.
	Again bool `json:"again"`
}

// Publish checks a package that a publisher sent and lists it. The same package
// sent again is answered as the first time and changes nothing. Errors are those
// that the package's documentation names.
func (r *Registry) Publish(ctx context.Context, from *Request, body []byte) (Published, error) {
	now := r.clock.Now()
	ring, err := r.authorise(ctx, from, body, now)
	if err != nil {
		return Published{}, err
	}
	v, err := accept(ring, from.Publisher, body, now)
	if err != nil {
		return Published{}, err
	}
	x := v.Index()
	var out Published
	err = r.in(ctx, func(tx store.Tx) error {
		if err := r.reserve(ctx, tx, from.Publisher, x.Name); err != nil {
			return err
		}
		versions, err := r.versions(ctx, tx.Queries, x.Name)
		if err != nil {
			return err
		}
		for _, old := range versions {
			if old.Version.String() != x.Version {
				continue
			}
			if old.Digest != v.Digest() {
				return fault.New(fault.Conflict, "version_published", "Version %s of %s was published before with other content. Give what changed a new version.", x.Version, x.Name)
			}
			out = old.published()
			out.Again = true
			return nil
		}
		out, err = r.list(ctx, tx, v, body, versions, now)
		return err
	})
	if err == nil && !out.Again {
		r.log.Info("connector published", "connector", out.Name, "version", out.Version, "publisher", out.Publisher, "level", string(out.Level))
	}
	return out, err
}

// authorise makes sure that a request is a publisher's and returns their keys.
func (r *Registry) authorise(ctx context.Context, from *Request, body []byte, now time.Time) (pack.Ring, error) {
	ring, err := r.keys(ctx, r.store.Door(), from.Publisher)
	if err != nil {
		return nil, err
	}
	return ring, from.check(ring[from.Publisher], body, now)
}

// accept opens a package that is in order and its publisher's.
func accept(ring pack.Ring, publisher string, body []byte, now time.Time) (*pack.Verified, error) {
	p, err := pack.Open(bytes.NewReader(body), int64(len(body)))
	if err == nil && p.Index().Publisher != publisher {
		return nil, fault.New(fault.Denied, "package_of_another", "The package is %s's, and %s sent it.", p.Index().Publisher, publisher)
	}
	var v *pack.Verified
	if err == nil {
		v, err = p.Verify(ring, pack.Moment{Now: now, Publishing: true})
	}
	if err == nil { // every file, since nobody looks at them again before they are used
		for _, e := range v.Index().Files {
			if _, err = v.Read(e.Path); err != nil {
				break
			}
		}
	}
	switch {
	case err == nil:
		return v, nil
	case errors.Is(err, pack.ErrPublisher), errors.Is(err, pack.ErrUnknownKey), errors.Is(err, pack.ErrExpired), errors.Is(err, pack.ErrRevoked), errors.Is(err, pack.ErrSignature), errors.Is(err, pack.ErrUnsigned):
		return nil, fault.New(fault.Denied, "package_signature", "The package is not accepted: %s.", err).Because(err)
	default:
		return nil, fault.New(fault.Invalid, "package_invalid", "The package is not accepted: %s.", err).Because(err)
	}
}

// list adds a new version to those that there are.
func (r *Registry) list(ctx context.Context, tx store.Tx, v *pack.Verified, body []byte, versions []Entry, now time.Time) (Published, error) {
	x := v.Index()
	number, err := ParseVersion(x.Version)
	if err != nil {
		return Published{}, err
	}
	changes, err := declared(number, v.Source(), versions)
	if err != nil {
		return Published{}, err
	}
	text := map[string]string{}
	for _, name := range []string{pack.Readme, pack.Changelog, pack.Report} {
		if !v.Has(name) {
			continue
		}
		b, err := v.Read(name)
		if err != nil {
			return Published{}, err
		}
		// Postgres takes neither zero bytes nor what is not UTF-8.
		text[name] = strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "")
	}
	report := []byte(text[pack.Report])
	if len(report) == 0 {
		report = nil
	} else if _, err := proof(report, v.Source(), x.Name, x.Version); err != nil {
		return Published{}, fault.New(fault.Invalid, fault.Of(err).Code, "%s is not accepted: %s Then pack it again, or pack without %[1]s.", pack.Report, fault.Of(err).Message)
	}
	stored, err := json.Marshal(changes)
	if err != nil {
		return Published{}, err
	}
	hash, err := r.blobs.Put(ctx, body)
	if err != nil {
		return Published{}, fault.New(fault.Unavailable, "packages_unavailable", "The package could not be kept. Nothing was published; try again in a moment.").Because(err)
	}
	digest, s, percent := v.Digest(), v.Signature(), r.firstStage(number, versions)
	if err := tx.AddConnectorVersion(ctx, db.AddConnectorVersionParams{
		Name: x.Name, Version: x.Version, Digest: digest[:], ContentHash: hash[:], Size: int64(len(body)), KeyID: s.Key, SignedAt: s.SignedAt, PublishedAt: now,
		Manifest: string(v.Source()), Readme: text[pack.Readme], Changelog: text[pack.Changelog], Changes: stored, Report: report, Percent: int32(percent), StageAt: now,
	}); err != nil {
		return Published{}, fmt.Errorf("list %s: %w", x.ID(), err)
	}
	after, err := r.versions(ctx, tx.Queries, x.Name)
	if err != nil {
		return Published{}, err
	}
	for _, e := range after {
		if e.Version == number {
			return e.published(), nil
		}
	}
	return Published{}, fmt.Errorf("list %s: it is not there", x.ID())
}

// declared returns what changed since the version before, or a fault of kind
// Invalid when the number does not say so.
func declared(number Version, manifest []byte, versions []Entry) ([]Change, error) {
	var before *Entry
	for i, e := range versions {
		if e.Version.Compare(number) < 0 && e.YankedAt == nil && (before == nil || e.Version.Compare(before.Version) > 0) {
			before = &versions[i]
		}
	}
	if before == nil {
		return []Change{}, nil
	}
	changes, err := Diff([]byte(before.Source), manifest)
	if err != nil {
		return nil, fmt.Errorf("compare with version %s: %w", before.Version, err)
	}
	if err := Declared(before.Version, number, changes); err != nil {
		return nil, err
	}
	if changes == nil {
		changes = []Change{}
	}
	return changes, nil
}

// Declared returns a fault of kind Invalid when going from one version to another
// brings more than the number says.
func Declared(from, to Version, changes []Change) error {
	may := from.Declares(to)
	var undeclared []string
	for _, c := range changes {
		if rank[c.Weight] > rank[may] {
			undeclared = append(undeclared, c.Sentence)
		}
	}
	if len(undeclared) == 0 {
		return nil
	}
	w := Weightiest(changes)
	return fault.New(fault.Invalid, "change_undeclared", "Going from %s to %s declares a %s change, and this is a %s one: %s Give it version %s.",
		from, to, may, w, strings.Join(undeclared, " "), from.next(w))
}

// firstStage is how many of a hundred tenants get a new version at first. The
// first of a line has nothing to go back to.
func (r *Registry) firstStage(number Version, versions []Entry) int {
	for _, e := range versions {
		if e.offered() && e.Version.line() == number.line() {
			return r.plan.Stages[0]
		}
	}
	return 100
}

// Yank withdraws a version: nobody gets it from now on. body is what the request
// had, {"why": "..."}.
func (r *Registry) Yank(ctx context.Context, from *Request, name, version string, body []byte) error {
	now := r.clock.Now()
	if _, err := r.authorise(ctx, from, body, now); err != nil {
		return err
	}
	var why struct {
		Why string `json:"why"`
	}
	if err := json.Unmarshal(body, &why); err != nil || strings.TrimSpace(why.Why) == "" {
		return fault.New(fault.Invalid, "yank_why", `Say why, as {"why": "..."}.`)
	}
	return r.in(ctx, func(tx store.Tx) error {
		owner, err := tx.ConnectorOwner(ctx, name)
		if err != nil || owner != from.Publisher {
			return fault.New(fault.NotFound, "connector_unknown", "%s has no connector %s here.", from.Publisher, name)
		}
		n, err := tx.YankConnectorVersion(ctx, db.YankConnectorVersionParams{Name: name, Version: version, YankedAt: &now, YankedWhy: why.Why})
		return one(n, err, "connector_version_unknown", "There is no version %s of %s that can be withdrawn.", version, name)
	})
}

// hashOf makes a hash of the bytes in a column.
func hashOf(b []byte) (h pack.Hash) {
	if len(b) == sha256.Size {
		h = pack.Hash(b)
	}
	return h
}
