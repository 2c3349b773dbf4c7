package gallery

import (
	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/dashboard"
	"github.com/voldaan/voldaan/api/web/view/fail"
	"github.com/voldaan/voldaan/api/web/view/signin"
	"github.com/voldaan/voldaan/sdk/money"
)

func doors() []Exhibit {
	return []Exhibit{
		{"sign-in", "the door", signin.Page(signin.Model{})},
		{"sign-in-demo", "the door of a demo", signin.Page(signin.Model{Demo: &signin.Demo{Email: "demo@voldaan.example", Password: "voldaan"}})},
		{"sign-in-refused", "a wrong password", signin.Page(signin.Model{Email: "sanne@vandijk.example", Error: "This e-mail address and password do not belong together."})},
	}
}

func dashboards() []Exhibit {
	calm := board()
	calm.Attention, calm.Wrong = nil, dashboard.WrongReminders{}
	calm.Sends = []dashboard.Sends{{Day: "Today", Note: "Saturday: nothing is sent."}, {Day: "Tomorrow", Note: "Sunday: nothing is sent."}}
	calm.Books = calm.Books[:1]
	f := frame(component.Dashboard, "Dashboard")
	f.Unread = 0
	return []Exhibit{
		{"dashboard", "a working day", dashboard.Page(board())},
		{"dashboard-calm", "nothing needs a person", dashboard.Page(calm)},
		{"dashboard-new", "nothing is connected yet", dashboard.Page(dashboard.Model{Frame: f, New: true})},
	}
}

func board() dashboard.Model {
	f := frame(component.Dashboard, "Dashboard")
	f.Demo = "Demo: one day takes 2 seconds. All debtors are made up."
	return dashboard.Model{
		Frame: f,
		Open:  money.EUR(7042310), OpenCount: 68,
		OpenCourse: []chart.Bar{{Label: "Week 40", Value: 62, Text: "€62,000"}, {Label: "Week 41", Value: 70, Text: "€70,000"}, {Label: "Week 42", Value: 81, Text: "€81,000"}, {Label: "Week 43", Value: 77, Text: "€77,000"}, {Label: "Week 44", Value: 84, Text: "€84,000"}, {Label: "Week 45", Value: 79, Text: "€79,000"}, {Label: "Week 46", Value: 74, Text: "€74,000"}, {Label: "Week 47", Value: 70, Text: "€70,423"}},
		Overdue:    money.EUR(2922305), OverdueCount: 27,
		Received: money.EUR(5418875), ReceivedNote: "41 payments in 30 days",
		Wrong: dashboard.WrongReminders{Wrong: 0, Sent: 1284, Stopped: 37},
		Attention: []dashboard.Attention{
			{Tone: component.Amber, Icon: "message-circle", Title: "2 messages wait for an answer", Text: "The oldest is from today 11:20. Their reminders are held.", Href: "/inbox", Amount: "€2,534.95"},
			{Tone: component.Amber, Icon: "stamp", Title: "1 case waits for your approval", Text: "J. de Vries, after a valid 14-day letter.", Href: "/cases", Amount: "€532.10"},
			{Tone: component.Amber, Icon: "landmark", Title: "3 payments may belong to an invoice", Text: "Confirm them, so that no payer is reminded.", Href: "/bank", Amount: "€1,604.00"},
			{Tone: component.Amber, Icon: "file-text", Title: "1 invoice cannot be sent: document missing", Text: "2026-0451 of Hotel Zeezicht. We ask Moneybird again every hour.", Href: "/invoices?tab=attention", Amount: "€1,875.50"},
			{Tone: component.Plain, Icon: "cloud-off", Title: "4 invoices held: books are 27 hours old", Text: "Van Dijk Onderhoud. We try again at 14:32.", Href: "/invoices?tab=held", Amount: "€1,210.20"},
		},
		Aging: []chart.Bar{
			{Label: "Not due", Value: 4120005, Short: "€41.2k", Text: "€41,200.05", Count: 41, Href: "/invoices?tab=sent"},
			{Label: "1–30", Name: "1 to 30 days late", Value: 1840050, Short: "€18.4k", Text: "€18,400.50", Count: 17},
			{Label: "31–60", Name: "31 to 60 days late", Value: 620000, Short: "€6.2k", Text: "€6,200.00", Count: 6},
			{Label: "61–90", Name: "61 to 90 days late", Value: 310000, Short: "€3.1k", Text: "€3,100.00", Count: 2},
			{Label: "91–120", Name: "91 to 120 days late", Value: 0, Short: "€0", Text: "€0.00", Count: 0},
			{Label: "> 120", Name: "more than 120 days late", Value: 152255, Short: "€1.5k", Text: "€1,522.55", Count: 2},
		},
		Phases: []chart.Bar{
			{Label: "Sent", Value: 41, Short: "41", Text: "€41,200.05", Count: 41}, {Label: "Reminding", Value: 18, Short: "18", Text: "€20,110.00", Count: 18},
			{Label: "Final", Value: 7, Short: "7", Text: "€6,990.50", Count: 7}, {Label: "Case", Value: 2, Short: "2", Text: "€2,122.55", Count: 2, Legal: true}, {Label: "Bailiff", Value: 0, Short: "0", Text: "€0.00", Legal: true},
		},
		Sends: []dashboard.Sends{
			{Day: "Today", Lines: []dashboard.SendLine{{Count: 3, What: "invoices by e-mail", Href: "/invoices"}, {Count: 2, What: "reminder 1 by e-mail", Href: "/invoices"}}},
			{Day: "Tomorrow, Sun 22 Nov", Note: "Sunday: nothing is sent. 6 messages move to Monday."},
		},
		Books: []dashboard.Freshness{
			{Name: "Van Dijk BV", Source: "Moneybird", At: at(21, 13, 48), Href: "/connections/1/sync"},
			{Name: "Van Dijk Onderhoud", Source: "Moneybird", At: at(20, 11, 2), Stale: true, Problem: "We could not reach Moneybird at 13:02. We try again at 14:32.", Href: "/connections/2/sync"},
			{Name: "NL12 TEST 0123 4567 89", Source: "Bank", At: at(21, 6, 30), Href: "/bank"},
		},
	}
}

func failures() []Exhibit {
	f := frame(component.Nowhere, "Not found")
	return []Exhibit{
		{"error-404", "a page that is not there", fail.Page(fail.Model{Frame: &f, Kind: fail.NotFound, Links: []component.Link{{Label: "To the dashboard", Href: "/"}, {Label: "Search", Href: "/search"}}})},
		{"error-403", "no permission", fail.Page(fail.Model{Frame: &f, Kind: fail.Denied, Links: []component.Link{{Label: "To the dashboard", Href: "/"}}})},
		{"error-500", "our mistake, before signing in", fail.Page(fail.Model{Kind: fail.Internal, Request: "01JD3Z5K8Q", Links: []component.Link{{Label: "Try again", Href: "/"}}})},
		{"error-offline", "a connector that cannot be reached", fail.Page(fail.Model{Frame: &f, Kind: fail.Offline, Title: "We could not reach Moneybird at 14:02", Text: "Its server did not answer within 30 seconds. What was read before is kept.", ByUs: "We try again at 14:07. Reminders of this administration wait until we have.", Links: []component.Link{{Label: "Try now", Href: "/connections/1/sync"}, {Label: "See the connection", Href: "/connections/1"}}})},
	}
}
