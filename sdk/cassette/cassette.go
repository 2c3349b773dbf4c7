package cassette

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Cassette is a recording.
type Cassette struct {
	Connector string
	Version   string
	Recorded  time.Time
	// On says what was recorded: sandbox, emulator or production.
	On string
	// Covers names the phases that are in it.
	Covers []string
	// Administration is the set of books that was read.
	Administration string
	// Config holds the answers to the form, without the secret ones.
	Config map[string]string
	// Ignore names fields of requests that differ each time, such as a request id.
	Ignore    []string
	Exchanges []Exchange
}

// The phases of a recording.
const (
	Check           = "check"
	Administrations = "administrations"
	Full            = "full"
	Incremental     = "incremental"
	Targeted        = "targeted"
	Document        = "document"
	Push            = "push"
	Find            = "find"
)

// Phases are all of them, in the order in which they are recorded.
var Phases = []string{Check, Administrations, Full, Incremental, Targeted, Document, Push, Find}

// Exchange is a request and its answer.
type Exchange struct {
	Phase  string
	Method string
	URL    string
	Header http.Header
	Body   []byte
	Status int
	// Answer and AnswerHeader are what came back. Shortened is how long the answer
	// was before it was shortened, 0 when it was not.
	Answer       []byte
	AnswerHeader http.Header
	Shortened    int
}

// Has reports whether a phase is in the cassette.
func (c *Cassette) Has(phase string) bool { return slices.Contains(c.Covers, phase) }

// asks and answers are the headers that are kept: those that say what a body is,
// and those that a connector may act upon.
var asks = []string{"Accept", "Content-Type", "Soapaction", "Prefer", "If-None-Match", "If-Modified-Since", "Accept-Language", "Dataserviceversion"}

var answers = []string{
	"Content-Type", "Date", "Link", "Location", "Retry-After", "Etag", "Last-Modified", "Content-Disposition", "Content-Range", "X-Total-Count", "X-Total-Pages",
	"X-Page", "X-Per-Page", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset",
	"X-Ratelimit-Minutely-Limit", "X-Ratelimit-Minutely-Remaining", "X-Ratelimit-Minutely-Reset", "Dataserviceversion", "Preference-Applied",
}

// keep returns the headers of a list that are there.
func keep(h http.Header, list []string) http.Header {
	out := http.Header{}
	for name, values := range h {
		if name = http.CanonicalHeaderKey(name); slices.Contains(list, name) {
			for _, v := range values {
				out.Add(name, strings.TrimSpace(strings.Map(printable, v)))
			}
		}
	}
	return out
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return -1
	}
	return r
}
