package matching_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/payment/matching"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

const (
	ibanBakker = "NL91ABNA0417164300"
	ibanKaas   = "BE68539007547034"
	ibanShared = "DE89370400440532013000"
)

func invoice(id, debtor, number string, cents int64, due string) matching.Invoice {
	return matching.Invoice{ID: id, DebtorID: debtor, Number: number, Open: money.EUR(cents), Issued: date.MustParse(due).AddDays(-30), Due: date.MustParse(due)}
}

// ledger has a baker with four invoices, a cheese shop with two, and two
// debtors that share a name or an account.
func ledger() *matching.Ledger {
	a1 := invoice("a1", "bakker", "2026-0041", 10000, "2026-10-01")
	a1.References = []string{"RF18 5390 0754 7034", "+++090/9337/55493+++", "5000 0567 8901 2345"}
	a1.Aliases = []string{"ZK-2026-7"}
	bundle := "RF73INV20260042"
	a2 := invoice("a2", "bakker", "2026-0042", 25000, "2026-10-15")
	a3 := invoice("a3", "bakker", "2026-0043", 7550, "2026-11-15")
	a2.References, a3.References = []string{bundle}, []string{bundle}
	a4 := invoice("a4", "bakker", "0042", 99900, "2026-11-30")
	dollars := invoice("a5", "bakker", "USD-1001", 0, "2026-10-01")
	dollars.Open = money.Of(5000, "USD")
	return matching.NewLedger(
		[]matching.Debtor{
			{ID: "bakker", Name: "Bakkerij Jansen B.V.", IBANs: []string{"NL91 ABNA 0417 1643 00"}},
			{ID: "kaas", Name: "Kaashuis Zuid NV", IBANs: []string{ibanKaas, ibanShared}},
			{ID: "twin1", Name: "Garage De Vries", IBANs: []string{ibanShared}},
			{ID: "twin2", Name: "Garage de Vries BV"},
		},
		[]matching.Invoice{
			a1, a2, a3, a4, dollars,
			invoice("k1", "kaas", "F26.118", 4000, "2026-11-01"), invoice("k2", "kaas", "7", 6000, "2026-11-08"),
			invoice("t1", "twin1", "G-501", 12345, "2026-11-01"), invoice("t2", "twin2", "G-502", 12345, "2026-11-01"),
		},
		[]matching.Collection{
			{EndToEndID: "V-2026-1", MandateID: "M-1", DebtorID: "kaas", Parts: []matching.Allocation{{InvoiceID: "k0", Amount: money.EUR(8800)}}},
			{EndToEndID: "V-2026-2", MandateID: "M-1", DebtorID: "kaas", Parts: []matching.Allocation{{InvoiceID: "k1", Amount: money.EUR(4000)}}},
		},
	)
}

func line(cents int64, f func(*matching.Line)) matching.Line {
	l := matching.Line{ID: "line-1", ValueDate: date.MustParse("2026-11-21"), Amount: money.EUR(cents)}
	f(&l)
	return l
}

func written(p matching.Proposal) string {
	var parts []string
	for _, a := range p.Allocations {
		parts = append(parts, fmt.Sprintf("%s %s", a.InvoiceID, a.Amount.Decimal()))
	}
	return strings.Join(parts, ", ")
}

