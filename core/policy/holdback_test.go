package policy_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
)

// TestTrial picks a share that is stable, near its size, and grows without leaving
// anybody out.
func TestTrial(t *testing.T) {
	t.Parallel()
	picked := map[int]int{}
	for i := range 20_000 {
		id := uuid.NewSHA1(uuid.Nil, []byte{byte(i), byte(i >> 8)})
		small, large := policy.Trial{Share: 5, Days: 5}, policy.Trial{Share: 20, Days: 5}
		if small.Picks(id, policy.Reminder1, 1) {
			picked[5]++
			if !large.Picks(id, policy.Reminder1, 1) || !small.Picks(id, policy.Reminder1, 1) {
				t.Fatal("the share is not stable")
			}
		}
		if large.Picks(id, policy.Reminder1, 1) {
			picked[20]++
		}
		if (policy.Trial{Days: 5}).Picks(id, policy.Reminder1, 1) {
			t.Fatal("a share of nought picks")
		}
	}
	if picked[5] < 850 || picked[5] > 1150 || picked[20] < 3700 || picked[20] > 4300 {
		t.Errorf("of 20,000, %d at 5%% and %d at 20%%", picked[5], picked[20])
	}
}

// TestMeasurable holds every step that ships to what may never be held back.
func TestMeasurable(t *testing.T) {
	t.Parallel()
	friendly := 0
	for _, f := range policy.Shipped() {
		for _, s := range f.Steps {
			if !s.Measurable() {
				continue
			}
			friendly++
			if s.Statutory || s.Phase.Beyond(receivable.Reminding) || !s.Demand || s.From == policy.FromCase || s.From == policy.FromNotice || s.Bookkeeping() || strings.Contains(string(s.ID), "notice") {
				t.Errorf("%s of %s could be held back", s.ID, f.ID)
			}
		}
	}
	if friendly == 0 {
		t.Error("no step can be measured")
	}
}
