// Package board computes all figures of an organisation as of a day from what is
// stored: it reads rows, makes package insight's ledger of events of them, and
// puts the figures together.
//
// Money counts from its value date. What the books say to be settled without a
// payment on record counts from the day that they began to say so: as money,
// unless a credit note explains it. An invoice that is gone from complete books
// counts as settled then (R25).
package board
