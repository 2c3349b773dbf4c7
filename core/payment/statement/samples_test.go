package statement_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/sdk/money"
)

// TestSamples reads statements of real banks whole. Some of them were shortened
// by their publishers and do not add up; Verify must say so.
func TestSamples(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	for file, want := range map[string]struct {
		statements, lines, unbalanced int
		in, out                       int64 // of all lines, in minor units
	}{
		"camt/camt053.v2.minimal.xml":         {1, 1, 1, 885, 0},
		"camt/camt053.v2.multi.statement.xml": {2, 2, 0, 885, 700},
		"camt/camt053.v8.xml":                 {1, 1, 1, 885, 0},
		"camt/camt054.v8.xml":                 {1, 1, 0, 0, 20000000},
		"mt940/abnamro.sta":                   {2, 10, 2, 0, 34593},
		"mt940/ing.sta":                       {1, 7, 1, 468, 5027},
		"mt940/rabobank-iban.sta":             {2, 4, 0, 0, 7000},
		"mt940/sepa_mt9401.sta":               {26, 97, 0, 518847494, 1445761084},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			list := parse(t, filepath.Join(shared, "samples", file))
			var lines, unbalanced int
			var in, out int64
			for _, s := range list {
				lines += len(s.Lines)
				if s.Verify() != nil {
					unbalanced++
				}
				for _, l := range s.Lines {
					if l.Amount.Minor > 0 {
						in += l.Amount.Minor
					} else {
						out -= l.Amount.Minor
					}
				}
			}
			if len(list) != want.statements || lines != want.lines || unbalanced != want.unbalanced {
				t.Errorf("%d statements, %d lines, %d that do not add up; want %+v", len(list), lines, unbalanced, want)
			}
			if in != want.in || out != want.out {
				t.Errorf("%d in and %d out, want %+v", in, out, want)
			}
			unique(t, list)
		})
	}
}

func TestSampleDetails(t *testing.T) {
	t.Parallel()
	shared := os.Getenv("VOLDAAN_SHARED")
	if shared == "" {
		t.Skip("VOLDAAN_SHARED does not name the folder with sample documents")
	}
	german := parse(t, filepath.Join(shared, "samples/mt940/sepa_mt9401.sta"))
	first := german[0].Lines[0]
	if first.Amount != money.EUR(30000) || first.EndToEndID != "TFNR 40005 00005" || first.ReturnReason != "MS03" {
		t.Errorf("%+v", first)
	}
	credit := german[1].Lines[0]
	if credit.CounterpartyIBAN != "DE42100100100043921105" || credit.EndToEndID != "EndToEndIdTFNR2000400001" ||
		credit.CounterpartyName != "Richter Renate 70 Zeichen Beginn Fuellzeichen xxxxxxxx" {
		t.Errorf("%+v", credit)
	}
	rabo := parse(t, filepath.Join(shared, "samples/mt940/rabobank-iban.sta"))
	if l := rabo[0].Lines[0]; l.CounterpartyIBAN != "NL70ABNA0987654321" || l.CounterpartyName != "CONTRA ACCOUNT HOLDER" {
		t.Errorf("%+v", l)
	}
	if err := rabo[1].Follows(rabo[0]); err != nil {
		t.Error(err)
	}
	v8 := parse(t, filepath.Join(shared, "samples/camt/camt053.v8.xml"))[0].Lines[0]
	want := statement.Line{CounterpartyName: "NAME NAME", StructuredReference: "4654654654654654", EndToEndID: "MUELL/FINP/RA12345"}
	if v8.CounterpartyName != want.CounterpartyName || v8.StructuredReference != want.StructuredReference || v8.EndToEndID != want.EndToEndID {
		t.Errorf("%+v", v8)
	}
}
