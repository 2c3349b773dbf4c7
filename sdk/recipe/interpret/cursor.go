package interpret

import (
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// cursor is what a pull remembers for the next one, by source.
type cursor struct {
	Version int               `json:"v"`
	Sources map[string]*state `json:"s,omitempty"`
}

// state is where a source is.
type state struct {
	// Since is the largest value seen, without the overlap.
	Since string `json:"since,omitempty"`
	// Full and Swept are when everything was last read, and all ids.
	Full  string `json:"full,omitempty"`
	Swept string `json:"swept,omitempty"`
}

func readCursor(b []byte) (*cursor, error) {
	c := &cursor{Version: 1, Sources: map[string]*state{}}
	if len(b) == 0 {
		return c, nil
	}
	if err := json.Unmarshal(b, c); err != nil || c.Version != 1 {
		return nil, fmt.Errorf("%w: it is not one of this connector", sdk.ErrResync)
	}
	if c.Sources == nil {
		c.Sources = map[string]*state{}
	}
	return c, nil
}

func (c *cursor) bytes() []byte {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts only
	}
	return b
}

func (c *cursor) of(source string) *state {
	s := c.Sources[source]
	if s == nil {
		s = &state{}
		c.Sources[source] = s
	}
	return s
}

// tide follows the largest value of a source during a pull.
type tide struct {
	p    *recipe.Progress
	high string
	at   time.Time
	num  *big.Rat
}

// start returns $since: the value less the overlap.
func (t *tide) start(s *state) any {
	t.high = s.Since
	switch t.p.Kind {
	case "number":
		t.num, _ = new(big.Rat).SetString(s.Since)
		return json.Number(s.Since)
	case "text":
		return s.Since
	}
	at, err := recipe.ParseMoment(s.Since, time.UTC)
	if err != nil {
		return nil
	}
	t.at = at
	return recipe.Moment(at.Add(-t.p.Overlap))
}

// value is how expressions see the largest value so far.
func (t *tide) value() any {
	if t.p.Kind == "number" {
		return json.Number(t.high)
	}
	return t.high
}

// see takes note of an item's value; null counts for nothing.
func (t *tide) see(v any, zone *time.Location) error {
	text, ok := recipe.TextOf(v)
	if !ok {
		return fmt.Errorf("since: expected a %s, found %s", t.p.Kind, recipe.TypeOf(v))
	}
	if text == "" || v == false {
		return nil
	}
	switch t.p.Kind {
	case "number":
		n, ok := new(big.Rat).SetString(text)
		if !ok || len(text) > 64 {
			return fmt.Errorf("since: expected a number, found %s", recipe.TypeOf(v))
		}
		if t.num == nil || n.Cmp(t.num) > 0 {
			t.num, t.high = n, text
		}
	case "text":
		t.high = max(t.high, text)
	default:
		at, err := recipe.ParseMoment(v, zone)
		if err != nil {
			return fmt.Errorf("since: %w", err)
		}
		if at.After(t.at) {
			t.at, t.high = at, recipe.Moment(at)
		}
	}
	return nil
}
