package gallery

import (
	"fmt"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/sdk/money"
)

func agreements() []Exhibit {
	f := frame(component.Agreements, "Agreements")
	plan := deals.PlanModel{
		Frame: f, ID: "1", Debtor: "Noor Yilmaz", DebtorID: "2", State: "active", Title: "Under way", Tone: component.Ink, Covered: money.EUR(121000), Rest: money.EUR(80667), May: true,
		Facts:    []deals.Fact{{Label: "Proposed", Text: "by the debtor, today 10:30"}, {Label: "Started", Text: "by itself, inside your limits (R81)"}, {Label: "Every", Text: "month"}, {Label: "Grace", Text: "5 days, then a warning of 7 days"}},
		Invoices: []component.Link{{Label: "2026-0412", Href: "/invoices/1"}}, Warning: "Instalment 2 was not paid; the debtor has until 14 Dec 2026.",
		Instalments: []deals.Instalment{
			{Number: 1, Due: on("2026-11-01"), Amount: money.EUR(40333), Paid: money.EUR(40333), State: "Paid"},
			{Number: 2, Due: on("2026-12-01"), Amount: money.EUR(40333), Paid: money.EUR(10000), State: "Late", Principal: money.EUR(30000), Costs: money.EUR(10333)},
			{Number: 3, Due: on("2027-01-01"), Amount: money.EUR(40334), State: "To come"},
		},
	}
	dispute := deals.DisputeModel{
		Frame: f, ID: "1", Number: "2026-0412", Invoice: "/invoices/1", Debtor: "Noor Yilmaz", DebtorID: "2", State: "open", Title: "Open", Tone: component.Amber, Amount: money.EUR(21000), Open: money.EUR(121000),
		Facts: []deals.Fact{{Label: "What", Text: "The amount is not right"}, {Label: "Lines", Text: "line 2"}}, Note: "We agreed on another rate.", Files: []component.Link{{Label: "offerte.pdf", Href: "/arrangements/files/1"}},
		Owners: []component.Option{{Label: "Nobody yet"}, {Value: "1", Label: "Sanne van Dijk", Selected: true}}, Deadline: "2026-11-19", Late: true, May: true,
		Credit: component.TextInput{ID: "credit", Name: "credit", Label: "What you credit", Hint: "Leave empty for all of it, when you agree", InputMode: "decimal"}, Text: component.TextInput{ID: "text", Name: "text", Label: "What you tell the debtor", Rows: 3, Required: true},
	}
	debtor := deals.DebtorModel{
		Frame: f, ID: "2", Name: "Noor Yilmaz", Kind: "Consumer", Total: money.EUR(136125), May: true, Owner: true, Profile: debtorProfile(), Day: "2026-11-21", Last: "2026-12-05", First: "2026-11-28",
		Facts:    []deals.Fact{{Label: "E-mail", Text: "noor@debtor.example"}, {Label: "Address", Text: "Dorpsstraat 1, 1234 AB Ons Dorp"}},
		Invoices: []deals.Owed{{ID: "1", Number: "2026-0412", Due: on("2026-11-08"), Late: true, Open: money.EUR(121000), Ask: money.EUR(100000), Held: "held: a promise to pay"}, {ID: "3", Number: "2026-0430", Due: on("2026-12-04"), Open: money.EUR(15125), Ask: money.EUR(15125)}},
		Deals:    []deals.Row{{Debtor: "Promise", Number: "2026-0412", Invoice: "/invoices/1", Amount: money.EUR(50000), State: "Promised", Tone: component.Ink, On: on("2026-11-27"), Undo: "/promises/1/withdraw", UndoWord: "Withdraw"}, {Href: "/disputes/1", Debtor: "Dispute", Amount: money.EUR(21000), State: "Open", Tone: component.Amber, On: on("2026-12-01")}},
		Holds:    []deals.Hold{{Title: "Reminders paused, the whole debtor", Note: "Talks.", By: "Sanne van Dijk", At: now, Until: "Until it is resumed.", Undo: "/debtors/2/resume/1"}},
		Said:     []deals.Said{{How: "By e-mail", Text: "Which hours are these? I had agreed on a fixed price with your colleague.", At: now, Unread: true}, {How: "On their page", Text: "I pay half of it on Friday.", At: now}},
		Wishes:   []deals.Wish{{Title: "No e-mail", Why: "The debtor said so", At: now, Channel: "e-mail"}},
		Kinds:    []component.Option{{Value: "bankruptcy", Label: "Bankruptcy"}, {Value: "breathing_space", Label: "Municipal breathing space"}},
	}
	stopped := debtor
	stopped.Stopped, stopped.Stops = true, []deals.Stop{{ID: "1", Title: "Bankruptcy", EffectiveOn: on("2026-11-19"), Facts: []deals.Fact{{Label: "Known from", Text: "insolventies.rechtspraak.nl"}, {Label: "Number", Text: "F.13/26/101"}}, Todo: "Lodge the claim with the trustee (curator) in writing.", Undo: "tok", UndoUntil: "15:02"}}
	return []Exhibit{
		{"agreements", "plans", deals.List(planList())},
		{"agreements-promises", "promises, one of them late", deals.List(promiseList())},
		{"agreements-disputes", "disputes, one page of many", deals.List(disputeList())},
		{"agreements-paid", "who says to have paid", deals.List(paidList())},
		{"agreements-stops", "legal stops", deals.List(stopList())},
		{"agreements-none", "no promises yet", deals.List(empty(promiseList()))},
		{"agreements-none-tab", "no promise was broken", deals.List(under(empty(promiseList()), "Broken"))},
		{"agreements-none-found", "a search without an answer", deals.List(sought(empty(disputeList()), "zwaluw"))},
		{"agreements-none-match", "a filter without an answer", deals.List(overdue(empty(planList())))},
		{"plan", "a plan with a warning", deals.Plan(plan)},
		{"dispute", "a dispute to decide", deals.Dispute(dispute)},
		{"debtor", "a debtor", deals.Debtor(debtor)},
		{"debtor-stopped", "a legal stop", deals.Debtor(stopped)},
	}
}

