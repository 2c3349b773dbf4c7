package contain_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/connect/contain"
)

func TestWhatIsInForceHere(t *testing.T) {
	b := contain.New(contain.Options{Scratch: "/tmp", User: 61184})
	t.Log(b.Report())
	b = contain.New(contain.Options{Scratch: "/tmp"})
	t.Log(b.Report())
}
