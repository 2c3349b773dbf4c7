package odoo_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/plugins/odoo/emulator"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformtest.Run(t, ".", emulator.Conformance, nil)
}

func TestConformanceJSON2(t *testing.T) {
	t.Parallel()
	conformtest.Run(t, ".", emulator.ConformanceJSON2, nil)
}
