package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// Problem is what is wrong with a flow, and what to do about it.
type Problem struct {
	Step    StepID // empty for the flow as a whole
	Field   string
	Message string
}

// mostSteps bounds a flow.
const mostSteps = 24

var (
	flowIDs  = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	stepIDs  = regexp.MustCompile(`^[a-z][a-z0-9_]{1,39}$`)
	segments = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	anchors  = []Anchor{FromIssue, FromDue, FromMonthEnd, FromPrevious, FromNotice, FromCase, FromNext}
)

// ValidSegment reports whether a text can name a segment.
func ValidSegment(name string) bool { return segments.MatchString(name) }

// Anchors lists what a step can count from.
func Anchors() []Anchor { return slices.Clone(anchors) }

// Check returns what is wrong with a flow, none for one that may be used.
func Check(f Flow) []Problem {
	c := &checker{flow: f, seen: map[StepID]bool{}}
	c.whole()
	for i, s := range f.Steps {
		c.step(s)
		c.place(i, s)
		c.seen[s.ID] = true
	}
	c.law()
	return c.out
}

// Refusal returns the problems of a flow as one fault of kind Invalid, nil
// without any.
func Refusal(problems []Problem) error {
	if len(problems) == 0 {
		return nil
	}
	said := make([]string, len(problems))
	for i, p := range problems {
		said[i] = p.Message
	}
	return fault.New(fault.Invalid, "flow_invalid", "%s", strings.Join(said, " "))
}

type checker struct {
	flow Flow
	seen map[StepID]bool
	out  []Problem
}

func (c *checker) no(step Step, field, format string, args ...any) {
	c.out = append(c.out, Problem{step.ID, field, fmt.Sprintf(format, args...)})
}

func (c *checker) whole() {
	f, none := c.flow, Step{}
	if !flowIDs.MatchString(f.ID) {
		c.no(none, "id", "Give the flow a short name of small letters, digits and dashes, as my-flow.")
	}
	if strings.TrimSpace(f.Title) == "" {
		c.no(none, "title", "Give the flow a title.")
	}
	if f.Debtors != "" && f.Debtors != sdk.Business && f.Debtors != sdk.Consumer {
		c.no(none, "debtors", "A flow is for business debtors, for consumers, or for anybody.")
	}
	if _, err := money.ParseCurrency(string(f.Currency)); f.Currency != "" && err != nil {
		c.no(none, "currency", "%q is no currency; write EUR, GBP or another code of three letters.", f.Currency)
	}
	switch n := len(f.Steps); {
	case n == 0:
		c.no(none, "steps", "A flow without steps does nothing; add one.")
	case n > mostSteps:
		c.no(none, "steps", "A flow has %d steps at most; this one has %d.", mostSteps, n)
	}
	if f.Sending.MinInterval < 0 || f.Sending.MinInterval > 60 {
		c.no(none, "minimum_interval", "Choose a minimum interval between 1 and 60 days.")
	}
	for ch, w := range f.Sending.Hours {
		c.hours(ch, w)
	}
}

func (c *checker) hours(ch Channel, w calendar.Window) {
	phone := ch == SMS || ch == Voice || ch == Call
	if err := w.Check(); err != nil {
		c.no(Step{}, "hours", "%s", fault.Of(err).Message)
	} else if phone && (w == calendar.Window{} || w.From < 8*60 || w.To > 21*60) {
		c.no(Step{}, "hours", "Telephones may ring between 08:00 and 21:00; narrow the hours of %s.", ch)
	}
}

