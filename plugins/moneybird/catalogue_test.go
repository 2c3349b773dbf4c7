package moneybird_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/conform"
)

// catalogue is a catalogue with the recipe.
func catalogue(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "moneybird")
	data, err := os.ReadFile("connector.yaml")
	if err == nil {
		err = os.Mkdir(folder, 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "connector.yaml"), data, 0o644)
	}
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err == nil {
		err = catalog.Lock(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// runtime is the program that carries out recipes.
func runtime(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "recipes")
	if err := conform.BuildRuntime(".", path); err != nil {
		t.Fatal(err)
	}
	return path
}
