package statement_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/statement"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var (
	dates = cmp.AllowUnexported(date.Date{})
	noID  = cmpopts.IgnoreFields(statement.Line{}, "ID")
	day   = date.MustParse("2026-11-20")
)

func parse(t *testing.T, path string) []statement.Statement {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := statement.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestCAMT(t *testing.T) {
	t.Parallel()
	list := parse(t, "testdata/camt053-v2-batch.xml")
	if len(list) != 1 {
		t.Fatalf("%d statements", len(list))
	}
	line := func(cents int64, l statement.Line) statement.Line {
		l.Amount, l.BookingDate, l.ValueDate = money.EUR(cents), day, day
		return l
	}
	want := statement.Statement{
		Format: "CAMT.053.001.02", IBAN: "NL91ABNA0417164300", Currency: "EUR", ID: "S-324", Sequence: "324",
		Opening: statement.Balance{Amount: money.EUR(10000), Date: day},
		Closing: statement.Balance{Amount: money.EUR(122955), Date: day},
		Lines: []statement.Line{
			line(121000, statement.Line{CounterpartyName: "Bakkerij Zoet B.V.", CounterpartyIBAN: "NL02RABO0123456789", Text: "Factuur 2026-0042 klant 700", BankReference: "REF1"}),
			line(1000, statement.Line{EndToEndID: "E1", MandateID: "M-1", BankReference: "REF2"}),
			line(2500, statement.Line{EndToEndID: "E2", BankReference: "REF2"}),
			line(2500, statement.Line{EndToEndID: "E2", BankReference: "REF2"}),
			line(-3000, statement.Line{EndToEndID: "E3", CounterpartyName: "Jan Jansen", CounterpartyIBAN: "NL20INGB0001234567", ReturnReason: "MD06"}),
			line(-11045, statement.Line{Text: "Correctie creditrente", Reversal: true}),
		},
	}
	if d := cmp.Diff(want, list[0], dates, noID); d != "" {
		t.Error(d)
	}
	if err := list[0].Verify(); err != nil {
		t.Error(err)
	}
	unique(t, list)
}

func unique(t *testing.T, list []statement.Statement) {
	t.Helper()
	seen := map[string]bool{}
	for _, s := range list {
		for _, l := range s.Lines {
			if l.ID == "" || seen[l.ID] {
				t.Errorf("line %+v has an id that is taken", l)
			}
			seen[l.ID] = true
		}
	}
}

func TestMT940(t *testing.T) {
	t.Parallel()
	type lines = []statement.Line
	at := func(booked, value string, cents int64, l statement.Line) statement.Line {
		l.Amount, l.BookingDate, l.ValueDate = money.EUR(cents), date.MustParse(booked), date.MustParse(value)
		return l
	}
	today := func(cents int64, l statement.Line) statement.Line { return at("2026-11-20", "2026-11-20", cents, l) }
	for file, want := range map[string]struct {
		iban, sequence   string
		opening, closing int64
		lines            lines
	}{
		"nl-ing.sta": {"NL69INGB0123456789", "00324", 66223, 80422, lines{
			today(156, statement.Line{EndToEndID: "EV12341REP1231456T1234", CounterpartyIBAN: "NL32INGB0000012345", CounterpartyName: "ING BANK NV INZAKE WEB", Text: "Factuur 2026/0042 klant 700", BankReference: "00000000001005"}),
			today(-157, statement.Line{Text: "TOTAAL 1 VZ", BankReference: "00000000001006"}),
			today(24200, statement.Line{CounterpartyIBAN: "NL02RABO0123456789", CounterpartyName: "BAKKERIJ ZOET BV", StructuredReference: "9001123412341234", BankReference: "00000000001007"}),
			today(-10000, statement.Line{EndToEndID: "E-77", MandateID: "M-77", CounterpartyIBAN: "NL20INGB0001234567", CounterpartyName: "J JANSEN", Text: "CONTRIBUTIE", ReturnReason: "MS03", Reversal: true, BankReference: "00000000001008"}),
		}},
		"nl-abn.sta": {"NL91ABNA0417164300", "32401/1", 1000, 12600, lines{
			today(12100, statement.Line{CounterpartyIBAN: "NL02RABO0123456789", CounterpartyName: "BAKKERIJ ZOET BV", Text: "FACTUUR 2026-0042"}),
			at("2025-12-31", "2026-01-02", -500, statement.Line{CounterpartyIBAN: "NL20INGB0001234567", CounterpartyName: "Energie Direct", MandateID: "MND-1", EndToEndID: "E-9",
				Text: "SEPA INCASSO ALGEMEEN DOORLOPEND INCASSANT: NL98ZZZ999999999999 NAAM: Energie Direct MACHTIGING: MND-1 OMSCHRIJVING: Termijn 11 IBAN: NL20INGB0001234567 KENMERK: E-9"}),
		}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			list := parse(t, filepath.Join("testdata", file))
			if len(list) != 1 {
				t.Fatalf("%d statements", len(list))
			}
			s := list[0]
			if s.IBAN != want.iban || s.Sequence != want.sequence || s.Opening.Amount != money.EUR(want.opening) || s.Closing.Amount != money.EUR(want.closing) {
				t.Errorf("%s %s %v %v", s.IBAN, s.Sequence, s.Opening, s.Closing)
			}
			if d := cmp.Diff(want.lines, s.Lines, dates, noID); d != "" {
				t.Error(d)
			}
			if err := s.Verify(); err != nil {
				t.Error(err)
			}
			unique(t, list)
		})
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	good, err := statement.Compose("NL91ABNA0417164300", "S1", "1", day, money.EUR(100), statement.Line{Amount: money.EUR(50)})
	if err != nil {
		t.Fatal(err)
	}
	short := good
	short.Closing.Amount = money.EUR(155)
	foreign := good
	foreign.Closing.Amount = money.Of(150, "SEK")
	open := good
	open.Closing = statement.Balance{}
	for name, tt := range map[string]struct {
		s    statement.Statement
		says string
	}{
		"adds up":          {good, ""},
		"no balance":       {open, ""},
		"five cents off":   {short, "a difference of EUR 0.05"},
		"other currency":   {foreign, "opens in EUR and closes in SEK"},
		"mixed currencies": {statement.Statement{Opening: good.Opening, Closing: good.Closing, Lines: []statement.Line{{Amount: money.Of(1, "USD")}}}, "mixes currencies"},
	} {
		err := tt.s.Verify()
		if (err == nil) != (tt.says == "") || err != nil && (!strings.Contains(err.Error(), tt.says) || !fault.Is(err, fault.Invalid)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	next, _ := statement.Compose("NL91ABNA0417164300", "S2", "2", day, money.EUR(150))
	gap, _ := statement.Compose("NL91ABNA0417164300", "S3", "3", day, money.EUR(151))
	if err := next.Follows(good); err != nil {
		t.Error(err)
	}
	if err := gap.Follows(good); err == nil || !strings.Contains(err.Error(), "EUR 1.51") || !strings.Contains(err.Error(), "EUR 1.50") {
		t.Errorf("a gap: %v", err)
	}
}

func TestLineIDs(t *testing.T) {
	t.Parallel()
	line := statement.Line{Amount: money.EUR(1000), Text: "huur", BankReference: "B1"}
	bare := line
	bare.BankReference = ""
	make := func(id string, l statement.Line) statement.Line {
		s, err := statement.Compose("NL91ABNA0417164300", id, id, day, money.EUR(0), l)
		if err != nil {
			t.Fatal(err)
		}
		return s.Lines[0]
	}
	if make("S1", line).ID != make("S2", line).ID {
		t.Error("the bank's own reference must be recognised in another statement")
	}
	if make("S1", bare).ID == make("S2", bare).ID {
		t.Error("two equal payments without a reference are two payments")
	}
	first, again := make("S1", bare), make("S1", bare)
	if first.ID != again.ID {
		t.Error("the same statement must give the same ids")
	}
}

func TestWriteCAMT053(t *testing.T) {
	t.Parallel()
	want, err := statement.Compose("NL91ABNA0417164300", "S1", "17", day, money.EUR(-5000),
		statement.Line{Amount: money.EUR(121000), CounterpartyName: "Müller & Zn <BV>", CounterpartyIBAN: "NL02RABO0123456789",
			EndToEndID: "E1", Text: strings.TrimSpace(strings.Repeat("factuur 2026-0042 ", 20)), BankReference: "B1"},
		statement.Line{Amount: money.EUR(-2500), CounterpartyName: "Jansen", ReturnReason: "AM04", MandateID: "M1", Reversal: true},
		statement.Line{Amount: money.EUR(1), StructuredReference: "RF18539007547034"},
		statement.Line{Amount: money.EUR(1), StructuredReference: "RF18539007547034"},
	)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := statement.WriteCAMT053(&b, time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC), want); err != nil {
		t.Fatal(err)
	}
	got, err := statement.Parse(&b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]statement.Statement{want}, got, dates); d != "" {
		t.Error(d)
	}
	if err := got[0].Verify(); err != nil {
		t.Error(err)
	}
	unique(t, got)
}