// step looks at one step by itself.
func (c *checker) step(s Step) {
	name := s.Title
	if strings.TrimSpace(name) == "" {
		c.no(s, "title", "Give step %s a title.", s.ID)
		name = string(s.ID)
	}
	if !stepIDs.MatchString(string(s.ID)) {
		c.no(s, "id", "Name the step %s with small letters, digits and underscores.", name)
	}
	if c.seen[s.ID] {
		c.no(s, "id", "Two steps are called %s; remove one, or give it another name.", s.ID)
	}
	if len(s.Channels) == 0 {
		c.no(s, "channels", "Choose how %s reaches the debtor, or make it a task.", name)
	}
	for _, ch := range slices.Concat(s.Channels, s.Else) {
		if !slices.Contains(Channels(), ch) {
			c.no(s, "channels", "%s goes by %q, which is no channel.", name, ch)
		}
	}
	if s.Tone != "" && !slices.Contains(Tones(), s.Tone) {
		c.no(s, "tone", "%s speaks in a tone that does not exist: %q.", name, s.Tone)
	}
	phase, fixed := reserved[s.ID]
	if fixed && s.Phase != phase {
		c.no(s, "phase", "After %s an invoice is in phase %s; set that.", name, phase)
	}
	if !fixed && (s.Phase == receivable.Bailiff || s.Phase == receivable.Closed || s.Phase == receivable.Draft || s.Phase == "") {
		c.no(s, "phase", "Choose for %s the phase sent, reminding, final or case.", name)
	}
	c.words(s, name)
	c.conditions(s, name)
	if s.Offset < -90 || s.Offset > 365 {
		c.no(s, "offset", "%s is %d days away from its anchor; choose between 90 days before and 365 after.", name, s.Offset)
	}
	if s.Term < 0 || s.Term > 90 {
		c.no(s, "term", "Give between 0 and 90 days to pay in %s.", name)
	}
}

// words looks at whether there is a text for the step.
func (c *checker) words(s Step, name string) {
	_, fixed := reserved[s.ID]
	switch {
	case fixed && s.Text != "" && s.Text != s.ID:
		c.no(s, "text", "%s has words of its own; leave out the other text.", name)
	case !fixed && s.ID != WithNext && !slices.Contains(Kinds(), s.Kind()) && !s.Bookkeeping():
		c.no(s, "text", "Choose which text %s takes.", name)
	}
	if s.Statutory != (s.ID == FourteenDay) {
		c.no(s, "statutory", "The statutory notice is the step %s and no other; it cannot be switched off.", FourteenDay)
	}
	if s.ID == FourteenDay && !slices.Contains(s.Channels, Letter) {
		c.no(s, "channels", "%s goes by letter, with or without an e-mail: an e-mail alone does not prove that it arrived.", name)
	}
	if s.Bookkeeping() && s.Demand {
		c.no(s, "asks", "%s is a task, so it asks the debtor nothing; switch that off.", name)
	}
	if (s.ID == SendInvoice || s.ID == PreReminder) && s.Demand {
		c.no(s, "asks", "%s asks for nothing that is due; switch that off.", name)
	}
	if s.ID == ReadyForBailiff && !s.Bookkeeping() {
		c.no(s, "channels", "The hand-over is a task: a person always approves it.")
	}
	asks := s.ID == FinalReminder || s.ID == OpenCase || s.ID == FourteenDay
	if asks && !s.Demand {
		c.no(s, "asks", "%s asks for payment; switch that on.", name)
	}
}

func (c *checker) conditions(s Step, name string) {
	if s.Statutory && len(s.When) > 0 {
		c.no(s, "when", "%s goes to everybody, whatever the amount; remove its conditions.", name)
	}
	for _, w := range s.When {
		switch {
		case w.MinMinor < 0, w.MaxMinor < 0, w.MaxMinor > 0 && w.MinMinor > w.MaxMinor:
			c.no(s, "when", "No amount is both above the lowest and below the highest of %s; turn them round.", name)
		case !isRisk(w.RiskAtLeast) || !isRisk(w.RiskAtMost):
			c.no(s, "when", "The risk in %s is low, medium or high.", name)
		case w.RiskAtLeast != "" && w.RiskAtMost != "" && w.RiskAtLeast.rank() > w.RiskAtMost.rank():
			c.no(s, "when", "No risk meets the condition of %s; turn its bounds round.", name)
		case w.Segment != "" && !ValidSegment(w.Segment), w.NotSegment != "" && !ValidSegment(w.NotSegment):
			c.no(s, "when", "A segment in %s is named with small letters, digits and dashes.", name)
		case !slices.Contains([]sdk.PartyKind{"", sdk.Business, sdk.Consumer, sdk.Unknown}, w.Debtors):
			c.no(s, "when", "The debtors in %s are business, consumer or unknown.", name)
		}
	}
}

func isRisk(r Risk) bool { return r == "" || slices.Contains(Risks(), r) }

// interval is the least number of days between two reminders of the flow.
func (f Flow) interval() int {
	if f.Sending.MinInterval > 0 {
		return f.Sending.MinInterval
	}
	return DefaultMinInterval
}
