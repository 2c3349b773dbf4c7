package catalog

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/pack"
)

const publishersFolder = "publishers"

// Publisher is who may offer connectors in a catalogue.
type Publisher struct {
	Name string            `json:"publisher"`
	Keys []pack.TrustedKey `json:"keys"`
	// Connectors are the names that are this publisher's alone. A name that nobody
	// has here may be offered by one publisher; two at once are both refused.
	Connectors []string `json:"connectors,omitempty"`
}

// Trust writes a publisher into a catalogue's folder, in place of what was known
// of it.
func Trust(dir string, p Publisher) error {
	if p.Name == "" || filepath.Base(p.Name) != p.Name || strings.HasPrefix(p.Name, ".") {
		return fmt.Errorf("%q is not the name of a publisher", p.Name)
	}
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return fmt.Errorf("trust %s: %w", p.Name, err)
	}
	folder := filepath.Join(dir, publishersFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("trust %s: %w", p.Name, err)
	}
	return replaceFile(filepath.Join(folder, p.Name+".json"), append(b, '\n'))
}

// replaceFile writes a file so that others see the old or the new one whole.
func replaceFile(file string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), unfinished)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return os.Rename(tmp.Name(), file)
}

type publishers []Publisher

// readPublishers reads who is trusted. A file that cannot be read trusts nobody
// and is a problem.
func readPublishers(dir string) (publishers, []Problem) {
	folder := filepath.Join(dir, publishersFolder)
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, []Problem{{Folder: publishersFolder, Err: err}}
	}
	var out publishers
	var problems []Problem
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		var p Publisher
		b, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err == nil {
			err = json.Unmarshal(b, &p)
		}
		if err == nil && p.Name != name {
			err = fmt.Errorf("it is about %q, not about %q", p.Name, name)
		}
		if err != nil {
			problems = append(problems, Problem{Folder: publishersFolder + "/" + e.Name(), Err: fmt.Errorf("nobody is trusted by it: %w", err)})
			continue
		}
		out = append(out, p)
	}
	return out, problems
}

// Keys returns the keys that are trusted in a catalogue's folder.
func Keys(dir string) (pack.Ring, error) {
	all, problems := readPublishers(dir)
	if len(problems) > 0 {
		return nil, fmt.Errorf("%s: %w", problems[0].Folder, problems[0].Err)
	}
	return all.ring(), nil
}

func (all publishers) ring() pack.Ring {
	ring := pack.Ring{}
	for _, p := range all {
		ring[p.Name] = p.Keys
	}
	return ring
}

// mark changes whenever the trust does.
func (all publishers) mark() string {
	b, err := json.Marshal(all)
	if err != nil {
		panic(err) // it was read from JSON
	}
	sum := sha256.Sum256(b)
	return string(sum[:])
}

// owner returns whose a connector's name is.
func (all publishers) owner(connector string) string {
	for _, p := range all {
		if slices.Contains(p.Connectors, connector) {
			return p.Name
		}
	}
	return ""
}

// sift leaves, newest first, the versions that are their publisher's to offer and
// of which there is one.
func (all publishers) sift(name string, versions []*Package) (kept []*Package, refused []Problem) {
	refuse := func(p *Package, format string, args ...any) {
		refused = append(refused, Problem{Folder: filepath.Base(p.file), Err: fmt.Errorf(format, args...)})
	}
	owner := all.owner(name)
	for _, p := range versions {
		switch {
		case owner != "" && p.Signature.Publisher != owner:
			refuse(p, "%w: the name %s is %s's, and %s signed this", pack.ErrPublisher, name, owner, p.Signature.Publisher)
		case owner == "" && slices.ContainsFunc(versions, func(o *Package) bool { return o.Signature.Publisher != p.Signature.Publisher }):
			refuse(p, "%w: two publishers offer a connector %s; say in %s/ whose the name is", pack.ErrPublisher, name, publishersFolder)
		default:
			kept = append(kept, p)
		}
	}
	slices.SortStableFunc(kept, func(a, b *Package) int { return compare(b.Manifest.Version, a.Manifest.Version) })
	return slices.CompactFunc(kept, func(a, b *Package) bool {
		same := a.Manifest.Version == b.Manifest.Version
		if same {
			refuse(b, "%s is also in %s, which is offered", b.ID(), filepath.Base(a.file))
		}
		return same
	}), refused
}
