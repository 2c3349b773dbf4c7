package arrangement_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
)

// world has one debtor with invoice F1 of EUR 1,000.00, due on Monday 16 March
// 2026: reminder 1 falls on the 19th, reminder 2 on the 26th.
func world(t *testing.T, kind sdk.PartyKind) (*dunningtest.World, *arrangement.Desk) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 10:00")
	d := &arrangement.Desk{Store: w.Store, Real: w.Clock, Planner: w.Planner, Teller: w.Steps}
	for kind, waker := range d.Wakers() {
		w.Wakers[kind] = waker
	}
	w.Books.Put(dunningtest.Debtor("jan", kind), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 100_000))
	w.Books.Sync()
	return w, d
}

var ctx = context.Background()

func steps(w *dunningtest.World, invoice string) (out []string) {
	for _, m := range w.Messages(invoice) {
		if m.State == "sent" && m.Channel == "email" {
			out = append(out, m.Step)
		}
	}
	return out
}

func body(t *testing.T, w *dunningtest.World, invoice, step string) string {
	t.Helper()
	for _, m := range w.Messages(invoice) {
		if m.Step == step {
			return strings.Join(strings.Fields(strings.ReplaceAll(m.BodyText, "\u00a0", " ")), " ")
		}
	}
	t.Fatalf("no message %s: %v", step, steps(w, invoice))
	return ""
}

func tasks(w *dunningtest.World) (out []string) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.OpenTasks(ctx)
		for _, r := range rows {
			out = append(out, r.Kind)
		}
		return err
	})
	slices.Sort(out)
	return out
}

func behaviours(w *dunningtest.World) (out []string) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.Query(ctx, "select kind from behaviour_event order by id")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k string
			if err := rows.Scan(&k); err != nil {
				return err
			}
			out = append(out, k)
		}
		return rows.Err()
	})
	return out
}

func promise(w *dunningtest.World, d *arrangement.Desk, minor int64, on string) (id uuid.UUID) {
	w.T.Helper()
	w.In(func(tx store.Tx) (err error) {
		id, err = d.Promise(ctx, tx, arrangement.NewPromise{Invoice: w.ID("F1"), Amount: money.EUR(minor), PayOn: day(on), Channel: "portal", By: "debtor", Tell: true})
		return err
	})
	return id
}

func promiseState(w *dunningtest.World, id uuid.UUID) (p db.PromiseRow) {
	w.In(func(tx store.Tx) (err error) {
		p, err = tx.Promise(ctx, id)
		return err
	})
	return p
}