func text(s string) func(*matching.Line)    { return func(l *matching.Line) { l.Text = s } }
func account(s string) func(*matching.Line) { return func(l *matching.Line) { l.CounterpartyIBAN = s } }

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		line      matching.Line
		method    matching.Method
		certainty matching.Certainty
		parts     string
		remainder string
		reason    string
	}{
		{"our own collection", line(4000, func(l *matching.Line) { l.EndToEndID = "V-2026-2" }), matching.ByEndToEnd, matching.Book, "k1 40.00", "0.00", "our own collection"},
		{"R87 a refund reopens it", line(-8800, func(l *matching.Line) { l.EndToEndID, l.Return = "V-2026-1", true }), matching.ByEndToEnd, matching.Book, "k0 88.00", "0.00", "open again"},
		{"R87 also by the mandate and the amount", line(-8800, func(l *matching.Line) { l.MandateID, l.Return = "M-1", true }), matching.ByEndToEnd, matching.Book, "k0 88.00", "0.00", "open again"},
		{"a mandate with another amount says too little", line(-100, func(l *matching.Line) { l.MandateID, l.Return = "M-1", true }), matching.Unmatched, matching.None, "", "-1.00", "went out"},
		{"money that went out", line(-100, text("2026-0042")), matching.Unmatched, matching.None, "", "-1.00", "went out"},

		{"R28 a structured reference", line(10000, func(l *matching.Line) { l.StructuredReference = "RF18539007547034" }), matching.ByStructured, matching.Book, "a1 100.00", "0.00", "in full"},
		{"R28 a part, by a structured reference", line(4000, func(l *matching.Line) { l.StructuredReference = "090933755493" }), matching.ByStructured, matching.Book, "a1 40.00", "0.00", "a part of"},
		{"R32 too much, by a structured reference", line(15000, func(l *matching.Line) { l.StructuredReference = "5000056789012345" }), matching.ByStructured, matching.Book, "a1 100.00", "50.00", "unapplied credit"},
		{"R28 a reference of two invoices, the oldest first", line(30000, func(l *matching.Line) { l.StructuredReference = "RF73INV20260042" }), matching.ByStructured, matching.Book, "a2 250.00, a3 50.00", "0.00", "a part of"},
		{"a structured reference with a wrong check digit is no reference", line(10001, func(l *matching.Line) { l.StructuredReference = "RF17539007547034" }), matching.Unmatched, matching.None, "", "100.01", "Nothing"},
		{"a right reference that is not ours", line(10001, func(l *matching.Line) { l.StructuredReference = "RF712348231" }), matching.Unmatched, matching.None, "", "100.01", "Nothing"},

		{"a reference in the text", line(10000, text("betaling rf18 5390 0754 7034 dank")), matching.ByTextReference, matching.Book, "a1 100.00", "0.00", "RF18539007547034"},
		{"an OGM glued into the text", line(10000, text("Mededeling:090933755493/klant")), matching.ByTextReference, matching.Book, "a1 100.00", "0.00", "090933755493"},
		{"a betalingskenmerk in groups", line(10000, text("kenmerk 5000 0567 8901 2345")), matching.ByTextReference, matching.Book, "a1 100.00", "0.00", "5000056789012345"},

		{"R28 an invoice number", line(25000, text("Factuur 2026-0042")), matching.ByNumber, matching.Book, "a2 250.00", "0.00", "in full"},
		{"R28 written otherwise", line(25000, text("fact.2026/0042 bedankt")), matching.ByNumber, matching.Book, "a2 250.00", "0.00", ""},
		{"R28 glued to a word", line(25000, text("FACTUUR2026-0042")), matching.ByNumber, matching.Book, "a2 250.00", "0.00", ""},
		{"R28 in the end-to-end id", line(25000, func(l *matching.Line) { l.EndToEndID = "2026-0042" }), matching.ByNumber, matching.Book, "a2 250.00", "0.00", ""},
		{"R28 a part, by number", line(20000, text("2026-0042")), matching.ByNumber, matching.Book, "a2 200.00", "0.00", "a part of"},
		{"R28 several numbers", line(35000, text("facturen 2026-0041 en 2026-0042")), matching.ByNumber, matching.Book, "a1 100.00, a2 250.00", "0.00", "2026-0041 and 2026-0042"},
		{"R28 the designation wins over an amount that fits another", line(10000, text("2026-0042")), matching.ByNumber, matching.Book, "a2 100.00", "0.00", ""},
		{"R32 more than the number asks", line(26000, text("2026-0042")), matching.ByNumber, matching.Book, "a2 250.00", "10.00", "unapplied credit"},
		{"a case number", line(10000, text("zaak zk2026-7")), matching.ByNumber, matching.Book, "a1 100.00", "0.00", ""},
		{"a number inside a longer one is not meant", line(99900, text("12026-00421")), matching.Unmatched, matching.None, "", "999.00", ""},
		{"a number of another creditor's series is not ours", line(25000, text("A2026-0042")), matching.Unmatched, matching.None, "", "250.00", ""},
		{"nor in a list with it", line(35000, text("2026-0041/2026-0042")), matching.ByNumber, matching.Book, "a1 100.00, a2 250.00", "0.00", ""},
		{"R28 a short number beside a longer one with the same digits", line(124900, text("2026-0042 en 0042")), matching.ByNumber, matching.Book, "a2 250.00, a4 999.00", "0.00", ""},
		{"bare digits between words are meant", line(99900, text("betaling 0042 dank")), matching.ByNumber, matching.Book, "a4 999.00", "0.00", ""},
		{"digits that look like a date need the amount", line(24000, text("20260042")), matching.ByNumber, matching.Suggest, "a2 240.00", "0.00", ""},
		{"and with the amount they are enough", line(25000, text("20260042")), matching.ByNumber, matching.Book, "a2 250.00", "0.00", ""},
		{"a short number alone says nothing", line(6000, text("7")), matching.Unmatched, matching.None, "", "60.00", ""},
		{"a short number as an invoice, and its amount", line(6000, text("invoice 7")), matching.ByNumber, matching.Book, "k2 60.00", "0.00", ""},
		{"a short number as an invoice, without its amount", line(5900, text("invoice 7")), matching.ByNumber, matching.Suggest, "k2 59.00", "0.00", ""},
		{"numbers of two debtors", line(14000, text("2026-0041 F26.118")), matching.ByNumber, matching.None, "", "140.00", "several debtors"},
		{"numbers of two debtors, from the account of one", line(10000, func(l *matching.Line) { l.Text, l.CounterpartyIBAN = "2026-0041 F26.118", ibanBakker }), matching.ByNumber, matching.Book, "a1 100.00", "0.00", ""},
		{"a number from another debtor's account needs the amount", line(9000, func(l *matching.Line) { l.Text, l.CounterpartyIBAN = "2026-0041", ibanKaas }), matching.ByNumber, matching.Suggest, "a1 90.00", "0.00", ""},
		{"R48 another currency is not paid in euro", line(5000, text("USD-1001")), matching.ByNumber, matching.Suggest, "", "50.00", "another currency"},

		{"the account of one debtor and one amount", line(7550, account("nl91abna0417164300")), matching.ByAccount, matching.Book, "a3 75.50", "0.00", "the account is that of Bakkerij"},
		{"the account and all that is open", line(142450, account(ibanBakker)), matching.ByAccount, matching.Book, "a1 100.00, a2 250.00, a3 75.50, a4 999.00", "0.00", "all that is open"},
		{"R35 the account and a unique combination", line(17550, account(ibanBakker)), matching.ByCombination, matching.Book, "a1 100.00, a3 75.50", "0.00", "add up"},
		{"R29 the account and no amount: due and oldest first", line(12000, account(ibanBakker)), matching.ByAccount, matching.Suggest, "a1 100.00, a2 20.00", "0.00", "fits no invoice"},
		{"an account that two debtors share", line(4000, account(ibanShared)), matching.Unmatched, matching.None, "", "40.00", ""},
		{"an amount alone is never enough", line(7550, func(*matching.Line) {}), matching.Unmatched, matching.None, "", "75.50", ""},

		{"a name and an amount are a suggestion", line(7550, func(l *matching.Line) { l.CounterpartyName = "JANSEN BAKKERIJ BV" }), matching.ByName, matching.Suggest, "a3 75.50", "0.00", "is like"},
		{"a name that the bank cut off", line(4000, func(l *matching.Line) { l.CounterpartyName = "Kaashuis Zui" }), matching.ByName, matching.Suggest, "k1 40.00", "0.00", "is like"},
		{"a name of two debtors", line(12345, func(l *matching.Line) { l.CounterpartyName = "GARAGE DE VRIES" }), matching.ByName, matching.None, "", "123.45", "2 debtors"},
		{"a name without an amount that fits", line(4001, func(l *matching.Line) { l.CounterpartyName = "Kaashuis Zuid" }), matching.Unmatched, matching.None, "", "40.01", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ledger().Match(tc.line)
			if got.Method != tc.method || got.Certainty != tc.certainty {
				t.Errorf("%s, %s; want %s, %s: %s", got.Method, got.Certainty, tc.method, tc.certainty, got.Reason)
			}
			if written(got) != tc.parts || got.Remainder.Decimal() != tc.remainder {
				t.Errorf("%q, rest %s; want %q, rest %s: %s", written(got), got.Remainder.Decimal(), tc.parts, tc.remainder, got.Reason)
			}
			if got.Reason == "" || !strings.Contains(got.Reason, tc.reason) || got.LineID != "line-1" {
				t.Errorf("reason %q lacks %q", got.Reason, tc.reason)
			}
			if tc.line.Return && got.Certainty == matching.Book && !got.Reopens {
				t.Error("nothing is opened again")
			}
		})
	}
}

