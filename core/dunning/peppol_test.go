package dunning_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// networked is a world whose debtor has an address on the Peppol network.
func networked(t *testing.T, email string) (*dunningtest.World, *dunningtest.Provider) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	p := w.Carry(policy.Peppol)
	d := dunningtest.Debtor("jan", sdk.Business)
	d.Registration, d.Email = "12345678", email
	w.Books.Put(d, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 10_000))
	return w, p
}

func whySent(w *dunningtest.World, step string) string {
	for _, d := range w.Decisions("F1") {
		if d.Step == step && d.Outcome == "sent" {
			return d.Reason
		}
	}
	return ""
}

func TestElectronicInvoice(t *testing.T) {
	t.Parallel()
	t.Run("the file of the books goes, once and as it is", func(t *testing.T) {
		t.Parallel()
		w, p := networked(t, "jan@debtor.test")
		file := dunningtest.UBL("F1", "12345678", 10_000)
		w.Books.Electronic("F1", file)
		w.Books.Sync()
		w.Walk("2026-03-27 00:00")
		got := p.Got()
		if len(got) != 1 || got[0].Message.Kind != sdk.ElectronicFile || got[0].Message.To != "0106:12345678" || string(got[0].Message.Content) != file {
			t.Fatalf("handed over: %+v\n%v", got, w.Story("F1"))
		}
		if why := whySent(w, "invoice"); why != "Invoice went out by e-mail and Peppol." {
			t.Errorf("it says %q", why)
		}
		if !slices.Contains(w.Sent("F1"), "reminder_1") {
			t.Errorf("the flow goes on: %v", w.Sent("F1"))
		}
		once(t, w)
	})
	t.Run("without one the other channel goes, and it says why", func(t *testing.T) {
		t.Parallel()
		w, p := networked(t, "jan@debtor.test")
		w.Books.Sync()
		w.Walk("2026-03-04 00:00")
		if got := p.Got(); len(got) != 0 || !slices.Contains(w.Sent("F1"), "invoice") {
			t.Fatalf("handed over: %+v\n%v", got, w.Story("F1"))
		}
		if why := whySent(w, "invoice"); !strings.HasPrefix(why, "Invoice went out by e-mail. Not over Peppol:") {
			t.Errorf("it says %q", why)
		}
	})
	t.Run("R51 without one and without an e-mail address a letter goes", func(t *testing.T) {
		t.Parallel()
		w, p := networked(t, "")
		w.Books.Sync()
		w.Walk("2026-03-04 00:00")
		if why := whySent(w, "invoice"); len(p.Got()) != 0 || !strings.HasPrefix(why, "Invoice went out by letter. Not over Peppol:") {
			t.Errorf("it says %q\n%v", why, w.Story("F1"))
		}
	})
}

// TestElectronicInvoiceRefused holds that a file that an access point would send
// back, or that is another one, stops before it is handed over: a person hears what
// to mend, and the invoice goes the way the flow names besides.
func TestElectronicInvoiceRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, says string
		edits      []string
	}{
		{"totals that do not add up", "It states a sum of its lines of EUR 82.64, and its parts make EUR 80.00 (BR-CO-10).",
			[]string{`<cbc:LineExtensionAmount currencyID="EUR">82.64</cbc:LineExtensionAmount>
<cac:Item>`, `<cbc:LineExtensionAmount currencyID="EUR">80.00</cbc:LineExtensionAmount>
<cac:Item>`}},
		{"a mandatory term that is missing", "It does not say the buyer's reference or order number (PEPPOL-EN16931-R003). Mend the invoice or the contact in the books.",
			[]string{"<cbc:BuyerReference>Inkoop 7</cbc:BuyerReference>", ""}},
		{"another party by its registration", "it is addressed to another party. It goes nowhere; make it anew in the books.", []string{"12345678", "55555555"}},
		{"another party by its electronic address", "Its buyer has the electronic address 0106:55555555, and the debtor has 0106:12345678 (BT-49).",
			[]string{`<cbc:EndpointID schemeID="0106">12345678`, `<cbc:EndpointID schemeID="0106">55555555`}},
		{"another total", "its total is another one", []string{"100.00", "110.00", "17.36", "27.36"}},
		{"no invoice at all", "there is text before its root element. Have it made and sent again. Make it anew in the books.", []string{"<?xml", "%PDF"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, p := networked(t, "jan@debtor.test")
			w.Books.Electronic("F1", dunningtest.UBL("F1", "12345678", 10_000, c.edits...))
			w.Books.Sync()
			w.Walk("2026-03-04 00:00")
			if got := p.Got(); len(got) != 0 {
				t.Fatalf("it was handed over: %s", got[0].Message.Content)
			}
			if why := whySent(w, "invoice"); !strings.HasPrefix(why, "Invoice went out by e-mail. Not over Peppol: ") || !strings.Contains(why, c.says) {
				t.Errorf("the timeline says %q\n%v", why, w.Story("F1"))
			}
			asked := ""
			w.In(func(tx store.Tx) error {
				rows, err := tx.OpenTasks(t.Context())
				for _, task := range rows {
					if task.Kind == dunning.UnfitFile {
						asked = task.Title + ": " + task.Detail
					}
				}
				return err
			})
			if !strings.HasPrefix(asked, "Invoice F1 did not go over Peppol") || !strings.Contains(asked, c.says) {
				t.Errorf("a person is asked %q", asked)
			}
			once(t, w)
		})
	}
	t.Run("R51 without e-mail a letter goes instead, and the task stays", func(t *testing.T) {
		t.Parallel()
		w, p := networked(t, "")
		w.Books.Electronic("F1", dunningtest.UBL("F1", "55555555", 10_000))
		w.Books.Sync()
		w.Walk("2026-03-04 00:00")
		if why := whySent(w, "invoice"); len(p.Got()) != 0 || !strings.HasPrefix(why, "Invoice went out by letter. Not over Peppol:") || !slices.Contains(tasks(w), dunning.UnfitFile) {
			t.Errorf("it says %q\n%v", why, w.Story("F1"))
		}
	})
}

// TestElectronicPreview holds that the preview of an invoice says where its
// electronic file goes, before the books were asked for it.
func TestElectronicPreview(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		carried     bool
		participant string
		channels    []policy.Channel
	}{
		"with an access point": {true, "0106:12345678", []policy.Channel{policy.Email, policy.Peppol}},
		"without one":          {false, "", []policy.Channel{policy.Email}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := dunningtest.New(t, "2026-03-02 07:00")
			if c.carried {
				w.Carry(policy.Peppol)
			}
			d := dunningtest.Debtor("jan", sdk.Business)
			d.Registration = "12345678"
			w.Books.Put(d, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 10_000))
			w.Books.Sync()
			var p dunning.Preview
			w.In(func(tx store.Tx) (err error) {
				p, err = w.Steps.Preview(t.Context(), tx, w.ID("F1"))
				return err
			})
			if p.Participant != c.participant || !slices.Equal(p.Channels, c.channels) || p.Step.ID != policy.SendInvoice || p.Email != "jan@debtor.test" {
				t.Errorf("%s: over Peppol to %q, by %v to %s", p.Step.ID, p.Participant, p.Channels, p.Email)
			}
		})
	}
}
