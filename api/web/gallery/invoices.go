package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/sdk/money"
)

func invoices() []Exhibit {
	return []Exhibit{
		{"invoices", "the list", invoice.List(list())},
		{"invoices-empty", "nothing was ever imported", invoice.List(invoice.ListModel{Frame: frame(component.Invoices, "Invoices"), New: true})},
		{"invoices-none-found", "a search without an answer", invoice.List(noneFound())},
		{"invoices-attention-none", "nothing needs a person", invoice.List(calm())},
		{"invoice", "between two reminders", invoice.Show(reminding())},
		{"invoice-held", "held, because the debtor wrote", invoice.Show(held())},
		{"invoice-stale", "held, because the books are not fresh", invoice.Show(stale())},
		{"invoice-paid", "paid", invoice.Show(paid())},
		{"invoice-new", "not sent yet, document missing", invoice.Show(fresh())},
		{"invoice-figure", "held, because a figure is to be approved", invoice.Show(unconfirmed())},
		{"invoice-elsewhere", "held without its PDF", invoice.Show(elsewhere())},
		{"invoice-pause", "a refused pause", invoice.Pause(invoice.PauseModel{Frame: frame(component.Invoices, "Pause"), ID: "1", Number: "2026-0412", Reason: "promise", Until: "2026-11-01", Errors: component.Errors{"until": "This day has passed. Choose today or later."}})},
		{"invoice-step", "the preview of a step", invoice.Step(step())},
		{"invoice-step-peppol", "an invoice before it goes by e-mail and over Peppol", invoice.Step(stepPeppol())},
		{"invoice-step-refused", "a step that the gate refuses", invoice.Step(stepRefused())},
		{"invoice-copy", "the exact copy of a message", invoice.Copy(sentCopy())},
		{"search", "the palette as a page", component.Search(found())},
	}
}

func list() invoice.ListModel {
	f := frame(component.Invoices, "Invoices")
	f.Flash = &component.Flash{Tone: component.Green, Text: "3 invoices paused until Fri 4 Dec.", Undo: "tok"}
	return invoice.ListModel{
		Frame: f, Sort: "-due", Find: finder("/invoices", "invoices", "Number, debtor or amount", anySegment(), anyRisk()),
		Tabs: []component.Tab{
			{Label: "All open", Href: "/invoices", Count: 68, Active: true},
			{Label: "Needs attention", Href: "/invoices?tab=attention", Count: 4, Tone: component.Amber},
			{Label: "Not due", Href: "/invoices?tab=sent", Count: 41},
			{Label: "Reminding", Href: "/invoices?tab=reminding", Count: 18},
			{Label: "Held", Href: "/invoices?tab=held", Count: 7},
			{Label: "Case", Href: "/invoices?tab=case", Count: 2},
			{Label: "Paid", Href: "/invoices?tab=paid"},
		},
		Rows: []invoice.Row{
			{ID: "1", Number: "2026-0412", Debtor: "Bakkerij De Gouden Aar", Administration: "Van Dijk BV", Due: on("2026-11-08"), DaysLate: 13, Open: money.EUR(91000), Total: money.EUR(121000), Phase: component.Reminding, Next: "Reminder 2", NextOn: on("2026-11-24")},
			{ID: "2", Number: "2026-0398", Debtor: "Restaurant Het Veerhuis", Administration: "Van Dijk BV", Due: on("2026-11-02"), DaysLate: 19, Open: money.EUR(245025), Total: money.EUR(245025), Phase: component.Reminding, Held: "debtor wrote", Attention: "Answer", Unread: true, Next: "Final reminder", NextOn: on("2026-11-25")},
			{ID: "3", Number: "2026-0377", Debtor: "J. de Vries", Administration: "Van Dijk BV", Due: on("2026-10-12"), DaysLate: 40, Open: money.EUR(53210), Total: money.EUR(48400), Phase: component.Case, Next: "Contact attempt", NextOn: on("2026-11-23")},
			{ID: "4", Number: "2026-0431", Debtor: "Stichting Buurthuis Noord", Administration: "Van Dijk Onderhoud", Due: on("2026-11-14"), DaysLate: 7, Open: money.EUR(8470), Total: money.EUR(8470), Phase: component.Reminding, Held: "books 27 h old", Next: "Reminder 1", NextOn: on("2026-11-23")},
			{ID: "5", Number: "2026-0440", Debtor: "Aannemersbedrijf Koster & Zonen", Administration: "Van Dijk BV", Due: on("2026-11-20"), DaysLate: 1, Open: money.EUR(1249350), Total: money.EUR(1249350), Phase: component.Sent, Next: "Reminder 1", NextOn: on("2026-11-23")},
			{ID: "6", Number: "2026-0451", Debtor: "Hotel Zeezicht", Administration: "Van Dijk BV", Due: on("2026-11-28"), Open: money.EUR(187550), Total: money.EUR(187550), Phase: component.Draft, Attention: "Document missing"},
			{ID: "7", Number: "2026-0449", Debtor: "M. Yilmaz", Administration: "Van Dijk Onderhoud", Due: on("2026-12-04"), Open: money.EUR(15125), Total: money.EUR(15125), Phase: component.Sent, Next: "Pre-reminder", NextOn: on("2026-12-01")},
			{ID: "8", Number: "C-2026-018", Debtor: "Kwekerij Van Beek", Administration: "Van Dijk BV", Due: on("2026-11-30"), Open: money.EUR(-6050), Total: money.EUR(-6050), Phase: component.Sent},
			{ID: "9", Number: "2026-0402", Debtor: "Garage Meijer", Administration: "Van Dijk BV", Due: on("2026-11-01"), DaysLate: 20, Open: money.EUR(39930), Total: money.EUR(39930), Phase: component.Final, Next: "Case opens", NextOn: on("2026-11-28")},
		},
		Pager: component.Pager{Next: "/invoices?after=x", Shown: "1–50 of about 68"},
	}
}

