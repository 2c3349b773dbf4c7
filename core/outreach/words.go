package outreach

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const (
	nbsp  = "\u00a0"
	minus = "\u2212"
)

// Words holds what a language needs besides its templates: how amounts and
// dates are written, and the labels of tables, buttons and letters.
type Words struct {
	Language Language `yaml:"-"`
	Months   []string `yaml:"months"`
	Group    string   `yaml:"group"`   // between thousands
	Decimal  string   `yaml:"decimal"` // between whole and fraction
	Spaced   bool     `yaml:"spaced"`  // a space between symbol and digits, the minus behind the symbol
	And      string   `yaml:"and"`

	Salutation Salutation        `yaml:"salutation"`
	Labels     map[string]string `yaml:"labels"`
	Phases     map[string]string `yaml:"phases"`
	Reasons    map[string]string `yaml:"reasons"`
	Charges    map[string]string `yaml:"charges"`

	raw []byte
}

// Salutation holds the four ways to open a message.
type Salutation struct {
	FormalNamed   string `yaml:"formal_named"`
	Formal        string `yaml:"formal"`
	InformalNamed string `yaml:"informal_named"`
	Informal      string `yaml:"informal"`
}

var symbols = map[money.Currency]string{"EUR": "€", "GBP": "£", "USD": "US$"}

var loaded = struct {
	sync.Mutex
	words map[Language]*Words
}{words: map[Language]*Words{}}

// WordsOf returns the words of a language, or an error that names the
// languages there are.
func WordsOf(l Language) (*Words, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if w := loaded.words[l]; w != nil {
		return w, nil
	}
	raw, err := fs.ReadFile(templates, "templates/"+string(l)+"/words.yaml")
	if err != nil || l == "" {
		return nil, fmt.Errorf("there are no messages in language %q; there are nl and en", l)
	}
	w := &Words{Language: l, raw: raw}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(w); err != nil {
		return nil, fmt.Errorf("words of %s: %w", l, err)
	}
	loaded.words[l] = w
	return w, nil
}

// Amount writes an amount as the language does: "€ 1.210,00", "€ −5,00" in
// Dutch, "€1,210.00", "−€5.00" in English. Spaces do not break.
func (w *Words) Amount(a money.Amount) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(a.Decimal(), "-"), ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(w.Group)
		}
		b.WriteRune(r)
	}
	if fraction != "" {
		b.WriteString(w.Decimal + fraction)
	}
	symbol, known := symbols[a.Currency]
	if !known {
		symbol = string(a.Currency)
	}
	gap := ""
	if w.Spaced || !known {
		gap = nbsp
	}
	switch {
	case a.Minor >= 0:
		return symbol + gap + b.String()
	case w.Spaced:
		return symbol + gap + minus + b.String()
	default:
		return minus + symbol + gap + b.String()
	}
}

// Date writes a day in full, as "24 november 2026"; no date is "".
func (w *Words) Date(d date.Date) string {
	if d.IsZero() {
		return ""
	}
	return strconv.Itoa(d.Day()) + nbsp + w.Months[d.Month()-1] + nbsp + strconv.Itoa(d.Year())
}

// Label returns the word for a key of words.yaml.
func (w *Words) Label(key string) string { return w.Labels[key] }

// join lists texts as "a, b and c".
func (w *Words) join(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " " + w.And + " " + parts[last]
}
