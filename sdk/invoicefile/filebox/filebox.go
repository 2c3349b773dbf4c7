// Package filebox is the protocol by which the host hands received files to a
// connector that has no files of its own.
//
// The host answers it at https://files.voldaan.internal, for the connection that
// asks and no other:
//
//	GET  /v1/files?after=ID&limit=N&open=true   files in the order of arrival
//	GET  /v1/files/{id}                         one of them
//	GET  /v1/files/{id}/content                 its bytes
//	POST /v1/files/{id}/claims                  which invoices it delivers
//	PUT  /v1/files/{id}/outcome                 what came of it
//	GET  /v1/invoices?key=K                      the files that delivered an invoice
//	GET  /v1/lists/latest?before=ID             the list of open items before a file
package filebox

import (
	"time"

	"github.com/voldaan/voldaan/sdk/invoicefile"
)

// Host is the name that the host's broker answers itself.
const Host = "files.voldaan.internal"

// MaxBytes is the largest file that is handed over.
const MaxBytes = 64 << 20

// File is a received file.
type File struct {
	// ID sorts in the order of arrival.
	ID   string `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size"`
	// Digest is the SHA-256 of the content in hex.
	Digest   string    `json:"digest"`
	Received time.Time `json:"received"`
	State    State     `json:"state"`
	Kind     Kind      `json:"kind,omitempty"`
}

// Repeatable reports whether the same content may say something new when a
// person sends it again: a file of which something was not taken, since the
// settings may have changed, and a list, since an earlier state of the books can
// come back. An invoice says for ever what it said.
func (f File) Repeatable() bool {
	return f.State == Refused || f.State == Partly || f.State == Taken && f.Kind == List
}

// State is what came of a file.
type State string

// The states.
const (
	Waiting State = "waiting"
	Taken   State = "taken"
	Partly  State = "partly" // some rows were not taken
	Refused State = "refused"
)

// Settled reports whether the connector is done with the file.
func (s State) Settled() bool { return s == Taken || s == Partly || s == Refused }

// Kind is what a file turned out to be.
type Kind string

// The kinds.
const (
	UBL  Kind = "ubl"
	List Kind = "list"
)

// Claim says that a file delivers an invoice.
type Claim struct {
	// Key is the invoice's id.
	Key string `json:"key"`
	// Digest changes with the contents of the invoice.
	Digest string `json:"digest"`
	// Shared claims follow each other, as lists do that show the state of the
	// day; any other claim is for good.
	Shared bool `json:"shared,omitempty"`
}

// Conflict is a claim that was refused: another file delivered the same invoice
// with other contents.
type Conflict struct {
	Key  string `json:"key"`
	File File   `json:"file"`
}

// Claimed is the answer to claims.
type Claimed struct {
	// Conflicts are the claims that were refused.
	Conflicts []Conflict `json:"conflicts"`
	// Owned are the keys of shared claims that a file claimed for good.
	Owned []string `json:"owned"`
}

// Holders are the files that delivered an invoice.
type Holders struct {
	// Owner made the claim for good; its ID is empty when none did.
	Owner File `json:"owner"`
	// Latest delivered the invoice last.
	Latest File `json:"latest"`
}

// Outcome is what came of a file.
type Outcome struct {
	State State `json:"state"`
	Kind  Kind  `json:"kind,omitempty"`
	// Documents is the number of invoices that were taken.
	Documents int                   `json:"documents"`
	Problems  []invoicefile.Problem `json:"problems,omitempty"`
}
