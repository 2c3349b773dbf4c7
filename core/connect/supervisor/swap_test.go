package supervisor_test

import (
	"os"
	"testing"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/connect/contain"
	"github.com/voldaan/voldaan/core/connect/supervisor"
)

// TestSwapBetweenCheckAndStart puts another program in the place of the one that
// was just verified, in the two ways there are.
func TestSwapBetweenCheckAndStart(t *testing.T) {
	evil := connecttest.Program(t, "hostile")
	ways := map[string]func(*testing.T, string){
		"written over": func(t *testing.T, path string) {
			if err := os.WriteFile(path, evil, 0o755); err != nil {
				t.Error(err)
			}
		},
		"replaced": func(t *testing.T, path string) {
			if err := os.WriteFile(path+".new", evil, 0o755); err != nil {
				t.Error(err)
			}
			if err := os.Rename(path+".new", path); err != nil {
				t.Error(err)
			}
		},
	}
	for _, c := range []struct {
		way     string
		without []contain.Measure
		ran     bool // the other program
	}{
		{"written over", nil, false},
		{"replaced", nil, false},
		{"replaced", []contain.Measure{contain.SealedCopy}, false},
		// What the sealed copy is for.
		{"written over", []contain.Measure{contain.SealedCopy}, true},
	} {
		h := connecttest.NewHost(t, connecttest.Catalog(t), func(cfg *connect.Config) { cfg.Supervisor.Without = c.without })
		swapped := 0
		supervisor.AfterCheck(func(path string) {
			swapped++
			ways[c.way](t, path)
		})
		list, err := h.Administrations(t.Context(), connecttest.Connection(map[string]string{"try": "own"}))
		supervisor.AfterCheck(nil)
		if err != nil || swapped != 1 {
			t.Fatalf("%s without %v: %v after %d swaps", c.way, c.without, err, swapped)
		}
		if ran := list[0].ID == "own"; ran != c.ran {
			t.Errorf("%s without %v: the other program ran: %v, want %v", c.way, c.without, ran, c.ran)
		}
	}
}
