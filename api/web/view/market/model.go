// Package market is the marketplace: the shelf of connectors, one connector,
// and the steps from connecting to going live.
package market

import (
	"net/url"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// State is how a connector can be had.
type State string

// The states. Wanted is honest: there is no connector yet, and a vote counts.
const (
	Connectable State = "connect"
	ByFile      State = "file"
	Wanted      State = "wanted"
)

// Level is the trust in a connector, derived from its conformance report.
type Level string

// The levels.
const (
	Community Level = "community"
	Verified  Level = "verified"
	Certified Level = "certified"
)

// ShelfModel is GET /marketplace?q=&kind=&country=&capability=&level=&after=.
type ShelfModel struct {
	Frame        component.Frame
	Query        string
	Kind         string // "" for all
	Country      string
	Capability   string
	Level        string
	Kinds        []component.Option
	Countries    []component.Option
	Capabilities []component.Option
	Levels       []component.Option
	Connected    []Connection
	Tiles        []Tile
	Total        int    // before the filters
	Found        int    // on all pages
	After        string // of the page that is shown
	Next         string // "" on the last page
	Partner      bool   // the reader's organisation publishes connectors
}

// Tile is one connector on the shelf.
type Tile struct {
	ID, Name string
	Line     string // what it does, in one line
	Kind     string // "Accounting"
	Country  string // "NL, BE"
	State    State
	Level    Level
	Score    string // of the conformance kit: "97%", "" without a report
	Icon     string // its address, "" for initials
	Votes    int    // of a wanted one
}

// Connection is one that the tenant has.
type Connection struct {
	ID, Name      string
	Account       string // whose books: "Van Dijk BV"
	State         string // "Read 14 min ago", "Waits for an administration"
	Tone          component.Tone
	Href          string
	Administering int
}

// DetailModel is GET /marketplace/{connector}.
type DetailModel struct {
	Frame     component.Frame
	Tile      Tile
	About     string
	Reads     []string // what it reads, in words
	Writes    []string // what it writes back; empty when nothing
	Hosts     []string // the only servers it may talk to
	Downloads []string // servers that it fetches files from, without access
	Unsure    []string // what its publisher does not know for certain
	Mine      []Connection
	Owner     bool
	Versions  []Version
	Using     Using
	Report    *Report
	Publisher string
	Version   string
	Docs      string
	LevelWhy  []LevelReason
	Contained []LevelReason // what keeps it to itself on this machine
	Connect   Connect
}

// LevelReason is one fact behind the badge.
type LevelReason struct {
	OK   bool
	Text string
}

// Connect is how to connect: a button that leads to the package's own consent
// page, or a form. Both post to /marketplace/{connector}/connect.
type Connect struct {
	OAuth  bool
	Label  string // of the button, "Connect Moneybird"
	Fields []Field
	Upload *FileForm // for connectors that read files
	Error  string
	Why    string // why it cannot be connected now, "" when it can
}

// FileForm uploads a file of open invoices (field file).
type FileForm struct{ Accept, Hint string }

func (m ShelfModel) href(kind, after string) string {
	v := url.Values{}
	for key, value := range map[string]string{"q": m.Query, "kind": kind, "country": m.Country, "capability": m.Capability, "level": m.Level, "after": after} {
		if value != "" {
			v.Set(key, value)
		}
	}
	if len(v) == 0 {
		return "/marketplace"
	}
	return "/marketplace?" + v.Encode()
}

var levelLooks = map[Level]struct {
	icon, label string
	tone        component.Tone
}{
	Community: {"users", "Community", component.Plain},
	Verified:  {"shield-check", "Verified", component.Green},
	Certified: {"stamp", "Certified", component.Green},
}
