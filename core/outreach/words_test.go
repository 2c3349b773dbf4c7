package outreach_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestAmountsAndDates(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		amount money.Amount
		nl, en string
		de, fr string
	}{
		{money.EUR(121000), "€\u00a01.210,00", "€1,210.00", "1.210,00\u00a0€", "1\u00a0210,00\u00a0€"},
		{money.EUR(5), "€\u00a00,05", "€0.05", "0,05\u00a0€", "0,05\u00a0€"},
		{money.EUR(-121000), "€\u00a0−1.210,00", "−€1,210.00", "−1.210,00\u00a0€", "−1\u00a0210,00\u00a0€"},
		{money.EUR(123456789012), "€\u00a01.234.567.890,12", "€1,234,567,890.12", "1.234.567.890,12\u00a0€", "1\u00a0234\u00a0567\u00a0890,12\u00a0€"},
		{money.Of(1500, "JPY"), "JPY\u00a01.500", "JPY\u00a01,500", "1.500\u00a0JPY", "1\u00a0500\u00a0JPY"},
		{money.Of(1500, "KWD"), "KWD\u00a01,500", "KWD\u00a01.500", "1,500\u00a0KWD", "1,500\u00a0KWD"},
		{money.Of(99900, "GBP"), "£\u00a0999,00", "£999.00", "999,00\u00a0£", "999,00\u00a0£"},
	} {
		for l, want := range map[outreach.Language]string{outreach.Dutch: tc.nl, outreach.English: tc.en, outreach.German: tc.de, outreach.French: tc.fr} {
			w, err := outreach.WordsOf(l)
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Amount(tc.amount); got != want {
				t.Errorf("%s %v = %q, want %q", l, tc.amount, got, want)
			}
		}
	}
	for l, want := range map[outreach.Language][2]string{
		outreach.Dutch: {"24\u00a0november\u00a02026", "1\u00a0maart\u00a02026"}, outreach.English: {"24\u00a0November\u00a02026", "1\u00a0March\u00a02026"},
		outreach.German: {"24.\u00a0November\u00a02026", "1.\u00a0März\u00a02026"}, outreach.French: {"24\u00a0novembre\u00a02026", "1er\u00a0mars\u00a02026"},
	} {
		w, err := outreach.WordsOf(l)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := w.Date(date.MustParse("2026-11-24")), w.Date(date.MustParse("2026-03-01")); a != want[0] || b != want[1] {
			t.Errorf("%s dates %q and %q", l, a, b)
		}
	}
}

func TestLanguagesHaveTheSameWords(t *testing.T) {
	t.Parallel()
	nl, err := outreach.WordsOf(outreach.Dutch)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range outreach.Languages() {
		w, err := outreach.WordsOf(l)
		if err != nil {
			t.Fatal(err)
		}
		if len(w.Months) != 12 || w.And == "" || w.Salutation.Formal == "" {
			t.Errorf("%s is not complete", l)
		}
		for name, m := range map[string][2]map[string]string{
			"labels": {nl.Labels, w.Labels}, "phases": {nl.Phases, w.Phases}, "reasons": {nl.Reasons, w.Reasons}, "charges": {nl.Charges, w.Charges},
		} {
			if a, b := keys(m[0]), keys(m[1]); !reflect.DeepEqual(a, b) {
				t.Errorf("%s of %s: %v, want %v", name, l, b, a)
			}
		}
	}
}

func keys(m map[string]string) []string {
	var out []string
	for k, v := range m {
		if v != "" {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}
