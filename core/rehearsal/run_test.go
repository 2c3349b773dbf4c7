package rehearsal_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/rehearsal"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func blank(t testing.TB) rehearsal.Input {
	t.Helper()
	in, err := rehearsal.New(db.Administration{
		TimeZone: "Europe/Amsterdam", Country: "NL", ToleranceMinor: 100, MinimumInterval: 7, FlowBusiness: "b2b-nl", FlowConsumer: "b2c-nl", Sending: []byte("{}"),
	}, date.MustParse("2026-01-01"), date.MustParse("2026-12-31"))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// one debtor that an e-mail and a letter reach.
func one(t testing.TB, kind sdk.PartyKind, invoices ...rehearsal.Invoice) rehearsal.Input {
	t.Helper()
	in := blank(t)
	days, err := calendar.SendingDays("NL")
	if err != nil {
		t.Fatal(err)
	}
	in.Debtors = []rehearsal.Debtor{{
		ID: uuid.UUID{1}, Name: "Jan", Days: days, About: policy.Debtor{Kind: kind, Country: "NL"},
		Reach: map[policy.Channel]bool{policy.Email: true, policy.Letter: true},
	}}
	in.Invoices = invoices
	return in
}

func invoice(n byte, issued, due string, cents int64, paid ...rehearsal.Payment) rehearsal.Invoice {
	return rehearsal.Invoice{ID: uuid.UUID{2, n}, Number: fmt.Sprintf("F%d", n), Issued: date.MustParse(issued), Due: date.MustParse(due), Total: money.EUR(cents), Payments: paid}
}

func paid(on string, cents int64) rehearsal.Payment {
	return rehearsal.Payment{On: date.MustParse(on), Minor: cents}
}

func run(t testing.TB, in rehearsal.Input) rehearsal.Result {
	t.Helper()
	r, err := rehearsal.Run(context.Background(), in, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func story(in rehearsal.Input, r rehearsal.Result) (out []string) {
	for _, m := range r.Messages {
		line := m.At.In(in.Zone).Format("2006-01-02") + " " + string(m.Step)
		for _, i := range m.Invoices {
			line += " " + in.Invoices[i].Number
		}
		out = append(out, line)
	}
	return out
}

// The dates are those of core/dunning's TestFlow, where the same invoices go the
// whole way through the database.
func TestRunIsExact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		in   rehearsal.Input
		want []string
	}{
		{"B2B NL to the bailiff", one(t, sdk.Business, invoice(1, "2026-03-02", "2026-03-16", 300_000)), []string{
			"2026-03-02 invoice F1", "2026-03-12 pre_reminder F1", "2026-03-19 reminder_1 F1", "2026-03-26 reminder_2 F1", "2026-03-30 call_task F1",
			"2026-04-07 final_reminder F1", "2026-04-15 case_opened F1", "2026-04-22 summons_reminder F1", "2026-04-29 summons_2 F1", "2026-05-08 pre_judicial F1",
			"2026-05-18 ready_for_bailiff F1",
		}},
		{"B2C NL to the bailiff", one(t, sdk.Consumer, invoice(1, "2026-03-02", "2026-03-16", 300_000)), []string{
			"2026-03-02 invoice F1", "2026-03-13 pre_reminder F1", "2026-03-19 reminder_1 F1", "2026-03-26 reminder_2 F1", "2026-04-02 fourteen_day_letter F1",
			"2026-04-28 case_opened F1", "2026-05-04 contact_attempt F1", "2026-05-08 plan_offer F1", "2026-05-15 summons_2 F1", "2026-05-28 pre_judicial F1",
			"2026-06-09 ready_for_bailiff F1",
		}},
		{"R2 paid on the day of reminder 2", one(t, sdk.Business, invoice(1, "2026-03-02", "2026-03-16", 50_000, paid("2026-03-26", 50_000))), []string{
			"2026-03-02 invoice F1", "2026-03-19 reminder_1 F1",
		}},
		{"R34 a part is paid", one(t, sdk.Business, invoice(1, "2026-03-02", "2026-03-16", 50_000, paid("2026-03-24", 20_000), paid("2026-04-02", 30_000))), []string{
			"2026-03-02 invoice F1", "2026-03-19 reminder_1 F1", "2026-03-31 reminder_2 F1",
		}},
		{"R43 R44 two invoices in one message", one(t, sdk.Business, invoice(1, "2026-03-02", "2026-03-16", 10_000, paid("2026-03-30", 10_000)), invoice(2, "2026-03-02", "2026-03-23", 20_000, paid("2026-03-30", 20_000))), []string{
			"2026-03-02 invoice F1", "2026-03-02 invoice F2", "2026-03-19 reminder_1 F1", "2026-03-26 reminder_2 F1 F2",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := run(t, tc.in)
			if d := cmp.Diff(tc.want, story(tc.in, r)); d != "" {
				t.Error(d)
			}
			if r.Summary.Wrong != 0 {
				t.Errorf("%d wrong reminders", r.Summary.Wrong)
			}
		})
	}
}

