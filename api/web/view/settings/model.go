// Package settings shows what an owner keeps: the sender, people, keys of
// programs, and figures of the law.
package settings

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// SenderModel is GET /settings/sender?administration=: the creditor as debtors
// see it. It posts to /settings/sender/{administration}.
type SenderModel struct {
	Frame  component.Frame
	Look   bool            // the reader may look only
	Books  []component.Tab // administrations, when there are several
	ID     string          // of the administration; "" when there is none
	Error  string          // why the form was refused
	Fields Fields
	// Account is changed in a form of its own (R124).
	Account Account
	Preview []string // the lines of the sender as a letter shows them
}

// Fields are the inputs of the sender's form.
type Fields struct {
	Name, Line1, PostalCode, City, Email, Phone, Registration, VAT, Colour component.TextInput
}

// Account is where debtors pay to. It posts iban and password to
// /settings/sender/{administration}/account, and decision (confirm, drop) with
// iban to …/account/decide.
type Account struct {
	Now       string // in groups of four, "" when there is none
	IBAN      component.TextInput
	Password  *component.TextInput // asked when nobody else can confirm
	Waiting   string               // an account that waits for a second person, in groups of four
	WaitingID string               // the same without blanks
	WaitsFor  string               // who proposed it, and when
	Mine      bool                 // the reader proposed it
}

// PeopleModel is GET /settings/people. It posts name, email, role and password
// to the same address, and role (or "end") to /settings/people/{id}.
type PeopleModel struct {
	Frame  component.Frame
	Look   bool
	People []Person
	Error  string
	Name   component.TextInput
	Email  component.TextInput
	First  component.TextInput // password
	Roles  []component.Option
}

// Person is a member.
type Person struct {
	ID, Name, Email string
	Role            string
	You             bool
	Since           time.Time
	Left            time.Time // zero while they may sign in
	Roles           []component.Option
}

// KeysModel is GET /settings/keys. It posts name and scope to the same address
// and shows the secret in the answer, once; /settings/keys/{id}/revoke ends one.
type KeysModel struct {
	Frame  component.Frame
	Look   bool
	Keys   []Key
	Error  string
	Name   component.TextInput
	Scopes []component.Option
	// Secret of the key that was just made, and its name.
	Secret, Made string
}

// Key is a program that may use the API.
type Key struct {
	ID, Name, Prefix string
	Scope            string // "Reads", "Reads and writes"
	By               string
	At               time.Time
	Used             time.Time // zero for never
	Revoked          time.Time // zero while it works
}

// FiguresModel is GET /settings/figures: what no source confirms, and who
// approved it. It posts figure and value to the same address.
type FiguresModel struct {
	Frame    component.Frame
	Look     bool
	Pending  []Figure
	Approved []Figure
}

// Figure is one of the law that no source confirms.
type Figure struct {
	Name, Value, Why, Source string
	Invoices                 int    // that wait for it
	By                       string // who approved it
	At                       time.Time
}
