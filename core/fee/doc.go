// Package fee is the ledger of what reminders cost a debtor by law outside a
// collection case.
//
// A fee is a line of its own beside the invoice and never a part of it, since the
// books know the invoice and not the fee. Invariants, cited where they are kept:
//
//	F1  A message costs a debtor once, and an entry is never changed: a waiver, its
//	    undoing and what a case took over are further entries.
//	F2  Money settles invoices and the charges of cases first; a fee takes only what
//	    is left of it, by an allocation of method "fee". So what invoices, payments
//	    and credit add up to never changes by it, and the books never find an invoice
//	    short. It is the order that favours the debtor.
//	F3  What is open of a fee is computed from the entries and the payments that
//	    stand; settling it again without news changes nothing.
//	F4  Nobody is reminded of fees alone: what is left when the invoice is paid waits
//	    for a person.
package fee