func TestCosts(t *testing.T) {
	t.Parallel()
	in := one(t, sdk.Business, invoice(1, "2026-03-02", "2026-03-16", 50_000, paid("2026-04-10", 50_000)))
	in.Debtors[0].Reach[policy.SMS] = true
	r := run(t, in)
	// Reminder 2 is an e-mail and a text message, the final reminder an e-mail and
	// a letter.
	if want := money.EUR(9 + 125); r.Summary.Cost() != want {
		t.Errorf("costs %s, want %s: %v", r.Summary.Cost(), want, story(in, r))
	}
}

func TestOnlyLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	in := one(t, sdk.Consumer, invoice(1, "2026-03-02", "2026-03-16", 50_000))
	if got, want := story(in, run(t, in.Only(policy.Flows()["high-risk"]))), story(in, run(t, in)); !slices.Equal(got, want) {
		t.Errorf("a flow for businesses reached a consumer: %v", got)
	}
}

func TestProperties(t *testing.T) {
	t.Parallel()
	base := blank(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]sdk.PartyKind{sdk.Business, sdk.Consumer}).Draw(rt, "kind")
		in := rehearsal.Sample(base, rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(1, 120).Draw(rt, "invoices"), kind)
		if kind == sdk.Business {
			in = in.Only(rapid.SampledFrom(policy.Shipped()).Draw(rt, "flow"))
		}
		a, err := rehearsal.Run(context.Background(), in, nil)
		if err != nil {
			rt.Fatal(err)
		}
		b, err := rehearsal.Run(context.Background(), in, nil)
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff(a, b); d != "" {
			rt.Fatalf("two runs differ:\n%s", d)
		}
		if a.Summary.Wrong != 0 {
			rt.Fatalf("%d demands to somebody who had paid", a.Summary.Wrong)
		}
		last := map[int]date.Date{}
		for _, m := range a.Messages {
			day := date.Of(m.At.In(in.Zone))
			for _, i := range m.Invoices {
				inv := in.Invoices[i]
				var sum int64
				for _, p := range inv.Payments {
					if !p.On.After(day) {
						sum += p.Minor
					}
				}
				if m.Step != policy.SendInvoice && sum >= inv.Total.Minor {
					rt.Fatalf("%s on %s is about %s, which was paid", m.Step, day, inv.Number)
				}
			}
			if !m.Demand {
				continue
			}
			before, ok := last[m.Debtor]
			if f := policy.Flows()[m.Flow]; ok && !m.Statutory && day.DaysSince(before) < interval(f) {
				rt.Fatalf("%s on %s, %d days after the last", m.Step, day, day.DaysSince(before))
			}
			last[m.Debtor] = day
		}
	})
}

func interval(f policy.Flow) int {
	if f.Sending.MinInterval > 0 {
		return f.Sending.MinInterval
	}
	return policy.DefaultMinInterval
}

func TestRunEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := rehearsal.Run(ctx, rehearsal.Sample(blank(t), 1, 100, sdk.Business), nil); err == nil {
		t.Error("a rehearsal that nobody waits for went on")
	}
}

func BenchmarkRun(b *testing.B) {
	in := rehearsal.Sample(blank(b), 7, 20_000, sdk.Business)
	for b.Loop() {
		start := time.Now()
		r := run(b, in)
		b.ReportMetric(float64(len(r.Messages)), "messages")
		b.ReportMetric(time.Since(start).Seconds(), "seconds")
	}
}
