package connecttest_test

import (
	"os"
	"testing"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/examples/examplestest"
)

// TestNodeWithoutEachMeasure starts the example on Node on machines that lack a
// measure of containment: a script then comes to its interpreter by another way.
func TestNodeWithoutEachMeasure(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile(examplestest.Node(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, without := range map[string][]contain.Measure{
		"all there is": nil, "no root folder": {contain.OwnRoot}, "no sealed copy": {contain.SealedCopy}, "our own user": {contain.OwnUser},
		"no landlock": {contain.Landlock}, "no namespaces": {contain.NetworkNamespace, contain.ProcessNamespace, contain.OtherNamespaces, contain.OwnRoot},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := exampleIn(t, examplestest.Dir("node-acme"), program, "", func(c *connect.Config) { c.Supervisor.Without = without })
			if all := a.pull(t, sdk.PullRequest{}); len(all.Invoices) != 12 {
				t.Errorf("%d invoices", len(all.Invoices))
			}
		})
	}
}
