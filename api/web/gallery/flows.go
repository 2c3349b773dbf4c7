package gallery

import (
	"fmt"

	"github.com/voldaan/voldaan/api/web/chart"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/flows"
)

func flowRooms() []Exhibit {
	fresh, look := flowListRoom(), flowListRoom()
	fresh.Own = nil
	look.Look = true
	draft := flowRoom()
	draft.ID, draft.Title, draft.Shipped, draft.Draft, draft.Version = "our-b2b", "Our businesses", false, true, 3
	draft.Problems = []string{"Reminder 2 follows Reminder 1 after 5 days; leave at least 7 days between two reminders."}
	running, wrong := flows.ReportModel{Frame: frame(component.Flows, "Rehearsal"), ID: "1", Title: "Rehearsal", Running: true, Done: 9100, Total: 20000}, reportRoom()
	wrong.Wrong = 2
	calm, refusedUse := approvalRoom(), useRoom()
	calm.Rows, calm.Waiting = nil, 0
	given := approvalRoom()
	given.Given, given.Tabs[0].Active, given.Tabs[1].Active, given.Find.CSV = true, false, true, ""
	for i := range given.Rows {
		given.Rows[i].Why, given.Rows[i].Until = "Approved by Sanne van Dijk, today 13:40.", "Mon 23 Nov 09:00"
	}
	noStep := approvalRoom()
	noStep.Rows, noStep.Find.Query = nil, "zwaluw"
	refusedUse.Error = "Telephones may ring between 08:00 and 21:00; narrow the hours of sms."
	return []Exhibit{
		{"flows", "flows of one's own and those that ship", flows.List(flowListRoom())},
		{"flows-fresh", "none of one's own", flows.List(fresh)},
		{"flows-look", "seen by who is no owner", flows.List(look)},
		{"flow", "a flow that ships", flows.Show(flowRoom())},
		{"flow-draft", "a draft with a problem", flows.Show(draft)},
		{"flow-edit", "the editor", flows.Edit(editRoom())},
		{"flow-versions", "what each version changed", flows.History(historyRoom())},
		{"flow-import", "a flow from elsewhere", flows.Import(frame(component.Flows, "Import a flow"), component.TextInput{ID: "text", Name: "text", Label: "Flow", Rows: 18, Required: true, Value: "id: ours\nmood: good", Error: "This is no flow: field mood not found. Export one to see the form."})},
		{"flow-use", "who follows what", flows.Use(useRoom())},
		{"flow-use-refused", "hours that are refused", flows.Use(refusedUse)},
		{"flow-rehearse", "before a rehearsal", flows.Rehearse(rehearseRoom())},
		{"flow-report-running", "a rehearsal that runs", flows.Report(running)},
		{"flow-report", "what came of it", flows.Report(reportRoom())},
		{"flow-report-wrong", "a defect", flows.Report(wrong)},
		{"approvals", "steps that wait", flows.Approvals(approvalRoom())},
		{"approvals-calm", "nothing waits", flows.Approvals(calm)},
		{"approvals-given", "approvals that can be taken back", flows.Approvals(given)},
		{"approvals-none-found", "a search without an answer", flows.Approvals(noStep)},
	}
}

var (
	byMail       = []flows.Channel{{Icon: "mail", Label: "e-mail"}}
	byMailSMS    = []flows.Channel{{Icon: "mail", Label: "e-mail"}, {Icon: "message-square", Label: "SMS"}}
	byMailLetter = []flows.Channel{{Icon: "mail", Label: "e-mail"}, {Icon: "printer", Label: "letter"}}
	byCall       = []flows.Channel{{Icon: "smartphone", Label: "call"}}
)

// galleryDots are those of the Dutch flow for businesses.
func galleryDots() []flows.Dot {
	var out []flows.Dot
	for i, d := range []struct {
		x                 float64
		day, title, phase string
		task              bool
	}{
		{0, "issue", "Invoice", "sent", false}, {13.9, "D-4", "Pre-reminder", "sent", false}, {20.2, "D+3", "Reminder 1", "reminding", false}, {30, "D+10", "Reminder 2", "reminding", false},
		{35.6, "D+14", "Call", "reminding", true}, {41.2, "D+18", "Final reminder", "final", false}, {53.8, "D+27", "Case opened, summons 1", "case", false},
		{63.6, "case +7", "Summons reminder", "case", false}, {73.4, "case +14", "Summons 2", "case", false}, {86, "case +23", "Notice of default", "case", false}, {100, "case +33", "Ready for bailiff", "bailiff", true},
	} {
		out = append(out, flows.Dot{X: fmt.Sprintf("%.2f%%", d.x), Tier: []int{1, 2, 0, 3}[i%4], Day: d.day, Title: d.title, Phase: d.phase, Task: d.task})
	}
	return out
}