func TestMatchCombinations(t *testing.T) {
	t.Parallel()
	debtor := []matching.Debtor{{ID: "d", Name: "D", IBANs: []string{ibanBakker}}}
	of := func(cents ...int64) []matching.Invoice {
		var out []matching.Invoice
		for i, c := range cents {
			out = append(out, invoice(fmt.Sprint("i", i), "d", fmt.Sprint("N-100", i), c, "2026-10-01"))
		}
		return out
	}
	match := func(cents int64, invoices []matching.Invoice) matching.Proposal {
		return matching.NewLedger(debtor, invoices, nil).Match(line(cents, account(ibanBakker)))
	}
	t.Run("R35 three invoices at once", func(t *testing.T) {
		t.Parallel()
		got := match(60600, of(10100, 20200, 30300, 99900))
		if got.Certainty != matching.Book || written(got) != "i2 303.00, i1 202.00, i0 101.00" {
			t.Errorf("%s %q: %s", got.Certainty, written(got), got.Reason)
		}
	})
	t.Run("R35 two combinations are a suggestion", func(t *testing.T) {
		t.Parallel()
		got := match(30000, of(10000, 20000, 10000, 70000))
		if got.Certainty != matching.Suggest || got.Method != matching.ByCombination || len(got.Allocations) != 2 {
			t.Errorf("%s %s %q: %s", got.Method, got.Certainty, written(got), got.Reason)
		}
	})
	t.Run("R35 the search is bounded", func(t *testing.T) {
		t.Parallel()
		var many []int64
		for i := range int64(60) {
			many = append(many, 200_000+i*2)
		}
		got := match(5_000_001, of(many...)) // odd: no combination exists
		if got.Certainty != matching.Suggest || got.Method != matching.ByAccount {
			t.Errorf("%s %s: %s", got.Method, got.Certainty, got.Reason)
		}
	})
	t.Run("R38 a credit note in the sum is a suggestion", func(t *testing.T) {
		t.Parallel()
		got := match(25000, of(10000, 20000, -5000, 70000))
		if got.Certainty != matching.Suggest || got.Remainder.Minor != 0 || len(got.Allocations) != 3 {
			t.Errorf("%s %q: %s", got.Certainty, written(got), got.Reason)
		}
	})
	t.Run("R29 equal invoices: the first in the order of the law", func(t *testing.T) {
		t.Parallel()
		list := of(10000, 10000)
		list[1].Onerous = true
		if got := match(10000, list); got.Certainty != matching.Book || written(got) != "i1 100.00" {
			t.Errorf("%s %q: %s", got.Certainty, written(got), got.Reason)
		}
	})
}

