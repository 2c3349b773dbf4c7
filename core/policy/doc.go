// Package policy decides, without doing anything: which step of a flow comes
// next and when (Next), whether a message may go out at this moment (Gate), and
// which of a debtor's invoices one message is about (Bundle).
//
// All three are pure: the same input gives the same answer, whatever the day.
// What they hold to each other, and what the tests prove for any input:
//
//	P1  Next never plans before now, nor on a day or at an hour on which nothing
//	    is sent.
//	P2  What Next plans, Gate passes at that moment when nothing else happened.
//	P3  Gate passes no demand while nothing is owed, while a hold is in force or
//	    while the books are stale.
//	P4  Every invoice of a debtor is in exactly one list of a Message, and only
//	    what Gate passed is demanded.
package policy
