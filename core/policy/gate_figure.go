package policy

import "strings"

// ProvisionalFigure is the reason of a message that waits for a person to
// approve a figure in it.
const ProvisionalFigure = "provisional_figure"

// Figure is a figure of the law in a message, such as a rate, that no source
// confirms.
type Figure struct {
	Name, Value string
	Why         string // what is not certain about it
	Source      string // where it is from
}

// Key is what an approval is given for: another value asks anew.
func (f Figure) Key() FigureKey { return FigureKey{f.Name, f.Value} }

// FigureKey names a figure with its value.
type FigureKey struct{ Name, Value string }

// Unapproved returns the figures that a person has yet to approve, each once.
func Unapproved(figures []Figure, approved map[FigureKey]bool) (out []Figure) {
	seen := map[FigureKey]bool{}
	for _, f := range figures {
		if k := f.Key(); !approved[k] && !seen[k] {
			seen[k] = true
			out = append(out, f)
		}
	}
	return out
}

// Unconfirmed is the verdict on a message with figures that nobody approved; it
// objects to nothing without any.
func Unconfirmed(figures []Figure) (Verdict, bool) {
	if len(figures) == 0 {
		return Verdict{}, false
	}
	var said []string
	for _, f := range figures {
		text := f.Why
		if f.Source != "" {
			text += " (source: " + f.Source + ")"
		}
		said = append(said, text)
	}
	return Verdict{
		Outcome: Wait, Rule: ProvisionalFigure, Task: ProvisionalFigure,
		Why: "A person approves what this message states and no source confirms: " + strings.Join(said, "; ") + ".",
	}, true
}

// unconfirmed keeps a message back whose figures nobody approved.
func unconfirmed(m Moment) (Verdict, bool) { return Unconfirmed(m.Unapproved) }
