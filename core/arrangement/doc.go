// Package arrangement keeps what a creditor and a debtor agree about invoices,
// or do not agree: promises, payment plans, disputes, "I paid already" and legal
// stops.
//
// What is to happen is decided by functions without I/O (Judge, Schedule, Apply,
// Course.Next, Settings.AcceptPlan); Desk carries it out with package dunning,
// waits with package matter, and tells the debtor through Teller.
//
// Invariants, cited where they are kept:
//
//	G1  Whoever decides about an arrangement holds the row of its debtor, so that
//	    no message about the same money leaves at that moment.
//	G2  The instalments of a plan add up to what it covers, to the cent (R76).
//	G3  What ends, ends once: a state other than open, proposed or active never
//	    changes again.
package arrangement
