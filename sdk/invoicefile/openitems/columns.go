package openitems

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
	"gopkg.in/yaml.v3"
)

// Field is what a column holds.
type Field string

// The fields of a list.
const (
	DebtorNo       Field = "debtor_no"
	DebtorName     Field = "debtor_name"
	InvoiceNo      Field = "invoice_no"
	InvoiceDate    Field = "invoice_date"
	DueDate        Field = "due_date"
	Description    Field = "description"
	CurrencyCode   Field = "currency"
	OriginalAmount Field = "original_amount"
	OpenAmount     Field = "open_amount"
	PaidAmount     Field = "paid_amount"
	Debit          Field = "debit"
	Credit         Field = "credit"
	Side           Field = "side" // D or C, S or H
	Journal        Field = "journal"
	Reference      Field = "reference"
	Email          Field = "email"
	Phone          Field = "phone"
	Street         Field = "street"
	Postcode       Field = "postcode"
	City           Field = "city"
	Country        Field = "country"
	PaymentTerm    Field = "payment_term"
	VATNo          Field = "vat_no"
	IBAN           Field = "iban"
)

//go:embed columns.yaml
var columnsYAML []byte

type preset struct {
	Title   string           `yaml:"title"`
	Columns map[string]Field `yaml:"columns"`
}

// known is columns.yaml with its names folded.
type known struct {
	fields  map[string]Field // folded header
	example map[Field]string // the first alias, for messages
	presets map[string]preset
}

var dictionary = sync.OnceValue(func() known {
	var file struct {
		Aliases map[Field][]string `yaml:"aliases"`
		Presets map[string]preset  `yaml:"presets"`
	}
	if err := yaml.Unmarshal(columnsYAML, &file); err != nil {
		panic(fmt.Sprintf("columns.yaml: %v", err))
	}
	k := known{fields: map[string]Field{}, example: map[Field]string{}, presets: file.Presets}
	for field, names := range file.Aliases {
		k.example[field] = names[0]
		for _, n := range names {
			if other, twice := k.fields[foldHeader(n)]; twice && other != field {
				panic(fmt.Sprintf("columns.yaml: %q is both %s and %s", n, other, field))
			}
			k.fields[foldHeader(n)] = field
		}
	}
	return k
})

// Preset is the layout of a package, for a choice in a form.
type Preset struct{ Name, Title string }

// Presets lists the layouts by title.
func Presets() []Preset {
	var out []Preset
	for name, p := range dictionary().presets {
		out = append(out, Preset{Name: name, Title: p.Title})
	}
	slices.SortFunc(out, func(a, b Preset) int { return strings.Compare(a.Title, b.Title) })
	return out
}

// Fields lists what a column can be mapped to.
func Fields() []Field {
	var out []Field
	for f := range dictionary().example {
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

// foldHeader removes what differs between spellings of one name: case, accents,
// spaces and punctuation.
func foldHeader(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFD.String(s))
}
