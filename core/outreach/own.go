package outreach

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/voldaan/voldaan/core/fault"
)

// Own is a creditor's own wording of a step: paragraphs apart by a blank line,
// with variables as {total}, **strong** text, and a line of the form ::name for
// each protected block. It is data, not a program.
type Own struct {
	Version int // goes up with each change; 0 for what Voldaan ships
	Subject string
	Body    string
}

// Ownable lists the steps whose words a creditor may change.
func Ownable() []Step {
	return []Step{Invoice, PreReminder, Reminder1, Reminder2, FinalReminder, FourteenDayLetter, StatutoryNotice, CaseOpened, SummonsReminder, Summons2, PreJudicial}
}

// Variables lists what a text may name: words of the message, and whole
// sentences that fit the debtor and the channel. A paragraph that names
// something that the message does not have is left out.
func Variables() []string {
	return []string{
		"topic", "invoices", "creditor", "debtor", "total", "due", "pay_by", "today", "case", "phone",
		"question", "crossed", "disagree", "together", "help", "promised",
	}
}

// sentences come from the language's shared templates.
var sentences = []string{"question", "crossed", "disagree", "together", "help", "promised"}

var (
	variable  = regexp.MustCompile(`\{([^{}]*)\}`)
	blockName = regexp.MustCompile(`::([a-z]+)`)
	// What only the protected blocks may say.
	address = regexp.MustCompile(`(?i)https?:|www\.|\b[a-z0-9-]+\.(nl|be|de|fr|com|net|org|eu|uk|io)\b|@`)
	account = regexp.MustCompile(`(?i)\b[a-z]{2}\d{2}[ ]?[a-z0-9]{4}[ ]?\d{4}`)
	sum     = regexp.MustCompile(`(?i)[€£$]|\d\s*(euro|eur|gbp|pond|pounds?)\b|\b(eur|gbp)\s*\d`)
	digit   = regexp.MustCompile(`[0-9]`)
)

// Blocks lists the protected blocks of a step in their order: the table of
// amounts, the statutory text, the bank details, the links. A text keeps each.
func Blocks(l Language, s Step) ([]string, error) {
	text, err := templates.ReadFile("templates/" + string(l) + "/" + string(s) + ".tmpl")
	if err != nil {
		return nil, fmt.Errorf("there is no message %s/%s", l, s)
	}
	return blocksOf(string(text)), nil
}

func blocksOf(text string) (out []string) {
	for _, m := range blockName.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// Check refuses a text that lacks or moves a protected block, or that says by
// itself what only a block may say: an amount, an account, a link, and in a
// statutory notice any number, since a wrong term or sum there loses the costs
// (R95). The fault says what to change.
func (o Own) Check(l Language, s Step) error {
	invalid := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "text_invalid", format, args...)
	}
	if !slices.Contains(Ownable(), s) {
		return invalid("The words of this message cannot be changed.")
	}
	want, err := Blocks(l, s)
	if err != nil {
		return invalid("This message does not exist in this language.")
	}
	switch {
	case strings.TrimSpace(o.Subject) == "" || len(o.Subject) > 200 || strings.ContainsAny(o.Subject, "\r\n"):
		return invalid("Write a subject of one line and at most 200 characters.")
	case len(o.Body) > 8000:
		return invalid("The text is longer than 8000 characters.")
	case strings.Contains(o.Subject, "::"):
		return invalid("A block cannot stand in the subject.")
	}
	if got := blocksOf(o.Body); !slices.Equal(got, want) {
		return invalid("Keep each protected block once and in this order (R95): ::%s.", strings.Join(want, ", ::"))
	}
	words := o.Subject
	for _, p := range paragraphs(o.Body) {
		switch _, block := strings.CutPrefix(p, "::"); {
		case block && strings.ContainsAny(p, " \n"), !block && strings.Contains(p, "::"):
			return invalid("A block stands on a line of its own, with a blank line before and after it.")
		case !block:
			words += "\n" + p
		}
	}
	bare := variable.ReplaceAllString(words, "")
	for _, m := range variable.FindAllStringSubmatch(words, -1) {
		if !slices.Contains(Variables(), m[1]) {
			return invalid("There is no variable {%s}.", m[1])
		}
	}
	switch {
	case strings.ContainsAny(bare, "{}"):
		return invalid("A brace stands alone; variables look like {total}.")
	case strings.Count(o.Body, "**")%2 != 0:
		return invalid("Strong text begins and ends with two stars.")
	case address.MatchString(bare):
		return invalid("Links and addresses are in the protected blocks, so that debtors can trust them. Leave them out of the text.")
	case account.MatchString(bare):
		return invalid("The account is in the protected block. Leave it out of the text.")
	case sum.MatchString(bare):
		return invalid("Amounts are filled in by Voldaan, as {total}. Leave them out of the text (R95).")
	case s.Statutory() && digit.MatchString(bare):
		return invalid("In a statutory notice only the protected block names terms and amounts, so the text holds no figures (R95).")
	}
	return nil
}

