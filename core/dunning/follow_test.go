package dunning_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	booksync "github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

func act(w *dunningtest.World) flow.Act { return flow.Act{By: "anna", At: w.Clock.Now()} }

// publish makes a flow of the tenant's own, or its next version, from a shipped
// one.
func publish(w *dunningtest.World, id, from string, change func(*policy.Flow)) {
	w.T.Helper()
	w.In(func(tx store.Tx) error {
		ctx, f := context.Background(), policy.Flows()[from]
		f.Steps = slices.Clone(f.Steps)
		f.ID, f.Title = id, "Ours"
		change(&f)
		err := flow.Import(ctx, tx, f, act(w))
		if fault.Is(err, fault.Conflict) {
			err = flow.Save(ctx, tx, f, act(w))
		}
		if err != nil {
			return err
		}
		_, err = flow.Publish(ctx, tx, id, "", act(w))
		return err
	})
}

func choose(w *dunningtest.World, scope flow.Scope, subject, id string) {
	w.T.Helper()
	w.In(func(tx store.Tx) error { return flow.Choose(context.Background(), tx, scope, subject, id, act(w)) })
}

// carry does what a change of flows left to the carrier, and returns how many
// batches there were.
func carry(w *dunningtest.World) int {
	w.T.Helper()
	ctx := context.Background()
	rows, err := w.Store.Door().DoorClaimOutbox(ctx, db.DoorClaimOutboxParams{Kinds: []string{flow.KindReplan}, Most: 100, Lease: time.Minute})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, o := range rows {
		var b flow.Batch
		if err := json.Unmarshal(o.Payload, &b); err != nil {
			w.T.Fatal(err)
		}
		w.In(func(tx store.Tx) error {
			ids, err := tx.OpenCollectionsOfDebtors(ctx, b.Debtors)
			if err != nil {
				return err
			}
			return w.Planner.Replan(ctx, tx, ids)
		})
		if err := w.Store.Door().DoorFinishOutbox(ctx, []int64{o.ID}); err != nil {
			w.T.Fatal(err)
		}
	}
	return len(rows)
}

