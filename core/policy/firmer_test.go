package policy_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/policy"
)

func TestFirmer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		flow       policy.Flow
		step, want policy.StepID
	}{
		{"R69 the first reminder speaks as the second", business, policy.Reminder1, policy.Reminder2},
		{"R69 the last reminder keeps its words", business, policy.Reminder2, policy.Reminder2},
		{"R69 a final notice keeps its words", business, policy.FinalReminder, policy.FinalReminder},
		{"R69 a statutory letter keeps its words", consumer, policy.FourteenDay, policy.FourteenDay},
		{"a call has none", business, policy.CallTask, policy.CallTask},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			step, ok := tc.flow.Step(tc.step)
			if !ok {
				t.Fatal("no such step")
			}
			if got := policy.Firmer(tc.flow, step); got.ID != tc.want {
				t.Errorf("%s, want %s", got.ID, tc.want)
			}
		})
	}
}
