package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/sdk/money"
)

func debtorRooms() []Exhibit {
	none, found, fresh := debtorsRoom(), debtorsRoom(), debtorsRoom()
	none.Rows, none.Pager = nil, component.Pager{}
	found.Rows, found.Find.Query = nil, "kosters"
	fresh.Rows, fresh.New = nil, true
	return []Exhibit{
		{"debtors", "who owes", deals.Debtors(debtorsRoom())},
		{"debtors-none", "nobody owes anything", deals.Debtors(none)},
		{"debtors-search", "nobody is found", deals.Debtors(found)},
		{"debtors-new", "no books yet", deals.Debtors(fresh)},
	}
}

func debtorsRoom() deals.DebtorsModel {
	return deals.DebtorsModel{
		Frame: frame(component.Debtors, "Debtors"), Find: finder("/debtors", "debtors", "Name, e-mail or number", anySegment(), anyRisk()), Pager: component.Pager{Shown: "4 debtors", Next: "/debtors?after=x"},
		Tabs: []component.Tab{{Label: "Owe something", Href: "/debtors", Active: true}, {Label: "All", Href: "/debtors?tab=all"}},
		Rows: []deals.DebtorRow{
			{ID: "1", Name: "Bakkerij De Gouden Aar", Kind: "Company", Administration: "Van Dijk BV", Open: money.EUR(484000), Invoices: "3 open", Late: "2 late", Risk: "High", RiskTone: component.Amber, Segments: "key-accounts"},
			{ID: "2", Name: "Garage Meijer", Kind: "Company", Administration: "Van Dijk BV", Open: money.EUR(39930), Invoices: "1 open"},
			{ID: "3", Name: "Noor Yilmaz", Kind: "Consumer", Administration: "Van Dijk Onderhoud", Open: money.EUR(136125), Invoices: "2 open", Late: "1 late", Risk: "Low", RiskTone: component.Green, Others: true},
			{ID: "4", Name: "Stichting Samenwerkende Woningcorporaties Utrecht en Omstreken", Kind: "Company", Administration: "Van Dijk BV", Open: money.EUR(12100), Invoices: "1 open", Segments: "key-accounts, public-bodies"},
		},
	}
}

func debtorProfile() deals.Profile {
	return deals.Profile{
		Facts: []deals.Fact{
			{Label: "Risk", Text: "High"}, {Label: "Segments", Text: "Key accounts, by hand; Shoppers, by its rule"},
			{Label: "Flow", Text: "Consumers, Netherlands. It is the administration's flow for consumers."}, {Label: "Language", Text: "As in the books: nl"}, {Label: "Addressed", Text: "Formally, as all debtors"},
		},
		Risks:    []component.Option{{Label: "Not chosen"}, {Value: "high", Label: "High", Selected: true}},
		Segments: []component.Option{{Value: "vip", Label: "Key accounts", Selected: true}, {Value: "shoppers", Label: "Shoppers"}},
		Flows:    []component.Option{{Label: "Not chosen: segment or administration decides", Selected: true}}, Languages: []component.Option{{Label: "As in the books"}}, Forms: []component.Option{{Label: "As all debtors: formally"}},
	}
}
