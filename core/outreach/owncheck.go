package outreach

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/sms"
)

var (
	variable  = regexp.MustCompile(`\{([^{}]*)\}`)
	blockName = regexp.MustCompile(`::([a-z]+)`)
	// What only the protected blocks may say.
	address = regexp.MustCompile(`(?i)https?:\S*|www\.\S*|\b[a-z0-9-]+\.(nl|be|de|fr|com|net|org|eu|uk|io)\b|@`)
	account = regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}[ ]?[a-z0-9]{4}[ ]?\d{4}`)
	sum     = regexp.MustCompile(`(?i)[€£$]|\d\s*(euro|eur|gbp|pond|pounds?)\b|\b(eur|gbp)\s*\d`)
	digit   = regexp.MustCompile(`[0-9]`)
)

// Flaw is what is wrong with a text, in words that say what to change.
type Flaw struct {
	// Part is where: -1 for the subject, else the part of the text (see Parts).
	Part int
	Text string
}

// Check refuses a text that lacks or moves a protected block, or that says by
// itself what only a block may say: an amount, an account, a link, and in a
// statutory notice any number, since a wrong term or sum there loses the costs
// (R95). The fault says all that is to be changed.
func (o Own) Check(l Language, s Step) error {
	flaws := o.Flaws(l, s)
	if len(flaws) == 0 {
		return nil
	}
	texts := make([]string, 0, len(flaws))
	for _, f := range flaws {
		if !slices.Contains(texts, f.Text) {
			texts = append(texts, f.Text)
		}
	}
	return fault.New(fault.Invalid, "text_invalid", "%s", strings.Join(texts, " "))
}

// Flaws lists everything that Check would refuse.
func (o Own) Flaws(l Language, s Step) (out []Flaw) {
	add := func(part int, format string, args ...any) {
		out = append(out, Flaw{part, fmt.Sprintf(format, args...)})
	}
	if !slices.Contains(Ownable(), s) {
		add(0, "The words of this message cannot be changed.")
		return out
	}
	want, err := Blocks(l, s)
	if err != nil {
		add(0, "This message does not exist in this language.")
		return out
	}
	if len(o.Body) > 8000 {
		add(0, "The text is longer than 8000 characters.")
		return out
	}
	o.subjectFlaws(s, add)
	o.blockFlaws(want, add)
	named := o.Subject
	for i, part := range o.Parts() {
		wordFlaws(i, part, s, add)
		named += "\n" + part
	}
	for _, v := range Variables(s) {
		if v.Needed && !strings.Contains(named, "{"+v.Name+"}") {
			add(0, "{%s} is missing: without it the debtor does not read %s.", v.Name, v.What)
		}
	}
	if s.Open() {
		o.openFlaws(add)
	}
	return out
}

func (o Own) subjectFlaws(s Step, add func(int, string, ...any)) {
	switch {
	case s.Open() && o.Subject != "":
		add(-1, "This message has no subject.")
	case s.Open():
	case strings.TrimSpace(o.Subject) == "":
		add(-1, "The subject is missing.")
	case len(o.Subject) > 200 || strings.ContainsAny(o.Subject, "\r\n"):
		add(-1, "Write a subject of one line and at most 200 characters.")
	case strings.Contains(o.Subject, "::"):
		add(-1, "A block cannot stand in the subject.")
	default:
		wordFlaws(-1, o.Subject, s, add)
	}
}

func (o Own) blockFlaws(want []string, add func(int, string, ...any)) {
	got := blocksOf(o.Body)
	for _, name := range want {
		if !slices.Contains(got, name) {
			add(0, "The protected block ::%s is missing; it says %s (R95).", name, BlockWords(name))
		}
	}
	for i, name := range got {
		switch {
		case !slices.Contains(want, name):
			add(0, "This message has no block ::%s.", name)
		case slices.Index(got, name) < i:
			add(0, "The protected block ::%s stands in the text twice.", name)
		}
	}
	if len(got) == len(want) && !slices.Equal(got, want) {
		add(0, "Keep the protected blocks in their order (R95): ::%s.", strings.Join(want, ", ::"))
	}
	for _, p := range paragraphs(o.Body) {
		if _, block := strings.CutPrefix(p, "::"); block && strings.ContainsAny(p, " \n") || !block && strings.Contains(p, "::") {
			add(0, "A block stands on a line of its own, with a blank line before and after it.")
		}
	}
}

// wordFlaws judges the creditor's own words.
func wordFlaws(part int, words string, s Step, add func(int, string, ...any)) {
	for _, m := range variable.FindAllStringSubmatch(words, -1) {
		if _, ok := variableOf(s, m[1]); !ok {
			add(part, "There is no field {%s} in this message.", m[1])
		}
	}
	bare := variable.ReplaceAllString(words, "")
	switch {
	case strings.ContainsAny(bare, "{}"):
		add(part, "A brace stands alone; fields look like {total}.")
	case strings.Count(words, "**")%2 != 0:
		add(part, "Strong text begins and ends with two stars.")
	case address.MatchString(bare):
		add(part, "Links and addresses are in the protected blocks, so that debtors can trust them. Leave %q out of the text.", address.FindString(bare))
	case account.MatchString(bare):
		add(part, "The account is in the protected block. Leave it out of the text.")
	case sum.MatchString(bare):
		add(part, "Amounts are filled in by Voldaan, as {total}. Leave %q out of the text (R95).", strings.TrimSpace(sum.FindString(bare)))
	case s.Statutory() && digit.MatchString(bare):
		add(part, "In a statutory notice only the protected block names terms and amounts, so the text holds no figures (R95).")
	}
}

// openFlaws judges what others may see (R119).
func (o Own) openFlaws(add func(int, string, ...any)) {
	if len(o.Body) > 400 {
		add(0, "This is longer than 400 characters; say it in a sentence or two.")
	}
	if err := sms.CheckOpen(variable.ReplaceAllString(o.Body, " ")); err != nil {
		add(0, "%s", fault.Of(err).Message)
	}
}

var blockWords = map[string]string{
	"items": "which invoices and amounts it is about", "apart": "what is not asked", "announced": "which costs and interest are announced",
	"plan": "the instalments", "instalment": "how to pay the instalment", "pay": "where to pay", "bank": "the account and the reference",
	"links": "where everything can be seen and questions asked", "notice": "what the law prescribes, with its term and amounts",
	"debit": "amount, day, creditor id and mandate of the direct debit", "law": "the sentences that the law of the country wants", "code": "the code",
}

// BlockWords says what a protected block tells the debtor.
func BlockWords(name string) string { return blockWords[name] }
