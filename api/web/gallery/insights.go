package gallery

import (
	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/credit"
	"github.com/voldaan/voldaan/api/web/view/insight"
	"github.com/voldaan/voldaan/sdk/money"
)

func insights() []Exhibit {
	bar := func(label, name string, value int64, short, text string) chart.Bar {
		return chart.Bar{Label: label, Name: name, Value: value, Short: short, Text: text, Count: 3}
	}
	m := insight.Model{
		Frame: frame(component.Insight, "Insight"), On: "2026-11-21", Day: "21 Nov 2026", Today: "2026-11-21", CSV: "/insight.csv",
		Administrations: []component.Option{{Label: "All administrations", Selected: true}, {Value: "1", Label: "Van Dijk Installaties"}, {Value: "2", Label: "Van Dijk Onderhoud"}},
		Headline: []insight.Tile{
			{Label: "Reminders to a payer", Value: "0.0%", Note: "0 of 1,284 in a year; 3 on the same day"}, {Label: "Receivable", Value: "€84.2k", Note: "€85.0k less €0.8k credit"},
			{Label: "DSO", Value: "38.4 days", Note: "best possible 24.1 days, late 14.3 days"}, {Label: "Collection effectiveness", Value: "87.8%", Note: "of what was due in 90 days"},
		},
		Aging: []chart.Bar{bar("Not due", "Not due yet", 520, "€52.0k", "€52,010.00"), bar("1–30", "1 to 30 days late", 210, "€21.0k", "€21,040.00"), bar("31–60", "31 to 60 days late", 80, "€8.0k", "€8,012.00"), bar("61–90", "61 to 90 days late", 20, "€2.0k", "€2,050.00"), bar("91–120", "91 to 120 days late", 9, "€0.9k", "€910.00"), bar("> 120", "More than 120 days late", 10, "€1.0k", "€1,000.00")},
		AgingRows: []insight.AgingRow{
			{Label: "Not due yet", Invoices: "64", Open: "€52,010.00", Disputed: "€0.00"}, {Label: "1 to 30 days late", Invoices: "21", Open: "€21,040.00", Disputed: "€1,210.00"}, {Label: "31 to 60 days late", Invoices: "9", Open: "€8,012.00", Disputed: "€0.00"},
			{Label: "61 to 90 days late", Invoices: "3", Open: "€2,050.00", Disputed: "€0.00"}, {Label: "91 to 120 days late", Invoices: "1", Open: "€910.00", Disputed: "€0.00"}, {Label: "More than 120 days late", Invoices: "2", Open: "€1,000.00", Disputed: "€500.00"},
			{Label: "Not applied yet", Open: "−€822.00"}, {Label: "Receivable", Invoices: "100", Open: "€84,200.00", Disputed: "€1,710.00", Sum: true},
		},
		Error: "Forecasts of four weeks before were off by 11.4% on average.",
		Weeks: []insight.Week{{Label: "15 Nov 2026", Expected: "€14,200.00", Cash: "€13,110.00", Off: "8.3%"}, {Label: "8 Nov 2026", Expected: "€11,900.00", Cash: "€13,925.00", Off: "14.5%"}},
		Trial: insight.Trial{
			On: true, Share: component.TextInput{ID: "share", Name: "share", Label: "Share held back", Hint: "Of a hundred friendly reminders; 0 for none, 20 at most.", Type: "number", Value: "5"},
			Days: component.TextInput{ID: "days", Name: "days", Label: "Days", Hint: "How many days later they leave, 7 at most.", Type: "number", Value: "5"},
		},
		Steps: []insight.Step{{Title: "Reminder 1", Sent: "612", Demanded: "€310k", Paid: "58.2%", HeldBack: "41.0%", Lift: "17.2 ± 9.8 points", Note: "44 held back against 602 sent, over 5 days"}, {Title: "14-day letter", Sent: "31", Demanded: "€9k", Paid: "44.0%", HeldBack: "never", Lift: "–"}},
		Groups: []insight.Group{
			{ID: "days", Title: "Days", Rows: []insight.Figure{{Label: "DSO by countback", Value: "36.2 days", How: "Takes the sales of one month after the other off the receivable"}, {Label: "Weighted days late", Value: "9.8 days", How: "Payments of a year, and what is overdue at its age"}}},
			{ID: "agreements", Title: "Agreements and risk", Rows: []insight.Figure{{Label: "Promises kept", Value: "81.0%", How: "By value 86.2%"}, {Label: "Bad debt", Value: "0.2%", How: "Written off in a year, of sales"}}},
		},
	}
	for i, label := range []string{"D", "J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N"} {
		m.Trend = append(m.Trend, bar(label, label, int64(50-i), "44", "44 days"))
	}
	for _, label := range []string{"22 Nov", "29 Nov", "6 Dec", "13 Dec"} {
		m.Forecast = append(m.Forecast, bar(label, label, 12, "€12.0k", "€12,000.00"))
	}
	empty := insight.Model{Frame: frame(component.Insight, "Insight"), On: m.On, Day: m.Day, Today: m.Today, CSV: m.CSV, Empty: true}
	return []Exhibit{{"insight", "the figures of a day", insight.Page(m)}, {"insight-empty", "nothing to count", insight.Page(empty)}}
}

