package policy_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

func TestShippedFlowsAreSound(t *testing.T) {
	t.Parallel()
	var ids []string
	for _, f := range policy.Shipped() {
		ids = append(ids, f.ID)
		for _, p := range policy.Check(f) {
			t.Errorf("%s, %s: %s", f.ID, p.Step, p.Message)
		}
		if f.Description == "" {
			t.Errorf("%s says nothing about itself", f.ID)
		}
	}
	for _, want := range []string{"b2b-nl", "b2c-nl", "b2b-be", "b2c-be", "b2b-de", "b2b-uk", "b2b-fr", "direct-debit", "key-account", "high-risk", "public-body", "small-amount"} {
		if !slices.Contains(ids, want) {
			t.Errorf("the flow %s does not ship", want)
		}
	}
}

// edit is a flow with one step changed.
func edit(id string, step policy.StepID, change func(*policy.Step)) policy.Flow {
	f := policy.Flows()[id]
	f.Steps = slices.Clone(f.Steps)
	i := slices.IndexFunc(f.Steps, func(s policy.Step) bool { return s.ID == step })
	change(&f.Steps[i])
	return f
}

func less(id string, step policy.StepID) policy.Flow {
	f := policy.Flows()[id]
	f.Steps = slices.DeleteFunc(slices.Clone(f.Steps), func(s policy.Step) bool { return s.ID == step })
	return f
}

func more(id string, s policy.Step) policy.Flow {
	f := policy.Flows()[id]
	f.Steps = append(slices.Clone(f.Steps), s)
	return f
}

func TestCheckSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		flow policy.Flow
		want string
	}{
		{"R93 a consumer keeps the statutory notice", less("b2c-nl", policy.FourteenDay), "put the step fourteen_day_letter before Case opened"},
		{"R93 also one whose kind is not known", func() policy.Flow { f := policy.Flows()["b2b-nl"]; f.Debtors = ""; return f }(), "or keep the flow for businesses"},
		{"R93 a consumer's case counts from the notice", edit("b2c-nl", policy.OpenCase, func(s *policy.Step) { s.From, s.Offset = policy.FromDue, 40 }), "choose the notice as its anchor"},
		{"R108 nothing follows the hand-over", more("b2b-nl", policy.Step{ID: "later", Title: "Later", Text: policy.Summons2, From: policy.FromCase, Offset: 40, Channels: []policy.Channel{policy.Email}, Phase: receivable.Case, Demand: true}), "Nothing follows the hand-over"},
		{"R15 reminders keep the minimum interval", edit("b2b-nl", policy.Reminder2, func(s *policy.Step) { s.Offset = 8 }), "follows Reminder 1 after 5 days; leave at least 7 days"},
		{"offsets ascend", edit("b2b-nl", policy.Reminder2, func(s *policy.Step) { s.Offset = 2 }), "Reminder 2 falls before Reminder 1"},
		{"a final reminder comes before a case", less("b2b-nl", policy.FinalReminder), "put a final reminder or the statutory notice before Case opened"},
		{"a promised term is over first", edit("b2b-nl", policy.FinalReminder, func(s *policy.Step) { s.Term = 9 }), "promises 9 days to pay"},
		{"a summons needs a case", less("b2b-nl", policy.OpenCase), "open one before it"},
		{"a demand comes after the due date", edit("b2b-nl", policy.Reminder1, func(s *policy.Step) { s.Offset = -1 }), "asks for payment, so it comes after the due date"},
		{"R12 not on the due date", edit("b2b-nl", policy.Reminder1, func(s *policy.Step) { s.Offset = 0 }), "nothing is overdue"},
		{"R56 a statutory notice goes by letter", edit("b2c-nl", policy.FourteenDay, func(s *policy.Step) { s.Channels = []policy.Channel{policy.Email} }), "goes by letter"},
		{"R98 and to everybody", edit("b2c-nl", policy.FourteenDay, func(s *policy.Step) { s.When = []policy.Condition{{MinMinor: 100}} }), "remove its conditions"},
		{"a step of one's own takes a text", edit("b2b-nl", policy.Reminder2, func(s *policy.Step) { s.ID = "mine" }), "Choose which text Reminder 2 takes"},
		{"two steps of one name", more("small-amount", policy.Flows()["small-amount"].Steps[1]), "Two steps are called reminder_1"},
		{"no such channel", edit("b2b-nl", policy.Reminder1, func(s *policy.Step) { s.Channels = []policy.Channel{"pigeon"} }), "which is no channel"},
		{"no channel", edit("b2b-nl", policy.Reminder1, func(s *policy.Step) { s.Channels = nil }), "Choose how Reminder 1 reaches the debtor"},
		{"R14 telephones rest at night", func() policy.Flow {
			f := policy.Flows()["b2b-nl"]
			f.Sending.Hours = map[policy.Channel]window{policy.SMS: {From: 6 * 60, To: 23 * 60}}
			return f
		}(), "Telephones may ring between 08:00 and 21:00"},
		{"bounds turned round", edit("b2b-nl", policy.CallTask, func(s *policy.Step) { s.When = []policy.Condition{{MinMinor: 200, MaxMinor: 100}} }), "turn them round"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var said []string
			for _, p := range policy.Check(tc.flow) {
				said = append(said, p.Message)
			}
			if !strings.Contains(strings.Join(said, " "), tc.want) {
				t.Errorf("it says %q, not %q", said, tc.want)
			}
		})
	}
}