func shift(step policy.StepID, offset int) func(*policy.Flow) {
	return func(f *policy.Flow) {
		i := slices.IndexFunc(f.Steps, func(s policy.Step) bool { return s.ID == step })
		f.Steps[i].Offset = offset
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	t.Run("R118 an edit counts from the next gate", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		publish(w, "ours", "b2b-nl", func(*policy.Flow) {})
		choose(w, flow.OfDebtor, w.DebtorID("jan").String(), "ours")
		carry(w)
		w.Walk("2026-03-20 00:00")
		if c := w.State("F1"); c.Flow != "ours" || c.FlowVersion != 1 || c.NextStep != "reminder_2" {
			t.Fatalf("follows %s %d, next %s", c.Flow, c.FlowVersion, c.NextStep)
		}
		before := message(w, "F1", "reminder_1")
		publish(w, "ours", "b2b-nl", shift(policy.Reminder2, 11)) // planned at 10 days, and nobody plans again
		w.Walk("2026-03-26 23:00")
		if got := w.Sent("F1"); slices.Contains(got, "reminder_2") {
			t.Errorf("it went out by the old version: %v", w.Story("F1"))
		}
		w.Walk("2026-03-28 00:00")
		if c := w.State("F1"); c.FlowVersion != 2 || !slices.Contains(w.Story("F1"), "2026-03-27 sent reminder_2 R1") {
			t.Errorf("version %d: %v", c.FlowVersion, w.Story("F1"))
		}
		if after := message(w, "F1", "reminder_1"); after.BodyText != before.BodyText || after.Template != before.Template || after.Recipient != before.Recipient {
			t.Error("what was sent changed")
		}
	})
	t.Run("R118 the carrier plans again what moves forward", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		publish(w, "ours", "b2b-nl", func(*policy.Flow) {})
		choose(w, flow.OfInvoice, w.ID("F1").String(), "ours")
		if n := carry(w); n != 1 {
			t.Fatalf("%d batches", n)
		}
		publish(w, "ours", "b2b-nl", shift(policy.PreReminder, -7))
		carry(w)
		w.Walk("2026-03-10 00:00")
		if got := w.Sent("F1"); !slices.Contains(got, "pre_reminder") {
			t.Errorf("sent %v", got)
		}
	})
	t.Run("the most specific choice wins", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		ctx := context.Background()
		follows := func(want string, scope flow.Scope) {
			t.Helper()
			carry(w)
			var e dunning.Explanation
			w.In(func(tx store.Tx) (err error) {
				e, err = w.Planner.Explain(ctx, tx, w.ID("F1"))
				return err
			})
			if e.Assigned.Flow.ID != want || e.Assigned.Scope != scope || w.State("F1").Flow != want {
				t.Errorf("follows %s (%s, in the plan %s), want %s: %s", e.Assigned.Flow.ID, e.Assigned.Scope, w.State("F1").Flow, want, e.Assigned.Why)
			}
		}
		follows("b2b-nl", flow.OfAdministration)
		w.In(func(tx store.Tx) error {
			return flow.PutSegment(ctx, tx, flow.Segment{Name: "large", Rank: 1, Rule: &policy.Condition{MinMinor: 200_000}}, act(w))
		})
		choose(w, flow.OfSegment, "large", "high-risk")
		follows("high-risk", flow.OfSegment)
		choose(w, flow.OfDebtor, w.DebtorID("jan").String(), "key-account")
		follows("key-account", flow.OfDebtor)
		choose(w, flow.OfInvoice, w.ID("F1").String(), "public-body")
		follows("public-body", flow.OfInvoice)
		choose(w, flow.OfInvoice, w.ID("F1").String(), "")
		follows("key-account", flow.OfDebtor)
	})
	t.Run("R102 a flow for businesses is not for anybody else", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Unknown)
		choose(w, flow.OfDebtor, w.DebtorID("jan").String(), "high-risk")
		carry(w)
		if got := w.State("F1").Flow; got != "b2c-nl" {
			t.Errorf("follows %s", got)
		}
	})
	t.Run("R49 nothing is merged across creditors", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		other := uuid.New()
		w.In(func(tx store.Tx) error {
			ctx := context.Background()
			if err := tx.AddAdministration(ctx, db.AddAdministrationParams{
				ID: other, TenantID: w.Tenant, ExternalID: "2", Name: "Banketbakkerij", Country: "NL", Currency: "EUR", TimeZone: "Europe/Amsterdam", Language: "nl", LegalName: "Banketbakkerij Voorbeeld B.V.",
			}); err != nil {
				return err
			}
			if err := tx.SetGoLive(ctx, db.SetGoLiveParams{ID: other, GoLiveOn: date.MustParse("2026-01-01"), EntryStep: "reminder_1"}); err != nil {
				return err
			}
			inv := dunningtest.Invoice("G1", "jan", "2026-03-02", "2026-03-16", 50_000)
			inv.Sent = w.Clock.Now()
			c, err := booksync.Apply(ctx, tx, other, booksync.Batch{Parties: []sdk.Party{dunningtest.Debtor("jan", sdk.Business)}, Invoices: []sdk.Invoice{inv}}, w.Clock.Now())
			if err != nil {
				return err
			}
			return w.Planner.InvoicesChanged(ctx, tx, other, c.Invoices)
		})
		w.Walk("2026-03-20 00:00")
		perMessage := map[uuid.UUID]int{}
		w.In(func(tx store.Tx) error {
			rows, err := tx.Query(context.Background(), `select m.id, count(distinct i.administration_id) from message m
				join message_invoice mi on mi.message_id = m.id join invoice i on i.id = mi.invoice_id where m.step = 'reminder_1' group by m.id`)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id uuid.UUID
				var n int
				if err := rows.Scan(&id, &n); err != nil {
					return err
				}
				perMessage[id] = n
			}
			return rows.Err()
		})
		if len(perMessage) != 2 {
			t.Errorf("%d messages for two creditors", len(perMessage))
		}
		for id, n := range perMessage {
			if n != 1 {
				t.Errorf("message %s is of %d creditors", id, n)
			}
		}
	})
	t.Run("R50 left out of one message, eligible for the next", func(t *testing.T) {
		t.Parallel()
		w := three(t)
		w.Walk("2026-03-26 07:00") // F1 is to get reminder 2 and F2 its first today
		w.In(func(tx store.Tx) error { return w.Planner.LeaveOut(context.Background(), tx, w.ID("F2"), "anna") })
		w.Walk("2026-03-27 00:00")
		if got := w.Sent("F2"); slices.Contains(got, "reminder_1") {
			t.Fatalf("F2 went along all the same: %v", got)
		}
		if got := w.Sent("F1"); !slices.Contains(got, "reminder_2") {
			t.Fatalf("F1 was held up: %v", w.Story("F1"))
		}
		w.Walk("2026-04-04 00:00")
		if got := w.Sent("F2"); !slices.Contains(got, "reminder_1") {
			t.Errorf("F2 never came back: %v", w.Story("F2"))
		}
	})
}

