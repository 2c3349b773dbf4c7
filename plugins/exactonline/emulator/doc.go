// Package emulator is an Exact Online that runs on this machine: its REST API
// and the upload of match sets, stateful, written from what is published.
//
// Where the facts come from:
//   - Resources and fields: the vendor's reference
//     (start.exactonline.nl/docs/HlpRestAPIResources.aspx and its pages Accounts,
//     BankAccounts, Documents) and github.com/picqer/exact-php-client, whose
//     property lists follow it.
//   - Limits of calls, of refreshes (not before 570 s) and of errors (10 an
//     hour per key, user, company and endpoint): the vendor's rules of 1 July
//     2021 as quoted on docs.maesn.com/rate-limits; the headers on
//     forums.invantive.com/t/3102.
//   - The refusal of an early refresh: issue 31 of
//     github.com/websmurf/laravel-exact-online (2026).
//   - The signature of webhooks and the empty call that validates an address:
//     checked against a live account in pull request 152 of
//     github.com/hookdeck/webhook-skills (2026).
//   - Which open items an invoice shows: the vendor's answer to a question,
//     quoted in scribd.com/document/741980851.
//
// What it does as Exact does:
//   - JSON only for Accept: application/json; else Atom.
//   - Lists need $select or $top=1; 60 rows a page, 1,000 on bulk and sync
//     resources; the next page is behind __next.
//   - Dates are /Date(milliseconds)/ of the wall clock in the data centre.
//   - Account codes are 18 characters, filled with spaces on the left.
//   - A part payment splits a payment term in two; sync resources have a
//     Timestamp that only rises; sync/Deleted tells what went.
//   - A booked payment stays beside the invoice until a match set joins them.
//   - The access token lives 600 s ("expires_in" is text); a refresh token is
//     good for one use, within 30 days, in the last 30 s of the access token.
//   - Webhooks carry a pointer and a hash of the exact text of Content.
//
// What is unsure, and what was chosen:
//   - Every column can be filtered; in truth only some can. No filter is
//     mandatory, though Exact asks for one where there is a sync resource.
//   - 403 for a division that the user may not see (any more), 404 for none.
//   - Too many errors are answered with 429 for an hour.
//   - Rows are in order of their key; $skiptoken is the last key.
//   - d is a bare list for functions (ReceivablesListByAccount).
//   - BankEntryLines: AmountFC is negative for a receipt; OurRef does not match
//     by itself. Receivables are positive in every resource.
//   - Foreign currency: AmountDC is AmountFC, at a rate of one.
//   - Every invoice is both a SalesInvoice and a SalesEntry.
//   - Failing calls of webhooks are tried again five times.
//
// The control API is those of the packages emulator (tokens too, their subject
// is a user) and ledger, and
//
//	POST /_control/administrations/{adm}/access  {"denied":true}: the user lost the division
package emulator
