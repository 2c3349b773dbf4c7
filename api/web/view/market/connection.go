package market

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// ConnectionModel is GET /connections/{id}: what is read through a connection,
// its files where it is fed with files, its problems and its settings. It posts
// file to …/files, the fields of the form to …/settings, and administration and
// problem to …/problems/dismiss.
type ConnectionModel struct {
	Frame     component.Frame
	ID, Title string
	Owner     bool // may change settings
	May       bool // may upload and dismiss
	Books     []Book
	Upload    *FileForm // nil when it takes no files
	Refused   string    // why the last upload was refused
	Receipt   []string  // what came of the last upload, in sentences
	Files     []File
	Sources   []Source
	Problems  []Problem
	Form      []Field
	FormError string
	Care      Care
}

// Book is an administration that is read.
type Book struct {
	Name  string
	State string // "Read 14 min ago"
	Tone  component.Tone
	Live  string // "Live since 1 Mar 2026", "Not live yet"
}

// File is one that somebody sent.
type File struct {
	Name     string
	At       time.Time
	Size     string
	State    string // "Taken"
	Tone     component.Tone
	Icon     string
	Text     string // "12 invoices"
	Problems []string
	More     int // further problems
}

// Source is a place where files are fetched from.
type Source struct {
	Kind, Place string
	LookedAt    time.Time
	Problem     string
}

// Problem is a record that could not be taken as it is.
type Problem struct {
	Administration, ID string
	Reference, Text    string
	At                 time.Time
}

// Field is one of the form of a connector: a text, a choice or a tick.
type Field struct {
	Text    component.TextInput
	Options []component.Option // of a choice
	Secret  bool               // its answer is never shown
	Tick    bool               // a box to tick, Text.Value is "true" when ticked
}
