package workflows_test

import (
	"testing"

	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
)

// metadata returns the current details out of the answer to the built-in query.
func metadata(t *testing.T, v converter.EncodedValue) string {
	t.Helper()
	var m sdkpb.WorkflowMetadata
	if err := v.Get(&m); err != nil {
		t.Fatal(err)
	}
	return m.GetCurrentDetails()
}
