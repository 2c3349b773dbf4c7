package law

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Notice is what a statutory notice is about: every claim of the creditor on
// the debtor that can be dunned (R98).
type Notice struct {
	Language string // of the text: "nl" or "en"
	Claims   []NoticeClaim
	// VAT says which conditions for VAT on costs are met; the text itself makes
	// the declaration, so Declared is taken as true.
	VAT VATGround
	// Sent is the day the notice will be sent; the text may name no earlier day
	// to pay by than the term allows.
	Sent    date.Date
	Channel Channel
}

// NoticeClaim is one claim in a notice.
type NoticeClaim struct {
	Reference    string       // as the text names it: the invoice number
	Principal    money.Amount // open
	DefaultSince date.Date    // first day of default; none when not in default
}

// TextBlock is a part of the statutory text that a template may place but not
// change.
type TextBlock struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// NoticeText is the statutory part of a notice.
type NoticeText struct {
	Blocks []TextBlock `json:"blocks"`
	Costs  Costs       `json:"costs"` // announced
	Basis
}

// Text returns the blocks as paragraphs.
func (t NoticeText) Text() string {
	paragraphs := make([]string, len(t.Blocks))
	for i, b := range t.Blocks {
		paragraphs[i] = b.Text
	}
	return strings.Join(paragraphs, "\n\n")
}

// Requirement is something a statutory notice needs.
type Requirement struct {
	Provenance `yaml:",inline"`
	ID         string `yaml:"id"`
	Text       string `yaml:"text"`
}

// NoticeName returns the name of the statutory notice in the country.
func (c *Country) NoticeName() string { return c.file.Notice.Name }

// NoticeRequirements lists what a statutory notice needs.
func (c *Country) NoticeRequirements() []Requirement { return c.file.Notice.Required }

// blockOrder is the order of the blocks in a letter; "vat" is left out when no
// VAT is added.
var blockOrder = []string{"demand", "term", "exact_costs", "vat", "partial"}

// NoticeText writes the protected blocks of the statutory notice with its
// figures. It returns a fault of kind Invalid for an unknown language or a
// notice without a positive principal.
func (c *Country) NoticeText(n Notice) (NoticeText, error) {
	words, costs, err := c.noticeFigures(n)
	if err != nil {
		return NoticeText{}, err
	}
	out := NoticeText{Costs: costs}
	out.merge(costs.Basis)
	c.rest(&out.Basis, c.file.Notice.Provenance, "the "+c.file.Notice.Name)
	wording := "the " + n.Language + " wording of the " + c.file.Notice.Name
	c.restOn(&out.Basis, words.Provenance, wording, wording, words.digest())
	out.Explanation = costs.Explanation
	var references []string
	for _, claim := range n.Claims {
		references = append(references, claim.Reference)
	}
	fill := strings.NewReplacer(
		"{claims}", listed(references, n.Language),
		"{principal}", FormatAmount(costs.Principal, n.Language),
		"{costs}", FormatAmount(costs.Total, n.Language),
		"{fee}", FormatAmount(costs.Fee, n.Language),
		"{vat}", FormatAmount(costs.VAT, n.Language),
		"{vat_percent}", costs.VATPercent,
	)
	for _, id := range blockOrder {
		if id != "vat" || costs.VAT.Positive() {
			out.Blocks = append(out.Blocks, TextBlock{ID: id, Text: fill.Replace(words.Blocks[id])})
		}
	}
	return out, nil
}

func (c *Country) noticeFigures(n Notice) (wording, Costs, error) {
	words, ok := c.file.Notice.Wording[n.Language]
	if !ok {
		return wording{}, Costs{}, fault.New(fault.Invalid, "notice_language", "There is no text of the %s in %q; use nl.", c.file.Notice.Name, n.Language)
	}
	claim := CostsClaim{VAT: n.VAT, On: n.Sent}
	claim.VAT.Declared = claim.VAT.ThirdParty && claim.VAT.NotDeductible
	for _, one := range n.Claims {
		claim.Principals = append(claim.Principals, one.Principal)
	}
	costs, err := c.CollectionCosts(claim)
	if err == nil && !costs.Principal.Positive() {
		err = fault.New(fault.Invalid, "notice_nothing_due", "Nothing is open on these claims, so there is no %s to send.", c.file.Notice.Name)
	}
	return words, costs, err
}

func listed(items []string, language string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	and := map[string]string{"nl": " en ", "en": " and "}[language]
	return strings.Join(items[:len(items)-1], ", ") + and + items[len(items)-1]
}

// FormatAmount writes an amount as a letter in the language does, as
// "€ 1.234,56" (nl) or "€1,234.56" (en). It never breaks over two lines.
func FormatAmount(a money.Amount, language string) string {
	symbol, ok := map[money.Currency]string{"EUR": "€", "GBP": "£"}[a.Currency]
	if !ok {
		symbol = string(a.Currency) + nbsp
	}
	if language != "en" && ok {
		symbol += nbsp
	}
	whole, cents, _ := strings.Cut(a.Decimal(), ".")
	sign := ""
	if whole, ok = strings.CutPrefix(whole, "-"); ok {
		sign = "-"
	}
	thousands, point := ".", ","
	if language == "en" {
		thousands, point = ",", "."
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if cents != "" {
		cents = point + cents
	}
	return fmt.Sprintf("%s%s%s%s", sign, symbol, whole, cents)
}

const nbsp = "\u00a0"

// digest tells one wording from another, so that a changed one is approved anew.
func (w wording) digest() string {
	d := sha256.New()
	for _, id := range blockOrder {
		d.Write([]byte(id + "\n" + w.Blocks[id] + "\n"))
	}
	return "text " + hex.EncodeToString(d.Sum(nil)[:4])
}
