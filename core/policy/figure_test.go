package policy_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/policy"
)

// A message that states a figure which no source confirms waits for a person,
// and one approval of a value lets every message with that value go.
func TestProvisionalFigureWaitsForAPerson(t *testing.T) {
	t.Parallel()
	rate := policy.Figure{Name: "NL: statutory interest, the rate after 2026-06-30", Value: "4.00%", Why: "the rate after 2026-06-30 is not known yet: 4.00% is carried forward", Source: "rentetabel"}
	wording := policy.Figure{Name: "NL: the en wording", Value: "text 01", Why: "the en wording is unconfirmed"}
	all := []policy.Figure{rate, wording, rate}
	for name, tc := range map[string]struct {
		approved map[policy.FigureKey]bool
		left     int
	}{
		"nobody approved anything":                  {nil, 2},
		"one of two is approved":                    {map[policy.FigureKey]bool{rate.Key(): true}, 1},
		"another value of the figure was approved":  {map[policy.FigureKey]bool{{rate.Name, "3.00%"}: true}, 2},
		"the same value of another figure does not": {map[policy.FigureKey]bool{{"BE: interest", "4.00%"}: true}, 2},
		"everything is approved":                    {map[policy.FigureKey]bool{rate.Key(): true, wording.Key(): true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			left := policy.Unapproved(all, tc.approved)
			v, objects := policy.Unconfirmed(left)
			if len(left) != tc.left || objects != (tc.left > 0) {
				t.Fatalf("%d left, objects %v", len(left), objects)
			}
			if !objects {
				return
			}
			if v.Outcome != policy.Wait || v.Rule != "provisional_figure" || v.Task != "provisional_figure" || !v.Until.IsZero() {
				t.Errorf("verdict %+v", v)
			}
			for _, f := range left {
				if !strings.Contains(v.Why, f.Why) || !strings.Contains(v.Why, f.Source) {
					t.Errorf("%q does not name %+v", v.Why, f)
				}
			}
		})
	}
}
