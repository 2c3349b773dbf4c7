package tryton_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
)

// The recording is of a real server; what it says was never written by us.
func TestConformanceOfRecording(t *testing.T) {
	t.Parallel()
	conformtest.Cassettes(t, ".")
}
