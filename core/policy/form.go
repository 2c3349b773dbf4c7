package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	_ "embed"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	"gopkg.in/yaml.v3"
)

// Schema is the JSON Schema of the canonical form of a flow.
//
//go:embed flow.schema.json
var Schema []byte

// Form is the canonical form of a flow, for files and for programs. Amounts are
// whole minor units.
type Form struct {
	ID          string       `json:"id" yaml:"id"`
	Title       string       `json:"title" yaml:"title"`
	Description string       `json:"description,omitempty" yaml:"description,omitempty"`
	Version     int          `json:"version,omitempty" yaml:"version,omitempty"`
	Country     string       `json:"country,omitempty" yaml:"country,omitempty"`
	Debtors     string       `json:"debtors,omitempty" yaml:"debtors,omitempty"`
	Currency    string       `json:"currency,omitempty" yaml:"currency,omitempty"`
	Provisional string       `json:"provisional,omitempty" yaml:"provisional,omitempty"`
	Sending     *SendingForm `json:"sending,omitempty" yaml:"sending,omitempty"`
	Steps       []StepForm   `json:"steps" yaml:"steps"`
}

// SendingForm is when messages leave.
type SendingForm struct {
	MinimumInterval int               `json:"minimum_interval,omitempty" yaml:"minimum_interval,omitempty"`
	Days            []string          `json:"days,omitempty" yaml:"days,omitempty,flow"`
	Hours           map[string]string `json:"hours,omitempty" yaml:"hours,omitempty"` // by channel, as "09:00-20:00"
	OwnHolidaysOnly bool              `json:"own_holidays_only,omitempty" yaml:"own_holidays_only,omitempty"`
}

// StepForm is one step.
type StepForm struct {
	ID        string          `json:"id" yaml:"id"`
	Title     string          `json:"title" yaml:"title"`
	Text      string          `json:"text,omitempty" yaml:"text,omitempty"`
	From      string          `json:"from" yaml:"from"`
	Offset    int             `json:"offset" yaml:"offset"`
	Channels  []string        `json:"channels" yaml:"channels,flow"`
	Else      []string        `json:"else,omitempty" yaml:"else,omitempty,flow"`
	Tone      string          `json:"tone,omitempty" yaml:"tone,omitempty"`
	Phase     string          `json:"phase" yaml:"phase"`
	Asks      bool            `json:"asks,omitempty" yaml:"asks,omitempty"`
	Statutory bool            `json:"statutory,omitempty" yaml:"statutory,omitempty"`
	When      []ConditionForm `json:"when,omitempty" yaml:"when,omitempty"`
	Approval  bool            `json:"approval,omitempty" yaml:"approval,omitempty"`
	Post      []string        `json:"post,omitempty" yaml:"post,omitempty,flow"`
	Term      int             `json:"term,omitempty" yaml:"term,omitempty"`
}

// ConditionForm is one condition; all of its parts have to hold.
type ConditionForm struct {
	MinAmount   int64    `json:"min_amount,omitempty" yaml:"min_amount,omitempty"`
	MaxAmount   int64    `json:"max_amount,omitempty" yaml:"max_amount,omitempty"`
	RiskAtLeast string   `json:"risk_at_least,omitempty" yaml:"risk_at_least,omitempty"`
	RiskAtMost  string   `json:"risk_at_most,omitempty" yaml:"risk_at_most,omitempty"`
	Segment     string   `json:"segment,omitempty" yaml:"segment,omitempty"`
	NotSegment  string   `json:"not_segment,omitempty" yaml:"not_segment,omitempty"`
	Debtors     string   `json:"debtors,omitempty" yaml:"debtors,omitempty"`
	Countries   []string `json:"countries,omitempty" yaml:"countries,omitempty,flow"`
}

// Form returns the canonical form of a flow.
func (f Flow) Form() Form {
	out := Form{
		ID: f.ID, Title: f.Title, Description: f.Description, Version: f.Version, Country: f.Country,
		Debtors: string(f.Debtors), Currency: string(f.Currency), Provisional: f.Provisional, Steps: make([]StepForm, len(f.Steps)),
	}
	if s := f.Sending; s.MinInterval > 0 || len(s.Weekdays) > 0 || len(s.Hours) > 0 || s.OwnHolidaysOnly {
		out.Sending = s.Form()
	}
	for i, s := range f.Steps {
		out.Steps[i] = s.form()
	}
	return out
}

// Form returns the canonical form of the settings.
func (s Sending) Form() *SendingForm {
	f := &SendingForm{MinimumInterval: s.MinInterval, Days: dayNames(s.Weekdays), OwnHolidaysOnly: s.OwnHolidaysOnly}
	for c, w := range s.Hours {
		if f.Hours == nil {
			f.Hours = map[string]string{}
		}
		f.Hours[string(c)] = w.From.String() + "-" + w.To.String()
	}
	return f
}

func (s Step) form() StepForm {
	out := StepForm{
		ID: string(s.ID), Title: s.Title, Text: string(s.Text), From: string(s.From), Offset: s.Offset,
		Channels: texts(s.Channels), Else: texts(s.Else), Tone: string(s.Tone), Phase: string(s.Phase), Asks: s.Demand,
		Statutory: s.Statutory, Approval: s.Approval, Post: dayNames(s.Post), Term: s.Term,
	}
	for _, c := range s.When {
		out.When = append(out.When, c.Form())
	}
	return out
}

