package dunning_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/policy"
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
		w.Books.Electronic("F1", "<Invoice>F1</Invoice>")
		w.Books.Sync()
		w.Walk("2026-03-27 00:00")
		got := p.Got()
		if len(got) != 1 || got[0].Message.Kind != sdk.ElectronicFile || got[0].Message.To != "0106:12345678" || string(got[0].Message.Content) != "<Invoice>F1</Invoice>" {
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
