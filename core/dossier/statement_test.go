package dossier_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// inCase is a world with a case over F1 of 3,000.00, opened on 15 April.
func inCase(t *testing.T, kind sdk.PartyKind, until string) (*dunningtest.World, uuid.UUID) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", kind), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
	w.Books.Sync()
	w.Walk(until)
	var id uuid.UUID
	w.In(func(tx store.Tx) error {
		all, err := tx.Cases(context.Background())
		if len(all) != 1 {
			t.Fatalf("%d cases", len(all))
		}
		id = all[0].ID
		return err
	})
	return w, id
}

// textOf reads a PDF as a person does, and keeps it where a person can look.
func textOf(t *testing.T, name string, pdf []byte) string {
	t.Helper()
	if dir := os.Getenv("VOLDAAN_LETTER_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed, so the text of a PDF cannot be read")
	}
	cmd := exec.Command(tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(out), "\u00a0", " ")
}

func TestStatement(t *testing.T) {
	t.Parallel()
	w, id := inCase(t, sdk.Business, "2026-04-16 00:00")
	w.Books.Pay("F1", 100_000, date.MustParse("2026-04-20"))
	w.Clock.Set(dunningtest.At("2026-04-21 09:00"))
	w.Books.Sync()
	print := func(on, lang string) []byte {
		var doc dossier.Document
		w.In(func(tx store.Tx) (err error) {
			doc, err = dossier.Statement(context.Background(), tx, id, date.MustParse(on), lang)
			return err
		})
		return doc.Bytes
	}
	pdf := print("2026-04-21", "")
	if !bytes.Equal(pdf, print("2026-04-21", "nl")) {
		t.Error("the same statement has other bytes")
	}
	text := textOf(t, "statement.pdf", pdf)
	for _, want := range []string{"Specificatie van de vordering", "Z2026-0001", "Factuur F1", "Incassokosten", "€ 425,00", "Rente over factuur F1", "kosten € 425,00", "Stand per 21 april 2026", "per dag"} {
		if !strings.Contains(text, want) {
			t.Errorf("R104 the statement lacks %q:\n%s", want, text)
		}
	}
	english := textOf(t, "statement-en.pdf", print("2026-04-19", "en"))
	if strings.Contains(english, "Payment") || !strings.Contains(english, "Collection costs") {
		t.Errorf("R37 the day before the payment it says:\n%s", english)
	}
	w.In(func(tx store.Tx) error {
		f, err := claim.Load(context.Background(), tx, id)
		if err != nil {
			return err
		}
		s, err := f.Today(date.MustParse("2026-04-21"))
		if s.Total() != 300_000+42_500+s.Accrued-100_000 {
			t.Errorf("%d is owed", s.Total())
		}
		return err
	})
}