func TestPromise(t *testing.T) {
	t.Parallel()
	t.Run("R67 R69 it holds to its day and grace, and breaks into the same step one tone higher", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := promise(w, d, 100_000, "2026-03-24")
		if p := promiseState(w, id); p.GraceUntil != day("2026-03-26") {
			t.Errorf("grace ends on %s", p.GraceUntil)
		}
		if s := w.State("F1"); s.HeldRule != "R67" {
			t.Fatalf("held by %q", s.HeldRule)
		}
		w.Walk("2026-03-27 08:59")
		if got := steps(w, "F1"); slices.Contains(got, "reminder_1") || slices.Contains(got, "reminder_2") || !slices.Contains(got, "promise_noted") {
			t.Fatalf("during the promise it sent %v", got)
		}
		w.Walk("2026-03-28 00:00")
		if p := promiseState(w, id); p.State != "broken" || p.ReceivedMinor != 0 {
			t.Errorf("the promise is %s with %d", p.State, p.ReceivedMinor)
		}
		if got := w.Sent("F1"); !slices.Contains(got, "reminder_1") || slices.Contains(got, "reminder_2") {
			t.Errorf("it resumed with %v; %v", got, w.Story("F1"))
		}
		text := body(t, w, "F1", "reminder_1")
		if !strings.Contains(text, "beloofd om € 1.000,00 op 24 maart 2026") || !strings.Contains(text, "al eerder geschreven") {
			t.Errorf("it does not speak one tone higher, or not of the promise:\n%s", text)
		}
		if got := behaviours(w); !slices.Equal(got, []string{"promise_broken"}) {
			t.Errorf("behaviour: %v", got)
		}
		w.Walk("2026-04-08 00:00")
		if text := body(t, w, "F1", "reminder_2"); strings.Contains(text, "beloofd") {
			t.Errorf("the next one is not on its own tone:\n%s", text)
		}
	})
	t.Run("R68 money in time keeps it at once, and the rest goes on", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := promise(w, d, 40_000, "2026-03-24")
		w.Walk("2026-03-23 10:00")
		w.Books.Pay("F1", 40_000, day("2026-03-23"))
		w.Books.Sync()
		w.Walk("2026-03-23 12:00")
		if p := promiseState(w, id); p.State != "kept" || p.ReceivedMinor != 40_000 {
			t.Errorf("the promise is %s with %d", p.State, p.ReceivedMinor)
		}
		if s := w.State("F1"); s.HeldRule != "" || s.NextStep == "" {
			t.Errorf("still held by %q", s.HeldRule)
		}
	})
	t.Run("R68 less than promised is partly kept, and the rest goes on in its own tone", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := promise(w, d, 40_000, "2026-03-24")
		w.Books.Pay("F1", 10_000, day("2026-03-24"))
		w.Books.Sync()
		w.Walk("2026-03-30 00:00")
		if p := promiseState(w, id); p.State != "partly_kept" || p.ReceivedMinor != 10_000 {
			t.Errorf("the promise is %s with %d", p.State, p.ReceivedMinor)
		}
		w.Walk("2026-04-03 00:00")
		if text := body(t, w, "F1", "reminder_1"); strings.Contains(text, "beloofd") || strings.Contains(text, "al eerder geschreven") || !strings.Contains(text, "€ 900,00") {
			t.Errorf("it speaks to who paid in part as to who paid nothing:\n%s", text)
		}
	})
	t.Run("R67 a promise may be taken back, and counts for no limit", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-18 10:00")
		id := promise(w, d, 40_000, "2026-03-24")
		w.In(func(tx store.Tx) error { return d.WithdrawPromise(ctx, tx, id, "debtor") })
		if s := w.State("F1"); s.HeldRule != "" {
			t.Errorf("held by %q", s.HeldRule)
		}
		promise(w, d, 40_000, "2026-03-25")
		err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error { return d.WithdrawPromise(ctx, tx, id, "debtor") })
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("G3: taken back twice: %v", err)
		}
	})
}

func propose(w *dunningtest.World, d *arrangement.Desk, q arrangement.NewPlan) (id uuid.UUID, state arrangement.PlanState) {
	w.T.Helper()
	q.Debtor, q.Invoices = w.DebtorID("jan"), []uuid.UUID{w.ID("F1")}
	if q.Every == "" {
		q.Every = arrangement.Monthly
	}
	if q.By == "" {
		q.By = "anna"
	}
	w.In(func(tx store.Tx) (err error) {
		id, state, err = d.Propose(ctx, tx, q)
		return err
	})
	return id, state
}

func planOf(w *dunningtest.World, id uuid.UUID) (p arrangement.Progress) {
	w.In(func(tx store.Tx) (err error) {
		p, err = arrangement.ProgressOf(ctx, tx, id, day("2026-03-20"))
		return err
	})
	return p
}

