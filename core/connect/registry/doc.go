// Package registry is an installation's register of connectors: who publishes
// what, which versions there are, and which version a tenant gets.
//
// # Publishing
//
// A publisher sends a package to POST /v1/connectors, the package as the body
// (media type application/vnd.voldaan.connector), with the header
//
//	Voldaan-Signature: publisher=acme; key=<id>; at=2026-03-14T09:30:00Z; signature=<base64>
//
// an ed25519 signature, by a key of the publisher that is valid now, of the lines
//
//	voldaan request v1
//	POST
//	/v1/connectors
//	<host that it is sent to, with the port when there is one>
//	<at>
//	<SHA-256 of the body in hex>
//
// each ended by a newline. A request is good for five minutes either way; sent
// twice it does the same once. To yank a version, POST
// /v1/connectors/{name}/versions/{version}/yank with {"why": "..."} is signed in
// the same way. The handler makes a [Request] of what it got, with [ParseRequest],
// and hands it to [Registry.Publish] or [Registry.Yank]. Their errors are faults:
// sign_in for a signature that is not in order, denied for another publisher's
// name, conflict for a version that is there with other content, invalid for a
// package that is not in order or does not declare what changed. The answer is
// [Published] as JSON.
//
// # Versions
//
// A new version is listed at once, as what its [Level] is found to be, and rolls
// out in stages: some tenants first, then more, then all ([Plan]). Which tenants
// is a hash of tenant, connector and version. When calls to it fail more often
// than those to the version before, by more than a limit, it is halted and those
// tenants go back. [Resolve] says which version a tenant gets; a version with a
// major change waits until the tenant pins it, which is how a tenant agrees.
package registry
