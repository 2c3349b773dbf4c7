// Package conformance judges connectors: it lets them read and write against a
// package that is played, spoils the answers in every way that real packages
// have, and says by name what went wrong.
//
// A [Target] is the connector, called over the real wire. A [Play] is the
// package: an emulator, or a recorded cassette. [Run] goes through the scenarios
// and returns a [Report], from which the badge of a connector follows.
//
// What a spoilt answer may lead to:
//
//   - the same books: the connector, or the host, took it in its stride;
//   - an honest failure: an error of the right class, nothing wrong written, and
//     the next pull ends up with the same books;
//   - late books: records are missing, none is taken as deleted, and the next
//     pull brings them.
//
// Wrong books without an error, a crash and a call that does not end are never
// right.
package conformance
