package law_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func TestLawNoticeTerm(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	for _, tc := range []struct {
		name                        string
		delivery                    law.Delivery
		received, last, rolled, due string
		provisional                 bool
	}{
		{"R94 posted Thursday 19-11-2026", law.Delivery{Sent: date.MustParse("2026-11-19"), Channel: law.Post}, "2026-11-21", "2026-12-05", "2026-12-07", "2026-12-08", true},
		{"R94 posted Friday 20-11-2026", law.Delivery{Sent: date.MustParse("2026-11-20"), Channel: law.Post}, "2026-11-24", "2026-12-08", "2026-12-08", "2026-12-09", false},
		{"R94 receipt that is proven counts", law.Delivery{Sent: date.MustParse("2026-11-20"), Channel: law.Post, Received: date.MustParse("2026-11-27")}, "2026-11-27", "2026-12-11", "2026-12-11", "2026-12-12", false},
		{"R94 also of an e-mail that bounced elsewhere", law.Delivery{Sent: date.MustParse("2026-11-20"), Channel: law.Email, Failed: true, Received: date.MustParse("2026-11-20")}, "2026-11-20", "2026-12-04", "2026-12-04", "2026-12-05", false},
		{"R94 a presumed receipt by e-mail is provisional", law.Delivery{Sent: date.MustParse("2026-11-20"), Channel: law.Email, AddressInUse: true}, "2026-11-20", "2026-12-04", "2026-12-04", "2026-12-05", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := nl.NoticeTerm(tc.delivery)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "received", got.Received.String(), tc.received)
			same(t, "last day", got.LastDay.String(), tc.last)
			same(t, "last day, rolled", got.LastDayRolled.String(), tc.rolled)
			same(t, "costs from", got.CostsFrom.String(), tc.due)
			same(t, "provisional", got.Provisional, tc.provisional)
		})
	}
	t.Run("R56 no term runs without receipt", func(t *testing.T) {
		t.Parallel()
		for name, d := range map[string]law.Delivery{
			"returned letter": {Sent: date.MustParse("2026-11-20"), Channel: law.Post, Failed: true},
			"bounced e-mail":  {Sent: date.MustParse("2026-11-20"), Channel: law.Email, AddressInUse: true, Failed: true},
			"unused address":  {Sent: date.MustParse("2026-11-20"), Channel: law.Email},
		} {
			if _, err := nl.NoticeTerm(d); !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
		for name, d := range map[string]law.Delivery{
			"text message":           {Sent: date.MustParse("2026-11-20"), Channel: "sms"},
			"not sent":               {Channel: law.Post},
			"received before it was": {Sent: date.MustParse("2026-11-20"), Channel: law.Post, Received: date.MustParse("2026-11-19")},
		} {
			if _, err := nl.NoticeTerm(d); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("R94 every posted letter gives 14 full days and ends on a working day", func(t *testing.T) {
		t.Parallel()
		rapid.Check(t, func(t *rapid.T) {
			sent := date.New(2020, 1, 1).AddDays(rapid.IntRange(0, 4000).Draw(t, "sent"))
			got, err := nl.NoticeTerm(law.Delivery{Sent: sent, Channel: law.Post})
			if err != nil {
				t.Fatal(err)
			}
			_, holiday := nl.Holidays().Holiday(got.LastDayRolled)
			w := got.LastDayRolled.Weekday()
			if got.Received.DaysSince(sent) < 2 || got.LastDay.DaysSince(got.FirstDay) != 13 || holiday || w == 0 || w == 6 ||
				got.LastDayRolled.Before(got.LastDay) || got.CostsFrom.DaysSince(got.LastDayRolled) != 1 || got.CostsSafeFrom().DaysSince(sent) < 21 {
				t.Fatalf("%+v", got)
			}
		})
	})
}

func notice(language string) law.Notice {
	return law.Notice{
		Language: language, Sent: date.MustParse("2026-11-19"), Channel: law.Post,
		Claims: []law.NoticeClaim{
			{Reference: "F-2026-0042", Principal: money.EUR(123456), DefaultSince: date.MustParse("2026-11-02")},
			{Reference: "F-2026-0051", Principal: money.EUR(7890), DefaultSince: date.MustParse("2026-11-16")},
		},
	}
}

func text(t *testing.T, n law.Notice) law.NoticeText {
	t.Helper()
	got, err := pack(t).NoticeText(n)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestLawNoticeText(t *testing.T) {
	t.Parallel()
	t.Run("R95 the Dutch text states claims, sum, term and exact costs", func(t *testing.T) {
		t.Parallel()
		got := text(t, notice("nl"))
		for _, want := range []string{
			"F-2026-0042 en F-2026-0051", "€\u00a01.313,46", "binnen vijftien dagen nadat deze brief bij u is bezorgd", "€\u00a0197,02",
		} {
			if !strings.Contains(got.Text(), want) {
				t.Errorf("%q is missing in:\n%s", want, got.Text())
			}
		}
		same(t, "provisional", got.Provisional, false)
		same(t, "number of blocks without VAT", len(got.Blocks), 4)
	})
	t.Run("R100 VAT is added with its declaration", func(t *testing.T) {
		t.Parallel()
		n := notice("nl")
		n.VAT = law.VATGround{ThirdParty: true, NotDeductible: true}
		got := text(t, n)
		for _, want := range []string{"€\u00a0238,39", "€\u00a0197,02 en €\u00a041,37 btw (21%)", "niet kunnen verrekenen"} {
			if !strings.Contains(got.Text(), want) {
				t.Errorf("%q is missing in:\n%s", want, got.Text())
			}
		}
	})
	t.Run("R95 the English text is ours and therefore provisional", func(t *testing.T) {
		t.Parallel()
		got := text(t, notice("en"))
		same(t, "provisional", got.Provisional, true)
		if !strings.Contains(got.Text(), "€1,313.46") || !strings.Contains(got.Text(), "within fifteen days after this letter has been delivered to you") {
			t.Errorf("text:\n%s", got.Text())
		}
	})
	t.Run("R95 no text without a language or a debt", func(t *testing.T) {
		t.Parallel()
		paid := notice("nl")
		paid.Claims = []law.NoticeClaim{{Reference: "F-1"}}
		for _, n := range []law.Notice{notice("fr"), paid} {
			if _, err := pack(t).NoticeText(n); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", n.Language, err)
			}
		}
	})
}

func TestLawCheckNotice(t *testing.T) {
	t.Parallel()
	nl := pack(t)
	ids := func(problems []law.Problem) string {
		var list []string
		for _, p := range problems {
			list = append(list, p.ID)
		}
		return strings.Join(list, " ")
	}
	check := func(t *testing.T, n law.Notice, rendered, want string) {
		t.Helper()
		problems, err := nl.CheckNotice(n, rendered)
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(problems); got != want {
			t.Errorf("problems %q, want %q: %v\n%s", got, want, problems, rendered)
		}
	}
	t.Run("R95 the protected text passes, as text and as HTML", func(t *testing.T) {
		t.Parallel()
		for _, language := range []string{"nl", "en"} {
			for _, vat := range []bool{false, true} {
				n := notice(language)
				n.VAT = vatGround(vat)
				body := text(t, n)
				check(t, n, "Geachte mevrouw De Vries,\n\n"+body.Text()+"\n\nFactuur van 19 oktober 2026, uiterlijk 1 november 2026 te betalen.", "")
				html := "<html><head><style>p{margin:0}</style></head><body>"
				for _, b := range body.Blocks {
					html += "<p>" + strings.ReplaceAll(strings.ReplaceAll(b.Text, "\u00a0", "&nbsp;"), "€", "&euro;") + "</p>\n"
				}
				check(t, n, html+"</body></html>", "")
			}
		}
	})
	good := text(t, notice("nl")).Text()
	change := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the text", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	safe := "binnen vijftien dagen nadat deze brief bij u is bezorgd"
	for _, tc := range []struct{ name, text, want string }{
		{"R95 a wording that courts refused", change(safe, "binnen 14 dagen na heden"), "term term"},
		{"R95 a shorter term", change(safe, "binnen tien dagen nadat deze brief bij u is bezorgd"), "term term"},
		{"R95 fourteen days after delivery is a day short", change(safe, "binnen veertien dagen nadat deze brief bij u is bezorgd"), "term term"},
		{"R95 the literal form is not the safe one", change(safe, "binnen 14 dagen vanaf de dag nadat deze brief bij u is bezorgd"), "term term"},
		{"R95 no term at all", change(" "+safe, ""), "term"},
		{"R95 a second term beside the right one", good + "\n\nBetaal bij voorkeur binnen een week.", "term"},
		{"R95 a date before the term ends", good + "\n\nBetaal uiterlijk op vrijdag 4 december 2026.", "term"},
		{"R95 a date when the term has ended", good + "\n\nBetaal uiterlijk 7-12-2026.", ""},
		{"R95 missing costs", change("dan bent u €\u00a0197,02 aan buitengerechtelijke incassokosten verschuldigd", "dan bent u incassokosten verschuldigd"), "exact_costs"},
		{"R95 wrong costs", change("€\u00a0197,02", "€\u00a0297,02"), "exact_costs exact_costs"},
		{"R95 only a minimum of costs", change("€\u00a0197,02", "minimaal €\u00a040,00"), "exact_costs exact_costs"},
		{"R95 a wrong sum", strings.ReplaceAll(good, "€\u00a01.313,46", "€\u00a01.313,45"), "demand exact_costs"},
		{"R95 a reminder that costs money", good + "\n\nDe aanmaningskosten zijn € 12,50.", "demand"},
		{"R98 a claim that is not named", change(" en F-2026-0051", ""), "one_letter"},
		{"R95 nothing at all", "Wilt u betalen?", "one_letter one_letter demand term exact_costs"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			check(t, notice("nl"), tc.text, tc.want)
		})
	}
	t.Run("R95 a claim that is not in default", func(t *testing.T) {
		t.Parallel()
		n := notice("nl")
		n.Claims[1].DefaultSince = date.MustParse("2026-11-20")
		check(t, n, good, "after_default")
	})
	t.Run("R100 VAT without its declaration", func(t *testing.T) {
		t.Parallel()
		n := notice("nl")
		n.VAT = vatGround(true)
		body := text(t, n)
		check(t, n, strings.Replace(body.Text(), "Wij verklaren dat wij deze btw niet kunnen verrekenen en", "Het is zo", 1), "vat")
	})
	t.Run("R95 the refusal says what to change", func(t *testing.T) {
		t.Parallel()
		problems, err := nl.CheckNotice(notice("nl"), "Wilt u betalen?")
		if err != nil {
			t.Fatal(err)
		}
		refusal := law.Refusal(problems)
		if !fault.Is(refusal, fault.Invalid) || !strings.Contains(refusal.Error(), "write \""+safe+"\"") || !strings.Contains(refusal.Error(), "€ 197,02") {
			t.Errorf("refusal: %v", refusal)
		}
		if law.Refusal(nil) != nil {
			t.Error("no problems are a refusal")
		}
	})
}

func FuzzCheckNotice(f *testing.F) {
	f.Add("<p>Betaal € 1.313,46 binnen 14 dagen na heden")
	f.Add("€ 1.,2 uiterlijk 99-99-2026 < > &amp;")
	nl, err := law.Pack("NL")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		problems, err := nl.CheckNotice(notice("nl"), s)
		if err != nil || len(problems) == 0 && !strings.Contains(s, "vijftien") && !strings.Contains(strings.ToLower(s), "vijftien") {
			t.Fatalf("%q: %v, %v", s, problems, err)
		}
	})
}
