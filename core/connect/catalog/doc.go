// Package catalog knows which connectors an installation has, by reading signed
// packages (see package pack of the SDK) and never by running anything.
//
// A catalogue is a folder:
//
//	*.vpkg                  packages
//	publishers/<name>.json  who is trusted: a publisher's keys and connectors
//	.programs/<sha256>/     programs that were started, unpacked; a cache
//
// A package whose signature is not in order, or that carries the name of another
// publisher's connector, is not offered. Scanning reads headers, index, signature
// and manifest; a program is unpacked when it is first started, and hashed at
// every launch, by the supervisor. Whoever can write to the folder decides what
// runs: it belongs to the operator.
package catalog
