// Package sepa decides about SEPA direct debits: on which day one is collected
// and how long before that it is announced, what follows when a bank refuses it
// or takes it back, and when its money is final. It is pure: no I/O, no clock.
//
// The figures of the scheme are not law of a country. They are those of the
// rulebooks for Core and B2B as banks and providers state them; where a creditor
// and a debtor may agree otherwise, they are settings.
package sepa
