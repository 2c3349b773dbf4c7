// Package invoice shows invoices: the list, one invoice with its timeline, the
// preview of a step, and the exact copy of what was sent.
package invoice
