// Package emulator is a Moneybird that runs on this machine: stateful, written
// from Moneybird's published API contract, for tests, development and
// demonstrations.
//
// What it does as Moneybird does:
//   - Lists show one financial year unless a filter says otherwise.
//   - Ids and decimals are text; an administration with a short id shows it as a
//     number.
//   - Drafts have no number; sending gives one.
//   - Open invoices become late on the day after their due date, in the
//     administration's time zone, by the clock the emulator was given.
//   - The rate limit is 150 requests in 5 minutes per token; Retry-After is a
//     moment in seconds since 1970, as the contract says, and not a duration.
//   - A PDF is behind a redirect to a link that lives 30 seconds and refuses an
//     Authorization header.
//   - Webhooks are signed and retried.
//
// What the contract leaves open, and what was chosen:
//   - A version is the second of the change, raised to one above the previous
//     version of the same record when needed: two changes within one second are
//     both visible, and a version never falls.
//   - A filter that is given replaces the default of this year, also when it
//     names no period. Synchronization lists have the same default.
//   - Lists are newest first, 50 to a page.
//   - A token without the scope gets 401 "No access to …".
//   - E-mail is not sent: send_invoice only books that it was.
//
// Besides the kit's own, the control API offers, below
// /_control/administrations/{administration} (an invoice goes by its id, number
// or reference):
//
//	POST   /_control/administrations                a creditor: AdministrationSeed
//	GET    /_control/administrations                all of them, with their ids
//	POST   …/contacts                               ContactSeed; answers {"id"}
//	PATCH  …/contacts/{id}                          ContactSeed; "" leaves as it is
//	POST   …/invoices                               InvoiceSeed or a list of them; answers {"ids"}
//	GET    …/invoices                               a short list for stories
//	POST   …/invoices/{id}/pay                      PaymentSeed; {} pays what is open; answers {"id"}
//	DELETE …/invoices/{id}/payments[/{payment}]     undoes one payment, or all
//	POST   …/invoices/{id}/due_date                 {"due":"2026-04-01"}
//	POST   …/invoices/{id}/amount                   {"total":"99.00"}: replaces the lines
//	POST   …/invoices/{id}/credit                   credits it whole: {"settle":true}
//	POST   …/invoices/{id}/state                    {"state":"pending_payment"} or back to "open"
//	DELETE …/invoices/{id}                          as a user who deletes it
//	POST   …/mutations                              a bank line: MutationSeed; answers {"id"}
//	POST   …/suspend                                {"suspended":true}
//	POST   /_control/tokens                         TokenSeed; answers {"token"}
//	DELETE /_control/tokens                         revokes what applications were granted
package emulator