// agreementList is a list of one kind of agreements, with the tabs beside it.
func agreementList(kind, title, path string, tabs ...string) deals.ListModel {
	m := deals.ListModel{Frame: frame(component.Agreements, title), Kind: kind, Sections: []component.Tab{
		{Label: "Plans", Href: "/plans", Count: 1, Tone: component.Amber}, {Label: "Promises", Href: "/promises", Count: 3}, {Label: "Disputes", Href: "/disputes", Count: 2, Tone: component.Amber},
		{Label: "Says paid", Href: "/paid-claims"}, {Label: "Legal stops", Href: "/legal-stops"},
	}}
	for i := range m.Sections {
		m.Sections[i].Active = m.Sections[i].Href == path
	}
	for i, label := range tabs {
		m.Tabs = append(m.Tabs, component.Tab{Label: label, Href: path + "?tab=" + label, Active: i == 0})
	}
	m.Tabs[0].Href = path
	m.Find = finder(path, kind, "Debtor, invoice or amount", filter("due", "Any day", "Any day", "Day has passed", "Within a week"))
	return m
}

func empty(m deals.ListModel) deals.ListModel {
	m.Rows, m.Pager = nil, component.Pager{}
	return m
}

func under(m deals.ListModel, tab string) deals.ListModel {
	for i := range m.Tabs {
		m.Tabs[i].Active = m.Tabs[i].Label == tab
	}
	return m
}

func sought(m deals.ListModel, text string) deals.ListModel {
	m.Find.Query = text
	return m
}

func overdue(m deals.ListModel) deals.ListModel {
	o := m.Find.Filters[0].Options
	o[0].Selected, o[1].Selected = false, true
	return m
}

func planList() deals.ListModel {
	m := agreementList("plans", "Plans", "/plans", "All", "Proposed", "Under way", "Ended")
	m.Pager.Shown = "3 plans"
	m.Rows = []deals.Row{
		{Href: "/plans/1", Debtor: "Noor Yilmaz", Number: "8 instalments", Note: "2026-0412", Amount: money.EUR(121000), State: "Waits for you", Tone: component.Amber, On: on("2026-11-20")},
		{Href: "/plans/2", Debtor: "Bakkerij De Gouden Aar", Number: "3 instalments", Note: "2026-0398, 2026-0401, 2026-0407", Amount: money.EUR(80667), State: "Under way", Tone: component.Ink, On: on("2026-11-02")},
		{Href: "/plans/3", Debtor: "Stichting Samenwerkende Woningcorporaties Utrecht en Omstreken", Number: "24 instalments", Note: "2026-0360", Amount: money.EUR(1249350), State: "Instalment missed", Tone: component.Amber, On: on("2026-09-15")},
	}
	return m
}

