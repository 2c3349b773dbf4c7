package temporalserver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/workflows/temporalserver"
)

func TestBinaryNamedByTheEnvironment(t *testing.T) {
	program := filepath.Join(t.TempDir(), "voldaan-temporal")
	t.Setenv(temporalserver.BinaryVariable, program)
	if _, err := temporalserver.Binary(t.Context(), nil); err == nil || !strings.Contains(err.Error(), temporalserver.BinaryVariable) {
		t.Errorf("a missing program: %v", err)
	}
	if err := os.WriteFile(program, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := temporalserver.Binary(t.Context(), nil); err != nil || got != program {
		t.Errorf("Binary = %q, %v; want %q", got, err, program)
	}
}

func TestBinaryOutsideACheckout(t *testing.T) {
	t.Setenv(temporalserver.BinaryVariable, "")
	t.Setenv("PATH", t.TempDir())
	t.Chdir(t.TempDir())
	_, err := temporalserver.Binary(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "set TEMPORAL_ADDRESS") {
		t.Errorf("error %v does not say what to do", err)
	}
}

func TestGiven(t *testing.T) {
	t.Setenv("TEMPORAL_ADDRESS", "")
	if _, ok := temporalserver.Given(); ok {
		t.Error("a server is given without TEMPORAL_ADDRESS")
	}
	t.Setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
	t.Setenv("TEMPORAL_UI", "https://temporal.example")
	if got, ok := temporalserver.Given(); !ok || got.Address != "temporal.example:7233" || got.UI != "https://temporal.example" {
		t.Errorf("Given = %+v, %v", got, ok)
	}
}