func noneFound() invoice.ListModel {
	m := list()
	m.Frame.Flash, m.Rows, m.Find.Query = nil, nil, "zwaluw"
	return m
}

func calm() invoice.ListModel {
	m := list()
	m.Frame.Flash, m.Rows, m.Tab = nil, nil, "attention"
	m.Tabs[0].Active, m.Tabs[1].Active, m.Tabs[1].Count = false, true, 0
	return m
}

func reminding() invoice.Model {
	return invoice.Model{
		Why: &invoice.Why{
			FlowID: "our-b2b", Flow: "Our businesses, version 3", Because: "The debtor is in the segment Key accounts.", Segments: "key-accounts", Settings: "At least 7 days between two reminders",
			Path: []invoice.PathStep{
				{Day: "25 Nov 2026", Step: "Reminder 2 by e-mail and text message", Why: "10 days after the due date."},
				{Day: "7 Dec 2026", Step: "Final reminder by e-mail and letter", Why: "Saturday is no sending day.", Rule: "R13", RuleText: "A step moves to the next day on which messages are sent."},
			},
			Flows: pick("", "", "No choice here: what is more general decides", "our-b2b", "Our businesses"), Scopes: pick("", "invoice", "This invoice only", "debtor", "All invoices of this debtor"), LeaveOut: true,
		},
		Frame: frame(component.Invoices, "2026-0412"), ID: "1", Number: "2026-0412",
		Administration: "Van Dijk BV", Source: "Moneybird", Phase: component.Reminding,
		Debtor: invoice.Debtor{Name: "Bakkerij De Gouden Aar", Kind: "company", Email: "administratie@goudenaar.example", Language: "Dutch, formal", Address: "Korte Brug 4, 3811 AB Amersfoort", Flow: "B2B NL, version 3", OtherOpen: 1},
		Issued: on("2026-10-09"), Due: on("2026-11-08"), DaysLate: 13,
		Owed: invoice.Owed{Open: money.EUR(91000), AsOf: at(21, 13, 48), Lines: []invoice.OwedLine{
			{Label: "Invoice, incl. VAT", Amount: money.EUR(121000)},
			{Label: "Paid on 16 Nov", Amount: money.EUR(-30000), Paid: true},
		}},
		Fees: &invoice.Fees{
			Open: money.EUR(250), Waive: true, Restore: true, Note: "The next reminder names it, and what the debtor pays more than the invoice goes to it.",
			Lines: []invoice.FeeLine{
				{Label: "Fee for a reminder", On: on("2026-11-16"), Amount: money.EUR(250), Text: "EUR 2.50 for reminder 2, of EUR 2.50 asked and EUR 2.50 allowed.", Rule: "par. 280, 286 BGB; BGH VIII ZR 95/18", Sources: "BGH VIII ZR 95/18"},
				{Label: "Fee for a reminder", On: on("2026-11-20"), Amount: money.EUR(250), Text: "EUR 2.50 for reminder 3, of EUR 2.50 asked and EUR 2.50 allowed.", Rule: "par. 280, 286 BGB; BGH VIII ZR 95/18", Sources: "BGH VIII ZR 95/18"},
				{Label: "Waived", On: on("2026-11-20"), Amount: money.EUR(-250), Text: "A good customer (Sanne van Dijk)"},
			},
		},
		Next: &invoice.Next{Step: "Reminder 2 by e-mail", At: at(24, 9, 0), Rule: "R34", RuleText: "After a part payment the flow continues at the same step, after at least the minimum gap.", Why: "Step 4 of B2B NL: 10 days after the due date, moved to 7 days after the last reminder.", To: "administratie@goudenaar.example"},
		Earlier: []invoice.Event{
			{Kind: invoice.Imported, At: at(1, 6, 12), Title: "Read from Moneybird"},
			{Kind: invoice.Changed, At: at(2, 6, 12), Title: "Due date changed from 1 Nov to 8 Nov", Rule: "R21", RuleText: "Unsent steps are re-timed from the new date.", Text: "The reminders were planned again."},
		},
		Recent: []invoice.Event{
			{Kind: invoice.Mailed, At: at(3, 9, 0), Title: "Invoice sent by e-mail", CopyHref: "/invoices/1/messages/a", Delivery: "Delivered 09:00:12"},
			{Kind: invoice.Mailed, At: at(16, 9, 0), Title: "Reminder 1 sent by e-mail", Text: "Asked €1,210.00.", CopyHref: "/invoices/1/messages/b", Delivery: "Delivered 09:00:09 · portal opened 10:41"},
			{Kind: invoice.Payment, At: at(16, 0, 0), DayOnly: true, Title: "€300.00 received by bank", Text: "Matched on the invoice number. €910.00 is left."},
			{Kind: invoice.Dropped, At: at(19, 9, 0), Title: "Reminder 2 was not sent", Rule: "R15", RuleText: "A debtor gets at most one reminder per minimum interval.", Text: "The last reminder was 3 days ago; it waits until 7 days have passed."},
		},
		Planned: []invoice.Event{
			{Kind: invoice.Mailed, At: at(24, 9, 0), Title: "Reminder 2 by e-mail", Text: "Asks €910.00, names the €300.00 that was paid.", Rule: "R3", RuleText: "The reminder names the original amount, the paid amount and the rest."},
			{Kind: invoice.Letter, At: at(30, 9, 0), Title: "Final reminder by e-mail and letter", Text: "Announces costs and interest, 7 days to pay."},
			{Kind: invoice.CaseStep, At: at(37, 9, 0), Title: "Case opens", Text: "Costs of €136.50 become due. Needs your approval."},
		},
		Thread: []invoice.Message{
			{Who: "Bakkerij De Gouden Aar", Via: "e-mail", At: at(16, 11, 20), Text: "Goedemiddag, wij hebben alvast € 300 overgemaakt. De rest volgt na het weekend."},
			{Who: "Sanne van Dijk", Ours: true, Via: "e-mail", At: at(16, 11, 52), Text: "Dank u wel, wij zien het bedrag tegemoet."},
		},
		Actions: invoice.Actions{Pause: true, Step: true, Reply: true, StepName: "reminder 2"},
		Links:   invoice.Links{Books: "https://moneybird.example/1", PDF: "/invoices/1/pdf", Workflow: "http://localhost:8233/x"},
	}
}