func TestSpread(t *testing.T) {
	t.Parallel()
	on := date.MustParse("2026-11-21")
	item := func(id string, cents int64, issued, due string, onerous bool) matching.Invoice {
		return matching.Invoice{ID: id, Open: money.EUR(cents), Issued: date.MustParse(issued), Due: date.MustParse(due), Onerous: onerous}
	}
	for _, tc := range []struct {
		name   string
		amount int64
		items  []matching.Invoice
		want   string
		left   int64
	}{
		{"R29 due before not due", 150, []matching.Invoice{item("later", 100, "2026-01-01", "2026-12-01", true), item("due", 100, "2026-11-01", "2026-11-21", false)}, "due 1.00, later 0.50", 0},
		{"R29 most onerous before oldest", 100, []matching.Invoice{item("old", 100, "2026-01-01", "2026-02-01", false), item("onerous", 100, "2026-06-01", "2026-07-01", true)}, "onerous 1.00", 0},
		{"R29 the oldest", 100, []matching.Invoice{item("new", 100, "2026-06-01", "2026-07-01", false), item("old", 100, "2026-01-01", "2026-08-01", false)}, "old 1.00", 0},
		{"R29 pro rata", 100, []matching.Invoice{item("a", 100, "2026-01-01", "2026-02-01", false), item("b", 200, "2026-01-01", "2026-02-01", false)}, "a 0.33, b 0.67", 0},
		{"R32 what is left over", 350, []matching.Invoice{item("a", 100, "2026-01-01", "2026-02-01", false), item("b", 200, "2026-01-01", "2026-02-01", false)}, "a 1.00, b 2.00", 50},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			parts, left := matching.Spread(money.EUR(tc.amount), tc.items, on)
			if got := written(matching.Proposal{Allocations: parts}); got != tc.want || left.Minor != tc.left {
				t.Errorf("%q and %s, want %q and %d", got, left, tc.want, tc.left)
			}
		})
	}
	t.Run("R29 no cent appears or vanishes", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			var items []matching.Invoice
			open := map[string]int64{}
			for i, c := range rapid.SliceOfN(rapid.Int64Range(1, 1e6), 1, 12).Draw(t, "open") {
				inv := item(fmt.Sprint(i), c, "2026-01-01", "2026-02-01", rapid.Bool().Draw(t, "onerous"))
				inv.Issued = inv.Issued.AddDays(rapid.IntRange(0, 3).Draw(t, "age"))
				items, open[inv.ID] = append(items, inv), c
			}
			amount := rapid.Int64Range(1, 8e6).Draw(t, "amount")
			parts, left := matching.Spread(money.EUR(amount), items, on)
			spent := int64(0)
			for _, p := range parts {
				if p.Amount.Minor <= 0 || p.Amount.Minor > open[p.InvoiceID] {
					t.Fatalf("%s gets %s of %d", p.InvoiceID, p.Amount, open[p.InvoiceID])
				}
				spent += p.Amount.Minor
			}
			if spent+left.Minor != amount || left.Minor < 0 {
				t.Fatalf("%d spent and %s left of %d", spent, left, amount)
			}
		})
	})
}

func FuzzMatch(f *testing.F) {
	f.Add("fact.2026/0042", "RF18", "Jansen", int64(25000))
	book := ledger()
	f.Fuzz(func(t *testing.T, text, structured, name string, cents int64) {
		p := book.Match(matching.Line{Amount: money.EUR(cents), Text: text, StructuredReference: structured, CounterpartyName: name})
		sum := p.Remainder.Minor
		for _, a := range p.Allocations {
			sum += a.Amount.Minor
		}
		if sum != cents && !p.Reopens || p.Reason == "" {
			t.Fatalf("%+v", p)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	book := ledger()
	l := line(25000, text("fact.2026/0042 bedankt"))
	for b.Loop() {
		book.Match(l)
	}
}
