package outreach

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// Own is a creditor's own wording of a message: paragraphs apart by a blank line,
// with variables as {total}, **strong** text, and a line of the form ::name for
// each protected block. It is data, not a program.
type Own struct {
	Version int    // goes up with each change; 0 for what Voldaan ships
	Subject string // "" for what is heard or read in passing, which has none
	Body    string
}

// Ownable lists the messages whose words a creditor may change: all but those of
// which every word matters, and the two that others may see.
func Ownable() []Step {
	out := slices.DeleteFunc(Steps(), func(s Step) bool { return s.Fixed() != "" })
	return append(out, TextMessage, Call)
}

// Blocks lists the protected blocks of a step in their order: the table of
// amounts, the statutory text, the bank details, the links. A text keeps each.
func Blocks(l Language, s Step) ([]string, error) {
	if s.Open() {
		return nil, nil
	}
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

func paragraphs(body string) (out []string) {
	for _, p := range strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// Parts divides the text at its protected blocks: what stands before the first,
// between two, and after the last, so that there is one part more than blocks.
func (o Own) Parts() []string {
	parts := []string{""}
	for _, p := range paragraphs(o.Body) {
		last := len(parts) - 1
		switch {
		case strings.HasPrefix(p, "::"):
			parts = append(parts, "")
		case parts[last] == "":
			parts[last] = p
		default:
			parts[last] += "\n\n" + p
		}
	}
	return parts
}

// Joined puts a text together from its parts and the blocks between them.
func Joined(subject string, parts, blocks []string) Own {
	var all []string
	for i := range max(len(parts), len(blocks)) {
		if i < len(parts) {
			all = append(all, paragraphs(parts[i])...)
		}
		if i < len(blocks) {
			all = append(all, "::"+blocks[i])
		}
	}
	return Own{Subject: strings.TrimSpace(subject), Body: strings.Join(all, "\n\n")}
}

// Shipped returns the words that Voldaan ships, as a text to begin from: how
// they read for one invoice that is not paid.
func Shipped(l Language, s Step, f Form) (Own, error) {
	if s.Open() {
		w, err := WordsOf(l)
		return Own{Body: w.shippedOpen(s)}, err
	}
	t, _, err := templateOf(l, s)
	if err != nil {
		return Own{}, err
	}
	for _, v := range Variables(s) {
		if !v.Whole || t.Lookup(v.Name) == nil {
			continue
		}
		if t, err = t.New(v.Name).Parse("{" + "{\"{" + v.Name + "}\"}" + "}"); err != nil {
			return Own{}, fmt.Errorf("read %s: %w", v.Name, err)
		}
	}
	words := placeholders(s)
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

// own writes a message in the creditor's words. What asks for money is left out
// when nothing is open any more.
func (v *view) own(o Own, t *template.Template) (subject, body string, err error) {
	fill := func(text string) (out string, whole bool, err error) {
		whole = true
		out = variable.ReplaceAllStringFunc(text, func(m string) string {
			name := strings.Trim(m, "{}")
			if s, known := v.word(name); known {
				whole = whole && s != ""
				return s
			}
			if t.Lookup(name) == nil {
				return ""
			}
			var b bytes.Buffer
			if e := t.Funcs(v.funcs()).ExecuteTemplate(&b, name, v); e != nil {
				err = e
			}
			return strings.TrimSpace(b.String())
		})
		return out, whole, err
	}
	if subject, _, err = fill(o.Subject); err != nil {
		return "", "", err
	}
	idle := !v.c.Step.Demands() && (!v.Numbered() || v.Settled())
	var kept []string
	for _, p := range paragraphs(o.Body) {
		if name, block := strings.CutPrefix(p, "::"); block && idle && slices.Contains([]string{"items", "pay", "bank"}, name) {
			continue
		}
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