func TestPlan(t *testing.T) {
	t.Parallel()
	t.Run("R75 R77 R78 instalments are reminded, warned about, and the plan breaks", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00") // reminder 1 is out
		id, state := propose(w, d, arrangement.NewPlan{Number: 4, First: day("2026-04-01")})
		if state != arrangement.PlanActive || w.State("F1").HeldRule != "R75" {
			t.Fatalf("the plan is %s, the invoice held by %q", state, w.State("F1").HeldRule)
		}
		w.Walk("2026-03-31 23:00")
		if got := steps(w, "F1"); slices.Contains(got, "reminder_2") || !slices.Contains(got, "plan_started") || !slices.Contains(got, "instalment") {
			t.Fatalf("sent %v", got)
		}
		w.Books.Pay("F1", 25_000, day("2026-04-01"))
		w.Books.Sync()
		w.Walk("2026-05-01 00:00")
		if p := planOf(w, id); p.Plan.State != "active" || p.Paid[0] != 25_000 || p.Plan.WarnedSeq != 0 {
			t.Fatalf("after the first payment: %+v", p)
		}
		w.Walk("2026-05-07 23:00") // the grace of the second is over
		p := planOf(w, id)
		if p.Plan.WarnedSeq != 2 || p.Plan.CureOn != day("2026-05-14") {
			t.Fatalf("no warning: %+v", p.Plan)
		}
		if text := body(t, w, "F1", "instalment_warning"); !strings.Contains(text, "14 mei 2026") || !strings.Contains(text, "€ 250,00") {
			t.Errorf("the warning says %s", text)
		}
		w.Walk("2026-05-18 00:00")
		if p := planOf(w, id); p.Plan.State != "broken" {
			t.Fatalf("the plan is %s", p.Plan.State)
		}
		s := w.State("F1")
		if s.NextStep != "reminder_2" || s.HeldRule != "" || s.NotBeforeRule != "R78" || s.NextAt == nil || s.NextAt.Before(dunningtest.At("2026-05-22 00:00")) {
			t.Errorf("it resumes with %s at %v by %s, held by %q", s.NextStep, s.NextAt, s.NotBeforeRule, s.HeldRule)
		}
		w.Walk("2026-05-26 00:00")
		if text := body(t, w, "F1", "reminder_2"); !strings.Contains(text, "€ 750,00") {
			t.Errorf("payments do not stay booked: %s", text)
		}
		if got := behaviours(w); !slices.Equal(got, []string{"plan_broken"}) {
			t.Errorf("behaviour: %v", got)
		}
	})
	t.Run("R77 a payment in the term of the warning saves the plan", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		id, _ := propose(w, d, arrangement.NewPlan{Number: 2, First: day("2026-04-01")})
		w.Walk("2026-04-10 00:00")
		if p := planOf(w, id); p.Plan.WarnedSeq != 1 {
			t.Fatalf("no warning: %+v", p.Plan)
		}
		w.Books.Pay("F1", 50_000, day("2026-04-10"))
		w.Books.Sync()
		w.Walk("2026-04-20 00:00")
		if p := planOf(w, id); p.Plan.State != "active" || p.Plan.WarnedSeq != 0 {
			t.Errorf("the plan is %s, warned about %d", p.Plan.State, p.Plan.WarnedSeq)
		}
	})
	t.Run("R77 a person breaks it where the creditor chose so", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		yes := true
		id, _ := propose(w, d, arrangement.NewPlan{Number: 2, First: day("2026-04-01"), Approval: &yes})
		w.Walk("2026-04-20 00:00")
		if p := planOf(w, id); p.Plan.State != "active" || !slices.Contains(tasks(w), "plan_break") {
			t.Fatalf("the plan is %s, tasks %v", p.Plan.State, tasks(w))
		}
		w.In(func(tx store.Tx) error { return d.Break(ctx, tx, id, "anna") })
		if p := planOf(w, id); p.Plan.State != "broken" || slices.Contains(tasks(w), "plan_break") {
			t.Errorf("the plan is %s, tasks %v", p.Plan.State, tasks(w))
		}
	})
	t.Run("R78 a plan that does not make the rest due waits for its next day", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		no := false
		propose(w, d, arrangement.NewPlan{Number: 3, First: day("2026-04-01"), RestDue: &no})
		w.Walk("2026-04-20 00:00")
		if s := w.State("F1"); s.NextStep != "reminder_2" || s.NotBefore != day("2026-05-02") {
			t.Errorf("%s not before %s", s.NextStep, s.NotBefore)
		}
	})
	t.Run("R75 a pause of the debtor does not stop instalment reminders, R97 a legal stop does", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		propose(w, d, arrangement.NewPlan{Number: 3, First: day("2026-04-02")})
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Hold(ctx, tx, holdOf(w, "paused"))
			return err
		})
		w.Walk("2026-04-01 00:00")
		if n := count(steps(w, "F1"), "instalment"); n != 1 {
			t.Errorf("%d words about the first instalment during a pause", n)
		}
		w.In(func(tx store.Tx) error {
			_, err := d.Stop(ctx, tx, arrangement.NewStop{Debtor: w.DebtorID("jan"), Kind: arrangement.Bankruptcy, EffectiveOn: day("2026-03-31"), Source: "insolventies.rechtspraak.nl", By: "anna"})
			return err
		})
		before := len(steps(w, "F1"))
		w.Walk("2026-07-01 00:00")
		if got := steps(w, "F1"); len(got) != before {
			t.Errorf("sent during the stop: %v", got[before:])
		}
	})
	t.Run("R81 inside the limits it starts by itself, outside them a person decides and it holds some days", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Consumer)
		w.Walk("2026-03-20 10:00")
		id, state := propose(w, d, arrangement.NewPlan{Number: 9, First: day("2026-04-01"), ByDebtor: true, By: "debtor"})
		if state != arrangement.PlanProposed || !slices.Contains(tasks(w), "plan_proposed") {
			t.Fatalf("the plan is %s, tasks %v", state, tasks(w))
		}
		if s := w.State("F1"); s.HeldRule != "R75" || s.NextAt == nil || !s.NextAt.Equal(dunningtest.At("2026-03-27 09:00")) {
			t.Errorf("held by %q until %v", s.HeldRule, s.NextAt)
		}
		w.In(func(tx store.Tx) error { return d.Reject(ctx, tx, id, "Graag in hooguit zes termijnen.", "anna") })
		if s := w.State("F1"); s.HeldRule != "" {
			t.Errorf("after the answer it is held by %q", s.HeldRule)
		}
		id, state = propose(w, d, arrangement.NewPlan{Number: 5, First: day("2026-04-01"), ByDebtor: true, By: "debtor"})
		p := planOf(w, id)
		if state != arrangement.PlanActive || !p.Plan.Automatic || p.Plan.AcceptedBy != "voldaan" {
			t.Errorf("the plan is %s: %+v", state, p.Plan)
		}
		w.Walk("2026-03-24 00:00")
		if text := body(t, w, "F1", "plan_refused"); !strings.Contains(text, "zes termijnen") {
			t.Errorf("the debtor was told %s", text)
		}
	})
	t.Run("R79 paid early, it completes early", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		id, _ := propose(w, d, arrangement.NewPlan{Number: 4, First: day("2026-04-01")})
		w.Books.Pay("F1", 60_000, day("2026-03-30"))
		w.Books.Sync()
		w.Walk("2026-04-01 12:00")
		if p := planOf(w, id); !slices.Equal(p.Paid, []int64{25_000, 0, 10_000, 25_000}) {
			t.Errorf("paid %v", p.Paid)
		}
		w.Books.Pay("F1", 40_000, day("2026-04-02"))
		w.Books.Sync()
		w.Walk("2026-04-03 00:00")
		if p := planOf(w, id); p.Plan.State != "completed" {
			t.Errorf("the plan is %s", p.Plan.State)
		}
	})
	t.Run("R80 a new invoice follows its own flow", func(t *testing.T) {
		t.Parallel()
		w, d := world(t, sdk.Business)
		w.Walk("2026-03-20 10:00")
		id, _ := propose(w, d, arrangement.NewPlan{Number: 4, First: day("2026-04-01")})
		w.Books.Put(dunningtest.Debtor("jan", sdk.Business), dunningtest.Invoice("F2", "jan", "2026-03-20", "2026-04-03", 20_000))
		w.Books.Sync()
		w.Walk("2026-04-15 00:00")
		if got := w.Sent("F2"); !slices.Contains(got, "invoice") || !slices.Contains(got, "reminder_1") {
			t.Errorf("F2 got %v, held by %q", got, w.State("F2").HeldRule)
		}
		if p := planOf(w, id); len(p.Invoices) != 1 {
			t.Errorf("the plan took it in: %v", p.Invoices)
		}
		if text := body(t, w, "F2", "reminder_1"); !strings.Contains(text, "F1") || !strings.Contains(text, "betalingsregeling") {
			t.Errorf("R46: the invoice on the plan is not named apart:\n%s", text)
		}
	})
}

