// Package debit carries out direct debits: it takes mandates from debtors in the
// portal, announces and makes collections by them, and does what follows when a
// bank refuses one or takes it back. What it decides is in package sepa.
//
// Invariants, cited where they are kept:
//
//	D1  Nothing is collected that was not announced with its amount, day, creditor
//	    id and mandate, with the agreed days in between (R84).
//	D2  A collection is handed to the provider once, under an id of ours that the
//	    provider keeps: whoever tries again finds the payment first.
//	D3  Just before that, the mandate is read at the provider and the invoices at
//	    the books; what was paid, disputed or paused since is left out.
//	D4  Whoever changes a mandate or a collection holds the debtor's row.
package debit