func held() invoice.Model {
	m := reminding()
	m.Number, m.Frame.Title = "2026-0398", "2026-0398"
	m.Debtor.Name, m.Debtor.Email = "Restaurant Het Veerhuis", "boekhouding@veerhuis.example"
	m.Holds = []invoice.Hold{
		{ID: "h1", Title: "Held: the debtor wrote and waits for an answer", Why: "Their message came today 11:20. A final reminder is not sent over an unread message.", Ends: "Ends when you answer, or by itself on Thu 26 Nov.", Rule: "R61", RuleText: "A reply holds the flow for up to 3 business days or until it is answered.", NeedsYou: true},
	}
	m.Next = &invoice.Next{Step: "Final reminder by e-mail and letter", At: at(25, 9, 0), Why: "Step 5 of B2B NL: 18 days after the due date, Wednesday is a sending day."}
	m.Recent = append(m.Recent[1:], invoice.Event{Kind: invoice.Received, At: at(21, 11, 20), Title: "Message from the debtor", Quote: "De levering van 12 oktober was niet compleet. Wij missen nog twee radiatoren en betalen zodra die er zijn."})
	m.Thread = []invoice.Message{{Who: "Restaurant Het Veerhuis", Via: "portal", At: at(21, 11, 20), Text: "De levering van 12 oktober was niet compleet. Wij missen nog twee radiatoren en betalen zodra die er zijn."}}
	m.Actions = invoice.Actions{Pause: true, Resume: true, Reply: true, StepWhyNot: "No step while it is held"}
	m.Planned = m.Planned[1:]
	return m
}