func promiseList() deals.ListModel {
	m := agreementList("promises", "Promises", "/promises", "All", "Open", "Kept", "Broken")
	m.Pager.Shown = "4 promises"
	m.Rows = []deals.Row{
		{Debtor: "Noor Yilmaz", DebtorID: "2", Number: "2026-0412", Invoice: "/invoices/1", Amount: money.EUR(50000), State: "Promised", Tone: component.Ink, On: on("2026-11-27"), Note: "By telephone.", Undo: "/promises/1/withdraw", UndoWord: "Withdraw"},
		{Debtor: "Garage Meijer", DebtorID: "4", Number: "2026-0402", Invoice: "/invoices/9", Amount: money.EUR(39930), State: "Promised", Tone: component.Ink, On: on("2026-11-19"), Late: true, Undo: "/promises/2/withdraw", UndoWord: "Withdraw"},
		{Debtor: "Stichting Samenwerkende Woningcorporaties Utrecht en Omstreken", DebtorID: "5", Number: "2026-0360", Invoice: "/invoices/5", Amount: money.EUR(1249350), State: "Kept in part", Tone: component.Amber, On: on("2026-11-10"), Note: "Pays when the subsidy of the municipality has come in, which was said to be in the second week of November."},
		{Debtor: "Hotel Zeezicht", DebtorID: "6", Number: "2026-0351", Invoice: "/invoices/6", Amount: money.EUR(18750), State: "Broken", Tone: component.Red, On: on("2026-11-03")},
	}
	return m
}

func disputeList() deals.ListModel {
	m := agreementList("disputes", "Disputes", "/disputes", "All", "Open", "Late", "To credit", "Decided")
	m.Find.Filters = append(m.Find.Filters, filter("reason", "Reason", "Any reason", "The amount is not right"), filter("owner", "Owner", "Any owner", "Nobody yet", "Mine"))
	m.Pager = component.Pager{Shown: "50 disputes", Next: "/disputes?after=x"}
	for i := range 14 {
		m.Rows = append(m.Rows, deals.Row{
			Href: fmt.Sprintf("/disputes/%d", i), Debtor: "Garage Meijer", Number: fmt.Sprintf("2026-04%02d", i), Invoice: "/invoices/9", Amount: money.EUR(int64(12100 + 977*i)), State: "Open", Tone: component.Amber,
			On: on("2026-12-01"), Owner: "Sanne van Dijk", Note: "The amount is not right",
		})
	}
	m.Rows[1].On, m.Rows[1].Late, m.Rows[1].Owner = on("2026-11-18"), true, ""
	m.Rows[2].State, m.Rows[2].Note = "Credit note to come", "It was not (all) delivered"
	m.Rows[3].State, m.Rows[3].Tone, m.Rows[3].Debtor = "Not accepted", component.Ink, "Stichting Samenwerkende Woningcorporaties Utrecht en Omstreken"
	return m
}

func paidList() deals.ListModel {
	m := agreementList("paid", "Says paid", "/paid-claims", "Open", "Found", "Not found", "All")
	m.Pager.Shown = "2 claims of payment"
	m.Rows = []deals.Row{
		{Debtor: "Noor Yilmaz", DebtorID: "2", Number: "2026-0412", Invoice: "/invoices/1", Amount: money.EUR(121000), State: "Looked for", Tone: component.Amber, On: on("2026-11-27"), Note: "Paid on 18 Nov 2026. With 1 file.", Yes: "/paid-claims/1/found", Undo: "/paid-claims/1/missing", UndoWord: "Not found"},
		{Debtor: "Aannemersbedrijf Koster & Zonen", DebtorID: "3", Number: "2026-0440", Invoice: "/invoices/5", Amount: money.EUR(1249350), State: "Looked for", Tone: component.Amber, On: on("2026-11-24"), Yes: "/paid-claims/2/found", Undo: "/paid-claims/2/missing", UndoWord: "Not found"},
	}
	return m
}

func stopList() deals.ListModel {
	m := agreementList("stops", "Legal stops", "/legal-stops", "In force", "Lifted", "All")
	m.Find = finder("/legal-stops", "legal stops", "Debtor, number or trustee", filter("kind", "Kind", "Any kind", "Bankruptcy", "Statutory debt relief (WSNP)"))
	m.Pager.Shown = "2 legal stops"
	m.Rows = []deals.Row{
		{Href: "/debtors/2", Debtor: "Noor Yilmaz", Number: "Statutory debt relief (WSNP)", Note: "R.13/26/44", On: on("2026-11-19"), State: "In force", Tone: component.Red},
		{Href: "/debtors/3", Debtor: "Hotel Zeezicht", Number: "Bankruptcy", Note: "F.13/26/101", On: on("2026-10-02"), State: "In force", Tone: component.Red},
	}
	return m
}
