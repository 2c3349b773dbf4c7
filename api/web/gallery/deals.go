package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/sdk/money"
)

func agreements() []Exhibit {
	f := frame(component.Agreements, "Agreements")
	sections := []component.Tab{{Label: "Plans", Href: "/plans", Count: 1, Tone: component.Amber, Active: true}, {Label: "Promises", Href: "/promises", Count: 3}, {Label: "Disputes", Href: "/disputes", Count: 2, Tone: component.Amber}, {Label: "Says paid", Href: "/paid-claims"}, {Label: "Legal stops", Href: "/legal-stops"}}
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
		Kinds:    []component.Option{{Value: "bankruptcy", Label: "Bankruptcy"}, {Value: "breathing_space", Label: "Municipal breathing space"}},
	}
	stopped := debtor
	stopped.Stopped, stopped.Stops = true, []deals.Stop{{ID: "1", Title: "Bankruptcy", EffectiveOn: on("2026-11-19"), Facts: []deals.Fact{{Label: "Known from", Text: "insolventies.rechtspraak.nl"}, {Label: "Number", Text: "F.13/26/101"}}, Todo: "Lodge the claim with the trustee (curator) in writing."}}
	return []Exhibit{
		{"agreements", "plans", deals.List(deals.ListModel{Frame: f, Kind: "plans", Sections: sections, Rows: []deals.Row{
			{Href: "/plans/1", Debtor: "Noor Yilmaz", Number: "8 instalments", Amount: money.EUR(121000), State: "Waits for you", Tone: component.Amber, On: on("2026-11-20")},
			{Href: "/plans/2", Debtor: "Bakkerij De Gouden Aar", Number: "3 instalments", Amount: money.EUR(80667), State: "Under way", Tone: component.Ink, On: on("2026-11-02")},
		}})},
		{"agreements-paid", "who says to have paid", deals.List(deals.ListModel{Frame: f, Kind: "paid", Sections: sections, Rows: []deals.Row{{Debtor: "Noor Yilmaz", DebtorID: "2", Number: "2026-0412", Invoice: "/invoices/1", Amount: money.EUR(121000), State: "Looked for", Tone: component.Amber, On: on("2026-11-27"), Note: "Paid on 18 Nov 2026. With 1 file.", Yes: "/paid-claims/1/found", Undo: "/paid-claims/1/missing", UndoWord: "Not found"}}})},
		{"agreements-none", "no promises", deals.List(deals.ListModel{Frame: f, Kind: "promises", Sections: sections})},
		{"plan", "a plan with a warning", deals.Plan(plan)},
		{"dispute", "a dispute to decide", deals.Dispute(dispute)},
		{"debtor", "a debtor", deals.Debtor(debtor)},
		{"debtor-stopped", "a legal stop", deals.Debtor(stopped)},
	}
}
