// Package cassette keeps what a connector asked of its package and what it was
// answered, in a file that people can read and compare, without a secret and
// without anybody's name in it.
//
// A cassette is text:
//
//	voldaan cassette 1
//	connector: acme 1.4.0
//	recorded: 2026-03-02T09:30:00Z
//	on: sandbox
//	covers: check administrations full incremental targeted
//
//	=== full
//	GET https://api.acme.example/v1/invoices?page=1
//	accept: application/json
//	--- 200
//	content-type: application/json
//	[json]
//	| [
//	|   {"id": "1"}
//	| ]
//
// Each exchange begins with the phase that it belongs to. A body is marked as
// [json], which is written out over lines, as [text], as [text crlf] when its lines
// end so, or as [base64]. A binary body is shortened to a file of the same kind
// that holds nothing.
//
// Requests are kept as the connector makes them, before the host adds credentials.
// Of the headers only those that a connector may look at are kept. Names, addresses
// and numbers of people are replaced by a [Redactor] before anything is written.
package cassette