func TestConditionalPlan(t *testing.T) {
	t.Parallel()
	// A business owes costs in its case, which opens in April.
	open := func(t *testing.T) (*dunningtest.World, *arrangement.Desk, uuid.UUID, arrangement.Progress) {
		w, d := world(t, sdk.Business)
		w.Walk("2026-04-20 00:00")
		if w.State("F1").Phase != "case" {
			t.Fatalf("no case: %s; %v", w.State("F1").Phase, w.Story("F1"))
		}
		id, _ := propose(w, d, arrangement.NewPlan{Number: 2, First: day("2026-05-01"), WaiveCosts: true})
		p := planOf(w, id)
		if p.Plan.Waiver != "conditional" || p.Plan.WaiveMinor != 15_000 || p.Plan.CostsMinor != 0 || p.Plan.PrincipalMinor != 100_000 || p.Plan.InterestMinor <= 0 {
			t.Fatalf("the plan covers %+v", p.Plan)
		}
		return w, d, id, p
	}
	waivers := func(w *dunningtest.World, p arrangement.Progress) (sum int64) {
		w.In(func(tx store.Tx) error {
			rows, err := tx.ClaimEntries(ctx, p.Plan.CaseID.UUID)
			for _, r := range rows {
				if r.Kind == "waiver" {
					sum += r.AmountMinor
				}
			}
			return err
		})
		return sum
	}
	t.Run("R82 completed, the waiver is final", func(t *testing.T) {
		t.Parallel()
		w, _, id, p := open(t)
		w.In(func(tx store.Tx) error {
			_, err := tx.Exec(ctx, "update payment_plan_instalment set interest_minor = 0 where plan_id = $1", id)
			return err
		})
		w.Books.Pay("F1", 100_000, day("2026-05-01"))
		w.Books.Sync()
		w.Walk("2026-05-02 00:00")
		if got := planOf(w, id); got.Plan.State != "completed" || got.Plan.Waiver != "final" || waivers(w, p) != -15_000 {
			t.Errorf("the plan is %s, its waiver %s, booked %d", got.Plan.State, got.Plan.Waiver, waivers(w, p))
		}
	})
	t.Run("R82 broken, the costs revive", func(t *testing.T) {
		t.Parallel()
		w, _, id, p := open(t)
		w.Walk("2026-05-20 00:00")
		if got := planOf(w, id); got.Plan.State != "broken" || got.Plan.Waiver != "lapsed" || waivers(w, p) != 0 {
			t.Errorf("the plan is %s, its waiver %s, booked %d", got.Plan.State, got.Plan.Waiver, waivers(w, p))
		}
		if s := w.State("F1"); s.Phase != "case" || s.NextStep == "" {
			t.Errorf("phase %s, next %s", s.Phase, s.NextStep)
		}
	})
}

func count(list []string, what string) (n int) {
	for _, s := range list {
		if s == what {
			n++
		}
	}
	return n
}
