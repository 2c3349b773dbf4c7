package law

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Notice is what a statutory notice is about: every claim of the creditor on
// the debtor that can be dunned (R98).
type Notice struct {
	Kind     string     // as NoticeOf names it; the first of the pack without
	Debtor   DebtorType // where the notice goes to several types
	Language string     // of the text: "nl", "en", "fr" or "de", as the pack has it
	Claims   []NoticeClaim
	// Creditor is who claims, where the law wants the text to name it.
	Creditor Creditor
	// Clause says that the contract claims costs as far as the law allows.
	Clause bool
	// VAT says which conditions for VAT on costs are met; the text itself makes
	// the declaration, so Declared is taken as true.
	VAT VATGround
	// Charges are the costs and interest that the letter demands beside the
	// principal, and Stated what it states of them without demanding it.
	Charges, Stated []money.Amount
	// Sent is the day the notice will be sent; the text may name no earlier day
	// to pay by than the term allows.
	Sent    date.Date
	Channel Channel
}

// Creditor is whom a notice is sent for.
type Creditor struct {
	Name   string
	Number string // in the register of enterprises, as the letter writes it
}

// NoticeClaim is one claim in a notice.
type NoticeClaim struct {
	Reference    string       // as the text names it: the invoice number
	Principal    money.Amount // open
	DefaultSince date.Date    // first day of default; none when not in default
	// Subject is the product or service, and Due the day the claim fell due,
	// where the law wants the text to name them.
	Subject string
	Due     date.Date
}

