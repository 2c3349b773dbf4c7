package web

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/dashboard"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) dashboardRoutes() { s.look("GET /{$}", (*visit).dashboard) }

// courseWeeks is how far the line of open amounts looks back.
const courseWeeks = 12

func (v *visit) dashboard() error {
	var m dashboard.Model
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Dashboard, "Dashboard"); err != nil {
			return err
		}
		cur, err := dashboardSums(ctx, tx, &m)
		if err != nil {
			return err
		}
		for _, load := range []func(context.Context, store.Tx, *dashboard.Model, money.Currency) error{
			dashboardCharts, v.dashboardReceived, dashboardAttention, dashboardSends, dashboardBooks,
		} {
			if err := load(ctx, tx, &m, cur); err != nil {
				return fmt.Errorf("load the dashboard: %w", err)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(dashboard.Page(m))
}

// dashboardSums fills in what is open, in the currency of which most is.
func dashboardSums(ctx context.Context, tx store.Tx, m *dashboard.Model) (money.Currency, error) {
	sums, err := tx.OpenSums(ctx, m.Frame.Today())
	if err != nil {
		return "", fmt.Errorf("sum what is open: %w", err)
	}
	if len(sums) == 0 {
		m.Open, m.Overdue, m.Received = money.EUR(0), money.EUR(0), money.EUR(0)
		return "EUR", nil
	}
	top := sums[0]
	m.Open, m.OpenCount = money.Of(top.Open, top.Currency), int(top.Invoices)
	m.Overdue, m.OverdueCount = money.Of(top.Overdue, top.Currency), int(top.OverdueInvoices)
	return top.Currency, nil
}

var agingBuckets = []chart.Bar{
	{Label: "Not due", Name: "Not due yet"}, {Label: "1–30", Name: "1 to 30 days late"}, {Label: "31–60", Name: "31 to 60 days late"},
	{Label: "61–90", Name: "61 to 90 days late"}, {Label: "91–120", Name: "91 to 120 days late"}, {Label: "> 120", Name: "More than 120 days late"},
}

var funnelPhases = []component.Phase{component.Draft, component.Sent, component.Reminding, component.Final, component.Case, component.Bailiff}

func dashboardCharts(ctx context.Context, tx store.Tx, m *dashboard.Model, cur money.Currency) error {
	aging, err := tx.Aging(ctx, db.AgingParams{Today: m.Frame.Today(), Currency: cur})
	if err != nil {
		return err
	}
	m.Aging = append([]chart.Bar(nil), agingBuckets...)
	for _, a := range aging {
		fill(m.Frame, &m.Aging[a.Bucket], money.Of(a.Open, cur), int(a.Invoices))
	}
	phases, err := tx.PhaseSums(ctx, cur)
	if err != nil {
		return err
	}
	for _, p := range funnelPhases {
		bar := chart.Bar{Label: p.Label(), Legal: p == component.Case || p == component.Bailiff}
		for _, sum := range phases {
			if sum.Phase == string(p) {
				fill(m.Frame, &bar, money.Of(sum.Open, cur), int(sum.Invoices))
			}
		}
		if p != component.Draft || bar.Count > 0 {
			m.Phases = append(m.Phases, bar)
		}
	}
	today := m.Frame.Today()
	course, err := tx.OpenCourse(ctx, db.OpenCourseParams{First: today.AddDays(-7 * courseWeeks), Last: today, Currency: cur})
	if err != nil {
		return err
	}
	for _, c := range course {
		bar := chart.Bar{Label: m.Frame.Lang().Date(c.Day)}
		fill(m.Frame, &bar, money.Of(c.Open, cur), 0)
		m.OpenCourse = append(m.OpenCourse, bar)
	}
	return nil
}

func fill(f component.Frame, b *chart.Bar, a money.Amount, count int) {
	b.Value, b.Short, b.Text, b.Count = a.Minor, f.Lang().Round(a), f.Amount(a), count
}

// receivedDays is the stretch over which received money is summed.
const receivedDays = 30

func (v *visit) dashboardReceived(ctx context.Context, tx store.Tx, m *dashboard.Model, cur money.Currency) error {
	r, err := tx.ReceivedSince(ctx, db.ReceivedSinceParams{Currency: cur, Since: m.Frame.Today().AddDays(-receivedDays)})
	if err != nil {
		return err
	}
	m.Received = money.Of(r.Amount, cur)
	m.ReceivedNote = fmt.Sprintf("%s %s in %d days", m.Frame.Number(int(r.Payments)), plural(int(r.Payments), "payment", "payments"), receivedDays)
	now := m.Frame.Now
	w, err := v.reminders.CountWrong(ctx, tx, now, now.Location())
	if err != nil {
		return err
	}
	stopped, err := tx.StoppedReminders(ctx, db.StoppedRemindersParams{Since: now.AddDate(-1, 0, 0), Until: now})
	if err != nil {
		return err
	}
	m.Wrong = dashboard.WrongReminders{Wrong: w.Wrong, Sent: w.Sent, Stopped: int(stopped)}
	return nil
}

// taskLook is how tasks of a kind show on the dashboard.
type taskLook struct{ icon, one, many, href string }

var taskLooks = map[string]taskLook{
	"document_missing":   {"file-text", "invoice has no PDF yet", "invoices have no PDF yet", "/invoices?tab=attention"},
	"electronic_unfit":   {"globe", "electronic invoice is not right", "electronic invoices are not right", "/invoices?tab=attention"},
	"stale_books":        {"cloud-off", "administration has books that are not up to date", "administrations have books that are not up to date", "/invoices?tab=held"},
	"stale_bank":         {"landmark", "administration waits for a bank statement", "administrations wait for a bank statement", "/bank#upload"},
	"small_difference":   {"receipt", "small difference to decide", "small differences to decide", "/invoices?tab=attention"},
	"apply_credit":       {"wallet", "debtor has credit to apply", "debtors have credit to apply", "/invoices?tab=attention"},
	"no_address":         {"mail-warning", "debtor cannot be reached", "debtors cannot be reached", "/invoices?tab=attention"},
	"bad_address":        {"mail-warning", "address does not work", "addresses do not work", "/invoices?tab=attention"},
	"uncertain":          {"circle-help", "message may or may not have left", "messages may or may not have left", "/invoices?tab=attention"},
	"dispute":            {"circle-help", "dispute to decide", "disputes to decide", "/disputes?tab=open"},
	"dispute_late":       {"circle-alert", "dispute is past its deadline", "disputes are past their deadline", "/disputes?tab=late"},
	"credit_note":        {"receipt", "credit note to make", "credit notes to make", "/disputes?tab=credit"},
	"plan_proposed":      {"handshake", "debtor proposes a payment plan", "debtors propose a payment plan", "/plans?tab=proposed"},
	"plan_break":         {"handshake", "payment plan was not kept", "payment plans were not kept", "/plans?tab=active"},
	"paid_claim":         {"wallet", "debtor says to have paid", "debtors say to have paid", "/paid-claims"},
	"legal":              {"scale", "legal stop asks something of you", "legal stops ask something of you", "/legal-stops"},
	"legal_end":          {"scale", "breathing space has ended", "breathing spaces have ended", "/legal-stops"},
	"costs_open":         {"scale", "case has only costs left", "cases have only costs left", "/cases"},
	"credit_limit":       {"triangle-alert", "debtor is above the credit limit", "debtors are above the credit limit", "/credit"},
	"credit_change":      {"file-text", "credit report has changed", "credit reports have changed", "/credit"},
	"call_task":          {"user", "debtor to call", "debtors to call", "/invoices?tab=attention"},
	"contact_attempt":    {"user", "debtor to call", "debtors to call", "/invoices?tab=attention"},
	"provisional_figure": {"scale", "invoice waits for your approval of a figure", "invoices wait for your approval of a figure", "/settings/figures"},
	"rate_missing":       {"refresh-cw", "invoice waits for an exchange rate", "invoices wait for an exchange rate", "/settings/rates"},
	"charge_back":        {"undo-2", "payment was charged back", "payments were charged back", "/invoices?tab=attention"},
	"debit_refused":      {"refresh-cw", "refused debit to look at", "refused debits to look at", "/debits?tab=failed"},
	"debit_refunded":     {"refresh-cw", "debit was refunded", "debits were refunded", "/debits?tab=failed"},
	"debit_unauthorised": {"refresh-cw", "debit without a mandate at the bank", "debits without a mandate at the bank", "/debits?tab=failed"},
	"debit_unexplained":  {"refresh-cw", "debit failed without a reason", "debits failed without a reason", "/debits?tab=failed"},
	"debit_fault":        {"refresh-cw", "collection was refused by the bank", "collections were refused by the bank", "/debits?tab=failed"},
	"debit_untold":       {"refresh-cw", "collection could not be announced", "collections could not be announced", "/debits?tab=cancelled"},
	"debit_limit":        {"refresh-cw", "invoice is above a limit of direct debit", "invoices are above a limit of direct debit", "/debits"},
	"debit_creditor_id":  {"refresh-cw", "creditor id to correct", "creditor ids to correct", "/settings/debit"},
	"approval":           {"check", "step waits for your approval", "steps wait for your approval", "/approvals"},
	"webhook_disabled":   {"zap", "program is not told of events any more", "programs are not told of events any more", "/settings/webhooks"},
	"limitation":         {"scale", "invoice comes near limitation", "invoices come near limitation", "/invoices?tab=attention"},
	"interruption":       {"scale", "case comes near limitation", "cases come near limitation", "/cases"},
	"monitor_case":       {"gavel", "watched case to look at", "watched cases to look at", "/cases"},
	"hand_over":          {"gavel", "case needs a bailiff", "cases need a bailiff", "/cases"},
	"dossier_incomplete": {"gavel", "case cannot go to the bailiff yet", "cases cannot go to the bailiff yet", "/cases"},
	"bailiff_note":       {"gavel", "message of a bailiff", "messages of a bailiff", "/cases"},
	"bailiff_payment":    {"gavel", "payment at a bailiff to confirm", "payments at a bailiff to confirm", "/cases"},
	"bailiff_trouble":    {"gavel", "case does not reach its bailiff", "cases do not reach their bailiff", "/cases"},
	"bailiff_stray":      {"gavel", "message of a bailiff about no case of theirs", "messages of bailiffs about no case of theirs", "/cases/bailiffs"},
	"mandate_revoke":     {"refresh-cw", "mandate to withdraw at the payment provider", "mandates to withdraw at the payment provider", "/debits"},
	"ready_for_bailiff":  {"gavel", "case is ready for a bailiff", "cases are ready for a bailiff", "/cases"},
}

func dashboardAttention(ctx context.Context, tx store.Tx, m *dashboard.Model, _ money.Currency) error {
	if n := m.Frame.Unread; n > 0 {
		oldest, err := tx.OldestWaiting(ctx)
		if err != nil {
			return err
		}
		m.Attention = append(m.Attention, dashboard.Attention{
			Tone: component.Amber, Icon: "message-circle", Href: "/inbox",
			Title: fmt.Sprintf("%d %s for an answer", n, plural(n, "debtor waits", "debtors wait")), Text: "The oldest message is from " + m.Frame.Moment(oldest) + ".",
		})
	}
	kinds, err := tx.TaskKinds(ctx)
	if err != nil {
		return err
	}
	for _, k := range kinds {
		if k.Kind == "unread_message" {
			continue // said above
		}
		look, ok := taskLooks[k.Kind]
		if !ok {
			look = taskLook{"circle-alert", "task waits", "tasks wait", "/invoices?tab=attention"}
		}
		n := int(k.Tasks)
		m.Attention = append(m.Attention, dashboard.Attention{
			Tone: component.Amber, Icon: look.icon, Href: look.href,
			Title: fmt.Sprintf("%d %s", n, plural(n, look.one, look.many)), Text: cmp.Or(k.Title, "") + "; since " + m.Frame.Moment(k.Oldest) + ".",
		})
	}
	return nil
}

func dashboardSends(ctx context.Context, tx store.Tx, m *dashboard.Model, _ money.Currency) error {
	today, zone := m.Frame.Today(), m.Frame.Now.Location()
	rows, err := tx.PlannedSends(ctx, db.PlannedSendsParams{Zone: zone.String(), Since: today.In(zone), Before: today.AddDays(2).In(zone)})
	if err != nil {
		return err
	}
	for i, day := range []date.Date{today, today.AddDays(1)} {
		s := dashboard.Sends{Day: "Today", Note: "Nothing is planned."}
		if i == 1 {
			s.Day = "Tomorrow, " + m.Frame.Weekday(day)
		}
		if d := day.Weekday(); d == time.Saturday || d == time.Sunday {
			s.Note = d.String() + ": nothing is sent."
		}
		for _, r := range rows {
			if r.Day != day {
				continue
			}
			step, _ := policy.Flows()[r.Flow].Step(policy.StepID(r.NextStep))
			s.Note = ""
			s.Lines = append(s.Lines, dashboard.SendLine{Count: int(r.Invoices), What: step.Title + channelWords(step.Channels), Href: "/invoices?sort=due"})
		}
		m.Sends = append(m.Sends, s)
	}
	return nil
}

func dashboardBooks(ctx context.Context, tx store.Tx, m *dashboard.Model, _ money.Currency) error {
	rows, err := tx.Freshness(ctx)
	if err != nil {
		return err
	}
	m.New = len(rows) == 0 && m.OpenCount == 0
	for _, r := range rows {
		f := dashboard.Freshness{Name: r.Name, Source: r.Source, Href: "/bank"}
		if r.ConnectionID.Valid {
			f.Href = "/connections/" + r.ConnectionID.UUID.String() + "/sync"
		}
		if r.ConfirmedAt != nil {
			f.At = *r.ConfirmedAt
			f.Stale = m.Frame.Now.Sub(f.At) > r.Freshness
		}
		f.Problem = syncProblem(m.Frame, r)
		m.Books = append(m.Books, f)
	}
	return nil
}

// syncProblem says what is wrong with a connection and what happens next.
func syncProblem(f component.Frame, r db.FreshnessRow) string {
	switch {
	case r.State == "broken":
		return cmp.Or(r.StateReason, "The connection does not work any more. Connect it again.")
	case r.State == "paused":
		return "The connection is paused; its reminders wait."
	case (r.RunState == "failed" || r.RunState == "waiting") && r.NextTryAt != nil:
		return r.Problem + " We try again " + f.Moment(*r.NextTryAt) + "."
	case r.RunState == "failed":
		return r.Problem
	}
	return ""
}
