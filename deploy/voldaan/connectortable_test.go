package main

import (
	"os"
	"testing"

	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/sdk/manifest"
)

func TestTableOfConnectorsIsNotStale(t *testing.T) {
	t.Parallel()
	folders, err := connectorFolders("../../plugins")
	if err != nil {
		t.Fatal(err)
	}
	var rows []conform.Row
	for _, f := range folders {
		m, err := manifest.Load(f)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, conform.Row{Manifest: m})
	}
	b, err := os.ReadFile("../../plugins/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if why := conform.Stale(string(b), rows); why != "" {
		t.Errorf("the table in plugins/README.md is stale: %s; run voldaan connector test --all --write plugins/README.md, with --table to leave the scores as they are", why)
	}
}
