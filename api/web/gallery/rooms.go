package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/bank"
	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/inbox"
	"github.com/voldaan/voldaan/sdk/money"
)

func inboxes() []Exhibit {
	closed, dispute, none := box(), box(), box()
	closed.Open = nil
	closed.Threads[0].Selected = false
	none.Threads, none.Open = nil, nil
	dispute.Threads[0].Selected, dispute.Threads[1].Selected = false, true
	dispute.Open = &inbox.Conversation{
		ID: "2", Debtor: "Garage Meijer", Email: "info@garagemeijer.example", InvoiceID: "9", Invoice: "2026-0402", Open: money.EUR(39930), Phase: component.Final, Waiting: true,
		Messages:    []inbox.Message{{Who: "Garage Meijer", Via: "portal", At: at(20, 16, 5), Text: "Het uurtarief op de factuur is hoger dan in de offerte."}},
		Attachments: []component.Link{{Label: "offerte.pdf", Href: "/inbox/2/files/1"}},
		Dispute:     &inbox.Dispute{ID: "d1", Reason: "The amount is not right", Amount: money.EUR(12100), Rest: money.EUR(27830), Deadline: on("2026-11-27")},
	}
	return []Exhibit{
		{"inbox", "a conversation that waits", inbox.Page(box())},
		{"inbox-list", "no conversation is open", inbox.Page(closed)},
		{"inbox-dispute", "a dispute to decide", inbox.Page(dispute)},
		{"inbox-empty", "no messages", inbox.Page(none)},
	}
}

func box() inbox.Model {
	return inbox.Model{
		Frame: frame(component.Inbox, "Inbox"),
		Tabs:  []component.Tab{{Label: "Waiting", Href: "/inbox", Count: 2, Tone: component.Amber, Active: true}, {Label: "Disputes", Href: "/inbox?tab=disputes", Count: 1, Tone: component.Amber}, {Label: "Answered", Href: "/inbox?tab=answered"}},
		Threads: []inbox.Thread{
			{ID: "1", Debtor: "Restaurant Het Veerhuis", Subject: "2026-0398", Snippet: "De levering van 12 oktober was niet compleet.", At: at(21, 11, 20), Unread: true, Selected: true},
			{ID: "2", Debtor: "Garage Meijer", Subject: "2026-0402", Snippet: "Het uurtarief op de factuur is hoger dan in de offerte.", At: at(20, 16, 5), Unread: true, Dispute: true},
			{ID: "3", Debtor: "Bakkerij De Gouden Aar", Subject: "2026-0412", Snippet: "Wij hebben alvast € 300 overgemaakt.", At: at(16, 11, 20)},
		},
		Open: &inbox.Conversation{
			ID: "1", Debtor: "Restaurant Het Veerhuis", Email: "boekhouding@veerhuis.example", InvoiceID: "2", Invoice: "2026-0398", Open: money.EUR(245025), Phase: component.Reminding, HeldUntil: on("2026-11-26"), Waiting: true,
			Messages: []inbox.Message{
				{Who: "Van Dijk Installaties", Ours: true, Via: "e-mail", At: at(16, 9, 0), Text: "Herinnering voor factuur 2026-0398 van € 2.450,25."},
				{Who: "Restaurant Het Veerhuis", Via: "e-mail", At: at(21, 11, 20), Text: "De levering van 12 oktober was niet compleet. Wij missen nog twee radiatoren en betalen zodra die er zijn.\n\nGroet, Anja"},
			},
		},
	}
}

func banks() []Exhibit {
	empty, refused, done := bankRoom(), bankRoom(), bankRoom()
	empty.Statements, empty.Lines = nil, nil
	refused.Upload.Error, refused.Upload.Detail = "This file was not read", "november.xml is no CAMT.053 statement: it begins with <html>. Download it again from your bank as CAMT.053 or MT940."
	done.Upload.Report = &bank.UploadReport{File: "november.xml", Lines: 42, Matched: 37, Suggested: 3, Unmatched: 2, Known: 6}
	done.Lines = nil
	return []Exhibit{
		{"bank", "payments to decide", bank.Page(bankRoom())},
		{"bank-empty", "no statement yet", bank.Page(empty)},
		{"bank-refused", "an unreadable file", bank.Page(refused)},
		{"bank-done", "everything found its invoice", bank.Page(done)},
	}
}

