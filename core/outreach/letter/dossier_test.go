package letter_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk/money"
)

func dossier() letter.Case {
	c := content()
	at := func(s string) time.Time { t, _ := time.Parse(time.RFC3339, s); return t }
	return letter.Case{
		Language: outreach.Dutch, Number: "D-2026-17", Drawn: at("2026-12-28T09:15:00Z"), AsOf: c.Date, Basis: "koopovereenkomst, factuur 2026-0412",
		Creditor: c.Creditor, Debtor: c.Debtor, Invoices: c.Demanded,
		Calculation: []outreach.Charge{
			{Kind: outreach.CollectionCosts, Detail: "15% over € 1.210,00 (Besluit vergoeding voor buitengerechtelijke incassokosten, artikel 2)", Amount: money.EUR(18150)},
			{Kind: outreach.Interest, Detail: "4% over € 1.210,00 van 1 november tot en met 28 december 2026 (58 dagen)", Amount: money.EUR(769)},
		},
		Payments: []outreach.Payment{{Amount: money.EUR(20000), Date: c.Date, Method: "iDEAL"}},
		Totals:   []letter.Sum{{Principal: money.EUR(141000), Paid: money.EUR(20000), Costs: money.EUR(18150), Interest: money.EUR(769), Total: money.EUR(139919)}},
		Notices: []letter.Service{
			{"Herinnering 1", at("2026-11-03T08:00:00Z"), "e-mail", "250 2.0.0 Ok: queued as 4Xyz (mx.example.org, TLS 1.3)"},
			{"Veertiendagenbrief", at("2026-11-19T14:00:00Z"), "brief en e-mail", "gepost 19 november 2026, geacht bezorgd 21 november 2026, termijn tot en met 7 december 2026"},
		},
		Events: []letter.Event{
			{at("2026-10-01T08:00:00Z"), "Factuur 2026-0412 verstuurd"},
			{at("2026-11-24T11:30:00Z"), "Betaling van € 200,00 ontvangen"},
			{at("2026-12-09T08:00:00Z"), "Dossier geopend"},
		},
		Attachments: []letter.Attachment{{"factuur-2026-0412.pdf", strings.Repeat("9f86d081", 8)}, {"veertiendagenbrief.pdf", strings.Repeat("a3c1f007", 8)}},
	}
}

func TestDossier(t *testing.T) {
	t.Parallel()
	pdf, err := letter.Dossier(dossier())
	if err != nil {
		t.Fatal(err)
	}
	again, err := letter.Dossier(dossier())
	if err != nil || !bytes.Equal(pdf.Bytes, again.Bytes) {
		t.Errorf("the dossier differs from the first printing (%v)", err)
	}
	text := textOf(t, pdf.Bytes)
	for _, want := range []string{"D-2026-17", "Zoë van den Berg", "consument", "€ 1.399,19", "€ 181,50", "4Xyz", "geacht bezorgd", "Dossier geopend", "9f86d0819f86d081"} {
		if !strings.Contains(text, want) {
			t.Errorf("the dossier lacks %q", want)
		}
	}
	if dir := os.Getenv("VOLDAAN_LETTER_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "dossier.pdf"), pdf.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
