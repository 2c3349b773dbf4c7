// Package bailiff brings cases to a bailiff of the creditor's choice and follows
// them there, by e-mail, over SFTP or through the API that README.md describes.
package bailiff

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk/date"
)

// Parcel is a case that is handed over. ID is the same however often it is sent,
// so that it is taken once.
type Parcel struct {
	ID       uuid.UUID `json:"id"`
	Case     string    `json:"case"` // number
	Creditor string    `json:"creditor"`
	Reply    string    `json:"reply_to"` // address of the creditor
	PaysTo   string    `json:"pays_to"`  // creditor or bailiff
	NoCure   bool      `json:"no_cure_no_pay"`
	Terms    string    `json:"terms,omitempty"` // that were agreed on
	SHA256   string    `json:"sha256"`          // of the archive
	Name     string    `json:"name"`            // of the archive
	Archive  []byte    `json:"archive"`
	// Link is the page where the archive is fetched that is too large to go along.
	Link      string    `json:"-"`
	LinkUntil date.Date `json:"-"`
	// Tried says that an earlier attempt ended without anybody knowing how.
	Tried bool `json:"-"`
}

// Note is something said about a case after it was handed over.
type Note struct {
	ID       string    `json:"id"` // of whoever says it
	Case     string    `json:"case"`
	Kind     string    `json:"kind"` // status, question, answer, payment, correction, recall, closed, costs
	Text     string    `json:"text"`
	Minor    int64     `json:"amount_minor,omitempty"`
	Currency string    `json:"currency,omitempty"`
	On       date.Date `json:"on,omitzero"`
	At       time.Time `json:"at"`
	// Reference is the bailiff's own number of money. The same money keeps it, and
	// what is handed on names it.
	Reference string `json:"reference,omitempty"`

	Handover uuid.UUID `json:"-"` // that it is about
	Tried    bool      `json:"-"` // as with Parcel
	// Loose says that nobody said what kind of note it is: a person reads it.
	Loose bool `json:"-"`
	// Doubt is why what it says about money is not acted on without a person.
	Doubt string `json:"-"`
}

// Transport is a way to a bailiff. All of it may be called again after an error.
type Transport interface {
	// HandOver brings a case and returns the bailiff's reference, when there is one.
	HandOver(ctx context.Context, p Parcel) (reference string, err error)
	// Tell brings a note.
	Tell(ctx context.Context, n Note) error
	// Collect returns the notes of the bailiff after a cursor, and the next cursor.
	// A transport that cannot be asked returns none.
	Collect(ctx context.Context, cursor string) ([]Note, string, error)
}

// Kinds of notes, and whether they say something about money.
var Kinds = map[string]bool{"status": false, "question": false, "answer": false, "payment": true, "correction": false, "recall": false, "closed": false, "costs": true}