func credits() []Exhibit {
	tabs := func(late bool) []component.Tab {
		return []component.Tab{{Label: "Above a limit", Href: "/credit", Count: 1, Tone: component.Amber, Active: !late}, {Label: "Chronic late payers", Href: "/credit?tab=late", Active: late}}
	}
	f := frame(component.Credit, "Credit")
	alerts := credit.ListModel{Frame: f, Tabs: tabs(false), Alerts: []credit.Alert{
		{DebtorID: "1", Debtor: "Bouwbedrijf Visser", Exposure: money.EUR(2817440), Limit: money.EUR(2500000), Kind: "limit of the report", Raised: on("2026-11-19")},
		{DebtorID: "2", Debtor: "Garage Meijer", Exposure: money.EUR(610000), Limit: money.EUR(500000), Kind: "own limit", Raised: on("2026-10-02"), Ended: on("2026-10-28")},
	}}
	late := credit.ListModel{Frame: f, Tabs: tabs(true), Late: true, CSV: "/credit.csv", Payers: []credit.Payer{
		{DebtorID: "1", Debtor: "Bouwbedrijf Visser", City: "Zwolle", Days: "64", Score: "31", Tone: component.Red, Open: money.EUR(2817440), Overdue: money.EUR(1910000), Invoices: 7, Oldest: 112},
		{DebtorID: "3", Debtor: "Restaurant Het Veerhuis", City: "Kampen", Days: "33", Score: "58", Tone: component.Amber, Open: money.EUR(245025), Overdue: money.EUR(245025), Invoices: 1, Oldest: 40},
	}}
	input := func(id, label, value string) component.TextInput {
		return component.TextInput{ID: id, Name: "amount", Label: label, Value: value, InputMode: "decimal"}
	}
	one := credit.Model{
		Frame: f, ID: "1", Name: "Bouwbedrijf Visser", Score: "31 of 100", Band: "Poor", Tone: component.Red, Over: true,
		Parts: []credit.Part{{Text: "Everything paid on time", Points: "100"}, {Text: "Pays 64.0 days late, weighted by amount; what is overdue counts at its age", Points: "−41"}, {Text: "68% of what is open is overdue", Points: "−10"}, {Text: "The oldest invoice is 112 days overdue", Points: "−15"}},
		Total: money.EUR(2817440), Open: money.EUR(2567440), Unbilled: money.EUR(300000), Unapplied: money.EUR(50000), Limit: "The limit of the report of €25,000.00 counts: it is the lowest.",
		Limits: []credit.Limit{{Label: "Own limit", Amount: "€30,000.00"}, {Label: "Limit of the report", Amount: "€25,000.00"}},
		Reports: []credit.Report{
			{Source: "Handelsbureau", Grade: "B", Score: "61 of 100", Limit: "Limit €25,000.00.", Advice: "To be trusted with care", Status: "The company is active.", On: on("2026-11-02"), Fetched: "2 Nov 2026 10:12 by Anna", Facts: []string{"Chance of failure within twelve months: 1.25%", "Days beyond terms: 9", "Cost €4.50. Reference 7f3a-22"}},
			{Source: "Handelsbureau", Score: "not rated", Insolvent: true, On: on("2025-02-02"), Fetched: "2 Feb 2025 16:40 by Noor"},
		},
		Questions: []credit.Question{{Title: "An answer was lost", Text: "Handelsbureau, 19 Nov 2026 09:02. It is not known whether it was charged: look in your account there before you ask again."}},
		Companies: []credit.Company{
			{ID: "NL-1", Name: "Bouwbedrijf Visser B.V.", Detail: "05012345, Zwolle, active, found by its number", Price: "EUR 4.50", Cost: "A report costs €4.50; Handelsbureau charges it to you."},
			{ID: "NL-2", Name: "Visser Klussen", Detail: "05098765, Zwolle, active, found by its number", Refused: "This business is a person. Reports on persons are off; an owner can allow them under Credit, Rules."},
		},
		Risks:   []component.Option{{Value: "automatic", Label: "By the score: medium", Selected: true}, {Value: "low", Label: "Low"}, {Value: "medium", Label: "Medium"}, {Value: "high", Label: "High"}},
		RiskWhy: "The score of 31 is in between.",
		Agency:  "Handelsbureau", Own: input("own", "Own limit", "30000.00"), Manual: input("manual", "Manual limit", ""), NotBilled: input("unbilled", "Not billed yet", "3000.00"),
	}
	return []Exhibit{
		{"credit", "limits that were passed", credit.List(alerts)},
		{"credit-late", "chronic late payers", credit.List(late)},
		{"credit-rules", "how debtors are judged", credit.List(credit.ListModel{Frame: f, Tabs: append(tabs(true)[:1], component.Tab{Label: "Rules", Href: "/credit?tab=rules", Active: true}), Rules: &credit.Rules{
			Risk: true, High: component.TextInput{ID: "high", Name: "high", Label: "High risk below", Hint: "A score of 0 to 100. Insolvency is always a high risk.", Value: "30"},
			Low: component.TextInput{ID: "low", Name: "low", Label: "Low risk from", Hint: "101 for never. The agency's word alone makes no risk low.", Value: "85"},
		}})},
		{"credit-debtor", "one debtor", credit.Show(one)},
	}
}
