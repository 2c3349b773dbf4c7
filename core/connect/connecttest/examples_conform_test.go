package connecttest_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
	"github.com/voldaan/voldaan/sdk/examples/examplestest"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// TestExamplesConform tries the examples with the conformance kit, each in its own
// kind of process. The one on Node has nothing of Go in it: what it passes is the
// contract of sdk/wire.
func TestExamplesConform(t *testing.T) {
	t.Parallel()
	for name, program := range map[string]func() string{
		"go-acme":     func() string { return examplestest.Go(t, "sdk/examples/go-acme") },
		"recipe-acme": func() string { return "" },
		"node-acme":   nil,
	} {
		t.Run(name, func(t *testing.T) {
			// One after the other: memory and processor time are looked at.
			if program == nil {
				program = func() string { return examplestest.Node(t) }
			}
			c := conform.Config{Folder: t.TempDir()}
			place(t, filepath.Join(examplestest.Dir(name), manifest.FileName), filepath.Join(c.Folder, manifest.FileName))
			if file := program(); file != "" {
				place(t, file, filepath.Join(c.Folder, "acme"))
			} else {
				c.Recipes = examplestest.Go(t, "plugins/recipes")
			}
			target, err := conform.Open(c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(target.Close)
			r, err := conformance.Run(t.Context(), conformance.Options{Target: target, Open: acmebooks.Conformance, Short: true, Done: func(r conformance.Result) {
				if r.State == conformance.Failed {
					t.Errorf("%s: %s: %s: %s", r.Area, r.Name, r.Sentence, r.Note)
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d passed, %d failed, %d not tried; score %d", r.Passed, r.Failed, r.Skipped, r.Score)
			if r.Passed < 40 {
				t.Errorf("only %d scenarios were tried", r.Passed)
			}
		})
	}
}

func place(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
