package policy_test

import (
	"maps"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// The invoice of the tables: EUR 1,000.00 of Monday 31 August 2026, sent that
// day, due on Monday 14 September. Its steps fall on
//
//	Thu 10 Sep  pre-reminder (business)   Fri 11 Sep  pre-reminder (consumer)
//	Thu 17 Sep  reminder 1                Thu 24 Sep  reminder 2
//	Mon 28 Sep  call (business)           Fri  2 Oct  final reminder (business)
//	Thu  1 Oct  14-day letter (consumer)  Sun 11 Oct  case (business)
var (
	amsterdam = zone("Europe/Amsterdam")
	dutch     = sendingDays("NL")
	business  = policy.Flows()["b2b-nl"].Adapt(byMail)
	consumer  = policy.Flows()["b2c-nl"].Adapt(byMail)
	byMail    = map[policy.Channel]bool{policy.Email: true, policy.Letter: true}
)

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func sendingDays(codes ...string) calendar.Days {
	days, err := calendar.SendingDays(codes...)
	if err != nil {
		panic(err)
	}
	return days
}

func on(s string) date.Date { return date.MustParse(s) }

// at reads "2026-09-17 10:00" in Amsterdam; a day alone is 10:00.
func at(s string) time.Time {
	if len(s) == len("2026-09-17") {
		s += " 10:00"
	}
	t, err := time.ParseInLocation("2006-01-02 15:04", s, amsterdam)
	if err != nil {
		panic(err)
	}
	return t
}

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(amsterdam).Format("2006-01-02 15:04")
}

func inDispute(minor int64) change {
	return func(m *policy.Moment) { m.Claim.Disputed = money.EUR(minor) }
}

func resume(step policy.StepID) change {
	return func(m *policy.Moment) { m.Resume = step }
}

// moment is the invoice above as the gate sees it with all well: fresh books, no
// hold, two addresses.
func moment(f policy.Flow, step policy.StepID, now string, changes ...change) policy.Moment {
	m := policy.Moment{
		State: policy.State{
			Now: at(now), Zone: amsterdam, Days: dutch, Kind: sdk.SalesInvoice,
			Issued: on("2026-08-31"), Due: on("2026-09-14"), GoLive: on("2026-01-01"), Entry: policy.Reminder1,
			Claim:       receivable.Claim{Total: money.EUR(100_000), Books: money.EUR(100_000)},
			Done:        map[policy.StepID]policy.Done{policy.SendInvoice: {Outcome: policy.DoneSent, On: on("2026-08-31")}},
			MinInterval: policy.DefaultMinInterval,
		},
		Status: sdk.Open, Confirmed: at(now), Freshness: policy.DefaultFreshness, HasDocument: true,
		Tolerance: money.EUR(100), DebtorOverdue: money.EUR(100_000),
		Address: map[policy.Channel]bool{policy.Email: true, policy.Letter: true},
	}
	m.Step, _ = f.Step(step)
	for _, c := range changes {
		c(&m)
	}
	return m
}

// state is moment without a step.
func state(now string, changes ...change) policy.State {
	return moment(business, "", now, changes...).State
}

// change is one thing that is different from the invoice above.
type change func(*policy.Moment)

func all(changes ...change) change {
	return func(m *policy.Moment) {
		for _, c := range changes {
			c(m)
		}
	}
}

func done(outcome string, days ...string) change {
	return func(m *policy.Moment) {
		behind := map[policy.StepID]policy.Done{}
		maps.Copy(behind, m.Done)
		m.Done = behind
		for i := 0; i < len(days); i += 2 {
			m.Done[policy.StepID(days[i])] = policy.Done{Outcome: outcome, On: on(days[i+1])}
		}
	}
}

// sent puts steps behind the invoice and before the debtor: step, day, step, day.
func sent(days ...string) change {
	return func(m *policy.Moment) {
		done(policy.DoneSent, days...)(m)
		for i := 0; i < len(days); i += 2 {
			if step := policy.StepID(days[i]); step != policy.SendInvoice && step != policy.PreReminder {
				m.LastReminder = date.Later(m.LastReminder, on(days[i+1]))
			}
		}
	}
}

