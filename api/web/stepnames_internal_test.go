package web

import (
	"regexp"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/policy"
)

// code is what a step of the program is called, and a person should not read.
var code = regexp.MustCompile(`_|^[a-z0-9]+$|\bR\d|[a-z][A-Z]`)

// TestStepNames holds that each step of each flow that is shipped has a name that a
// person understands, within its flow and outside it, and each way it goes has one.
func TestStepNames(t *testing.T) {
	t.Parallel()
	for id, f := range policy.Flows() {
		titles := map[string]policy.StepID{}
		for _, s := range f.Steps {
			for _, title := range []string{s.Title, stepTitle(id, string(s.ID)), stepTitle("", string(s.ID))} {
				if n := len([]rune(title)); n < 3 || n > 40 || code.MatchString(title) || strings.ToUpper(title[:1]) != title[:1] {
					t.Errorf("%s %s is called %q", id, s.ID, title)
				}
			}
			if other, twice := titles[s.Title]; twice {
				t.Errorf("%s: %s and %s are both called %q", id, other, s.ID, s.Title)
			}
			titles[s.Title] = s.ID
			if got := stepTitle(id, string(s.ID)); got != s.Title {
				t.Errorf("%s: %s is called %q in its flow and %q in the pages", id, s.ID, s.Title, got)
			}
			for _, ch := range append(append([]policy.Channel{}, s.Channels...), s.Else...) {
				if channelLooks[ch].Label == "" {
					t.Errorf("%s %s goes by %s, which has no name", id, s.ID, ch)
				}
			}
		}
		if f.Title == "" || f.Description == "" || code.MatchString(f.Title) {
			t.Errorf("%s is called %q: %q", id, f.Title, f.Description)
		}
	}
}
