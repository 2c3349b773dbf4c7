package marketplace_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/core/marketplace"
	"github.com/voldaan/voldaan/sdk/manifest"
)

const text = `name: pack-%04d
title: Package %04d
kind: %s
countries: [%s]
version: 1.0.0
publisher: us
summary: Invoices of package %04d.
program: run
reads: [invoices]
auth: [{name: none, title: None, type: none}]
`

// TestThousand searches a shelf with 1,000 packages.
func TestThousand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kinds, countries := []string{"accounting", "crm"}, []string{"NL", "BE", "DE"}
	for i := range 1000 {
		folder := filepath.Join(dir, fmt.Sprintf("pack-%04d", i))
		for _, err := range []error{
			os.Mkdir(folder, 0o755),
			os.WriteFile(filepath.Join(folder, manifest.FileName), fmt.Appendf(nil, text, i, i, kinds[i%2], countries[i%3], i), 0o644),
			os.WriteFile(filepath.Join(folder, "run"), []byte("program"), 0o755),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := catalog.Lock(dir); err != nil {
		t.Fatal(err)
	}
	s := &marketplace.Service{Host: connecttest.NewHost(t, dir, nil)}
	seen, after := map[string]bool{}, ""
	for {
		f, err := s.Find(t.Context(), marketplace.Query{Text: "invoices package", Kind: manifest.CRM, Country: "NL", After: after})
		if err != nil || f.All != 1000 || f.Total != 166 && f.Total != 167 {
			t.Fatalf("%+v, %v", f, err)
		}
		for _, i := range f.Items {
			if seen[i.Name()] {
				t.Fatalf("%s is on two pages", i.Name())
			}
			seen[i.Name()] = true
		}
		if after = f.Next; after == "" {
			if len(seen) != f.Total {
				t.Fatalf("%d of %d", len(seen), f.Total)
			}
			break
		}
	}
	begin := time.Now()
	const times = 100
	for range times {
		if _, err := s.Find(t.Context(), marketplace.Query{Text: "0999"}); err != nil {
			t.Fatal(err)
		}
	}
	per := time.Since(begin) / times
	t.Logf("a search takes %s", per)
	if per > 20*time.Millisecond {
		t.Errorf("a search takes %s", per)
	}
}
