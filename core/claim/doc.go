// Package claim is the sub-ledger of a collection case: what is owed in
// principal, costs and interest on any day, and what every payment went to.
//
// Invariants, cited where they are kept:
//
//	C1  Money is counted once. A payment first settles invoices, whoever saw it;
//	    what the law puts to costs or interest is moved from the principal by a
//	    pair of allocations of method "statute", so that what invoices, payments
//	    and credit add up to never changes by it.
//	C2  What was booked stays. A correction is a further entry of claim_entry, and
//	    an allocation that is replaced stays on record with the moment it ended.
//	C3  The sub-ledger is computed from what is known, and settling it again
//	    without news changes nothing.
package claim
