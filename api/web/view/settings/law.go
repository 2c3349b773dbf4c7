package settings

import "github.com/voldaan/voldaan/api/web/view/component"

// LawModel is GET /settings/law?administration=: by which law invoices are claimed,
// and what the creditor's terms say. It posts country to
// /settings/law/{administration}/country, and its terms to
// /settings/law/{administration}.
type LawModel struct {
	// Converts says that law and books count in different currencies; "" when not.
	Converts  string
	Frame     component.Frame
	Look      bool
	Books     []component.Tab // administrations, when there are several
	ID        string          // of the administration; "" when there is none
	Error     string
	Country   string // of the law, in words
	Countries []component.Option
	// CountryError says why the country was refused.
	CountryError string
	// Known says that there is a law pack for the country.
	Known bool
	Terms []Term
}

// Term is a field on the creditor's terms, of which one of the three is drawn.
type Term struct {
	Label   string
	Hint    string
	Text    *component.TextInput
	Options []component.Option // of a select
	On      bool               // of a tick box
	Name    string
	Rulings []Ruling
}

// Ruling is what the law makes of a term.
type Ruling struct {
	Who         string // about whom it speaks, "" for everyone
	Text        string
	Article     string
	Provisional bool // no source confirms it
	Sources     string
}
