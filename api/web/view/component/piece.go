package component

import (
	"context"
	"hash/fnv"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// initials returns one or two letters that stand for a name.
func initials(name string) string {
	var out []rune
	for _, w := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToUpper(r))
		}
		if len(out) == 2 {
			break
		}
	}
	if len(out) == 0 {
		return "·"
	}
	return string(out)
}

// hue picks one of the six grounds of a monogram, always the same for a name.
func hue(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return strconv.Itoa(int(h.Sum32() % 6))
}

// Email writes an address that breaks after its @ when it must, with nothing in
// between: it can be copied.
func Email(address string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.ReplaceAll(templ.EscapeString(address), "@", "@<wbr>"))
		return err
	})
}

// Tab is a saved filter above a list.
type Tab struct {
	Label  string
	Href   string
	Count  int // shown when above zero
	Tone   Tone
	Active bool
}

// Pager leads to the pages before and after this one, by cursor.
type Pager struct {
	Previous, Next string // URLs, "" at the ends
	Shown          string // "1–50 of about 1,240"
}

// Link is a way out of an empty state or an error.
type Link struct {
	Label, Href, Icon string
}

// Errors hold a sentence per form field that was refused.
type Errors map[string]string

// TextInput is one labelled input of a form.
type TextInput struct {
	ID           string // also the base of its hint's and error's ids
	Name         string
	Label        string
	Type         string // "text" when empty
	Value        string
	Hint         string
	Error        string
	Placeholder  string
	Autocomplete string
	InputMode    string
	Min, Max     string
	Rows         int // above zero draws a text area
	Required     bool
	Focus        bool
}

func (t TextInput) kind() string {
	if t.Type == "" {
		return "text"
	}
	return t.Type
}

// described names the elements that explain the input, for aria-describedby.
func (t TextInput) described() string {
	var ids []string
	if t.Hint != "" {
		ids = append(ids, t.ID+"-hint")
	}
	if t.Error != "" {
		ids = append(ids, t.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Option is a value of a choice.
type Option struct {
	Value, Label, Hint string
	Selected           bool
	Disabled           bool
}
