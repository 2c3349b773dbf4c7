package rehearsal

import (
	"cmp"
	"slices"
	"time"

	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/sdk/money"
)

// Message is one message or task that the flow makes.
type Message struct {
	At       time.Time
	Debtor   int
	Step     policy.StepID
	Title    string
	Flow     string
	Channels []policy.Channel
	Task     bool
	Demand   bool
	// Invoices are those that it is about, and Asks what it asks per currency.
	Invoices  []int
	Asks      []money.Amount
	Cost      int64 // in minor units of the prices' currency
	Statutory bool
}

// Result is what a flow would do.
type Result struct {
	Messages []Message // in the order of time
	Summary  Summary
}

// Summary is a result in figures.
type Summary struct {
	Invoices  int            `json:"invoices"`
	Debtors   int            `json:"debtors"`
	Messages  int            `json:"messages"`
	Tasks     int            `json:"tasks"`
	CostMinor int64          `json:"cost_minor"`
	Currency  money.Currency `json:"currency"`
	// Reached is the number of debtors who get anything.
	Reached int `json:"reached"`
	// Wrong counts the demands for an invoice that was paid by then. Anything but
	// none is a defect.
	Wrong int `json:"wrong"`
	// Spared counts the invoices that were paid before anything was asked.
	Spared    int            `json:"spared"`
	ByStep    []StepCount    `json:"by_step"`
	ByChannel []ChannelCount `json:"by_channel"`
	ByMonth   []MonthCount   `json:"by_month"`
}

// Cost is what all messages cost.
func (s Summary) Cost() money.Amount { return money.Of(s.CostMinor, s.Currency) }

// StepCount is how often a step is taken.
type StepCount struct {
	Step     policy.StepID `json:"step"`
	Title    string        `json:"title"`
	Messages int           `json:"messages"`
	Invoices int           `json:"invoices"`
	Task     bool          `json:"task"`
}

// ChannelCount is how often a channel is used and what that costs.
type ChannelCount struct {
	Channel   policy.Channel `json:"channel"`
	Messages  int            `json:"messages"`
	CostMinor int64          `json:"cost_minor"`
}

// MonthCount is how much happens in a month, as "2026-03".
type MonthCount struct {
	Month    string `json:"month"`
	Messages int    `json:"messages"`
	Tasks    int    `json:"tasks"`
}

// summarise counts, and checks the messages against the payments of the input
// rather than against what the run thought of them.
func summarise(in *Input, messages []Message) Summary {
	s := Summary{Invoices: len(in.Invoices), Debtors: len(in.Debtors), Currency: in.Prices.Currency, ByStep: []StepCount{}, ByChannel: []ChannelCount{}, ByMonth: []MonthCount{}}
	steps, months := map[policy.StepID]*StepCount{}, map[string]*MonthCount{}
	channels := map[policy.Channel]*ChannelCount{}
	reached, asked := map[int]bool{}, map[int]bool{}
	var order []policy.StepID
	for i := range messages {
		m := &messages[i]
		day := dayOf(m.At, in.Zone)
		key := day.String()[:7]
		if months[key] == nil {
			months[key] = &MonthCount{Month: key}
		}
		if steps[m.Step] == nil {
			steps[m.Step] = &StepCount{Step: m.Step, Title: m.Title, Task: m.Task}
			order = append(order, m.Step)
		}
		steps[m.Step].Messages++
		steps[m.Step].Invoices += len(m.Invoices)
		if m.Task {
			s.Tasks++
			months[key].Tasks++
			continue
		}
		s.Messages++
		months[key].Messages++
		s.CostMinor += m.Cost
		reached[m.Debtor] = true
		for _, c := range m.Channels {
			if channels[c] == nil {
				channels[c] = &ChannelCount{Channel: c}
			}
			channels[c].Messages++
			channels[c].CostMinor += in.Prices.Of[c]
		}
		if !m.Demand {
			continue
		}
		for _, inv := range m.Invoices {
			asked[inv] = true
			if i := &in.Invoices[inv]; i.paidBy(day) >= i.Total.Minor {
				s.Wrong++
			}
		}
	}
	s.Reached, s.Spared = len(reached), len(in.Invoices)-len(asked)
	for _, id := range order {
		s.ByStep = append(s.ByStep, *steps[id])
	}
	slices.SortStableFunc(s.ByStep, func(a, b StepCount) int { return cmp.Compare(rank(a.Step), rank(b.Step)) })
	for _, c := range policy.Channels() {
		if channels[c] != nil {
			s.ByChannel = append(s.ByChannel, *channels[c])
		}
	}
	for _, m := range months {
		s.ByMonth = append(s.ByMonth, *m)
	}
	slices.SortFunc(s.ByMonth, func(a, b MonthCount) int { return cmp.Compare(a.Month, b.Month) })
	return s
}

// rank is where a step comes in the flows that ship; one's own come last.
func rank(id policy.StepID) int {
	all := []policy.StepID{
		policy.SendInvoice, policy.PreReminder, policy.Reminder1, policy.Reminder2, policy.CallTask, policy.VoiceCall, policy.FinalReminder, policy.FourteenDay,
		policy.OpenCase, policy.ContactAttempt, policy.SummonsReminder, policy.PlanOffer, policy.Summons2, policy.PreJudicial, policy.ReadyForBailiff,
	}
	if i := slices.Index(all, id); i >= 0 {
		return i
	}
	return len(all)
}