func bankRoom() bank.Model {
	return bank.Model{
		Frame: frame(component.Bank, "Bank"),
		Tabs:  []component.Tab{{Label: "To decide", Href: "/bank", Count: 3, Tone: component.Amber, Active: true}, {Label: "Matched", Href: "/bank?tab=matched", Count: 37}, {Label: "Not for an invoice", Href: "/bank?tab=ignored"}},
		Statements: []bank.Statement{
			{ID: "s2", Bank: "Rabobank", Account: "NL12 TEST 0123 4567 89", Number: "2026-231", From: on("2026-11-20"), To: on("2026-11-20"), Closing: money.EUR(4821044), Lines: 42, Waiting: 3},
			{ID: "s1", Bank: "Rabobank", Account: "NL12 TEST 0123 4567 89", Number: "2026-229", From: on("2026-11-18"), To: on("2026-11-18"), Closing: money.EUR(4410094), Lines: 18, Gap: "Statement 2026-230 is missing: 19 Nov."},
		},
		Lines: []bank.Line{
			{ID: "1", On: on("2026-11-20"), Payer: "Koster & Zonen", Account: "NL55 TEST 0999 8888 77", Text: "fact 440 ket rad", Amount: money.EUR(124935), State: bank.Suggested, Why: "account of an earlier payment", Invoice: []bank.Candidate{{InvoiceID: "5", Number: "2026-0440", Debtor: "Aannemersbedrijf Koster & Zonen", Open: money.EUR(1249350)}}},
			{ID: "2", On: on("2026-11-20"), Payer: "M YILMAZ", Account: "NL66 TEST 0111 2222 33", Text: "betaling", Amount: money.EUR(15125), State: bank.Suggested, Why: "name and amount", Invoice: []bank.Candidate{{InvoiceID: "7", Number: "2026-0449", Debtor: "M. Yilmaz", Open: money.EUR(15125)}}},
			{ID: "3", On: on("2026-11-20"), Payer: "BELASTINGDIENST", Account: "NL86 TEST 0002 4455 88", Text: "TERUGGAAF OB 3E KWARTAAL 2026", Amount: money.EUR(204300), State: bank.Unmatched},
			{ID: "4", On: on("2026-11-20"), Payer: "De Gouden Aar", Account: "NL33 TEST 0777 1111 22", Text: "2026-0412 deel", Amount: money.EUR(30000), State: bank.Matched, Why: "invoice number", Invoice: []bank.Candidate{{InvoiceID: "1", Number: "2026-0412"}}},
		},
	}
}

func caseRooms() []Exhibit {
	open := caseRoom()
	open.Approve, open.Stage, open.DossierHref, open.Missing = nil, "Summons 1 sent", "/cases/1/dossier.zip", 0
	for i := range open.Dossier {
		open.Dossier[i].Present = true
	}
	broken := caseRoom()
	broken.Approve, broken.Notice.Valid = nil, false
	broken.Notice.Why = "The letter gave 12 days. Costs cannot be asked; send a new letter."
	broken.Claim.Costs = cases.Figure{Amount: money.EUR(0), How: "No valid 14-day letter", Source: "Civil Code 6:96(6)"}
	return []Exhibit{
		{"cases", "the list", cases.List(caseList())},
		{"cases-empty", "no cases", cases.List(cases.ListModel{Frame: frame(component.Cases, "Cases"), Tabs: caseList().Tabs, Find: caseList().Find})},
		{"cases-none-found", "a search without an answer", cases.List(caseNone())},
		{"case-new", "a claim without books", cases.OneOff(oneOff())},
		{"case-new-refused", "a claim that is refused", cases.OneOff(oneOffRefused())},
		{"case", "waiting for approval", cases.Show(caseRoom())},
		{"case-open", "open, dossier complete", cases.Show(open)},
		{"case-broken", "an invalid notice", cases.Show(broken)},
	}
}

func caseNone() cases.ListModel {
	m := caseList()
	m.Rows, m.Pager, m.Find.Query = nil, component.Pager{}, "zwaluw"
	return m
}

func caseList() cases.ListModel {
	return cases.ListModel{
		Frame: frame(component.Cases, "Cases"), Pager: component.Pager{Shown: "2 cases"},
		Find: finder("/cases", "cases", "Debtor, or number of a case or an invoice", filter("stage", "Stage", "Any stage", "Ready for a bailiff", "With a bailiff")),
		Tabs: []component.Tab{{Label: "Open", Href: "/cases", Count: 2, Active: true}, {Label: "Closed", Href: "/cases?tab=closed"}},
		Rows: []cases.Row{
			{ID: "1", Number: "Z-2026-014", Debtor: "J. de Vries", Kind: "Consumer", Opened: on("2026-11-20"), Total: money.EUR(53210), Stage: "Needs approval", Tone: component.Amber, Next: "Summons 1", NextOn: on("2026-11-23")},
			{ID: "2", Number: "Z-2026-011", Debtor: "Bouwbedrijf Visser", Kind: "Company", Opened: on("2026-10-28"), Total: money.EUR(281744), Stage: "Summons 2 sent", Tone: component.Red, Next: "Notice of default", NextOn: on("2026-12-02")},
		},
	}
}