func TestSmallAmount(t *testing.T) {
	t.Parallel()
	w := dunningtest.New(t, "2026-03-02 07:00")
	w.Books.Put(dunningtest.Debtor("jan", sdk.Business),
		dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 2_000),
		dunningtest.Invoice("F2", "jan", "2026-04-01", "2026-04-15", 20_000))
	w.Books.Sync()
	choose(w, flow.OfInvoice, w.ID("F1").String(), "small-amount")
	carry(w)
	w.Walk("2026-04-15 00:00")
	if c := w.State("F1"); c.NextStep != "with_next_invoice" || c.NextAt != nil {
		t.Fatalf("next is %s at %v: %v", c.NextStep, c.NextAt, w.Story("F1"))
	}
	w.Walk("2026-04-25 00:00")
	m := message(w, "F2", "reminder_1")
	if got := roles(w, m.ID); got["F1"] != "demanded" || got["F2"] != "demanded" {
		t.Errorf("roles %v: %v", got, w.Story("F1"))
	}
}

func TestApprovals(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) *dunningtest.World {
		w := world(t, sdk.Business)
		w.In(func(tx store.Tx) error {
			if err := tx.SetSending(context.Background(), db.SetSendingParams{ID: w.Adm, Sending: []byte("{}"), MinimumInterval: 7, ApproveCasesDays: 1000, EntryStep: "reminder_1"}); err != nil {
				return err
			}
			return w.Planner.Replan(context.Background(), tx, []uuid.UUID{w.ID("F1")})
		})
		w.Walk("2026-04-20 00:00")
		if c := w.State("F1"); c.HeldRule != policy.NeedsApproval || c.NextStep != "case_opened" || slices.Contains(w.Sent("F1"), "case_opened") {
			t.Fatalf("held by %q before %s: %v", c.HeldRule, c.NextStep, w.Story("F1"))
		}
		if got := tasks(w); !slices.Contains(got, policy.NeedsApproval) {
			t.Fatalf("tasks %v", got)
		}
		return w
	}
	t.Run("a case waits and opens once it is approved", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.In(func(tx store.Tx) error {
			done, err := w.Planner.Approve(context.Background(), tx, []uuid.UUID{w.ID("F1"), uuid.New()}, "anna")
			if !slices.Equal(done, []uuid.UUID{w.ID("F1")}) {
				t.Errorf("approved %v", done)
			}
			return err
		})
		w.Walk("2026-04-22 00:00")
		if !slices.Contains(w.Sent("F1"), "case_opened") || slices.Contains(tasks(w), policy.NeedsApproval) {
			t.Errorf("%v, tasks %v", w.Story("F1"), tasks(w))
		}
	})
	t.Run("an approval that is taken back in time was not given", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		both := []uuid.UUID{w.ID("F1"), uuid.New()}
		w.In(func(tx store.Tx) error {
			if back, err := w.Planner.TakeBackApproval(context.Background(), tx, both, "anna"); len(back) != 0 || err != nil {
				t.Errorf("took back %v before it was given: %v", back, err)
			}
			if _, err := w.Planner.Approve(context.Background(), tx, both, "anna"); err != nil {
				return err
			}
			back, err := w.Planner.TakeBackApproval(context.Background(), tx, both, "anna")
			if !slices.Equal(back, both[:1]) {
				t.Errorf("took back %v", back)
			}
			return err
		})
		w.Walk("2026-04-22 00:00")
		if c := w.State("F1"); c.HeldRule != policy.NeedsApproval || slices.Contains(w.Sent("F1"), "case_opened") || !slices.Contains(tasks(w), policy.NeedsApproval) {
			t.Errorf("held by %q, tasks %v: %v", c.HeldRule, tasks(w), w.Story("F1"))
		}
		w.In(func(tx store.Tx) error {
			_, err := w.Planner.Approve(context.Background(), tx, both, "anna")
			return err
		})
		w.Walk("2026-04-24 00:00")
		w.In(func(tx store.Tx) error {
			back, err := w.Planner.TakeBackApproval(context.Background(), tx, both, "anna")
			if len(back) != 0 || !slices.Contains(w.Sent("F1"), "case_opened") {
				t.Errorf("took back %v after it was taken: %v", back, w.Story("F1"))
			}
			return err
		})
	})
	t.Run("a refusal holds it with its reason", func(t *testing.T) {
		t.Parallel()
		w := start(t)
		w.In(func(tx store.Tx) error {
			if _, err := w.Planner.Refuse(context.Background(), tx, []uuid.UUID{w.ID("F1")}, " ", "anna"); !fault.Is(err, fault.Invalid) {
				t.Errorf("refused without a reason: %v", err)
			}
			pauses, err := w.Planner.Refuse(context.Background(), tx, []uuid.UUID{w.ID("F1")}, "talks are under way", "anna")
			if len(pauses) != 1 {
				t.Errorf("refused %v", pauses)
			}
			return err
		})
		w.Walk("2026-06-01 00:00")
		if c := w.State("F1"); c.HeldRule != "R64" || slices.Contains(w.Sent("F1"), "case_opened") {
			t.Errorf("held by %q: %v", c.HeldRule, w.Story("F1"))
		}
	})
}

func TestExplain(t *testing.T) {
	t.Parallel()
	w := world(t, sdk.Business)
	w.Walk("2026-03-20 00:00")
	var e dunning.Explanation
	w.In(func(tx store.Tx) (err error) {
		e, err = w.Planner.Explain(context.Background(), tx, w.ID("F1"))
		return err
	})
	if e.Next.Step != policy.Reminder2 || e.Verdict.Outcome != policy.Pass || len(e.Behind) != 3 || e.Behind[2].Step != policy.Reminder1 {
		t.Errorf("next %s (%s), behind %v", e.Next.Step, e.Verdict.Outcome, e.Behind)
	}
	var path []string
	for _, a := range e.Ahead {
		path = append(path, a.At.In(dunningtest.Amsterdam).Format("2006-01-02")+" "+string(a.Step.ID))
	}
	want := []string{
		"2026-03-26 reminder_2", "2026-03-30 call_task", "2026-04-07 final_reminder", "2026-04-15 case_opened", "2026-04-22 summons_reminder",
		"2026-04-29 summons_2", "2026-05-08 pre_judicial", "2026-05-18 ready_for_bailiff",
	}
	if !slices.Equal(path, want) {
		t.Errorf("the path is %v, want %v", path, want)
	}
}
