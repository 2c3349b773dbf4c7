package budget

import (
	"fmt"
	"hash/fnv"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// key names what shares a limit; without a limit, all that one connection does.
func key(who Spender, scope manifest.Scope, l *manifest.Limit) string {
	k := who.Connector
	if scope != manifest.PerApp {
		k += "/" + who.Connection.String()
	}
	if l == nil {
		return k
	}
	if scope == manifest.PerAdministration {
		k += "/" + who.Administration
	}
	k += fmt.Sprintf("/%d/%s/%d", l.Requests, l.Per, l.Concurrent)
	if len(l.Paths)+len(l.Methods) > 0 {
		h := fnv.New64a()
		fmt.Fprintf(h, "%q%q", l.Methods, l.Paths)
		k += fmt.Sprintf("/%x", h.Sum64())
	}
	return k
}
