package policy_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

var (
	someFlow  = rapid.SampledFrom([]policy.Flow{business, consumer})
	someZones = rapid.SampledFrom([]*time.Location{nil, amsterdam, zone("Europe/London"), zone("America/New_York"), zone("Pacific/Auckland")})
	somePlace = rapid.SampledFrom([]string{"NL", "BE", "DE-BY", "GB"})
)

func drawDay(t *rapid.T, label string, from date.Date, min, max int) date.Date {
	return from.AddDays(rapid.IntRange(min, max).Draw(t, label))
}

// drawMoment makes any invoice at any stage of its flow, on any minute of three
// years, with all well otherwise.
func drawMoment(t *rapid.T, f policy.Flow) policy.Moment {
	invoiced := drawDay(t, "issued", on("2026-01-01"), 0, 800)
	m := moment(f, "", "2026-01-01", unsent, total(rapid.Int64Range(200, 500_000).Draw(t, "cents")))
	m.Days, m.DebtorZone = sendingDays("NL", somePlace.Draw(t, "debtor's country")), someZones.Draw(t, "debtor's zone")
	m.Seed, m.MinInterval = rapid.Uint32().Draw(t, "seed"), rapid.IntRange(0, 14).Draw(t, "interval")
	m.Issued, m.Due = invoiced, drawDay(t, "term", invoiced, 0, 60)
	m.GoLive = drawDay(t, "go-live", invoiced, -30, 30)
	m.Entry = rapid.SampledFrom([]policy.StepID{policy.Reminder1, policy.Reminder2, policy.OpenCase, ""}).Draw(t, "entry")
	m.SourceSent = rapid.Bool().Draw(t, "source sent")
	m.Done = map[policy.StepID]policy.Done{}
	m.Now = drawDay(t, "now", invoiced, 0, 120).In(amsterdam).Add(time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute")) * time.Minute)
	drawHistory(t, f, &m)
	m.Confirmed = m.Now
	return m
}

// drawHistory puts a run of steps behind the invoice, in order of time.
func drawHistory(t *rapid.T, f policy.Flow, m *policy.Moment) {
	day := m.Issued
	for _, step := range f.Steps[:rapid.IntRange(0, len(f.Steps)).Draw(t, "steps done")] {
		day = drawDay(t, "on", day, 0, 12)
		if day.After(date.Of(m.Now)) {
			break
		}
		outcome := rapid.SampledFrom([]string{policy.DoneSent, policy.DoneMerged, policy.DoneByHand, policy.DoneSkipped, policy.DoneParked}).Draw(t, "outcome")
		if step.ID == policy.SendInvoice || step.Statutory || step.ID == policy.OpenCase {
			outcome = policy.DoneSent
		}
		m.Done[step.ID] = policy.Done{Outcome: outcome, On: day}
		switch {
		case step.Statutory:
			m.CostsFrom = day.AddDays(rapid.IntRange(16, 24).Draw(t, "notice"))
		case step.ID == policy.OpenCase:
			m.CaseOpened = day
		}
	}
	if rapid.Bool().Draw(t, "reminded") {
		m.LastReminder = drawDay(t, "last reminder", date.Of(m.Now), -20, 0)
	}
	if rapid.Bool().Draw(t, "not before") {
		m.NotBefore, m.NotBeforeRule = drawDay(t, "until", date.Of(m.Now), -5, 14), "R34"
	}
}

func TestNextProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFlow.Draw(t, "flow")
		m := drawMoment(t, f)
		p := policy.Next(f, m.State)
		for _, s := range p.Skipped {
			if step, _ := f.Step(s.Step); step.Statutory || step.Phase.Beyond(receivable.Reminding) {
				t.Fatalf("R8: %s was passed over: %s", s.Step, s.Why)
			}
		}
		if p.Step == "" {
			return
		}
		if p.At.Before(m.Now) {
			t.Fatalf("P1: %s at %s is before %s", p.Step, p.At, m.Now)
		}
		day := date.Of(p.At.In(amsterdam))
		if !m.Days.IsSendingDay(day) {
			t.Fatalf("R13: %s on %s, %s", p.Step, day, m.Days.Why(day))
		}
		step, _ := f.Step(p.Step)
		if step.Demand && !step.Statutory && !m.LastReminder.IsZero() && day.Before(m.LastReminder.AddDays(m.MinInterval)) {
			t.Fatalf("R15: %s on %s, %d days after %s", p.Step, day, day.DaysSince(m.LastReminder), m.LastReminder)
		}
		if step.Demand && !day.After(m.Due) {
			t.Fatalf("R12: %s on %s is not after the due date %s", p.Step, day, m.Due)
		}
		if day.Before(m.GoLive) {
			t.Fatalf("R16: %s on %s is before %s", p.Step, day, m.GoLive)
		}
		m.Now, m.Confirmed, m.Step = p.At, p.At, step
		if v := policy.Gate(m); v.Outcome != policy.Pass {
			t.Fatalf("P2: %s was planned for %s by %s, where the gate says %s by %s: %s", p.Step, p.At, p.Rule, v.Outcome, v.Rule, v.Why)
		}
	})
}