func stale() invoice.Model {
	m := reminding()
	m.Holds = []invoice.Hold{{Title: "Held: the books were last read 27 hours ago", Why: "We could not reach Moneybird at 11:02 and 13:02. We try again at 14:32. Reminders of this administration wait until we have.", Ends: "Ends by itself at the next good sync.", Rule: "R5", RuleText: "When the last good sync is older than 26 hours, all reminders of that administration are held."}}
	m.Owed.AsOf = at(20, 11, 2)
	return m
}

func paid() invoice.Model {
	m := reminding()
	m.Phase, m.Next, m.Planned, m.DaysLate = component.Paid, nil, nil, 0
	m.Done = &invoice.Done{Title: "Paid in full", Text: "Closed with the value date of the payment. The planned reminder 2 was cancelled.", On: on("2026-11-20"), Paid: true}
	m.Owed.Open = money.EUR(0)
	m.Owed.Lines = append(m.Owed.Lines, invoice.OwedLine{Label: "Paid on 20 Nov", Amount: money.EUR(-91000), Paid: true})
	m.Recent = append(m.Recent, invoice.Event{Kind: invoice.Payment, At: at(20, 0, 0), DayOnly: true, Title: "€910.00 received by iDEAL", Text: "Through the pay link of reminder 1."})
	m.Actions = invoice.Actions{Reply: true}
	return m
}

func fresh() invoice.Model {
	m := reminding()
	m.Number, m.Frame.Title, m.Phase, m.DaysLate = "2026-0451", "2026-0451", component.Draft, 0
	m.Debtor.Name, m.Issued, m.Due, m.Debtor.OtherOpen = "Hotel Zeezicht", on("2026-11-14"), on("2026-11-28"), 0
	m.Holds = []invoice.Hold{{Title: "Held: the invoice has no PDF yet", Why: "Moneybird answered that the document is not ready. We ask again every hour.", Ends: "Ends by itself once the PDF is there; or attach one in Moneybird.", Rule: "R19", RuleText: "When the document is missing, sending is held.", NeedsYou: true}}
	m.Owed = invoice.Owed{Open: money.EUR(187550), AsOf: at(21, 13, 48), Lines: []invoice.OwedLine{{Label: "Invoice, incl. VAT", Amount: money.EUR(187550)}}}
	m.Next = &invoice.Next{Step: "Invoice by e-mail", At: at(23, 9, 0), Why: "As soon as the document is there, on the next sending day."}
	m.Earlier, m.Thread = nil, nil
	m.Recent = []invoice.Event{{Kind: invoice.Imported, At: at(21, 6, 12), Title: "Read from Moneybird"}, {Kind: invoice.Held, At: at(21, 9, 0), Title: "Sending was held", Rule: "R19", Text: "Document missing."}}
	m.Actions = invoice.Actions{Pause: true, StepWhyNot: "No step while it is held"}
	m.Links.PDF = ""
	return m
}

