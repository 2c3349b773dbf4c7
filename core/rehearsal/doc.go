// Package rehearsal runs flows over invoices in thought, before they are switched
// on: with the functions that plan, gate and bundle for real, over payments that
// are known, and without any I/O.
//
// The same input gives the same messages in the same order, whatever the machine
// does at the same time.
package rehearsal