func TestFormRoundTrip(t *testing.T) {
	t.Parallel()
	for _, f := range policy.Shipped() {
		for form, text := range map[string][]byte{"JSON": f.JSON(), "YAML": f.YAML()} {
			got, err := policy.Parse(text)
			if err != nil {
				t.Fatalf("%s as %s: %v", f.ID, form, err)
			}
			if d := cmp.Diff(f, got); d != "" {
				t.Errorf("%s as %s:\n%s", f.ID, form, d)
			}
		}
	}
	for name, text := range map[string]string{"empty": "", "a field that no flow has": "id: x\nmood: good\n", "a day that is none": "id: x\ntitle: X\nsending: {days: [noday]}\nsteps: []\n", "two flows": `{"id":"a","title":"A","steps":[]}{}`} {
		if _, err := policy.Parse([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s was read: %v", name, err)
		}
	}
}

// The schema names the same fields as the form does, so that neither is changed
// alone.
func TestSchemaNamesWhatTheFormHas(t *testing.T) {
	t.Parallel()
	var schema struct {
		Properties map[string]any
		Defs       map[string]struct{ Properties map[string]any } `json:"$defs"`
	}
	if err := json.Unmarshal(policy.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	full := policy.Form{
		ID: "x", Title: "x", Description: "x", Version: 1, Country: "NL", Debtors: "business", Currency: "EUR", Provisional: "x",
		Sending: &policy.SendingForm{MinimumInterval: 1, Days: []string{"mon"}, Hours: map[string]string{"sms": "09:00-20:00"}, OwnHolidaysOnly: true},
		Steps: []policy.StepForm{{
			ID: "x", Title: "x", Text: "x", From: "due", Offset: 1, Channels: []string{"email"}, Else: []string{"letter"}, Tone: "clear", Phase: "sent",
			Asks: true, Statutory: true, Approval: true, Post: []string{"mon"}, Term: 1,
			When: []policy.ConditionForm{{MinAmount: 1, MaxAmount: 1, RiskAtLeast: "low", RiskAtMost: "low", Segment: "x", NotSegment: "x", Debtors: "business", Countries: []string{"NL"}}},
		}},
	}
	for _, tc := range []struct {
		name  string
		value any
		props map[string]any
	}{
		{"flow", full, schema.Properties}, {"sending", full.Sending, schema.Defs["sending"].Properties},
		{"step", full.Steps[0], schema.Defs["step"].Properties}, {"condition", full.Steps[0].When[0], schema.Defs["condition"].Properties},
	} {
		b, err := json.Marshal(tc.value)
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(b, &fields); err != nil {
			t.Fatal(err)
		}
		for name := range fields {
			if _, ok := tc.props[name]; !ok {
				t.Errorf("the schema of a %s does not know %s", tc.name, name)
			}
		}
		if len(fields) != len(tc.props) {
			t.Errorf("the schema of a %s has %d properties, the form %d", tc.name, len(tc.props), len(fields))
		}
	}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	debtor := policy.Debtor{Kind: sdk.Business, Country: "NL", Risk: policy.HighRisk, Segments: []string{"retail"}}
	for _, tc := range []struct {
		name string
		c    policy.Condition
		want bool
	}{
		{"nothing asked", policy.Condition{}, true},
		{"the lowest amount is included", policy.Condition{MinMinor: 100_000}, true},
		{"a cent more is not", policy.Condition{MinMinor: 100_001}, false},
		{"the highest amount is included", policy.Condition{MaxMinor: 100_000}, true},
		{"a cent less is not", policy.Condition{MaxMinor: 99_999}, false},
		{"a high risk is at least medium", policy.Condition{RiskAtLeast: policy.MediumRisk}, true},
		{"and not at most medium", policy.Condition{RiskAtMost: policy.MediumRisk}, false},
		{"in the segment", policy.Condition{Segment: "retail"}, true},
		{"out of another", policy.Condition{NotSegment: "wholesale"}, true},
		{"not out of this one", policy.Condition{NotSegment: "retail"}, false},
		{"of this kind", policy.Condition{Debtors: sdk.Business}, true},
		{"of this country", policy.Condition{Countries: []string{"BE", "NL"}}, true},
		{"of no other", policy.Condition{Countries: []string{"BE"}}, false},
		{"all parts hold", policy.Condition{MinMinor: 1, Debtors: sdk.Consumer}, false},
	} {
		if got := tc.c.Holds(100_000, debtor); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	if (policy.Condition{RiskAtLeast: policy.HighRisk}).Holds(1, policy.Debtor{}) || !(policy.Condition{RiskAtMost: policy.MediumRisk}).Holds(1, policy.Debtor{}) {
		t.Error("a debtor of whom nothing is known is a medium risk")
	}
}