var galleryAxis = []flows.Tick{{X: "16%", Label: "due"}, {X: "35.6%", Label: "+14"}, {X: "55.2%", Label: "+28"}, {X: "74.8%", Label: "+42"}, {X: "94.4%", Label: "+56"}}

func flowListRoom() flows.ListModel {
	card := func(id, title, text string, badges ...string) flows.Card {
		return flows.Card{ID: id, Title: title, Description: text, Badges: badges, Dots: galleryDots()}
	}
	own := card("our-b2b", "Our businesses", "As the Dutch one, with a call before the second reminder.", "NL", "Businesses")
	own.Version, own.Draft, own.Invoices = 3, true, 412
	shops := card("shops", "Shops", "Softer, for the season.", "NL", "Businesses")
	shops.Version, shops.Invoices = 1, 1
	dutch := card("b2b-nl", "B2B Netherlands", "Two reminders, a call and a final reminder; then a case with costs by the scale.", "NL", "Businesses")
	dutch.Invoices = 1208
	return flows.ListModel{Frame: frame(component.Flows, "Flows"), Waiting: 3, Own: []flows.Card{own, shops}, Shipped: []flows.Card{
		dutch, card("b2c-nl", "B2C Netherlands", "Plain language, a plan at every turn, and the statutory 14-day letter before any costs.", "NL", "Consumers"),
		card("b2b-be", "B2B Belgium", "Delivered by Peppol first. After the last notice comes the route for undisputed claims, by a bailiff and without a court.", "BE", "Businesses", "Provisional"),
		card("small-amount", "Small amount", "Two e-mails and no more; what is still open is asked together with the next invoice.", "Anybody"),
	}}
}

func flowRoom() flows.ShowModel {
	return flows.ShowModel{
		Frame: frame(component.Flows, "B2B Netherlands"), ID: "b2b-nl", Title: "B2B Netherlands", Description: "Two reminders, a call and a final reminder; then a case with costs by the scale.",
		Badges: []string{"NL", "Businesses"}, Shipped: true, Version: 2, Invoices: 1208, Dots: galleryDots(), Axis: galleryAxis,
		Steps: []flows.StepLine{
			{Day: "issue", When: "from the invoice date", Title: "Invoice", Channels: byMail, Tone: "neutral", Phase: "Sent"},
			{Day: "D-4", When: "from the due date", Title: "Pre-reminder", Channels: byMail, Tone: "friendly", Phase: "Sent", Conditions: []string{"at least EUR 2500.00", "a high risk"}},
			{Day: "D+3", When: "from the due date", Title: "Reminder 1", Channels: byMail, Tone: "friendly", Phase: "Reminding"},
			{Day: "D+10", When: "from the due date", Title: "Reminder 2", Channels: byMailSMS, Tone: "clear", Phase: "Reminding"},
			{Day: "D+14", When: "from the due date", Title: "Call", Channels: byCall, Tone: "neutral", Phase: "Reminding", Conditions: []string{"at least EUR 1000.00", "a high risk"}},
			{Day: "D+18", When: "from the due date", Title: "Final reminder", Channels: byMailLetter, Tone: "formal", Phase: "Final notice", Term: 7},
			{Day: "D+27", When: "from the due date", Title: "Case opened, summons 1", Channels: byMailLetter, Tone: "formal", Phase: "In a case", Approval: true},
		},
		Copy:      component.TextInput{ID: "copy-id", Name: "id", Label: "Short name", Value: "our-b2b-nl", Hint: "Small letters, digits and dashes.", Required: true},
		CopyTitle: component.TextInput{ID: "copy-title", Name: "title", Label: "Title", Value: "Our B2B Netherlands", Required: true},
	}
}

func pick(chosen string, pairs ...string) (out []component.Option) {
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, component.Option{Value: pairs[i], Label: pairs[i+1], Selected: pairs[i] == chosen})
	}
	return out
}