func caseRoom() cases.Model {
	return cases.Model{
		Frame: frame(component.Cases, "Z-2026-014"), ID: "1", Number: "Z-2026-014", Debtor: "J. de Vries", Kind: "Consumer", Opened: on("2026-11-20"), Stage: "Needs approval", Tone: component.Amber,
		Claim: cases.Claim{
			AsOf:      on("2026-11-21"),
			Principal: []cases.Claimed{{Label: "Invoice 2026-0377", Href: "/invoices/3", Note: "Due 12 Oct 2026", Amount: money.EUR(48400)}},
			Payments:  []cases.Claimed{{Label: "Paid on 2 Nov", Note: "Inside the 14 days: all to principal", Amount: money.EUR(-3000)}},
			Costs:     cases.Figure{Amount: money.EUR(6810), How: "15% of €454.00, the principal left at the end of the term; at least €40.00", Source: "Decree on extrajudicial collection costs, art. 2"},
			InterestT: cases.Figure{Amount: money.EUR(199), How: "4% a year over 40 days, on the balance of each day", Source: "Civil Code 6:119", Provisional: "The rate of 4% comes from a secondary source. Approve it under Settings before it is asked."},
			Interest: []cases.Period{
				{From: on("2026-10-13"), To: on("2026-11-01"), Days: 20, Base: money.EUR(48400), Rate: "4%", Amount: money.EUR(106)},
				{From: on("2026-11-02"), To: on("2026-11-21"), Days: 20, Base: money.EUR(45400), Rate: "4%", Amount: money.EUR(93)},
			},
			Total: money.EUR(52409), PerDay: money.EUR(5),
		},
		Notice: &cases.Notice{Posted: on("2026-10-29"), Delivered: on("2026-10-31"), LastDay: on("2026-11-14"), CostsFrom: on("2026-11-15"), Valid: true, Stated: money.EUR(7260), Href: "/cases/1/letter.pdf", Rule: "R94", RuleText: "A posted letter counts as delivered on the second day after posting; Sundays, Mondays and public holidays do not count.",
			Proof: "Delivery is presumed: the second day after posting, Sundays, Mondays and holidays not counted.", Why: "The letter named the exact costs and 14 full days."},
		Steps: []cases.Step{
			{Title: "14-day letter", At: at(1, 9, 0), Done: true, Letter: "/cases/1/letter.pdf"},
			{Title: "Case opened", At: at(20, 9, 0), Done: true, Legal: true},
			{Title: "Summons 1 by e-mail and letter", At: at(23, 9, 0), Text: "Specifies costs and interest."},
			{Title: "Contact attempt", At: at(26, 10, 0), Text: "Screens for hardship, refers to debt help."},
			{Title: "Plan offer", At: at(30, 9, 0)},
		},
		Missing: 1,
		Dossier: []cases.DossierItem{
			{Title: "Parties", Present: true}, {Title: "Terms or contract", Note: "Upload the signed offer.", Present: false}, {Title: "Invoices (1)", Present: true, Href: "/invoices/3/pdf"},
			{Title: "Messages with delivery data (5)", Present: true}, {Title: "14-day letter with proof of receipt", Present: true, Href: "/cases/1/letter.pdf"}, {Title: "Payments (1)", Present: true}, {Title: "Costs and interest, computed", Present: true},
		},
		Approve: &cases.Approval{Title: "May Summons 1 be sent on Monday?", Text: "It asks €524.09, with €68.10 costs. In the first 30 days nothing leaves a case without your approval.", Yes: "Approve", No: "Hold the case"},
	}
}

func oneOff() cases.OneOffModel {
	return cases.OneOffModel{
		Frame: frame(component.Cases, "A claim without accounting package"), Laws: [][2]string{{"NL", "Netherlands"}, {"BE", "Belgium"}}, Countries: [][2]string{{"NL", "Netherlands"}, {"BE", "Belgium"}},
		Currencies: [][2]string{{"EUR", "EUR"}, {"GBP", "GBP"}}, Languages: [][2]string{{"nl", "Dutch"}, {"en", "English"}}, Typed: map[string]string{"law": "NL", "country": "NL", "language": "nl", "currency": "EUR"},
	}
}

func oneOffRefused() cases.OneOffModel {
	m := oneOff()
	m.Error = "The claim was due on 1 March 2021 and may be out of time. Look at it with somebody who knows the law."
	for name, typed := range map[string]string{"name": "Garage Koster", "kind": "business", "line1": "Industrieweg 4", "postal_code": "1234 AB", "city": "Ons Dorp", "number": "2021-0044", "amount": "1210.00", "due": "2021-03-01"} {
		m.Typed[name] = typed
	}
	return m
}
