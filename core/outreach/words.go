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
	After    bool     `yaml:"after"`   // the symbol behind the digits
	DayMark  string   `yaml:"day_mark"`
	FirstDay string   `yaml:"first_day"` // how the first of a month is written, where it differs
	And      string   `yaml:"and"`

	Salutation Salutation        `yaml:"salutation"`
	Labels     map[string]string `yaml:"labels"`
	Phases     map[string]string `yaml:"phases"`
	Reasons    map[string]string `yaml:"reasons"`
	Charges    map[string]string `yaml:"charges"`   // also by country, as "costs_DE"
	Collector  map[string]string `yaml:"collector"` // who a claim can be handed to, by country
	Help       map[string]string `yaml:"help"`      // help with debts, by the debtor's country

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
		return nil, fmt.Errorf("there are no messages in language %q; there are %v", l, Languages())
	}
	w := &Words{Language: l, raw: raw}
	dec := yaml.NewDecoder(bytes.NewReader(raw))
	dec.KnownFields(true)
	if err := dec.Decode(w); err != nil {
		return nil, fmt.Errorf("words of %s: %w", l, err)
	}
	w.complete()
	loaded.words[l] = w
	return w, nil
}

// Amount writes an amount as the language does: "€ 1.210,00", "€ −5,00" in
// Dutch, "€1,210.00", "−€5.00" in English, "−5,00 €" in German. Spaces do not break.
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
	case w.After && a.Minor < 0:
		return minus + b.String() + nbsp + symbol
	case w.After:
		return b.String() + nbsp + symbol
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
	day := strconv.Itoa(d.Day()) + w.DayMark
	if d.Day() == 1 && w.FirstDay != "" {
		day = w.FirstDay
	}
	return day + nbsp + w.Months[d.Month()-1] + nbsp + strconv.Itoa(d.Year())
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

// complete fills what a language lacks with the English words, so that a label
// that was added later is never empty before a debtor.
func (w *Words) complete() {
	if w.Language == English || w.Language == Dutch {
		return
	}
	raw, err := fs.ReadFile(templates, "templates/"+string(English)+"/words.yaml")
	if err != nil {
		return
	}
	var english Words
	if yaml.Unmarshal(raw, &english) != nil {
		return
	}
	for _, pair := range [][2]map[string]string{
		{w.Labels, english.Labels}, {w.Phases, english.Phases}, {w.Reasons, english.Reasons}, {w.Charges, english.Charges},
		{w.Collector, english.Collector}, {w.Help, english.Help},
	} {
		for key, word := range pair[1] {
			if pair[0] != nil && pair[0][key] == "" {
				pair[0][key] = word
			}
		}
	}
}
