package conform_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/core/connect/conform/conformtest/toy/play"
	"github.com/voldaan/voldaan/sdk/cassette"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

const source = "conformtest/toy"

// A connector that does everything right fails nothing.
func TestGoodConnector(t *testing.T) {
	t.Parallel()
	r := conformtest.Run(t, source, play.Open(""), nil)
	if r.Score != 100 || r.Failed != 0 || r.Passed < 40 {
		t.Errorf("score %d: %d passed, %d failed", r.Score, r.Passed, r.Failed)
	}
	if r.CallsPer10k != 1+200 && r.CallsPer10k != 4+8*9880/400 {
		t.Errorf("about %d requests for 10,000 invoices", r.CallsPer10k)
	}
}

// Each thing that a connector does wrong is caught, and by the check that is meant
// for it.
func TestBrokenConnectors(t *testing.T) {
	t.Parallel()
	target := conformtest.Target(t, source, play.Open(""))
	for broken, want := range map[string]struct{ check, words string }{
		"drops pages":       {"5xx for good", "wrong books without an error"},
		"writes twice":      {"5xx after the write", "open in the books"},
		"ignores deletions": {"deletion", "still there"},
		"floats":            {"exact amounts", "in the books that is"},
		"ignores 429":       {"429 for good", "wrong books without an error"},
		"believes html":     {"error page with 200", "wrong books without an error"},
		"hammers":           {"429 for good", "times"},
		"leaks":             {"no leaks", "memory goes from"},
		"spins":             {"cancel", "keeps computing"},
		"believes anyone":   {"no way in", "without a good signature"},
		"says complete":     {"exact amounts", "is missing"},
		"blames the user":   {"5xx for good", `fails as "auth"`},
		"panics":            {"empty body", "panic"},
		"hangs":             {"first load", "hang"},
	} {
		t.Run(broken, func(t *testing.T) {
			// Not in parallel: memory and processor time are those of one process.
			r, err := conformance.Run(t.Context(), conformance.Options{
				Target: target, Open: play.Open(broken), Short: true,
				Only: map[string]bool{"administrations": true, "first load": true, "nothing new": true, want.check: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, ok := r.Result(want.check)
			if !ok || got.State != conformance.Failed || !strings.Contains(got.Note, want.words) {
				t.Errorf("%q: %+v; want it to fail with %q", want.check, got, want.words)
			}
		})
	}
}

// What is recorded from a package plays like it: all that needs no other books.
func TestRecordAndReplay(t *testing.T) {
	t.Parallel()
	p, err := play.Open("")(&conformance.Clock{})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Books.Begin(70); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(p.Answer)
	defer srv.Close()
	dir := t.TempDir()
	if err := conform.Build(source, dir); err != nil {
		t.Fatal(err)
	}
	access, err := p.Grant()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	data, _, err := conform.Record(t.Context(), conform.Recording{
		Config: conform.Config{Folder: dir, Network: true, Base: map[string]string{"api.toy.example": srv.URL}},
		Access: access, On: "emulator", Write: true,
		Done: func(c conform.Covered) {
			if c.Err != nil {
				t.Errorf("%s: %v", c.Phase, c.Err)
			}
			told = append(told, fmt.Sprint(c.Phase, " ", c.Requests))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(told, ", "); got != "check 1, administrations 1, full 3, incremental 2, targeted 11, document 1, push 3" {
		t.Error(got)
	}
	for _, gone := range []string{"Ada", "Bram", "sesam", "authorization"} {
		if strings.Contains(string(data), gone) {
			t.Errorf("%q is in the cassette", gone)
		}
	}
	c, err := cassette.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	m, err := manifest.Load(source)
	if err != nil {
		t.Fatal(err)
	}
	r := conformtest.Run(t, source, conformance.Cassette("toy", c, m), nil)
	if r.Failed != 0 || r.Passed < 35 || r.On != "cassette toy" {
		t.Errorf("on %s: %d passed, %d failed, %d not tried", r.On, r.Passed, r.Failed, r.Skipped)
	}
}
