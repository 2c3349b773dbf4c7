// Package insight computes the figures by which a creditor judges the collection
// of debts, as pure functions with exact results.
//
// Figures that depend on what was open on a day come from a Ledger: the events of
// one currency. Its answers about a past day do not change by what happens
// later, and with KnownBy not by what is entered later either. Amounts include
// VAT. A foreign invoice is either in the ledger of its own currency, or
// converted at the rate of the invoice, also what is paid on it.
//
// Rates and days are a Ratio: exact, and unknown where there is nothing to
// divide by. Nothing is rounded before it is shown.
package insight
