package insight_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func invoice(item, on, due string, major int64) insight.Event {
	e := event(insight.Issued, item, on, major)
	e.Debtor, e.Due = "d-"+item[:1], day(due)
	return e
}

func event(k insight.Kind, item, on string, major int64) insight.Event {
	return insight.Event{Kind: k, Item: item, On: day(on), Amount: eur(major)}
}

func mark(m insight.Mark, item, on string, major int64) insight.Event {
	e := event(insight.Marked, item, on, major)
	e.Mark = m
	return e
}

func late(e insight.Event, recorded string) insight.Event {
	e.Recorded = day(recorded)
	return e
}

func back(e insight.Event, paid string) insight.Event {
	e.Of = day(paid)
	return e
}

func ledger(t *testing.T, events ...insight.Event) insight.Ledger {
	t.Helper()
	l, err := insight.New("EUR", events)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// buckets writes an aging in whole euros: open/disputed by bucket, credit, net.
func buckets(a insight.Aging) (out []int64) {
	for _, b := range a.Buckets {
		out = append(out, b.Open.Minor/100)
	}
	return append(out, a.Credit.Minor/100, a.Net.Minor/100)
}

func TestAging(t *testing.T) {
	t.Parallel()
	a := invoice("a", "2026-01-01", "2026-01-31", 100)
	for name, tc := range map[string]struct {
		events []insight.Event
		on     string
		want   []int64 // not due, 1-30, 31-60, 61-90, 91-120, more, credit, net
	}{
		"the day before it is issued":    {[]insight.Event{a}, "2025-12-31", []int64{0, 0, 0, 0, 0, 0, 0, 0}},
		"R12 on the due day":             {[]insight.Event{a}, "2026-01-31", []int64{100, 0, 0, 0, 0, 0, 0, 100}},
		"R12 the day after":              {[]insight.Event{a}, "2026-02-01", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"30 days late":                   {[]insight.Event{a}, "2026-03-02", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"31 days late":                   {[]insight.Event{a}, "2026-03-03", []int64{0, 0, 100, 0, 0, 0, 0, 100}},
		"61 days late":                   {[]insight.Event{a}, "2026-04-02", []int64{0, 0, 0, 100, 0, 0, 0, 100}},
		"91 days late":                   {[]insight.Event{a}, "2026-05-02", []int64{0, 0, 0, 0, 100, 0, 0, 100}},
		"120 days late":                  {[]insight.Event{a}, "2026-05-31", []int64{0, 0, 0, 0, 100, 0, 0, 100}},
		"121 days late":                  {[]insight.Event{a}, "2026-06-01", []int64{0, 0, 0, 0, 0, 100, 0, 100}},
		"never due":                      {[]insight.Event{invoice("a", "2026-01-01", "", 100)}, "2026-12-31", []int64{100, 0, 0, 0, 0, 0, 0, 100}},
		"a part is paid":                 {[]insight.Event{a, event(insight.Paid, "a", "2026-02-01", 40)}, "2026-02-01", []int64{0, 60, 0, 0, 0, 0, 0, 60}},
		"the day before it is paid":      {[]insight.Event{a, event(insight.Paid, "a", "2026-02-02", 100)}, "2026-02-01", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"a payment is undone":            {[]insight.Event{a, event(insight.Paid, "a", "2026-02-01", 100), back(event(insight.PaidBack, "a", "2026-02-05", 100), "2026-02-01")}, "2026-02-05", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"R32 paid too much":              {[]insight.Event{a, event(insight.Paid, "a", "2026-02-01", 130)}, "2026-02-01", []int64{0, 0, 0, 0, 0, 0, -30, -30}},
		"the due date had not moved yet": {[]insight.Event{a, {Kind: insight.DueMoved, Item: "a", On: day("2026-02-10"), Due: day("2026-03-31")}}, "2026-02-09", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"the due date moved":             {[]insight.Event{a, {Kind: insight.DueMoved, Item: "a", On: day("2026-02-10"), Due: day("2026-03-31")}}, "2026-02-10", []int64{100, 0, 0, 0, 0, 0, 0, 100}},
		"a credit note nobody matched":   {[]insight.Event{a, event(insight.NoteIssued, "n", "2026-02-01", 25)}, "2026-02-01", []int64{0, 100, 0, 0, 0, 0, -25, 75}},
		"a credit note matched":          {[]insight.Event{a, event(insight.NoteIssued, "n", "2026-02-01", 25), event(insight.CreditSpent, "n", "2026-02-02", 25), event(insight.Settled, "a", "2026-02-02", 25)}, "2026-02-02", []int64{0, 75, 0, 0, 0, 0, 0, 75}},
		"R41 a cancelled credit note":    {[]insight.Event{a, event(insight.NoteIssued, "n", "2026-02-01", 25), event(insight.Cancelled, "n", "2026-02-02", 0)}, "2026-02-02", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"money ahead":                    {[]insight.Event{event(insight.PaidAhead, "p", "2026-02-01", 25)}, "2026-02-02", []int64{0, 0, 0, 0, 0, 0, -25, -25}},
		"the day before it is cancelled": {[]insight.Event{a, event(insight.Cancelled, "a", "2026-02-02", 0)}, "2026-02-01", []int64{0, 100, 0, 0, 0, 0, 0, 100}},
		"cancelled":                      {[]insight.Event{a, event(insight.Cancelled, "a", "2026-02-02", 0)}, "2026-02-02", []int64{0, 0, 0, 0, 0, 0, 0, 0}},
		"cancelled with a part paid":     {[]insight.Event{a, event(insight.Paid, "a", "2026-02-01", 40), event(insight.Cancelled, "a", "2026-02-02", 0)}, "2026-02-02", []int64{0, 0, 0, 0, 0, 0, -40, -40}},
		"written off":                    {[]insight.Event{a, event(insight.WrittenOff, "a", "2026-02-02", 100)}, "2026-02-02", []int64{0, 0, 0, 0, 0, 0, 0, 0}},
		"written off and paid after all": {[]insight.Event{a, event(insight.WrittenOff, "a", "2026-02-02", 90), event(insight.Paid, "a", "2026-02-03", 105)}, "2026-02-03", []int64{0, 0, 0, 0, 0, 0, -5, -5}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, buckets(ledger(t, tc.events...).At(day(tc.on)).Aging())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	l := ledger(t,
		invoice("a", "2026-01-01", "2026-01-31", 100), mark(insight.Disputed, "a", "2026-02-01", 70), event(insight.Paid, "a", "2026-02-10", 50), mark(insight.Disputed, "a", "2026-02-20", 0),
		invoice("b", "2026-01-01", "2026-03-31", 200), mark(insight.Promised, "b", "2026-02-01", 200), mark(insight.InTransit, "b", "2026-02-01", 80),
		invoice("c", "2026-01-01", "2026-01-31", 40), mark(insight.OnPlan, "c", "2026-02-01", 40),
		event(insight.PaidAhead, "p", "2026-02-01", 30),
	)
	for on, want := range map[string]insight.Receivable{
		"2026-01-31": {Gross: eur(340), Credit: eur(0), Net: eur(340), Disputed: eur(0), Promised: eur(0), OnPlan: eur(0), InTransit: eur(0)},
		"2026-02-09": {Gross: eur(340), Credit: eur(30), Net: eur(310), Disputed: eur(70), Promised: eur(200), OnPlan: eur(40), InTransit: eur(80)},
		"2026-02-10": {Gross: eur(290), Credit: eur(30), Net: eur(260), Disputed: eur(50), Promised: eur(200), OnPlan: eur(40), InTransit: eur(80)},
		"2026-02-20": {Gross: eur(290), Credit: eur(30), Net: eur(260), Disputed: eur(0), Promised: eur(200), OnPlan: eur(40), InTransit: eur(80)},
	} {
		t.Run("R74 what is disputed stays in the total on "+on, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, l.At(day(on)).Receivable()); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("R74 and has a column of its own in the aging", func(t *testing.T) {
		t.Parallel()
		b := l.At(day("2026-02-09")).Aging().Buckets
		if want := (insight.Bucket{Invoices: 2, Open: eur(140), Disputed: eur(70)}); b[1] != want {
			t.Errorf("1-30 days: %+v, want %+v", b[1], want)
		}
		if want := (insight.Bucket{Invoices: 1, Open: eur(200), Disputed: eur(0)}); b[0] != want {
			t.Errorf("not due: %+v, want %+v", b[0], want)
		}
	})
	t.Run("R74 the DSO counts it", func(t *testing.T) {
		t.Parallel()
		on := day("2026-02-09")
		got, err := insight.DSO(l.At(on).Receivable().Net, l.Sales(on, insight.QuarterWindow), insight.QuarterWindow)
		if err != nil || got.Decimal(2) != "82.06" { // 310 / 340 x 90
			t.Errorf("%s, %v", got.Decimal(2), err)
		}
	})
}

func TestKnownBy(t *testing.T) {
	t.Parallel()
	l := ledger(t,
		invoice("a", "2026-01-01", "2026-01-31", 100),
		late(event(insight.Paid, "a", "2026-02-01", 100), "2026-02-05"),
	)
	on := day("2026-02-02")
	if got := l.At(on).Receivable().Net; got != eur(0) {
		t.Errorf("as known now: %s", got)
	}
	if got := l.KnownBy(on).At(on).Receivable().Net; got != eur(100) {
		t.Errorf("as known on the day: %s", got)
	}
	if got := l.KnownBy(day("2026-02-05")).At(on).Receivable().Net; got != eur(0) {
		t.Errorf("as known when it was entered: %s", got)
	}
}

// TestPastStays proves that nothing that happens later changes a past day.
func TestPastStays(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := rapid.Custom(func(t *rapid.T) insight.Event {
			on := day("2026-01-01").AddDays(rapid.IntRange(0, 200).Draw(t, "on"))
			return insight.Event{
				Kind: rapid.SampledFrom([]insight.Kind{
					insight.Issued, insight.DueMoved, insight.Paid, insight.PaidBack, insight.Settled, insight.WrittenOff,
					insight.Cancelled, insight.NoteIssued, insight.PaidAhead, insight.CreditSpent, insight.Marked,
				}).Draw(t, "kind"),
				Item: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "item"), Debtor: "d", On: on, Of: on,
				Due: on.AddDays(rapid.IntRange(-5, 40).Draw(t, "term")), Amount: eur(rapid.Int64Range(0, 500).Draw(t, "amount")), Mark: insight.Disputed,
			}
		})
		events := rapid.SliceOfN(draw, 1, 30).Draw(t, "events")
		then := day("2026-01-01").AddDays(rapid.IntRange(0, 200).Draw(t, "then"))
		var past []insight.Event
		for _, e := range events {
			if !e.On.After(then) {
				past = append(past, e)
			}
		}
		whole, err := insight.New("EUR", events)
		if err != nil {
			t.Fatal(err)
		}
		before, err := insight.New("EUR", past)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(figures(before, then), figures(whole, then)); diff != "" {
			t.Fatal(diff)
		}
		a, r := whole.At(then).Aging(), whole.At(then).Receivable()
		if a.Net != r.Net || r.Disputed.Minor > r.Gross.Minor {
			t.Fatalf("aging %+v, receivable %+v", a, r)
		}
	})
}

func figures(l insight.Ledger, on date.Date) map[string]any {
	return map[string]any{
		"aging": l.At(on).Aging(), "receivable": l.At(on).Receivable(), "unpaid": l.At(on).Unpaid(), "months": l.Months(on, 4),
		"sales": l.Sales(on, 90), "paid": l.Total(insight.Paid, on, 30), "late": l.DaysLate("", on).Decimal(6),
		"risk": l.AtRisk(day("2026-01-01"), day("2026-01-31"), on).Decimal(6),
	}
}

func TestSales(t *testing.T) {
	t.Parallel()
	l := ledger(t,
		invoice("a", "2026-01-01", "2026-01-31", 100), invoice("b", "2026-01-15", "2026-01-31", 200), invoice("c", "2026-02-28", "2026-03-31", 400),
		event(insight.NoteIssued, "n", "2026-02-10", 30), event(insight.Cancelled, "b", "2026-02-20", 0), event(insight.WrittenOff, "a", "2026-02-21", 60),
	)
	for name, tc := range map[string]struct{ got, want money.Amount }{
		"before the cancellation":        {l.Sales(day("2026-02-19"), 90), eur(270)},
		"after it":                       {l.Sales(day("2026-02-20"), 90), eur(70)},
		"the first day of the window":    {l.Sales(day("2026-01-02"), 2), eur(100)},
		"the day after it":               {l.Sales(day("2026-01-02"), 1), eur(0)},
		"below zero":                     {l.Sales(day("2026-02-20"), 20), eur(-30)},
		"billed":                         {l.Total(insight.Issued, day("2026-02-28"), 90), eur(500)},
		"written off":                    {l.Total(insight.WrittenOff, day("2026-02-28"), 90), eur(60)},
		"unpaid, in full amounts":        {l.At(day("2026-02-28")).Unpaid(), eur(500)},
		"not due":                        {l.At(day("2026-02-28")).NotDue(), eur(400)},
		"a month of which a part passed": {l.Months(day("2026-02-19"), 1)[0].Sales, eur(-30)},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %s, want %s", name, tc.got, tc.want)
		}
	}
	want := []insight.Month{{eur(0), 10}, {eur(370), 28}, {eur(100), 31}, {eur(0), 31}}
	if diff := cmp.Diff(want, l.Months(day("2026-03-10"), 4)); diff != "" {
		t.Error("the cancelled invoice of January is still sales: ", diff)
	}
}

func TestDaysLate(t *testing.T) {
	t.Parallel()
	a, b := invoice("a1", "2026-01-01", "2026-01-31", 100), invoice("b1", "2026-01-01", "2026-01-31", 300)
	for name, tc := range map[string]struct {
		events []insight.Event
		debtor string
		on     string
		want   string
	}{
		"nothing yet":                         {[]insight.Event{a}, "", "2026-01-31", ""},
		"open items count at their age":       {[]insight.Event{a}, "", "2026-02-10", "10.00"},
		"paid early":                          {[]insight.Event{a, event(insight.Paid, "a1", "2026-01-21", 100)}, "", "2026-02-10", "-10.00"},
		"weighted":                            {[]insight.Event{a, b, event(insight.Paid, "a1", "2026-02-10", 100), event(insight.Paid, "b1", "2026-02-02", 300)}, "", "2026-03-10", "4.00"},
		"of one debtor":                       {[]insight.Event{a, b, event(insight.Paid, "a1", "2026-02-10", 100)}, "d-a", "2026-03-10", "10.00"},
		"a part paid, the rest open":          {[]insight.Event{a, event(insight.Paid, "a1", "2026-01-31", 75)}, "", "2026-03-12", "10.00"},
		"who never pays":                      {[]insight.Event{a}, "", "2027-03-07", "400.00"},
		"paid a year ago":                     {[]insight.Event{a, event(insight.Paid, "a1", "2026-02-10", 100)}, "", "2027-02-10", ""},
		"paid a day less than a year ago":     {[]insight.Event{a, event(insight.Paid, "a1", "2026-02-10", 100)}, "", "2027-02-09", "10.00"},
		"a payment that was undone is none":   {[]insight.Event{a, event(insight.Paid, "a1", "2026-01-31", 100), back(event(insight.PaidBack, "a1", "2026-02-05", 100), "2026-01-31")}, "", "2026-02-20", "20.00"},
		"a moved due date":                    {[]insight.Event{a, {Kind: insight.DueMoved, Item: "a1", On: day("2026-01-15"), Due: day("2026-02-05")}, event(insight.Paid, "a1", "2026-02-10", 100)}, "", "2026-03-10", "5.00"},
		"cancelled":                           {[]insight.Event{a, event(insight.Paid, "a1", "2026-02-10", 100), event(insight.Cancelled, "a1", "2026-02-11", 0)}, "", "2026-03-10", ""},
		"without a due date":                  {[]insight.Event{invoice("a1", "2026-01-01", "", 100), event(insight.Paid, "a1", "2026-02-10", 100)}, "", "2026-03-10", ""},
		"settled by a credit note, not money": {[]insight.Event{a, event(insight.Settled, "a1", "2026-02-10", 100)}, "", "2026-03-10", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ledger(t, tc.events...).DaysLate(tc.debtor, day(tc.on)).Decimal(2); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestAtRisk(t *testing.T) {
	t.Parallel()
	l := ledger(t,
		invoice("a", "2026-01-05", "2026-01-31", 100), event(insight.Paid, "a", "2026-05-01", 100), // 90 days after due, that day included
		invoice("b", "2026-01-31", "2026-02-14", 300), event(insight.Paid, "b", "2026-05-15", 200), event(insight.Paid, "b", "2026-05-16", 100),
		invoice("c", "2026-01-20", "2026-02-14", 800), event(insight.Cancelled, "c", "2026-06-01", 0),
		invoice("d", "2026-02-01", "2026-02-14", 900),
	)
	risk := func(on string) string {
		return l.AtRisk(day("2026-01-01"), day("2026-01-31"), day(on)).Percent(1)
	}
	for on, want := range map[string]string{"2026-05-14": "", "2026-05-15": "75.0", "2026-06-01": "25.0", "2027-01-01": "25.0"} {
		if got := risk(on); got != want {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
	old := ledger(t, invoice("a", "2026-01-05", "2025-06-30", 100))
	if got := old.AtRisk(day("2026-01-01"), day("2026-01-31"), day("2026-02-01")).Percent(0); got != "100" {
		t.Errorf("issued long after its due date: %q", got)
	}
	if l.AtRisk(day("2025-01-01"), day("2025-01-31"), day("2026-01-01")).Known() {
		t.Error("a month without invoices has a rate")
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		events []insight.Event
		err    error
	}{
		"an event without a day":         {[]insight.Event{event(insight.Issued, "a", "", 1)}, insight.ErrEvent},
		"an amount below zero":           {[]insight.Event{event(insight.Paid, "a", "2026-01-01", -1)}, insight.ErrEvent},
		"a return of an unknown payment": {[]insight.Event{event(insight.PaidBack, "a", "2026-01-01", 1)}, insight.ErrEvent},
		"R48 two currencies":             {[]insight.Event{event(insight.Issued, "a", "2026-01-01", 1), {Kind: insight.Issued, Item: "b", On: day("2026-01-01"), Amount: money.Of(1, "USD")}}, money.ErrMixed},
		"sums that do not fit": {[]insight.Event{
			{Kind: insight.Issued, Item: "a", On: day("2026-01-01"), Amount: money.EUR(math.MaxInt64)}, event(insight.Issued, "b", "2026-01-01", 1),
		}, money.ErrRange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := insight.New("EUR", tc.events); !errors.Is(err, tc.err) {
				t.Errorf("%v, want %v", err, tc.err)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	usd := insight.Event{Kind: insight.Issued, Item: "u", On: day("2026-01-01"), Amount: money.Of(700, "USD")}
	gone := insight.Event{Kind: insight.Cancelled, Item: "u", On: day("2026-01-03")}
	got, err := insight.Split([]insight.Event{usd, invoice("a", "2026-01-01", "2026-01-31", 100), gone})
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	t.Run("R48 each currency has its own total", func(t *testing.T) {
		t.Parallel()
		for c, want := range map[money.Currency]int64{"EUR": 100_00, "USD": 700} {
			if r := got[c].At(day("2026-01-02")).Receivable().Net; r != money.Of(want, c) {
				t.Errorf("%s", r)
			}
		}
	})
	if r := got["USD"].At(day("2026-01-03")).Receivable().Net; !r.IsZero() {
		t.Errorf("the cancellation went elsewhere: %s is open", r)
	}
	if _, err := insight.Split([]insight.Event{gone}); !errors.Is(err, insight.ErrEvent) {
		t.Errorf("an event of no currency gives %v", err)
	}
}
