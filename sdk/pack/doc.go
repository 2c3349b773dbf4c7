// Package pack makes, signs and reads connector packages: one file with all that
// a host needs to offer a connector and to run it.
//
// A package (.vpkg) is a zip archive in one canonical form, so that the same
// input gives the same bytes and every byte of a header can be checked:
//
//	index.json                        name, version, publisher; path, size and SHA-256 of every file below
//	signature.json                    who signed the index, with which key, when
//	CHANGELOG.md LICENSE README.md icon.svg
//	conformance.json                  report of the conformance kit, when there is one
//	connector.yaml                    the manifest; the one file that must be there
//	program/<platform>/<program>      for linux-amd64 and so on, or "any" for a script; none for a manifest connector
//
// Nothing else may be in it. The signature is an ed25519 signature of the lines
//
//	voldaan package v1
//	<publisher>
//	<id of the key>
//	<moment of signing, RFC 3339 in UTC>
//	<SHA-256 of index.json in hex>
//
// each ended by a newline. [Open] looks only at headers and the two small files
// in front; contents can only be had from a [Verified], which [Package.Verify]
// gives for a signature in order, so nothing can be unpacked before that.
package pack
