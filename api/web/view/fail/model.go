// Package fail says what went wrong, what Voldaan does about it by itself, and
// what the reader can do.
package fail

import "github.com/voldaan/voldaan/api/web/view/component"

// Model is an error page. With a Frame it stands inside the tenant's pages,
// without one it stands alone.
type Model struct {
	Frame   *component.Frame
	Theme   string
	Kind    Kind
	Title   string // "" takes the kind's own words
	Text    string // what happened, "" takes the kind's own words
	ByUs    string // what Voldaan does by itself and when, may be ""
	Request string // the request id, to quote to support; may be ""
	Links   []component.Link
}

// Kind is one of the errors a page can end in.
type Kind string

// The kinds, with the status they are sent with.
const (
	NotFound Kind = "404"
	Denied   Kind = "403"
	Internal Kind = "500"
	Offline  Kind = "503" // a connector cannot be reached
	Expired  Kind = "410" // a link that is no longer valid
)

var words = map[Kind]struct{ icon, title, text string }{
	NotFound: {"search", "This page is not here", "It may have moved, or the address has a typing mistake. Nothing is lost."},
	Denied:   {"lock", "You may not see this", "Your role does not include this page. Ask an owner of your organisation to change that."},
	Internal: {"triangle-alert", "Something went wrong on our side", "Nothing was changed or sent. It was recorded, and trying again in a moment may well work."},
	Offline:  {"cloud-off", "We could not reach the package", "Its server did not answer."},
	Expired:  {"timer", "This link no longer works", "Links in messages work for a limited time."},
}

func (m Model) words() (icon, title, text string) {
	w := words[m.Kind]
	if m.Title != "" {
		w.title = m.Title
	}
	if m.Text != "" {
		w.text = m.Text
	}
	return w.icon, w.title, w.text
}