func step() invoice.StepModel {
	return invoice.StepModel{
		Frame: frame(component.Invoices, "Reminder 2"), ID: "1", Number: "2026-0412", Step: "Reminder 2", Key: "k", Channel: "E-mail with the invoice as PDF",
		From: "Van Dijk Installaties <facturen@vandijk.example>", To: "administratie@goudenaar.example",
		Subject: "Van Dijk Installaties: tweede herinnering voor factuur 2026-0412", HTMLHref: mailCopy,
		Text:        "Geachte heer/mevrouw,\n\nVan factuur 2026-0412 (€ 1.210,00) hebben wij € 300,00 ontvangen, dank daarvoor.\nEr staat nog € 910,00 open.\n\nBetalen kan via https://betaal.example/p/7Hk2\n\nMet vriendelijke groet,\nSanne van Dijk",
		Attachments: []invoice.Attachment{{Name: "2026-0412.pdf", Href: "/invoices/1/pdf", Size: "84 kB"}},
		PlannedAt:   at(24, 9, 0),
		Checks: []invoice.Check{
			{OK: true, Text: "€910.00 is open in Moneybird, read 14:02", Rule: "R1"},
			{OK: true, Text: "Bank statement up to yesterday, no payment", Rule: "R2"},
			{OK: true, Text: "No payment under way at Mollie", Rule: "R6"},
			{OK: true, Text: "Last reminder 8 days ago", Rule: "R15"},
			{OK: true, Text: "No unread message", Rule: "R62"},
		},
	}
}

func stepPeppol() invoice.StepModel {
	m := step()
	m.Step, m.Channel, m.Peppol = "Invoice", "E-mail and Peppol", "0106:12345678"
	m.Subject, m.Text = "Factuur 2026-0412 van Van Dijk BV", "Geachte heer, mevrouw,\n\nHierbij ontvangt u factuur 2026-0412 van Van Dijk BV. Het bedrag is € 1.210,00."
	return m
}

func stepRefused() invoice.StepModel {
	m := step()
	m.Checks[2] = invoice.Check{Text: "An iDEAL payment of €910.00 was started at 13:58", Rule: "R6"}
	m.Refused = "A payment is under way. The reminder waits until it is final, at most 3 business days."
	m.HTMLHref = ""
	return m
}

func sentCopy() invoice.CopyModel {
	return invoice.CopyModel{
		Frame: frame(component.Invoices, "Reminder 1"), ID: "1", Number: "2026-0412", Title: "Reminder 1", SentAt: at(16, 9, 0),
		From: "Van Dijk Installaties <facturen@vandijk.example>", To: "administratie@goudenaar.example",
		Subject:  "Van Dijk Installaties: herinnering voor factuur 2026-0412",
		Template: "reminder-1, Dutch, formal, version 4", MessageID: "<0193f1.r1.1@vandijk.example>", HTMLHref: mailCopy, Text: step().Text,
		Delivery:    []invoice.Delivery{{At: at(16, 9, 0), Text: "Handed to smtp.vandijk.example"}, {At: at(16, 9, 0), Text: "Accepted: 250 2.0.0 queued"}},
		Attachments: []invoice.Attachment{{Name: "2026-0412.pdf", Href: "/invoices/1/pdf", Size: "84 kB"}},
	}
}

func found() component.SearchModel {
	return component.SearchModel{Frame: frame(component.Nowhere, "Search"), Query: "gouden", Groups: []component.SearchGroup{
		{Title: "Invoices", Hits: []component.SearchHit{{Href: "/invoices/1", Icon: "receipt-text", Reference: "2026-0412", Text: "Bakkerij De Gouden Aar", Aside: "€910.00 · Reminding"}, {Href: "/invoices/9", Icon: "receipt-text", Reference: "2026-0377", Text: "Bakkerij De Gouden Aar", Aside: "€210.00 · Sent"}}},
		{Title: "Messages", Hits: []component.SearchHit{{Href: "/inbox/2", Icon: "message-circle", Text: "“wij hebben alvast € 300 overgemaakt”", Aside: "Mon 16 Nov"}}},
	}}
}
