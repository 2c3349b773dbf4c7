// Package ledger is the bookkeeping behind an emulated accounting package:
// administrations with contacts, invoices, credit notes, payments and notes.
//
// An emulator opens a [Store], draws the records the way its vendor does, and
// maps the vendor's writes to the methods of a [Tx]. Tests and demonstrations
// change the same books through the store's methods or through the control API,
// which is that of the Moneybird emulator as far as packages have it in common.
// Below /_control/administrations/{administration} (a contact goes by its number,
// code or UUID; an invoice by its number in the sequence, invoice number,
// reference or UUID):
//
//	POST   /_control/administrations                a creditor: AdministrationSeed
//	GET    /_control/administrations                all of them, with their ids
//	POST   …/demonstration                          contacts and invoices to look at
//	POST   …/contacts                               ContactSeed; answers {"id"}
//	PATCH  …/contacts/{id}                          ContactSeed; "" leaves as it is
//	DELETE …/contacts/{id}                          one without invoices
//	POST   …/invoices                               InvoiceSeed or a list of them; answers {"ids"}
//	GET    …/invoices                               a short list for stories
//	POST   …/invoices/{id}/pay                      PaymentSeed; {} pays what is open; answers {"id"}
//	DELETE …/invoices/{id}/payments[/{payment}]     undoes one payment, or all
//	POST   …/invoices/{id}/due_date                 {"due":"2026-04-01"}
//	POST   …/invoices/{id}/amount                   {"total":"99.00"}: replaces the lines
//	POST   …/invoices/{id}/credit                   credits it whole: {"settle":true}
//	POST   …/invoices/{id}/void                     cancels one without payments, where the package knows that
//	DELETE …/invoices/{id}                          as a user who deletes it
//	GET    …/notes                                  notes written, oldest first
package ledger
