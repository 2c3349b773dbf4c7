package conform_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/connect/conform/conformtest"
	"github.com/voldaan/voldaan/core/connect/conform/conformtest/toy/play"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// The registry derives the level from the report as the kit writes it.
func TestReportIsTheBadge(t *testing.T) {
	t.Parallel()
	run := func(broken string) *conformance.Report {
		r, err := conformance.Run(t.Context(), conformance.Options{
			Target: conformtest.Target(t, source, play.Open(broken)), Open: play.Open(broken),
			Only: map[string]bool{"administrations": true, "first load": true, "exact amounts": true, "empty body": true},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	level := func(r *conformance.Report) registry.Level {
		b, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var counts registry.Report
		if err := json.Unmarshal(b, &counts); err != nil || counts.Connector != "toy" || counts.Version != "1.0.0" || counts.Passed != r.Passed {
			t.Errorf("the registry reads %+v of %s: %v", counts, b, err)
		}
		return registry.LevelOf(true, nil, &counts)
	}
	r := run("")
	if l := level(r); l != registry.Certified {
		t.Errorf("all passed, and the level is %s", l)
	}
	r.Short = true
	if l := level(r); l != registry.Community {
		t.Errorf("not all was tried, and the level is %s", l)
	}
	page, err := r.Page()
	if err != nil || !strings.Contains(string(page), "100%") || strings.Contains(string(page), "http://") || strings.Contains(string(page), "<script") {
		t.Errorf("the page: %v\n%s", err, page)
	}
	if l := level(run("floats")); l != registry.Community {
		t.Errorf("amounts are wrong, and the level is %s", l)
	}
}

func TestTableTellsWhenItIsStale(t *testing.T) {
	t.Parallel()
	m := &manifest.Manifest{Name: "acme", Title: "Acme", Kind: manifest.CRM, Reads: []manifest.Data{manifest.DataParties}, Unsure: []string{"The limits."}}
	scored := []conform.Row{{Manifest: m, Report: &conformance.Report{Score: 97, Passed: 60, Failed: 2, On: "emulator", At: time.Now()}}}
	text := conform.Markdown("# Connectors\n", scored)
	if !strings.Contains(text, "| [Acme](acme) | crm | parties | none | no | 97% of 62 on emulator | 0 sources | 1 points |") {
		t.Error(text)
	}
	if again := conform.Markdown(text, scored); again != text {
		t.Errorf("written twice it differs:\n%s", again)
	}
	plain := []conform.Row{{Manifest: m}}
	if kept := conform.Markdown(text, plain); kept != text {
		t.Errorf("not tried again, it loses its score:\n%s", kept)
	}
	if why := conform.Stale(text, plain); why != "" {
		t.Errorf("the score alone makes it stale: %s", why)
	}
	m.Unsure = append(m.Unsure, "The currency.")
	if why := conform.Stale(text, plain); !strings.Contains(why, "2 points") {
		t.Errorf("a new point does not: %q", why)
	}
}
