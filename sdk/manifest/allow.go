package manifest

import (
	"net/url"
	"strings"
)

// Access is what a connector may do with a host.
type Access int

// The accesses, from least to most.
const (
	Forbidden Access = iota
	Download         // may be called, without credentials
	Full             // may be called with credentials
)

// Allow says what the connector may do with a host name. The entries of Hosts
// and Downloads are names (api.example.com), names with a wildcard for at least
// one label in front (*.example.com), or {field} for the host of a URL that the
// user filled in, for packages that people host themselves.
func (m *Manifest) Allow(host string, config map[string]string) Access {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "" {
		return Forbidden
	}
	for _, pattern := range m.Hosts {
		if matches(pattern, host, config) {
			return Full
		}
	}
	for _, pattern := range m.Downloads {
		if matches(pattern, host, config) {
			return Download
		}
	}
	return Forbidden
}

func matches(pattern, host string, config map[string]string) bool {
	if ref := fieldRef.FindStringSubmatch(pattern); ref != nil {
		u, err := url.Parse(config[ref[1]])
		return err == nil && strings.ToLower(u.Hostname()) == host
	}
	if suffix, ok := strings.CutPrefix(pattern, "*"); ok {
		return len(host) > len(suffix) && strings.HasSuffix(host, suffix)
	}
	return pattern == host
}

// Method returns the way to sign in with a name, or the first when the name is
// empty.
func (m *Manifest) Method(name string) (Auth, bool) {
	for _, a := range m.Auth {
		if a.Name == name || name == "" {
			return a, true
		}
	}
	return Auth{}, false
}

// Has reports whether the connector claims a capability.
func (m *Manifest) Has(c Capability) bool {
	for _, v := range m.Capabilities {
		if v == c {
			return true
		}
	}
	return false
}
