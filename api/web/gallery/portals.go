package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/sdk/money"
)

func shell(lang string, formal bool) portal.Shell {
	return portal.Shell{
		Creditor: portal.Creditor{Name: "Van Dijk Installaties", Colour: "#0b5d78", Contact: "https://vandijk.example/contact"},
		Base:     "/p/7Hk2", Lang: lang, Formal: formal, Now: now, Genuine: "/genuine?reference=7HK2-9QXM",
	}
}

func planLines() []portal.PlanLine {
	return []portal.PlanLine{
		{Number: 1, Due: on("2026-11-01"), Amount: money.EUR(35375), Paid: true}, {Number: 2, Due: on("2026-11-15"), Amount: money.EUR(35375), Left: money.EUR(35375), Late: true},
		{Number: 3, Due: on("2027-01-01"), Amount: money.EUR(35375), Left: money.EUR(35375)},
	}
}

func portals() []Exhibit {
	nl, en, je := shell("nl", true), shell("en", true), shell("nl", false)
	je.Creditor = portal.Creditor{Name: "Fietsenmaker Zon", Colour: "#f5c518"}
	claims := []portal.Claim{
		{ID: "1", Number: "2026-0412", Amount: money.EUR(91000), Due: on("2026-11-08"), Late: true, State: portal.Open, PDF: "/p/7Hk2/invoices/1/pdf", Lines: []portal.ClaimRow{{Label: "Factuur", Amount: money.EUR(121000)}, {Label: "Betaald op 16 nov", Amount: money.EUR(-30000)}}},
		{ID: "2", Number: "2026-0449", Amount: money.EUR(15125), Due: on("2026-12-04"), State: portal.Open, PDF: "/p/7Hk2/invoices/2/pdf"},
		{ID: "3", Number: "2026-0398", Amount: money.EUR(24200), Due: on("2026-11-02"), Late: true, State: portal.Disputed, PDF: "/p/7Hk2/invoices/3/pdf"},
	}
	paid := []portal.Claim{{ID: "4", Number: "2026-0301", Amount: money.EUR(48400), State: portal.Settled, Settled: on("2026-10-02"), PDF: "/p/7Hk2/invoices/4/pdf"}}
	options := []component.Option{{Value: "1", Label: "2026-0412, € 910,00"}, {Value: "2", Label: "2026-0449, € 151,25"}}
	pay := portal.PayModel{Shell: nl, Claims: claims[:2], Total: money.EUR(106125), Methods: []portal.Method{"ideal", "creditcard", "paypal", "banktransfer"}, Transfer: &portal.Transfer{Name: "Van Dijk Installaties BV", IBAN: "NL12 TEST 0123 4567 89", Reference: "7HK2-9QXM"}}
	offer := &portal.Offer{Reference: "VD0F3A5C7E9B1D2F4A-01", Text: []string{
		"Van Dijk Installaties BV, Korte Brug 4, 3811 AB Amersfoort\nIncassant-ID NL08ZZZ502057730000 · Kenmerk machtiging VD0F3A5C7E9B1D2F4A-01 · Doorlopende SEPA-incasso",
		"Door deze machtiging te geven, geeft u toestemming aan Van Dijk Installaties BV om doorlopend incasso-opdrachten te sturen naar uw bank om bedragen van uw rekening af te schrijven, en aan uw bank om doorlopend bedragen van uw rekening af te schrijven overeenkomstig de opdracht van Van Dijk Installaties BV.",
		"Bent u het niet eens met een afschrijving, dan kunt u deze laten terugboeken. Neem daarvoor binnen acht weken na de afschrijving contact op met uw bank.",
	}}
	german := pay
	german.Shell = shell("de", true)
	withOffer := pay
	withOffer.Offer = offer
	collected := append([]portal.Claim{}, claims...)
	collected[1].State, collected[1].Collect = portal.Collected, on("2026-12-04")
	given := &portal.Given{State: "valid", Reference: "500-4500001", CreditorID: "NL08ZZZ502057730000", Account: "4567", Since: on("2026-09-14"), Text: offer.Text, Coming: []portal.Coming{
		{On: on("2026-12-04"), Amount: money.EUR(15125), Numbers: "2026-0449"}, {On: on("2026-12-18"), Amount: money.EUR(60500), Numbers: "2026-0455, 2026-0456"},
	}}
	return []Exhibit{
		{"portal-pay-mandate", "a mandate may be given with the payment", portal.Pay(withOffer)},
		{"portal-collected", "an invoice will be debited", portal.Overview(portal.OverviewModel{Shell: nl, Name: "Bakkerij De Gouden Aar", Total: money.EUR(91000), Claims: collected, Mandate: true})},
		{"portal-mandate", "a mandate in force", portal.Mandate(portal.MandateModel{Shell: nl, Given: given})},
		{"portal-mandate-give", "a mandate may be given", portal.Mandate(portal.MandateModel{Shell: nl, Offer: offer, Cost: money.EUR(1)})},
		{"portal-mandate-refused", "the box was not ticked", portal.Mandate(portal.MandateModel{Shell: je, Offer: offer, Cost: money.EUR(1), Error: "Vink eerst aan dat de machtiging akkoord is."})},
		{"portal-door", "before the code (R112)", portal.Door(portal.DoorModel{Shell: nl, Reference: "7HK2-9QXM"})},
		{"portal-door-sent", "the code is on its way", portal.Door(portal.DoorModel{Shell: nl, Reference: "7HK2-9QXM", Sent: true})},
		{"portal-door-wrong", "a wrong code", portal.Door(portal.DoorModel{Shell: en, Reference: "7HK2-9QXM", Sent: true, Problem: "wrong"})},
		{"portal-door-locked", "too many wrong codes", portal.Door(portal.DoorModel{Shell: je, Reference: "7HK2-9QXM", Problem: "locked"})},
		{"portal", "all invoices", portal.Overview(portal.OverviewModel{Shell: nl, Name: "Bakkerij De Gouden Aar", Total: money.EUR(106125), Claims: claims, Paid: paid})},
		{"portal-en", "one invoice, in English", portal.Overview(portal.OverviewModel{Shell: en, Name: "M. Yilmaz", Total: money.EUR(15125), Claims: claims[1:2], Consumer: true, Help: "Geldfit: www.geldfit.nl or 0800-8115"})},
		{"portal-de", "all invoices, in German", portal.Overview(portal.OverviewModel{Shell: shell("de", true), Name: "Bäckerei Ährenfeld", Total: money.EUR(106125), Claims: claims, Paid: paid, Consumer: true, Mandate: true, Help: "einer anerkannten Schuldnerberatung, zu finden unter www.meine-schulden.de"})},
		{"portal-fr", "all invoices, in French", portal.Overview(portal.OverviewModel{Shell: shell("fr", true), Name: "Boulangerie du Marché", Total: money.EUR(106125), Claims: claims, Paid: paid, Consumer: true, Mandate: true, Help: "un Point conseil budget\u00a0: www.mesquestionsdargent.fr"})},
		{"portal-pay-de", "how to pay, in German", portal.Pay(german)},
		{"portal-dispute-fr", "an objection, in French", portal.Dispute(portal.DisputeModel{Shell: shell("fr", true), Invoices: options})},
		{"portal-informal", "a consumer, informal, a light colour", portal.Overview(portal.OverviewModel{Shell: je, Name: "Noor", Total: money.EUR(15125), Claims: claims[1:2], Credit: money.EUR(1000), Consumer: true, Help: "Geldfit: www.geldfit.nl of 0800-8115"})},
		{"portal-nothing", "nothing to pay", portal.Overview(portal.OverviewModel{Shell: nl, Name: "M. Yilmaz", Paid: paid})},
		{"portal-pay", "choose how to pay", portal.Pay(pay)},
		{"portal-ask", "a question", portal.Ask(portal.AskModel{Shell: nl, Topic: "question", Invoices: options})},
		{"portal-ask-refused", "an empty question", portal.Ask(portal.AskModel{Shell: en, Topic: "paid", Invoices: options[:1], Errors: component.Errors{"text": "Write here what you would like to know."}})},
		{"portal-dispute", "does not agree", portal.Dispute(portal.DisputeModel{Shell: nl, Invoices: options, Reason: "price", Errors: component.Errors{"amount": "Vul een bedrag in, zoals 121,00."}, Amount: "honderd"})},
		{"portal-deals", "what was agreed", portal.Overview(portal.OverviewModel{Shell: nl, Name: "Bakkerij De Gouden Aar", Total: money.EUR(15125), Claims: claims, Deals: []portal.Deal{
			{Kind: "promise", Number: "2026-0412", Amount: money.EUR(91000), On: on("2026-11-27"), Undo: "/p/7Hk2/promise/1/undo"}, {Kind: "plan", Amount: money.EUR(80667), On: on("2026-12-01"), Href: "/p/7Hk2/plan/1"},
			{Kind: "dispute", Number: "2026-0398", Amount: money.EUR(24200), On: on("2026-12-02"), Undo: "/p/7Hk2/dispute/1/undo"}, {Kind: "paid", Number: "2026-0449", Amount: money.EUR(15125), On: on("2026-11-30")},
		}})},
		{"portal-promise", "pay later", portal.Promise(portal.PromiseModel{Shell: nl, Invoices: options, First: on("2026-11-21"), Last: on("2026-12-05")})},
		{"portal-plan", "the calculator with a quote", portal.Plan(portal.PlanModel{
			Shell: nl, Total: money.EUR(106125), Number: "3", Every: "month", First: "2026-12-01", From: on("2026-11-21"), To: on("2026-12-22"),
			Invoices: []portal.PlanInvoice{{ID: "1", Number: "2026-0412", Amount: money.EUR(91000), Chosen: true}, {ID: "2", Number: "2026-0449", Amount: money.EUR(15125), Chosen: true}},
			Choices:  []portal.PlanChoice{{Number: 2, Each: money.EUR(53062)}, {Number: 3, Each: money.EUR(35375), Selected: true}, {Number: 6, Each: money.EUR(17687)}},
			Quote:    &portal.PlanQuote{Automatic: true, Total: money.EUR(106125), Instalments: planLines()},
		})},
		{"portal-plan-page", "a plan under way", portal.PlanPage(portal.PlanPageModel{Shell: nl, ID: "1", Invoices: "2026-0412, 2026-0449", Lines: planLines(), Rest: money.EUR(70750), Next: &planLines()[1], State: "active", Cure: on("2026-12-14"), Methods: pay.Methods, Transfer: pay.Transfer})},
		{"portal-paid-already", "I have paid already", portal.Paid(portal.PaidModel{Shell: nl, Invoices: options, Today: on("2026-11-21"), Errors: component.Errors{"files": "Kies hooguit 3 bestanden: PDF, PNG of JPEG, elk hooguit 5 MB."}})},
		{"portal-thanks", "a dispute has arrived", portal.Thanks(portal.ThanksModel{Shell: nl, Kind: "dispute"})},
		{"portal-paid", "paid", portal.Result(portal.ResultModel{Shell: nl, State: portal.PaidNow, Amount: money.EUR(106125), On: on("2026-11-21")})},
		{"portal-pending", "not confirmed yet", portal.Result(portal.ResultModel{Shell: nl, State: portal.PendingNow, Amount: money.EUR(106125)})},
		{"portal-failed", "failed", portal.Result(portal.ResultModel{Shell: nl, State: portal.FailedNow, Amount: money.EUR(106125), Again: "/p/7Hk2/pay"})},
		{"genuine", "before asking", portal.Genuine(portal.GenuineModel{Lang: "nl", Host: "https://betaal.example"})},
		{"genuine-yes", "a genuine reference", portal.Genuine(portal.GenuineModel{Lang: "en", Host: "https://betaal.example", Reference: "7HK2-9QXM", Checked: true, Found: true, Creditor: "Van Dijk Installaties", Domain: "vandijk.example"})},
		{"genuine-no", "an unknown reference", portal.Genuine(portal.GenuineModel{Lang: "nl", Host: "https://betaal.example", Reference: "7HK2-0000", Checked: true})},
		{"portal-gone", "a link that no longer works", portal.Gone(portal.GoneModel{Lang: "nl", Genuine: "/genuine"})},
	}
}
