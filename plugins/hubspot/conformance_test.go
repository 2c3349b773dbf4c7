package hubspot_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/plugins/hubspot/emulator"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformtest.Run(t, ".", emulator.Conformance, nil)
}

func TestConformanceOfRecording(t *testing.T) {
	t.Parallel()
	conformtest.Record(t, ".", emulator.Conformance)
	conformtest.Cassettes(t, ".")
}
