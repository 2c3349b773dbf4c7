package synctest_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// R19: what goes to a debtor as the invoice is a PDF, with a name and a type of
// ours.
func TestDocumentOfACarelessPackage(t *testing.T) {
	t.Parallel()
	b := open(t, config{"pull": "synthetic", "n": "3"}, nil)
	b.Must()
	id := b.Invoice("i1").ID
	for content, code := range map[string]string{"<html>Sign in</html>": "document_no_pdf", "": "document_missing"} {
		b.Config(config{"document": content})
		if err := b.Runner.FetchDocument(t.Context(), b.Tenant, id); !fault.Is(err, fault.NotFound) || fault.Of(err).Code != code {
			t.Errorf("%q: %v", content, err)
		}
	}
	if n := b.Count("document"); n != 0 {
		t.Errorf("%d documents are stored", n)
	}
	b.Config(config{"document": "%PDF-1.7 invoice"})
	if err := b.Runner.FetchDocument(t.Context(), b.Tenant, id); err != nil {
		t.Fatal(err)
	}
	b.In(func(tx store.Tx) error {
		d, err := tx.DocumentOf(t.Context(), db.DocumentOfParams{SubjectID: id, Kind: "invoice"})
		if d.Name != "x--.html.pdf" || d.MediaType != "application/pdf" {
			t.Errorf("%q of %q", d.Name, d.MediaType)
		}
		return err
	})
}
