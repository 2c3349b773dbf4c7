package registry

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version is MAJOR.MINOR.PATCH.
type Version [3]int

// ParseVersion reads a version.
func ParseVersion(s string) (Version, error) {
	var v Version
	parts := strings.Split(s, ".")
	if len(parts) != len(v) {
		return v, fmt.Errorf("%q is not a version such as 1.4.0", s)
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || strconv.Itoa(n) != p {
			return v, fmt.Errorf("%q is not a version such as 1.4.0", s)
		}
		v[i] = n
	}
	return v, nil
}

// String returns the version as it is written.
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// Compare orders versions.
func (v Version) Compare(o Version) int {
	return cmp.Or(cmp.Compare(v[0], o[0]), cmp.Compare(v[1], o[1]), cmp.Compare(v[2], o[2]))
}

// line is what stays compatible: the major version, and before 1.0.0 the minor
// one.
func (v Version) line() Version {
	if v[0] == 0 {
		return Version{0, v[1], 0}
	}
	return Version{v[0], 0, 0}
}

// Declares returns the largest change that going from v to a newer version may
// bring.
func (v Version) Declares(next Version) Weight {
	switch {
	case v.line() != next.line():
		return Major
	case v[0] == 0 || v[1] != next[1]:
		return Minor
	default:
		return Patch
	}
}

// next returns the least version that declares a change of a weight.
func (v Version) next(w Weight) Version {
	switch {
	case w == Major && v[0] == 0, w == Minor && v[0] > 0:
		return Version{v[0], v[1] + 1, 0}
	case w == Major:
		return Version{v[0] + 1, 0, 0}
	default:
		return Version{v[0], v[1], v[2] + 1}
	}
}
