package sync

import "github.com/google/uuid"

// DebtorID, InvoiceID and PaymentID derive our id of a record from where it
// comes from, so that the same record always has the same id, whatever the
// order in which records arrive.
func DebtorID(administration uuid.UUID, external string) uuid.UUID {
	return derive(administration, "debtor/", external)
}

// InvoiceID derives the id of an invoice or credit note.
func InvoiceID(administration uuid.UUID, external string) uuid.UUID {
	return derive(administration, "invoice/", external)
}

// PaymentID derives the id of a payment by where it was seen: "books", "bank",
// "mollie" or "manual".
func PaymentID(administration uuid.UUID, source, external string) uuid.UUID {
	return derive(administration, "payment/"+source+"/", external)
}

func derive(space uuid.UUID, kind, external string) uuid.UUID {
	return uuid.NewSHA1(space, []byte(kind+external))
}
