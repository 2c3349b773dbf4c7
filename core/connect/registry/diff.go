package registry

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Weight is how much a change asks of those who use a connector.
type Weight string

// The weights, from least to most.
const (
	Patch Weight = "patch" // nobody needs to know
	Minor Weight = "minor" // something more, or less access
	Major Weight = "major" // users must agree to something, act, or miss something
)

var rank = map[Weight]int{Patch: 0, Minor: 1, Major: 2}

// Change is one difference between two versions of a connector.
type Change struct {
	Weight Weight `json:"weight"`
	// Path leads to the value in connector.yaml, as in auth.oauth.scopes.
	Path string `json:"path"`
	// Sentence says what it means.
	Sentence string `json:"sentence"`
}

// Diff returns what differs between two manifests, given as their files, the
// weightiest first. Both must be in order. What the rules do not know counts as
// follows: an entry of the top level that is new or differs is minor, one that is
// gone is major; deeper, an address to sign in is major, another setting to sign
// in minor, and the rest is how the connector works: patch.
func Diff(before, after []byte) ([]Change, error) {
	var a, b map[string]any
	if err := yaml.Unmarshal(before, &a); err != nil {
		return nil, fmt.Errorf("read the manifest before: %w", err)
	}
	if err := yaml.Unmarshal(after, &b); err != nil {
		return nil, fmt.Errorf("read the manifest after: %w", err)
	}
	if a["name"] != b["name"] {
		return nil, fmt.Errorf("%v and %v are two connectors, not two versions of one", a["name"], b["name"])
	}
	d := &differ{}
	d.maps(nil, a, b)
	slices.SortStableFunc(d.changes, func(x, y Change) int { return rank[y.Weight] - rank[x.Weight] })
	return d.changes, nil
}

// Weightiest returns the largest weight among changes, Patch when there are none.
func Weightiest(changes []Change) Weight {
	w := Patch
	for _, c := range changes {
		if rank[c.Weight] > rank[w] {
			w = c.Weight
		}
	}
	return w
}

// differ walks two manifests side by side.
type differ struct{ changes []Change }

func (d *differ) maps(path []string, a, b map[string]any) {
	keys := slices.Sorted(maps.Keys(a))
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		x, hadIt := a[k]
		y, hasIt := b[k]
		d.values(append(slices.Clone(path), k), x, y, hadIt, hasIt)
	}
}

func (d *differ) values(path []string, x, y any, hadIt, hasIt bool) {
	// A list that is not there is an empty one.
	if list, ok := x.([]any); ok && !hasIt && len(path) != 2 {
		d.maps(path, keyed(list), nil)
		return
	}
	if list, ok := y.([]any); ok && !hadIt && len(path) != 2 {
		d.maps(path, nil, keyed(list))
		return
	}
	switch a := x.(type) {
	case map[string]any:
		if b, ok := y.(map[string]any); ok {
			d.maps(path, a, b)
			return
		}
	case []any:
		if b, ok := y.([]any); ok {
			if strings.Join(path, ".") == "countries" && (len(a) == 0) != (len(b) == 0) {
				break
			}
			d.maps(path, keyed(a), keyed(b))
			return
		}
	}
	if hadIt == hasIt && text(x) == text(y) {
		return
	}
	difference := difference{path: path, before: x, after: y, added: !hadIt, removed: !hasIt}
	if w, s := difference.judge(); w != "" {
		d.changes = append(d.changes, Change{Weight: w, Path: strings.Join(path, "."), Sentence: s})
	}
}

// keyed turns a list into a map: by name, by value, or by all that is in an
// entry.
func keyed(list []any) map[string]any {
	out := make(map[string]any, len(list))
	for _, v := range list {
		key := text(v)
		if m, ok := v.(map[string]any); ok {
			for _, k := range []string{"name", "value"} {
				if s, ok := m[k].(string); ok {
					key = s
					break
				}
			}
		}
		out[key] = v
	}
	return out
}

// text writes a value on one line.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