func unsent(m *policy.Moment)     { m.Done = nil }
func bySource(m *policy.Moment)   { m.Done, m.SourceSent = nil, true }
func gone(m *policy.Moment)       { m.Gone = true }
func unread(m *policy.Moment)     { m.UnreadMessage = true }
func noDocument(m *policy.Moment) { m.HasDocument = false }

func issued(d string) change { return func(m *policy.Moment) { m.Issued = on(d) } }
func due(d string) change    { return func(m *policy.Moment) { m.Due = on(d) } }
func goLive(d string) change { return func(m *policy.Moment) { m.GoLive = on(d) } }
func entry(s policy.StepID) change {
	return func(m *policy.Moment) { m.Entry = s }
}
func last(d string) change { return func(m *policy.Moment) { m.LastReminder = on(d) } }
func reversed(on string) change {
	return func(m *policy.Moment) { m.Reversed = date.MustParse(on) }
}

func unapproved(m *policy.Moment) {
	m.Unapproved = []policy.Figure{{Name: "NL: a rate", Value: "4.00%", Why: "the rate is carried forward"}}
}

func booksHold(why sdk.InvoiceHold, since string) change {
	return func(m *policy.Moment) { m.BooksHold, m.BooksHoldSince = why, at(since) }
}

func notBefore(d, rule string) change {
	return func(m *policy.Moment) { m.NotBefore, m.NotBeforeRule = on(d), rule }
}
func costsFrom(d string) change { return func(m *policy.Moment) { m.CostsFrom = on(d) } }
func inCase(d string) change    { return func(m *policy.Moment) { m.CaseOpened = on(d) } }
func calendars(codes ...string) change {
	return func(m *policy.Moment) { m.Days = sendingDays(codes...) }
}
func debtorZone(name string) change {
	return func(m *policy.Moment) { m.DebtorZone = zone(name) }
}
func total(cents int64) change {
	return func(m *policy.Moment) {
		m.Claim = receivable.Claim{Total: money.EUR(cents), Books: money.EUR(cents)}
		m.DebtorOverdue = money.EUR(cents)
	}
}

// dollars turns the claim into one in another currency.
func dollars(m *policy.Moment) {
	m.Claim.Total.Currency, m.Claim.Books.Currency = "USD", "USD"
}

// books sets what the books still expect; received what we saw and they did not.
func books(cents int64) change {
	return func(m *policy.Moment) { m.Claim.Books = money.EUR(cents) }
}
func received(cents int64) change {
	return func(m *policy.Moment) { m.Claim.Received = money.EUR(cents) }
}
func credit(cents int64) change {
	return func(m *policy.Moment) { m.Credit = money.EUR(cents) }
}
func debtorOverdue(cents int64) change {
	return func(m *policy.Moment) { m.DebtorOverdue = money.EUR(cents) }
}
func status(s sdk.InvoiceStatus) change { return func(m *policy.Moment) { m.Status = s } }
func kind(k sdk.InvoiceKind) change     { return func(m *policy.Moment) { m.Kind = k } }
func confirmed(t string) change         { return func(m *policy.Moment) { m.Confirmed = at(t) } }
func planned(t string) change           { return func(m *policy.Moment) { m.Planned = at(t) } }
func bank(t string) change              { return func(m *policy.Moment) { m.BankConfirmed = at(t) } }
func problem(why string) change         { return func(m *policy.Moment) { m.Problem = why } }
func pending(t string) change           { return func(m *policy.Moment) { m.PaymentPending = at(t) } }
func hold(r receivable.HoldReason, scope, until string) change {
	return func(m *policy.Moment) {
		h := policy.Hold{Reason: r, Scope: scope}
		if until != "" {
			h.Until = at(until)
		}
		m.Holds = append(m.Holds, h)
	}
}
func reach(channels ...policy.Channel) change {
	return func(m *policy.Moment) {
		m.Address = map[policy.Channel]bool{}
		for _, c := range channels {
			m.Address[c] = true
		}
	}
}

// noticeTerm is the first day on which costs are due after a letter posted on a
// day, by the law.
func noticeTerm(t testing.TB, posted date.Date) date.Date {
	t.Helper()
	pack, err := law.Pack("NL")
	if err != nil {
		t.Fatal(err)
	}
	term, err := pack.NoticeTerm(law.Delivery{Sent: posted, Channel: law.Post})
	if err != nil {
		t.Fatal(err)
	}
	return term.CostsFrom
}
