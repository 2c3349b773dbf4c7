package dossier_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dossier"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w, id := inCase(t, sdk.Consumer, "2026-05-20 00:00")
	build := func() (v dossier.Version) {
		w.In(func(tx store.Tx) (err error) {
			v, err = dossier.Build(ctx, tx, id, date.Date{}, w.Clock.Now())
			return err
		})
		return v
	}
	first := build()
	codes := func(v dossier.Version) (out []string) {
		for _, m := range v.Missing {
			out = append(out, m.Code)
		}
		return out
	}
	if !slices.Equal(codes(first), []string{"contract"}) || !fault.Is(dossier.Incomplete(first.Missing), fault.Conflict) {
		t.Errorf("R107 missing are %v", first.Missing)
	}
	if again := build(); again.Number != first.Number || again.Archive != first.Archive {
		t.Errorf("without news, version %d follows %d", again.Number, first.Number)
	}
	w.In(func(tx store.Tx) error {
		doc := uuid.New()
		content := []byte("%PDF-1.4 terms")
		sum := sha256.Sum256(content)
		if err := tx.AddDocument(ctx, db.AddDocumentParams{ID: doc, TenantID: w.Tenant, SubjectID: id, Kind: "upload", Name: "terms.pdf", MediaType: "application/pdf", Sha256: sum[:], Content: content, CreatedAt: w.Clock.Now()}); err != nil {
			return err
		}
		return tx.AddEvidence(ctx, db.AddEvidenceParams{DocumentID: doc, TenantID: w.Tenant, CaseID: id, Kind: "contract", AddedBy: "anna", AddedAt: w.Clock.Now()})
	})
	v := build()
	if v.Number != 2 || len(v.Missing) != 0 {
		t.Fatalf("version %d lacks %v", v.Number, v.Missing)
	}
	var pdf, archive db.Document
	w.In(func(tx store.Tx) (err error) {
		if pdf, err = tx.Document(ctx, v.PDF); err != nil {
			return err
		}
		archive, err = tx.Document(ctx, v.Archive)
		return err
	})
	r, err := zip.NewReader(bytes.NewReader(archive.Content), int64(len(archive.Content)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	var m dossier.Manifest
	if err := json.Unmarshal(files["manifest.json"], &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != len(files)-1 {
		t.Errorf("the manifest lists %d of %d files", len(m.Files), len(files)-1)
	}
	for _, f := range m.Files {
		sum := sha256.Sum256(files[f.Path])
		if hex.EncodeToString(sum[:]) != f.SHA256 || len(files[f.Path]) != f.Bytes {
			t.Errorf("%s is not what its hash says", f.Path)
		}
	}
	if len(m.Notices) != 1 || m.Notices[0].File == "" || m.Notices[0].LastDay.String() != "2026-04-21" || len(m.Invoices) != 1 || m.Invoices[0].File == "" || m.Invoices[0].Delivered == "" ||
		m.Debtor.Kind != "consumer" || len(m.Messages) < 6 || len(m.Evidence) != 1 || m.Sum.Costs.Minor != 42_500 {
		t.Errorf("the manifest says %+v", m)
	}
	text := textOf(t, "dossier.pdf", pdf.Content)
	for _, want := range []string{"Incassodossier", "Z2026-0001", "€ 425,00", "verzonden 2 april 2026, geldt als ontvangen op 7 april 2026", "Inhoud", "Geschillen", "geprint en gepost", "evidence/contract terms.pdf"} {
		if !strings.Contains(text, want) {
			t.Errorf("the dossier lacks %q:\n%s", want, text)
		}
	}
}

func TestProofOfDelivery(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := dunningtest.New(t, "2026-03-02 07:00")
	byBooks := dunningtest.Invoice("F2", "jan", "2026-03-02", "2026-03-16", 100_000)
	byBooks.Sent = dunningtest.At("2026-03-02 06:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000), byBooks)
	w.Books.Sync()
	w.Walk("2026-04-16 00:00")
	lacks := func(t *testing.T) (out []string) {
		t.Helper()
		w.In(func(tx store.Tx) error {
			all, err := tx.Cases(ctx)
			if err != nil || len(all) != 1 {
				t.Fatalf("%d cases, %v", len(all), err)
			}
			m, err := dossier.Look(ctx, tx, all[0].ID)
			for _, x := range m.Missing {
				if x.Code == "delivery" || x.Code == "messages" {
					out = append(out, x.Text)
				}
			}
			return err
		})
		return out
	}
	t.Run("R107 that of one invoice is none of another", func(t *testing.T) {
		if got := lacks(t); len(got) != 1 || !strings.Contains(got[0], "invoice F2") {
			t.Errorf("missing are %q", got)
		}
	})
	for _, fate := range []struct {
		delivery string
		lacks    int
	}{{"posted", 1}, {"delivered", 1}, {"bounced", 3}, {"returned", 3}} {
		t.Run("R107 what was "+fate.delivery, func(t *testing.T) {
			w.In(func(tx store.Tx) error {
				_, err := tx.Exec(ctx, "update message set delivery = $1 where state = 'sent'", fate.delivery)
				return err
			})
			if got := lacks(t); len(got) != fate.lacks {
				t.Errorf("missing are %q", got)
			}
		})
	}
}
