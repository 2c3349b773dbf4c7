package main_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/core/sync/inbox/inboxplay"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	conformtest.Run(t, ".", inboxplay.Open, nil)
}

func TestConformanceOfRecording(t *testing.T) {
	t.Parallel()
	conformtest.Record(t, ".", inboxplay.Open, "digest")
	conformtest.Cassettes(t, ".")
}
