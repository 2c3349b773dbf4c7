package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the address that a request comes from, as limits count it. What a
// proxy says of it is believed only of the proxies that are named in Proxies: a
// header is as easily made up as a name. A request that names two different
// addresses in two headers was made up, and counts as the proxy's own.
func (s *site) client(r *http.Request) string {
	peer, err := peerOf(r)
	if err != nil {
		return r.RemoteAddr
	}
	if !s.trusts(peer) {
		return network(peer)
	}
	said := [][]string{forwardedFor(r.Header.Values("X-Forwarded-For")), forwarded(r.Header.Values("Forwarded"))}
	var found []netip.Addr
	for _, hops := range said {
		if len(hops) > 0 {
			found = append(found, s.farthest(hops, peer))
		}
	}
	if len(found) == 0 || slices.ContainsFunc(found, func(a netip.Addr) bool { return a != found[0] }) {
		return network(peer)
	}
	return network(found[0])
}

func peerOf(r *http.Request) (netip.Addr, error) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	return ip.Unmap().WithZone(""), err
}

func (s *site) trusts(ip netip.Addr) bool {
	return slices.ContainsFunc(s.Proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// farthest walks from the nearest hop outwards to the first that is not a proxy
// of ours: what lies beyond it is its word only. An entry that is no address
// ends the walk at the hop that passed it on.
func (s *site) farthest(hops []string, peer netip.Addr) netip.Addr {
	last := peer
	for _, hop := range slices.Backward(hops) {
		ip, err := hopAddr(hop)
		if err != nil {
			return last
		}
		if last = ip; !s.trusts(ip) {
			return ip
		}
	}
	return last
}

// hopAddr reads an address with or without brackets and a port.
func hopAddr(text string) (netip.Addr, error) {
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), nil
	}
	ip, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return ip.Unmap().WithZone(""), err
}

// forwardedFor are the hops of X-Forwarded-For, the nearest last.
func forwardedFor(values []string) (out []string) {
	for _, v := range values {
		for hop := range strings.SplitSeq(v, ",") {
			out = append(out, strings.TrimSpace(hop))
		}
	}
	return out
}

// forwarded are the hops of the header of RFC 7239, the nearest last. A hop that
// names nobody ("unknown", or no for at all) is kept, since it is no address.
func forwarded(values []string) (out []string) {
	for _, v := range values {
		for element := range strings.SplitSeq(v, ",") {
			hop := ""
			for pair := range strings.SplitSeq(element, ";") {
				if name, value, ok := strings.Cut(strings.TrimSpace(pair), "="); ok && strings.EqualFold(name, "for") {
					hop = strings.Trim(strings.TrimSpace(value), `"`)
				}
			}
			out = append(out, hop)
		}
	}
	return out
}

// network is an address as limits count it; for IPv6 the network that its owner
// may take any address of.
func network(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	if p, err := ip.Prefix(64); err == nil {
		return p.String()
	}
	return ip.String()
}
