// Package emulator is an e-Boekhouden.nl that runs on this machine: the REST API
// v1, stateful, written from what is published about it.
//
// Where the facts come from:
//   - Paths, records and fields: the generated clients that list the vendor's
//     OpenAPI document (crate eboekhouden 1.0.2 on docs.rs) and the models of
//     github.com/matisup10/e-Boekhouden-MCP; the vendor's own page is
//     https://api.e-boekhouden.nl/swagger.
//   - Sessions, filters and error codes: the manual of
//     github.com/Mantix/eboekhouden-rest-api.
//
// What it does as e-Boekhouden does:
//   - An API token opens a session of an hour; the session goes into the header
//     Authorization as it is, without "Bearer". A token belongs to one
//     administration.
//   - Lists have limit (1 to 2000, 100 as a rule) and offset; a filter is
//     field[operator]=value, or field=value.
//   - The list of relations has three fields; the rest is one call a relation.
//   - Nothing says when a record changed, and nothing says that it is gone.
//   - A payment is a mutation of type 3; its rows name the invoices.
//
// What is unsure, and what was chosen:
//   - "count" is the number of records that match, not of those on the page.
//   - A query parameter that is not a filter of the list is ignored.
//   - The relations' filter "id" is served, though only some clients list it.
//   - A new record answers 201; a wrong session 401; a record that is not there
//     404 with the code of its field.
//   - /v1/administration shows the token's own administration to everybody, and
//     /v1/administration/linked none.
//   - A credit note set off against an invoice is a mutation of type 7 with two
//     rows: negative for the invoice, positive for the credit note.
//   - The link in urlPdfFile lives ten minutes.
//   - No number of requests is published: the limit is off unless configured.
//   - Only mutations of type 3 can be written.
//   - An invoice whose number begins with WEB is a booking and nothing else, as
//     a webshop makes them: it is not in the invoicing module.
//
// The control API is that of the package ledger, and
//
//	POST /_control/tokens      {"administration","token"}: an API token; answers {"token"}
//	DELETE /_control/sessions  ends every session
package emulator