// Form returns the canonical form of a condition.
func (c Condition) Form() ConditionForm {
	return ConditionForm{
		MinAmount: c.MinMinor, MaxAmount: c.MaxMinor, RiskAtLeast: string(c.RiskAtLeast), RiskAtMost: string(c.RiskAtMost),
		Segment: c.Segment, NotSegment: c.NotSegment, Debtors: string(c.Debtors), Countries: c.Countries,
	}
}

// Condition returns the condition of a form.
func (f ConditionForm) Condition() Condition {
	return Condition{
		MinMinor: f.MinAmount, MaxMinor: f.MaxAmount, RiskAtLeast: Risk(f.RiskAtLeast), RiskAtMost: Risk(f.RiskAtMost),
		Segment: f.Segment, NotSegment: f.NotSegment, Debtors: sdk.PartyKind(f.Debtors), Countries: f.Countries,
	}
}

// Flow returns the flow of a form. A fault of kind Invalid says what cannot be
// read; whether the flow is a sound one is for [Check].
func (f Form) Flow() (Flow, error) {
	out := Flow{
		ID: f.ID, Title: f.Title, Description: f.Description, Version: f.Version, Country: f.Country,
		Debtors: sdk.PartyKind(f.Debtors), Currency: money.Currency(f.Currency), Provisional: f.Provisional,
	}
	var err error
	if f.Sending != nil {
		if out.Sending, err = f.Sending.Sending(); err != nil {
			return out, err
		}
	}
	for _, s := range f.Steps {
		step, err := s.step()
		if err != nil {
			return out, err
		}
		out.Steps = append(out.Steps, step)
	}
	return out, nil
}

// Sending returns the settings of a form, or a fault of kind Invalid.
func (f SendingForm) Sending() (s Sending, err error) {
	s = Sending{MinInterval: f.MinimumInterval, OwnHolidaysOnly: f.OwnHolidaysOnly}
	if s.Weekdays, err = weekdays(f.Days); err != nil {
		return s, err
	}
	for c, text := range f.Hours {
		w, err := ParseHours(text)
		if err != nil {
			return s, err
		}
		if s.Hours == nil {
			s.Hours = map[Channel]calendar.Window{}
		}
		s.Hours[Channel(c)] = w
	}
	return s, nil
}

// ParseHours reads "09:00-20:00", or returns a fault of kind Invalid.
func ParseHours(text string) (w calendar.Window, err error) {
	from, to, ok := strings.Cut(text, "-")
	if !ok {
		return w, fault.New(fault.Invalid, "flow_hours", "%q are no hours; write them as 09:00-20:00.", text)
	}
	if w.From, err = calendar.ParseTimeOfDay(strings.TrimSpace(from)); err != nil {
		return w, err
	}
	if w.To, err = calendar.ParseTimeOfDay(strings.TrimSpace(to)); err != nil {
		return w, err
	}
	return w, w.Check()
}

func (f StepForm) step() (Step, error) {
	s := Step{
		ID: StepID(f.ID), Title: f.Title, Text: StepID(f.Text), From: Anchor(f.From), Offset: f.Offset,
		Channels: named[Channel](f.Channels), Else: named[Channel](f.Else), Tone: Tone(f.Tone), Phase: receivable.Phase(f.Phase), Demand: f.Asks,
		Statutory: f.Statutory, Approval: f.Approval, Term: f.Term,
	}
	for _, c := range f.When {
		s.When = append(s.When, c.Condition())
	}
	var err error
	s.Post, err = weekdays(f.Post)
	return s, err
}

// Parse reads a flow in its canonical form, as JSON or YAML. A fault of kind
// Invalid says what is wrong with the text.
func Parse(text []byte) (Flow, error) {
	var f Form
	var err error
	if t := bytes.TrimSpace(text); len(t) > 0 && t[0] == '{' {
		d := json.NewDecoder(bytes.NewReader(t))
		d.DisallowUnknownFields()
		err = d.Decode(&f)
		if err == nil && d.More() {
			err = errors.New("something follows the flow")
		}
	} else {
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		if err = d.Decode(&f); errors.Is(err, io.EOF) {
			err = errors.New("the text is empty")
		}
	}
	if err != nil {
		return Flow{}, fault.New(fault.Invalid, "flow_unreadable", "This is no flow: %s. Export one to see the form.", err)
	}
	return f.Flow()
}

// JSON returns the canonical form as indented JSON.
func (f Flow) JSON() []byte {
	b, err := json.MarshalIndent(f.Form(), "", "  ")
	if err != nil {
		panic(fmt.Sprintf("policy: a flow that cannot be written: %v", err)) // strings and numbers only
	}
	return append(b, '\n')
}

// YAML returns the canonical form as YAML.
func (f Flow) YAML() []byte {
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(f.Form()); err != nil {
		panic(fmt.Sprintf("policy: a flow that cannot be written: %v", err))
	}
	return b.Bytes()
}

var shortDays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func dayNames(days []time.Weekday) (out []string) {
	for _, d := range days {
		out = append(out, shortDays[d])
	}
	return out
}

func weekdays(names []string) (out []time.Weekday, err error) {
	for _, n := range names {
		i := slices.Index(shortDays, n)
		if i < 0 {
			return nil, fault.New(fault.Invalid, "flow_day", "%q is no day of the week; write one of %s.", n, strings.Join(shortDays, ", "))
		}
		out = append(out, time.Weekday(i))
	}
	return out, nil
}

func texts[T ~string](in []T) (out []string) {
	for _, s := range in {
		out = append(out, string(s))
	}
	return out
}

func named[T ~string](in []string) (out []T) {
	for _, s := range in {
		out = append(out, T(s))
	}
	return out
}
