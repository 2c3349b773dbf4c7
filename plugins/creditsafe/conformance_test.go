package creditsafe_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/plugins/creditsafe/emulator"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformtest.Run(t, ".", emulator.Conformance, nil)
}
