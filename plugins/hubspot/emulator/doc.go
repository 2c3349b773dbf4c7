// Package emulator is a HubSpot CRM that runs on this machine: one account with
// companies, contacts, deals, notes, tasks and owners, written from HubSpot's
// published documents.
//
// Where the facts come from:
//   - Objects, search and batches: the OpenAPI documents of CRM v3 in
//     github.com/HubSpot/HubSpot-public-api-spec-collection; a test holds the
//     answers against them.
//   - Limits, paging, operators, association types, errors, webhooks and their
//     signature: developers.hubspot.com (usage details, search, associations,
//     webhooks, validating requests).
//
// What it does as HubSpot does:
//   - Lists show 10 records, 100 at most, and a few properties unless others are
//     asked for; a property without a value is null, an unknown one left out.
//   - A deleted record is archived: it leaves the lists and shows with
//     archived=true. Of two merged records the other id leads to the first.
//   - Search takes 5 groups of 6 filters, one sort, 200 records a page, and
//     refuses to go beyond 10,000 records.
//   - 110 calls in ten seconds (application) with headers, 5 searches a second
//     without them.
//   - Access tokens live 30 minutes; the refresh token stays the same.
//   - Webhooks come in batches, signed over method, address, body and time.
//
// What is unsure, and what was chosen:
//   - Search finds a change at once, unless SearchLag is set; in truth it takes
//     some moments.
//   - after is the id of the next record in lists, and a count in searches.
//   - Notes and tasks need the scopes of contacts.
//   - Paging of owners, and what the account's details hold beyond the id.
//
// Besides the kit's own (tokens too), the control API has:
//
//	POST   /_control/administrations                AdministrationSeed: the account's id and name
//	GET    /_control/administrations                the account
//	POST   …/{adm}/demonstration                    companies and people to look at
//	POST   …/{adm}/contacts                         ledger.ContactSeed: a company, its person, or both; answers {"id","contact"}
//	PATCH  …/{adm}/contacts/{id}                    ledger.ContactSeed of a company or a person
//	DELETE …/{adm}/contacts/{id}                    archives it
//	GET    …/{adm}/notes                            notes that were written
//	POST   /_control/private_apps                   {"scope","token"}: a private app's token
//	POST   /_control/webhooks                       {"target","subscriptions":["company.creation"]}: what the application asked for
package emulator