func editRoom() flows.EditModel {
	m := flows.EditModel{
		Frame: frame(component.Flows, "Edit Our businesses"), ID: "our-b2b", Version: 3, Draft: true, Dots: galleryDots(), Axis: galleryAxis, Open: "pre_reminder",
		Title: field("title", "Title", "Our businesses"), About: component.TextInput{ID: "about", Name: "about", Label: "What it is for", Value: "As the Dutch one, with a call before the second reminder.", Rows: 2},
		Debtors: pick("business", "", "Anybody, protected as a consumer", "business", "Businesses", "consumer", "Consumers"), Country: field("country", "Law of", "NL"),
		Interval: component.TextInput{ID: "interval", Name: "interval", Label: "Days between two reminders", Type: "number", Hint: "Empty for the administration's."},
		Problems: []flows.Problem{{Step: "reminder_2", Message: "Reminder 2 follows Reminder 1 after 5 days; leave at least 7 days between two reminders."}},
		Adds:     pick("", "reminder_1", "Reminder", "call_task", "Call"),
	}
	steps := flowRoom().Steps
	for i, id := range []string{"invoice", "pre_reminder", "reminder_1", "reminder_2", "call_task", "final_reminder", "case_opened"} {
		s := steps[i]
		e := flows.EditStep{
			Index: i, ID: id, Title: s.Title, Day: s.Day, Offset: "3", Icons: s.Channels, Phase: s.Phase, Approval: s.Approval, Asks: i > 1, First: i == 0, Last: i == 6,
			From: pick("due", "issue", "the invoice date", "due", "the due date", "case", "the case"), Tones: pick(s.Tone, "friendly", "friendly", "neutral", "neutral", "clear", "clear", "formal", "formal"),
			Phases: pick("reminding", "sent", "Sent", "reminding", "Reminding"), Channels: pick("email", "email", "e-mail", "letter", "letter", "sms", "SMS", "voice", "voice", "call", "call", "peppol", "Peppol", "task", "task"),
			Else: pick("letter", "email", "e-mail", "letter", "letter", "sms", "SMS", "voice", "voice", "call", "call", "peppol", "Peppol", "task", "task"),
		}
		any := pick("", "", "any", "high", "high")
		for n := range len(s.Conditions) + 1 {
			c := flows.EditCondition{Index: n, RiskFrom: any, RiskTo: any, Segments: any, NotSegment: any, Debtors: any}
			if n == 0 && len(s.Conditions) > 0 {
				c.Min = "2500.00"
			}
			e.Conditions = append(e.Conditions, c)
		}
		if id == "reminder_2" {
			e.Problems = []string{m.Problems[0].Message}
		}
		m.Steps = append(m.Steps, e)
	}
	return m
}

func historyRoom() flows.HistoryModel {
	return flows.HistoryModel{Frame: frame(component.Flows, "Versions"), ID: "our-b2b", Title: "Our businesses", Versions: []flows.Version{
		{Number: 3, By: "Sanne van Dijk", At: at(18, 10, 12), Note: "A call before the second reminder", Current: true, Changes: []flows.Change{
			{Kind: "added", Step: "Call before reminder 2", Field: "step", After: "D+8, by call"},
			{Kind: "changed", Step: "Reminder 2", Field: "day", Before: "D+10", After: "D+12"}, {Kind: "changed", Step: "Reminder 2", Field: "only for", Before: "everybody", After: "at least EUR 50.00"},
		}},
		{Number: 2, By: "Piet Bos", At: at(2, 9, 0), Changes: []flows.Change{{Kind: "removed", Step: "Voice message", Field: "step", Before: "D+14"}}},
		{Number: 1, By: "Sanne van Dijk", At: at(1, 16, 40)},
	}}
}

func useRoom() flows.UseModel {
	list := pick("our-b2b", "our-b2b", "Our businesses", "b2b-nl", "B2B Netherlands", "b2c-nl", "B2C Netherlands")
	m := flows.UseModel{Frame: frame(component.Flows, "Who follows what"), Flows: list}
	b := flows.Books{
		ID: "a", Name: "Van Dijk BV", Business: list, Consumer: pick("b2c-nl", "b2c-nl", "B2C Netherlands"), GoLive: on("2026-10-01"),
		Interval: component.TextInput{ID: "interval-a", Name: "interval", Label: "Days between two reminders", Type: "number", Value: "7"},
		Approve:  component.TextInput{ID: "approve-a", Name: "approve", Label: "A person approves each case for so many days after go-live", Type: "number", Value: "30", Hint: "A hand-over is always approved by a person."},
		Entry:    pick("reminder_1", "reminder_1", "Reminder 1", "reminder_2", "Reminder 2"),
	}
	for _, d := range []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"} {
		b.Days = append(b.Days, component.Option{Value: d, Label: d, Selected: d != "Friday"})
	}
	for _, c := range []string{"e-mail", "letter", "SMS", "voice", "call"} {
		b.Hours = append(b.Hours, component.TextInput{ID: "hours-" + c, Name: "hours-" + c, Label: c})
	}
	b.Hours[2].Value = "10:00-19:00"
	m.Books = []flows.Books{b}
	m.Segments = []flows.SegmentRow{
		{Name: "key-accounts", Title: "Key accounts", Rule: "Filled by hand", Members: 12, Flows: list}, {Name: "small", Title: "Small amounts", Rule: "At most EUR 25.00", Flows: list},
	}
	m.Choices = []flows.ChoiceRow{{Scope: "debtor", Subject: "1", Name: "Koster & Zonen", Href: "/invoices", Flow: "Key account", By: "Piet Bos", At: at(20, 11, 0)}}
	m.New = flows.NewSegment{Name: field("new-name", "Short name", ""), Title: field("new-title", "Title", ""), Min: field("new-min", "Amount from", ""), Max: field("new-max", "Amount up to", ""), Debtors: pick("", "", "any"), Risk: pick("", "", "any"), Countries: field("new-countries", "Countries", "")}
	return m
}

