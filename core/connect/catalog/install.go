package catalog

import (
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

// Install puts a package into a catalogue's folder under a name. It is offered
// after the next scan, when its signature is in order.
func Install(dir, name string, data []byte) error {
	if filepath.Base(name) != name || !strings.HasSuffix(name, pack.Extension) || strings.HasPrefix(name, ".") {
		return fmt.Errorf("%q is not a name such as acme-1.0.0%s", name, pack.Extension)
	}
	return replaceFile(filepath.Join(dir, name), data)
}

// Learn is Trust for keys and names that are added to those that are there: of a
// key that was known, what is said now holds. It reports whether anything changed.
func Learn(dir string, p Publisher) (changed bool, err error) {
	var old Publisher
	b, err := os.ReadFile(filepath.Join(dir, publishersFolder, p.Name+".json"))
	if err == nil {
		err = json.Unmarshal(b, &old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("read what is known of %s: %w", p.Name, err)
	}
	p.Keys, p.Connectors = slices.Clone(p.Keys), slices.Clone(p.Connectors)
	for _, k := range old.Keys {
		if !slices.ContainsFunc(p.Keys, func(n pack.TrustedKey) bool { return n.Public.ID() == k.Public.ID() }) {
			p.Keys = append(p.Keys, k)
		}
	}
	for _, c := range old.Connectors {
		if !slices.Contains(p.Connectors, c) {
			p.Connectors = append(p.Connectors, c)
		}
	}
	slices.SortFunc(p.Keys, func(a, b pack.TrustedKey) int { return strings.Compare(a.Public.ID(), b.Public.ID()) })
	slices.Sort(p.Connectors)
	if (publishers{p}).mark() == (publishers{old}).mark() {
		return false, nil
	}
	return true, Trust(dir, p)
}
