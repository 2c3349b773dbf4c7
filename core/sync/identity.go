package sync

import (
	"crypto/sha1"

	"github.com/google/uuid"
)

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

// derive returns the UUID of version 5 for a name in a space.
func derive(space uuid.UUID, kind, external string) (id uuid.UUID) {
	name := make([]byte, 0, 96)
	name = append(append(append(name, space[:]...), kind...), external...)
	sum := sha1.Sum(name)
	copy(id[:], sum[:])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id
}