func rehearseRoom() flows.RehearseModel {
	return flows.RehearseModel{
		Frame: frame(component.Flows, "Rehearse"), Flows: pick("our-b2b", "our-b2b", "Our businesses (draft)", "b2b-nl", "B2B Netherlands"), Books: pick("a", "a", "Van Dijk BV"),
		Over:   []component.Option{{Value: "books", Label: "The last year of the books", Hint: "With what was really paid, and when", Selected: true}, {Value: "sample", Label: "2,000 sample invoices", Hint: "Early, late, slow and never: for books that are still empty"}},
		Recent: []flows.Recent{{ID: "1", Flow: "Our businesses", By: "Sanne van Dijk", State: "done", At: at(20, 15, 3)}},
	}
}

func reportRoom() flows.ReportModel {
	m := flows.ReportModel{
		Frame: frame(component.Flows, "Rehearsal"), ID: "1", Title: "Rehearsal of Our businesses", Flow: "our-b2b", Over: "8,214 invoices of 913 debtors, 21 Nov 2025 to 21 Nov 2026.",
		Tiles:    []flows.Tile{{Label: "Messages", Value: "11,402", Present: "12,118"}, {Label: "Tasks for people", Value: "604", Present: "311"}, {Label: "Costs of channels", Value: "€ 842.15", Present: "€ 1,020.50"}, {Label: "Debtors reached", Value: "871", Present: "871"}, {Label: "Paid before being asked", Value: "5,310", Present: "5,121"}},
		Steps:    []flows.CompareRow{{Label: "Invoice", Now: "8,214", Then: "8,214", Delta: "same", Cost: ""}, {Label: "Reminder 1", Now: "2,110", Then: "2,104", Delta: "-6", Cost: ""}, {Label: "Call before reminder 2", Now: "0", Then: "604", Delta: "+604", Cost: ""}, {Label: "Reminder 2", Now: "1,020", Then: "741", Delta: "-279", Cost: ""}, {Label: "Final reminder", Now: "402", Then: "366", Delta: "-36", Cost: ""}, {Label: "Case opened, summons 1", Now: "201", Then: "188", Delta: "-13", Cost: ""}},
		Channels: []flows.CompareRow{{Label: "e-mail", Now: "11,402", Then: "10,894", Delta: "-508", Cost: "€ 0.00"}, {Label: "letter", Now: "812", Then: "670", Delta: "-142", Cost: "€ 837.50"}, {Label: "SMS", Now: "201", Then: "52", Delta: "-149", Cost: "€ 4.68"}},
		More:     11102, Notes: []string{"Holds, disputes and credit of the past are not played again, and every approval counts as given."},
	}
	for i, v := range []int64{820, 1010, 990, 1204, 880, 790, 940, 1011, 1320, 902, 850, 685} {
		label := []string{"Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"}[i]
		m.Months = append(m.Months, chart.Bar{Label: label, Value: v, Short: fmt.Sprint(v), Text: fmt.Sprint(v), Count: 40})
	}
	for i := range 6 {
		m.Lines = append(m.Lines, flows.ReportLine{At: at(3+i, 8, 15), Debtor: "Koster & Zonen", Step: "Reminder 2", How: "e-mail, SMS", Invoices: "2026-0440, 2026-0441", Asks: "EUR 12493.50", Cost: "€ 0.09"})
	}
	return m
}

func approvalRoom() flows.ApprovalsModel {
	return flows.ApprovalsModel{Frame: frame(component.Flows, "Approvals"), Waiting: 2, Tabs: []component.Tab{{Label: "Waiting", Href: "/approvals", Count: 2, Tone: component.Amber, Active: true}, {Label: "Given, not taken yet", Href: "/approvals?tab=given"}}, Find: finder("/approvals", "approvals", "Debtor, invoice or amount", filter("due", "Any due date", "Any due date", "Overdue"), filter("step", "Step", "Any step", "Reminder 2")), Pager: component.Pager{Shown: "2 steps"}, Rows: []flows.ApprovalRow{
		{ID: "1", Number: "2026-0440", Debtor: "Koster & Zonen", Step: "Case opened, summons 1", Why: "Until 30 Nov 2026 a person approves the start of every case.", Open: "€ 12,493.50", Due: on("2026-10-20"), Late: true},
		{ID: "2", Number: "2026-0398", Debtor: "Drukkerij De Haas", Step: "Reminder 2", Why: "Reminder 2 waits for a person to approve it, as the flow says.", Open: "€ 605.00", Due: on("2026-11-02")},
	}}
}
