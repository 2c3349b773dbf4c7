// Package dunning carries out what package policy decides: it reads a debtor's
// ledger, plans every invoice, and takes one step at a time with the gate, the
// record and the message in one transaction.
//
// Invariants, cited where they are kept:
//
//	I1  Whoever sends to a debtor holds the debtor's row until the message is
//	    handed over; whoever changes what a debtor owes waits for that row. So a
//	    payment is either seen by the gate or comes after the message (R1, R117).
//	I2  A message exists once per debtor, step, invoice set, cycle and channel
//	    (R10).
//	I3  A message is marked as being handed over, in a transaction of its own,
//	    before the server can accept it; what is found in that state later is
//	    never sent again without evidence or a person (R9).
//	    All that comes with the step is written before that moment and undone
//	    when the message does not leave, so that nothing can fail after the
//	    server's answer but the end of the transaction.
//	I4  Every outcome of the gate leaves a decision with its rule, unless it
//	    repeats the one before it.
package dunning
