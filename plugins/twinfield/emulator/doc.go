// Package emulator is a Twinfield that runs on this machine: OpenID Connect, the
// cluster's SOAP services ProcessXml, Finder and DeletedTransactions, stateful,
// written from what is published.
//
// Where the facts come from:
//   - developers.twinfield.com: OpenID Connect (paths, scopes, the company code
//     in the header), XML web services (offices may be listed without one),
//     browse data, Finder, sales and journal transactions, deleted transactions.
//   - Wolters Kluwer's articles "Setting up OAuth 2.0" (the token is validated
//     with the client's credentials; refresh tokens live 25 years and may be used
//     often) and "API best practices" (open invoices: browse 130_3 for what is
//     available and proposed; the rest is paid; 25 rows a Finder call).
//   - Forms of documents: the answers kept as test resources of
//     github.com/php-twinfield/twinfield.
//   - Expired tokens: "Access denied. Token invalid" with code 354,
//     forums.invantive.com/t/1412.
//
// What it does as Twinfield does:
//   - The cluster comes from accesstokenvalidation; each call carries the token
//     and the company in its SOAP header.
//   - A document that fails answers with status 200, result="0" and a message on
//     the element that is wrong.
//   - Dates are yyyymmdd, moments yyyymmddhhmmss in Dutch time; codes are text.
//   - Browses show signed values: a payment is a line of its own, matched or not.
//   - A payment that was posted stays open beside the invoice until it is matched.
//   - There is no PDF and there are no webhooks.
//
// What is unsure, and what was chosen:
//   - Matching does not move fin.trs.head.modified of the invoice: what is open
//     has to be read again. If it does in truth, nothing is lost by that.
//   - fin.trs.line.matchstatus is shown as a number (1 available, 2 matched) and
//     asked for as a number or a word.
//   - A browse without a period is refused.
//   - The Finder's option modifiedsince (yyyymmddhhmmss) for dimensions.
//   - A match covers a payment or credit note as a whole.
//   - Names and namespaces inside DeletedTransactionsService; elements are read
//     by their local names.
//   - Codes of faults but 354; the texts of messages are English.
//   - Transactions can be posted on BNK, KAS and MEMO only.
//
// The control API is those of the packages emulator (tokens too) and ledger.
package emulator