func paragraphs(body string) (out []string) {
	for _, p := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Shipped returns the words that Voldaan ships, as a text to begin from: how
// they read for one invoice that is not paid.
func Shipped(l Language, s Step, f Form) (Own, error) {
	t, _, err := templateOf(l, s)
	if err != nil {
		return Own{}, err
	}
	for _, name := range sentences {
		if t.Lookup(name) == nil {
			continue
		}
		if t, err = t.New(name).Parse("{" + "{\"{" + name + "}\"}" + "}"); err != nil {
			return Own{}, fmt.Errorf("read %s: %w", name, err)
		}
	}
	words := map[string]any{}
	for key, name := range map[string]string{"Topic": "topic", "Invoices": "invoices", "Creditor": "creditor", "Total": "total", "Due": "due", "PayBy": "pay_by", "Today": "today"} {
		words[key] = "{" + name + "}"
	}
	t = t.Option("missingkey=zero").Funcs(template.FuncMap{"f": func(formal, informal string) string {
		if f == Informal {
			return informal
		}
		return formal
	}})
	read := func(name string) (string, error) {
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, name, words); err != nil {
			return "", fmt.Errorf("read %s of %s/%s: %w", name, l, s, err)
		}
		return strings.ReplaceAll(b.String(), "<no value>", ""), nil
	}
	var o Own
	if o.Subject, err = read("subject"); err != nil {
		return o, err
	}
	if o.Body, err = read("body"); err != nil {
		return o, err
	}
	o.Subject = flatten(o.Subject)
	var kept []string
	for _, p := range paragraphs(o.Body) {
		kept = append(kept, strings.Join(strings.Fields(p), " "))
	}
	o.Body = strings.Join(kept, "\n\n")
	return o, nil
}

// name is what a message that was written with it keeps as its version.
func (o Own) name(l Language, s Step) string {
	sum := sha256.Sum256([]byte(o.Subject + "\n" + o.Body))
	return fmt.Sprintf("own/%s/%s/%d@%s", l, s, o.Version, hex.EncodeToString(sum[:])[:12])
}

// own writes a message in the creditor's words.
func (v *view) own(o Own, t *template.Template) (subject, body string, err error) {
	value := func(name string) (string, error) {
		switch name {
		case "topic":
			return v.Topic(), nil
		case "invoices":
			return v.Invoices(), nil
		case "creditor":
			return v.Creditor(), nil
		case "debtor":
			return v.c.Debtor.Name, nil
		case "total":
			return v.Total(), nil
		case "due":
			return v.Due(), nil
		case "pay_by":
			return v.PayBy(), nil
		case "today":
			return v.Today(), nil
		case "case":
			return v.Case(), nil
		case "phone":
			return v.Phone(), nil
		}
		var b bytes.Buffer
		err := t.Funcs(v.funcs()).ExecuteTemplate(&b, name, v)
		return strings.TrimSpace(b.String()), err
	}
	fill := func(text string) (out string, whole bool, err error) {
		whole = true
		out = variable.ReplaceAllStringFunc(text, func(m string) string {
			name := strings.Trim(m, "{}")
			s, e := value(name)
			if e != nil {
				err = e
			}
			if s == "" && !slices.Contains(sentences, name) {
				whole = false
			}
			return s
		})
		return out, whole, err
	}
	if subject, _, err = fill(o.Subject); err != nil {
		return "", "", err
	}
	var kept []string
	for _, p := range paragraphs(o.Body) {
		text, whole, err := fill(p)
		if err != nil {
			return "", "", err
		}
		if whole && strings.TrimSpace(text) != "" {
			kept = append(kept, text)
		}
	}
	return subject, strings.Join(kept, "\n\n"), nil
}
