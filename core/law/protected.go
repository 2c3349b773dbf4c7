package law

import (
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Place is where a protected text belongs.
type Place string

// The places of protected texts.
const (
	OnInvoice  Place = "invoice"
	OnReminder Place = "reminder"
)

// textRule is a sentence that the law wants, or that makes a right work.
type textRule struct {
	Provenance `yaml:",inline"`
	ID         string              `yaml:"id"`
	On         Place               `yaml:"on"`
	Debtors    []DebtorType        `yaml:"debtors"`
	Steps      []string            `yaml:"steps"`   // of a flow, in whose message it stands
	Wording    map[string]sentence `yaml:"wording"` // by language
}

type sentence struct {
	Provenance `yaml:",inline"`
	Text       string `yaml:"text"` // with {rate} and {costs}
}

// TextQuery asks for the protected texts of a message.
type TextQuery struct {
	Place    Place
	Debtor   DebtorType
	Language string
	// On is the day of the message; it selects the rate.
	On date.Date
	// Step of a flow whose message it is; empty for the sentences of every step.
	Step string
	// Lenient takes the English text, or the country's own, in a language that a
	// sentence lacks.
	Lenient bool
	// Claims are the open principals that the costs are computed over.
	Claims []money.Amount
}

// ProtectedText is a sentence that a template may place but not change.
type ProtectedText struct {
	TextBlock
	Amounts []money.Amount `json:"amounts,omitempty"` // of costs, that it states
	Basis
}

// ProtectedTexts lists the sentences that the law of the country wants in a
// message besides the statutory notice, with today's figures in them. It
// returns a fault of kind Invalid for a language that one of them lacks.
func (c *Country) ProtectedTexts(q TextQuery) ([]ProtectedText, error) {
	var out []ProtectedText
	for _, rule := range c.file.Texts {
		if q.Step != "" && !slices.Contains(rule.Steps, q.Step) {
			continue
		}
		if rule.On != q.Place || !slices.Contains(rule.Debtors, q.Debtor.Protected()) {
			continue
		}
		language := q.Language
		if q.Lenient {
			language = pick(rule.Wording, []string{q.Language})
		}
		words, ok := rule.Wording[language]
		if !ok {
			return nil, fault.New(fault.Invalid, "text_language", "There is no text of %q for %s in %q; choose another language.", rule.ID, c.file.CountryCode, q.Language)
		}
		name := strings.ReplaceAll(rule.ID, "_", " ") // a person reads it
		one := ProtectedText{TextBlock: TextBlock{ID: rule.ID, Text: words.Text}}
		c.rest(&one.Basis, rule.Provenance, "the text "+name)
		c.restOn(&one.Basis, words.Provenance, "the "+language+" wording of "+name, "the "+language+" wording of "+name, words.Text)
		in := q
		in.Language = language
		if err := c.fill(&one, in); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// fill puts the figures into a text that names them.
func (c *Country) fill(one *ProtectedText, q TextQuery) error {
	if strings.Contains(one.Text, "{rate}") {
		day, err := c.Interest(InterestClaim{Debtor: q.Debtor, Principal: c.amount(1), From: q.On, Through: q.On, DefaultSince: q.On})
		if err != nil {
			return err
		}
		if len(day.Segments) == 0 {
			return fault.New(fault.Invalid, "text_rate", "The text %q names a rate and none runs: %s", one.ID, day.Explanation)
		}
		one.merge(day.Basis)
		rate := day.Segments[0].Rate
		if q.Language != "en" {
			rate = strings.ReplaceAll(rate, ".", ",")
		}
		one.Text = strings.ReplaceAll(one.Text, "{rate}", rate)
	}
	if strings.Contains(one.Text, "{costs}") {
		costs, err := c.CollectionCosts(CostsClaim{Debtor: q.Debtor, Principals: q.Claims, On: q.On})
		if err != nil {
			return err
		}
		one.merge(costs.Basis)
		one.Amounts = append(one.Amounts, costs.Total)
		one.Text = strings.ReplaceAll(one.Text, "{costs}", FormatAmount(costs.Total, q.Language))
	}
	return nil
}