// A plan holds until its moment when nothing happens meanwhile, unless its step
// was missed and another takes over.
func TestNextIsSteady(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFlow.Draw(t, "flow")
		m := drawMoment(t, f)
		p := policy.Next(f, m.State)
		wait := int64(p.At.Sub(m.Now))
		if p.Step == "" || p.Rule == "R8" || p.Rule == "R14" || p.Rule == "R16" || wait <= 0 {
			return
		}
		m.Now = m.Now.Add(time.Duration(rapid.Int64Range(0, wait).Draw(t, "later")))
		if q := policy.Next(f, m.State); q.Step != p.Step || !q.At.Equal(p.At) {
			t.Fatalf("%s at %s by %s became, at %s, %s at %s by %s", p.Step, p.At, p.Rule, m.Now, q.Step, q.At, q.Rule)
		}
	})
}

// A flow that is lived through ends, in its order, with every statutory step and
// with the minimum interval between any two reminders.
func TestWalkProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFlow.Draw(t, "flow")
		invoiced := drawDay(t, "issued", on("2026-01-01"), 0, 800)
		m := fresh(invoiced.String(), drawDay(t, "term", invoiced, 0, 45).String(), rapid.Int64Range(200, 500_000).Draw(t, "cents"))
		m.Seed = rapid.Uint32().Draw(t, "seed")
		events := map[string]change{}
		for range rapid.IntRange(0, 3).Draw(t, "events") {
			d := drawDay(t, "day", invoiced, 1, 120)
			events[d.String()] = rapid.SampledFrom([]change{
				books(m.Claim.Total.Minor/2 + 101), notBefore(d.AddDays(7).String(), "R34"),
				due(m.Due.AddDays(20).String()), hold(receivable.Paused, "debtor", d.AddDays(10).String()),
			}).Draw(t, "event")
		}
		steps := walk{flow: f, m: m, until: invoiced.AddDays(700).String(), events: events}.run(t, func(posted date.Date) date.Date { return posted.AddDays(17) })

		var last date.Date
		place := -1
		for _, s := range steps {
			i := slices.IndexFunc(f.Steps, func(o policy.Step) bool { return o.ID == s.step.ID })
			if i <= place {
				t.Fatalf("%s came after a later step:\n%s", s.step.ID, lines(steps))
			}
			place = i
			if !s.step.Demand {
				continue
			}
			if !last.IsZero() && !s.step.Statutory && s.on.DaysSince(last) < m.MinInterval {
				t.Fatalf("R15: %s only %d days after the reminder before it:\n%s", s.step.ID, s.on.DaysSince(last), lines(steps))
			}
			last = s.on
		}
		if place != len(f.Steps)-1 {
			t.Fatalf("the flow did not end:\n%s", lines(steps))
		}
		for _, must := range f.Steps {
			done := slices.ContainsFunc(steps, func(s taken) bool { return s.step.ID == must.ID })
			if (must.Statutory || must.Phase.Beyond(receivable.Reminding)) && !done {
				t.Fatalf("%s was left out:\n%s", must.ID, lines(steps))
			}
		}
	})
}

func TestGateProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFlow.Draw(t, "flow")
		m := drawMoment(t, f)
		m.Step = rapid.SampledFrom(f.Steps).Draw(t, "step")
		m.Claim.Received = money.EUR(rapid.Int64Range(0, 600_000).Draw(t, "received"))
		m.Confirmed = m.Now.Add(-time.Duration(rapid.IntRange(0, 60).Draw(t, "hours old")) * time.Hour)
		held := rapid.Bool().Draw(t, "held")
		if held {
			hold(rapid.SampledFrom([]receivable.HoldReason{
				receivable.Paused, receivable.Disputed, receivable.Replied, receivable.Uncertain, receivable.PresumedPaid, "other",
			}).Draw(t, "reason"), rapid.SampledFrom([]string{"invoice", "debtor", "administration"}).Draw(t, "scope"), "")(&m)
		}
		m.Status = rapid.SampledFrom([]sdk.InvoiceStatus{sdk.Open, sdk.Open, sdk.Open, sdk.Paid, sdk.Void, sdk.Draft, sdk.Uncollectible}).Draw(t, "status")
		m.Gone = rapid.Bool().Draw(t, "gone")

		v := policy.Gate(m)
		if v.Why == "" || v.Rule == "" {
			t.Fatalf("%+v gives no reason", v)
		}
		if v.Outcome == policy.Move && !v.Until.After(m.Now) {
			t.Fatalf("%s to %s, which is not after %s", v.Rule, v.Until, m.Now)
		}
		if v.Outcome != policy.Pass || !m.Step.Demand {
			return
		}
		switch {
		case !m.Claim.Open().Positive() || m.Status != sdk.Open:
			t.Fatalf("P3: %s passed with %s open, %s in the books", m.Step.ID, m.Claim.Open(), m.Status)
		case m.Now.Sub(m.Confirmed) > m.Freshness:
			t.Fatalf("P3: %s passed on books of %s ago", m.Step.ID, m.Now.Sub(m.Confirmed))
		case held || m.Gone:
			t.Fatalf("P3: %s passed though held", m.Step.ID)
		case !m.Overdue() || !m.HasInvoice():
			t.Fatalf("P3: %s passed before the due date, or before the invoice", m.Step.ID)
		}
		if u := policy.Gate(m); !reflect.DeepEqual(u, v) {
			t.Fatalf("%+v, then %+v", v, u)
		}
	})
}

func TestBundleProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := someFlow.Draw(t, "flow")
		now := on("2026-06-01").AddDays(rapid.IntRange(0, 60).Draw(t, "today")).In(amsterdam).Add(10 * time.Hour)
		var items []policy.Item
		for i := range rapid.IntRange(1, 6).Draw(t, "invoices") {
			m := drawMoment(t, f)
			shiftBy := date.Of(now).DaysSince(date.Of(m.Now))
			m = moved(m, shiftBy)
			m.Now, m.Confirmed, m.LastReminder, m.NotBefore = now, now, date.Date{}, date.Date{}
			if rapid.Bool().Draw(t, "disputed") {
				hold(receivable.Disputed, "invoice", "")(&m)
			}
			if rapid.Bool().Draw(t, "dollars") {
				dollars(&m)
			}
			p := policy.Next(f, m.State)
			m.Step, _ = f.Step(p.Step)
			items = append(items, policy.Item{ID: uuid.UUID{byte(i + 1)}, Flow: f.ID, Moment: m, Verdict: policy.Gate(m), NextStep: p.Step, NextAt: p.At})
		}
		woke := rapid.SampledFrom(items).Draw(t, "woke")
		msg := policy.Bundle(policy.Flows(), woke.ID, items)
		checkMessage(t, msg, woke, items)
		if again := policy.Bundle(policy.Flows(), woke.ID, rapid.Permutation(items).Draw(t, "order")); !reflect.DeepEqual(again, msg) {
			t.Fatalf("in another order %+v, not %+v", again, msg)
		}
	})
}

// moved shifts the dates of an invoice, so that its now becomes another day.
func moved(m policy.Moment, days int) policy.Moment {
	m.Issued, m.Due, m.GoLive = m.Issued.AddDays(days), m.Due.AddDays(days), m.GoLive.AddDays(days)
	done := map[policy.StepID]policy.Done{}
	for id, d := range m.Done {
		done[id] = policy.Done{Outcome: d.Outcome, On: d.On.AddDays(days)}
	}
	m.Done = done
	for _, d := range []*date.Date{&m.CostsFrom, &m.CaseOpened} {
		if !d.IsZero() {
			*d = d.AddDays(days)
		}
	}
	return m
}

func checkMessage(t *rapid.T, msg policy.Message, woke policy.Item, items []policy.Item) {
	t.Helper()
	if (woke.Verdict.Outcome == policy.Pass) == msg.Empty() {
		t.Fatalf("woke %s, message %+v", woke.Verdict.Outcome, msg)
	}
	lists := map[uuid.UUID]int{}
	for _, id := range append(slices.Clone(msg.Demanded), msg.NotDue...) {
		lists[id]++
	}
	for _, n := range msg.NotDemanded {
		lists[n.ID]++
	}
	for _, l := range msg.Left {
		lists[l.ID]++
	}
	sums := map[money.Currency]int64{}
	for _, it := range items {
		if lists[it.ID] != 1 {
			t.Fatalf("P4: invoice %s is in %d lists of %+v", it.ID, lists[it.ID], msg)
		}
		i := slices.Index(msg.Demanded, it.ID)
		if i < 0 {
			if it.ID == woke.ID && !msg.Empty() {
				t.Fatalf("the message is not about what woke us: %+v", msg)
			}
			continue
		}
		m := it.Moment
		if a := msg.Advance[i]; a.ID != it.ID {
			t.Fatalf("R44: %s advances in the place of %s", a.ID, it.ID)
		} else if step, ok := policy.Flows()[it.Flow].Step(a.Step); ok && step.Statutory {
			m.Step = step
		} else if a.Step != m.Step.ID {
			t.Fatalf("R44: %s advances to %s, its step is %s", it.ID, a.Step, m.Step.ID)
		}
		if v := policy.Gate(m); v.Outcome != policy.Pass {
			t.Fatalf("P4: %s is demanded at %s, where the gate says %s by %s", it.ID, m.Step.ID, v.Outcome, v.Rule)
		}
		sums[m.Claim.Open().Currency] += m.Claim.Open().Minor
	}
	if len(msg.Advance) != len(msg.Demanded) {
		t.Fatalf("R44: %d advance, %d are demanded", len(msg.Advance), len(msg.Demanded))
	}
	for _, total := range msg.Totals {
		if sums[total.Currency] != total.Minor || total.IsZero() && !woke.Moment.Claim.Open().IsZero() {
			t.Fatalf("R48: %s, but the invoices add up to %d", total, sums[total.Currency])
		}
	}
	if len(msg.Totals) != len(sums) {
		t.Fatalf("R48: totals %v of %v", msg.Totals, sums)
	}
}
