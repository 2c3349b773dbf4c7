package broker

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrPrivate refuses an address that is not on the public internet.
var ErrPrivate = errors.New("not a public address")

// reserved lists what net/netip does not call private but no package lives at
// (IANA special-purpose address registries).
var reserved = func() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}()

// nat64 carries an IPv4 address in its last four bytes (RFC 6052).
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// Public reports whether an address is on the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// guard returns a net.Dialer's Control: it sees the address after name resolution,
// so that no name can lead it inside, not even one that changes its mind between
// two looks. Only networks that the operator names may be inside.
func guard(inside []netip.Prefix) func(network, address string, c syscall.RawConn) error {
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("dial %s: %w", address, ErrPrivate)
		}
		a := ap.Addr().Unmap()
		for _, p := range inside {
			if p.Contains(a) {
				return nil
			}
		}
		if !Public(a) {
			return fmt.Errorf("dial %s: %w", a, ErrPrivate)
		}
		return nil
	}
}