// TextBlock is a part of the statutory text that a template may place but not
// change.
type TextBlock struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// NoticeText is the statutory part of a notice.
type NoticeText struct {
	Heading    string      `json:"heading"` // what the notice is called in its language
	Template   string      `json:"-"`       // of the message around it, empty for the one of all notices
	Blocks     []TextBlock `json:"blocks"`
	Enclosures []Enclosure `json:"enclosures,omitempty"`
	Costs      Costs       `json:"costs"` // announced
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

// NoticeRequirements lists what a kind of notice needs.
func (c *Country) NoticeRequirements(kind string) []Requirement { return c.noticeRule(kind).Required }

// blockOrder is the order of the blocks in a letter unless the pack has its
// own; "vat" is left out when no VAT is added, and "exact_costs" without costs.
var blockOrder = []string{"demand", "term", "exact_costs", "vat", "partial"}

// NoticeText writes the protected blocks of the statutory notice with its
// figures. It returns a fault of kind Invalid for an unknown language, a notice
// without a positive principal, or without something that the law wants it to
// name.
func (c *Country) NoticeText(n Notice) (NoticeText, error) {
	words, costs, err := c.noticeFigures(n)
	if err != nil {
		return NoticeText{}, err
	}
	rule := c.noticeRule(n.Kind)
	total, err := n.total(costs.Principal)
	if err != nil {
		return NoticeText{}, err
	}
	out := NoticeText{Heading: words.Heading, Template: rule.Template, Enclosures: rule.Enclosures[n.Language], Costs: costs}
	out.merge(costs.Basis)
	c.rest(&out.Basis, rule.Provenance, "the "+rule.Name)
	if err := c.nameable(n); err != nil {
		return NoticeText{}, err
	}
	wording := "the " + n.Language + " wording of the " + rule.Name
	c.restOn(&out.Basis, words.Provenance, wording, wording, words.digest(rule.order(), len(n.Charges) > 0))
	out.Explanation = costs.Explanation
	var references, details []string
	for _, claim := range n.Claims {
		references = append(references, claim.Reference)
		details = append(details, claim.Reference+" ("+claim.Subject+", "+FormatDay(claim.Due, n.Language)+")")
	}
	charges := c.amount(0)
	for _, a := range n.Charges {
		charges.Minor += a.Minor // of one currency, as total found
	}
	fill := strings.NewReplacer(
		"{charges}", FormatAmount(charges, n.Language),
		"{claims}", listed(references, n.Language),
		"{details}", strings.Join(details, "; "),
		"{creditor}", n.Creditor.Name,
		"{creditor_number}", n.Creditor.Number,
		"{principal}", FormatAmount(costs.Principal, n.Language),
		"{total}", FormatAmount(total, n.Language),
		"{costs}", FormatAmount(costs.Total, n.Language),
		"{fee}", FormatAmount(costs.Fee, n.Language),
		"{vat}", FormatAmount(costs.VAT, n.Language),
		"{vat_percent}", costs.VATPercent,
	)
	for _, id := range rule.order() {
		if (id != "vat" || costs.VAT.Positive()) && (id != "exact_costs" || costs.Total.Positive()) {
			out.Blocks = append(out.Blocks, TextBlock{ID: id, Text: fill.Replace(words.block(id, len(n.Charges) > 0))})
		}
	}
	return out, nil
}

func (c *Country) noticeFigures(n Notice) (wording, Costs, error) {
	rule := c.noticeRule(n.Kind)
	words, ok := rule.Wording[n.Language]
	if !ok {
		return wording{}, Costs{}, fault.New(fault.Invalid, "notice_language", "There is no text of the %s in %q; use one of %v.", rule.Name, n.Language, slices.Sorted(maps.Keys(rule.Wording)))
	}
	debtor := n.Debtor.Protected()
	if !slices.Contains(rule.Debtors, debtor) {
		debtor = rule.Debtors[0]
	}
	claim := CostsClaim{Debtor: debtor, Clause: n.Clause, VAT: n.VAT, On: n.Sent}
	claim.VAT.Declared = claim.VAT.ThirdParty && claim.VAT.NotDeductible
	for _, one := range n.Claims {
		claim.Principals = append(claim.Principals, one.Principal)
	}
	var costs Costs
	var err error
	if rule.announces() {
		costs, err = c.CollectionCosts(claim)
	} else {
		costs, err = c.withoutCosts(claim)
	}
	if err == nil && !costs.Principal.Positive() {
		err = fault.New(fault.Invalid, "notice_nothing_due", "Nothing is open on these claims, so there is no %s to send.", rule.Name)
	}
	return words, costs, err
}

// order is the order of the blocks in the text.
func (r *noticeRule) order() []string {
	if len(r.Blocks) > 0 {
		return r.Blocks
	}
	return blockOrder
}

// announces reports whether the text states the costs that will follow.
func (r *noticeRule) announces() bool { return slices.Contains(r.order(), "exact_costs") }

// withoutCosts sums the principals for a notice that announces no costs.
func (c *Country) withoutCosts(claim CostsClaim) (Costs, error) {
	sum, err := c.sum("a principal", claim.Principals...)
	out := c.noCosts()
	out.Principal = c.amount(max(sum, 0))
	out.Explanation = "The notice announces no costs."
	return out, err
}

// total is what the letter demands in all.
func (n Notice) total(principal money.Amount) (money.Amount, error) {
	for _, a := range n.Charges {
		var err error
		if principal, err = principal.Add(a); err != nil {
			return principal, fault.New(fault.Invalid, "law_currency", "The charges of this notice are in another currency than its claims; leave them out.").Because(err)
		}
	}
	return principal, nil
}

// requires reports whether the law lists something among what the notice needs.
func (r *noticeRule) requires(id string) bool {
	return slices.ContainsFunc(r.Required, func(q Requirement) bool { return q.ID == id })
}

// nameable refuses a notice that lacks what its text must name.
func (c *Country) nameable(n Notice) error {
	rule := c.noticeRule(n.Kind)
	missing := ""
	if rule.requires("creditor") && (n.Creditor.Name == "" || n.Creditor.Number == "") {
		missing = "the name and the enterprise number of the creditor"
	}
	for _, claim := range n.Claims {
		if rule.requires("subject") && (claim.Subject == "" || claim.Due.IsZero()) {
			missing = "the product or service of " + claim.Reference + " and the day it fell due"
		}
	}
	if missing == "" {
		return nil
	}
	return fault.New(fault.Invalid, "notice_incomplete", "The %s must state %s; fill it in, or it has no effect.", rule.Name, missing)
}

func listed(items []string, language string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	and := map[string]string{"nl": " en ", "en": " and ", "fr": " et ", "de": " und "}[language]
	return strings.Join(items[:len(items)-1], ", ") + and + items[len(items)-1]
}

// FormatAmount writes an amount as a letter in the language does, as
// "€ 1.234,56" (nl), "€1,234.56" (en), "1.234,56 €" (de) or "1 234,56 €" (fr).
// It never breaks over two lines.
func FormatAmount(a money.Amount, language string) string {
	symbol, known := map[money.Currency]string{"EUR": "€", "GBP": "£"}[a.Currency]
	if !known {
		symbol = string(a.Currency)
	}
	thousands, point := ".", ","
	switch language {
	case "en":
		thousands, point = ",", "."
	case "fr":
		thousands = nbsp
	}
	whole, cents, _ := strings.Cut(a.Decimal(), ".")
	sign := ""
	if rest, negative := strings.CutPrefix(whole, "-"); negative {
		sign, whole = "-", rest
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if cents != "" {
		cents = point + cents
	}
	switch {
	case language == "fr" || language == "de":
		return sign + whole + cents + nbsp + symbol
	case language == "en" && known:
		return sign + symbol + whole + cents
	}
	return sign + symbol + nbsp + whole + cents
}

var monthNames = map[string]string{
	"nl": "januari februari maart april mei juni juli augustus september oktober november december",
	"en": "January February March April May June July August September October November December",
	"fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	"de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}

// FormatDay writes a day as a letter in the language does, as "1 maart 2026"
// (nl) or "1. März 2026" (de); the ISO form in another language.
func FormatDay(d date.Date, language string) string {
	names := strings.Fields(monthNames[language])
	if len(names) == 0 || d.IsZero() {
		return d.String()
	}
	day := strconv.Itoa(d.Day())
	switch {
	case language == "de":
		day += "."
	case language == "fr" && d.Day() == 1:
		day = "1er"
	}
	return fmt.Sprintf("%s %s %d", day, names[d.Month()-1], d.Year())
}

const nbsp = "\u00a0"

// digest tells one wording from another, so that a changed one is approved anew.
func (w wording) digest(order []string, charged bool) string {
	d := sha256.New()
	for _, id := range order {
		d.Write([]byte(id + "\n" + w.block(id, charged) + "\n"))
	}
	return "text " + hex.EncodeToString(d.Sum(nil)[:4])
}

// block is the text of a block: the one for a notice that bears charges where the
// law lets this notice cost something, else the ordinary one.
func (w wording) block(id string, charged bool) string {
	if text := w.Charged[id]; charged && text != "" {
		return text
	}
	return w.Blocks[id]
}
