package law_test

import (
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
)

func TestPack(t *testing.T) {
	t.Parallel()
	if a, b := pack(t), pack(t); a != b {
		t.Error("the pack is read twice")
	}
	if _, err := law.Pack("XX"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Pack(XX) = %v", err)
	}
	for _, code := range law.Countries() {
		c, err := law.Pack(strings.ToLower(code))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "country", c.Code(), code)
	}
	same(t, "confirmed until", pack(t).ConfirmedUntil().String(), "2026-06-30")
}

func TestLoadRefusesAnUnsoundPack(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("nl.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, old, with, want string }{
		{"an unknown key", "min_cents: 4000", "minimum_cents: 4000", "minimum_cents"},
		{"an unknown status", "status: confirmed-primary\n    src: [bik]\n    effective_from", "status: certain\n    src: [bik]\n    effective_from", `status "certain" is not known`},
		{"a source that is not listed", "src: [huurregels]", "src: [hearsay]", `source "hearsay" is not listed`},
		{"a figure without a source", "src: [huurregels]", "src: []", "costs.consumer.basis has no source"},
		{"a scale with a gap", "up_to_cents: 500000,", "up_to_cents: 250000,", "does not end above the band before it"},
		{"a table out of order", "effective_from: '2001-01-01', rate: '8.00'", "effective_from: '2000-01-01', rate: '8.00'", "is not later than the row before it"},
		{"a rate that is not exact", "rate: '10.35'", "rate: '1e1'", "is not a percentage"},
		{"a day that does not exist", "'2002-12-01'", "'2002-02-30'", "2002-02-30"},
		{"a term block without the safe wording", "Betaal dit bedrag binnen vijftien dagen", "Betaal dit bedrag binnen tien dagen", "blocks.term does not use"},
		{"a table that is not there", "table: nl_6_119\n", "table: nl_6_120\n", `there is no table "nl_6_120"`},
		{"confirmed in the future", "confirmed_until: '2026-06-30'", "confirmed_until: '2027-06-30'", "confirmed_until"},
		{"a second document", "\nexamples:", "\n---\nexamples:", "second document"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(string(raw), tc.old, tc.with, 1)
			if changed == string(raw) {
				t.Fatalf("%q is not in the pack", tc.old)
			}
			if _, err := law.Load(strings.NewReader(changed)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want it to say %q", err, tc.want)
			}
		})
	}
}

func TestLoadRefusesWhatAPackCannotMean(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, file, old, with, want string }{
		{"an odd way to count", "be.yaml", "count: lower", "count: highest", `costs.consumer.count is "highest"`},
		{"a scale beside none", "de.yaml", "    none: \"a consumer owes no", "    max_cents: 100\n    none: \"a consumer owes no", "says that there are none"},
		{"a limit that is not there", "fr.yaml", "at_least: fr_floor_3x", "at_least: fr_floor_4x", `there is no table "fr_floor_4x"`},
		{"no debtor without a rule on default", "gb.yaml", "default:\n  consumer: {", "default:\n  sole_trader: {", "default.consumer is missing"},
		{"a term in a notice without one", "de.yaml", "costs_words: [kosten, gebühr]", "term: in zehn Tagen", "has a term, and the notice has none"},
		{"a text in an odd place", "de.yaml", "on: invoice", "on: envelope", `on is "envelope"`},
		{"a currency that no check reads", "gb.yaml", "currency: GBP", "currency: CHF", "CHF"},
		{"no table and no reason", "gb.yaml", "none: \"there is no statutory interest on", "formula: \"there is no statutory interest on", "there is no table"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(tc.file)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(raw), tc.old, tc.with, 1)
			if changed == string(raw) {
				t.Fatalf("%q is not in the pack", tc.old)
			}
			if _, err := law.Load(strings.NewReader(changed)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want it to say %q", err, tc.want)
			}
		})
	}
}
