package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/sdk/money"
)

var tiles = []market.Tile{
	{ID: "moneybird", Name: "Moneybird", Line: "Invoices, payments and PDFs; books a payment back.", Kind: "Accounting", Country: "NL", State: market.Connectable, Level: market.Certified},
	{ID: "files", Name: "Files", Line: "UBL invoices, and open items as CSV or Excel, from a folder, SFTP or upload.", Kind: "Accounting", Country: "All", State: market.ByFile, Level: market.Certified},
	{ID: "exact-online", Name: "Exact Online", Line: "Invoices, payments and documents of all divisions.", Kind: "Accounting", Country: "NL, BE, DE, UK", State: market.Connectable, Level: market.Verified},
	{ID: "e-boekhouden", Name: "e-Boekhouden", Line: "Open items and relations.", Kind: "Accounting", Country: "NL", State: market.Connectable, Level: market.Community},
	{ID: "hubspot", Name: "HubSpot", Line: "Contacts and their roles, for the right person per invoice.", Kind: "CRM", Country: "All", State: market.Connectable, Level: market.Verified},
	{ID: "twinfield", Name: "Twinfield", Line: "Sales invoices and matching of open items.", Kind: "Accounting", Country: "NL", State: market.Wanted, Votes: 38},
}

func markets() []Exhibit {
	shelf := market.ShelfModel{
		Frame: frame(component.Marketplace, "Marketplace"), Tiles: tiles, Total: 412, Found: 57, Next: "bW9uZXliaXJk", Partner: true,
		Capabilities: []component.Option{{Value: "documents", Label: "Sends PDFs along"}, {Value: "write_payments", Label: "Books payments"}},
		Levels:       []component.Option{{Value: "verified", Label: "Verified or certified"}, {Value: "certified", Label: "Certified"}},
		Kinds:        []component.Option{{Value: "accounting", Label: "Accounting"}, {Value: "crm", Label: "CRM"}, {Value: "bank", Label: "Bank"}, {Value: "messaging", Label: "Messaging"}},
		Countries:    []component.Option{{Value: "NL", Label: "Netherlands"}, {Value: "BE", Label: "Belgium"}, {Value: "DE", Label: "Germany"}},
		Connected: []market.Connection{
			{ID: "1", Name: "Moneybird", Account: "Van Dijk BV", State: "Read 14 min ago", Tone: component.Green, Href: "/connections/1/sync"},
			{ID: "2", Name: "Moneybird", Account: "Van Dijk Onderhoud", State: "Offline, next try 14:32", Tone: component.Amber, Href: "/connections/2/sync"},
		},
	}
	none := shelf
	none.Tiles, none.Query, none.Connected = nil, "zwaluw", nil
	detail := market.DetailModel{
		Frame: frame(component.Marketplace, "Moneybird"), Tile: tiles[0], Publisher: "Voldaan", Version: "1.2.4", Docs: "https://docs.example/moneybird",
		About:    "Reads contacts, sales invoices with their PDF, and payments, and keeps them fresh: changes arrive within a minute, and everything is compared once a day.",
		Reads:    []string{"Contacts: name, address, e-mail, VAT number", "Sales invoices and credit notes, with PDF", "Payments"},
		Writes:   []string{"A payment on an invoice, once you turn that on"},
		Hosts:    []string{"moneybird.com"},
		LevelWhy: []market.LevelReason{{OK: true, Text: "It is signed by a registered publisher, and its hash is checked at every start"}, {OK: true, Text: "Somebody made sure who the publisher is"}, {OK: true, Text: "A full run of the conformance kit in which nothing failed"}, {OK: true, Text: "Our own run of it, in which nothing was left out either"}},
		Connect:  market.Connect{OAuth: true, Label: "Connect Moneybird"},
	}
	detail.Versions, detail.Using, detail.Report, detail.Owner = connectorVersions(), connectorUsing(), connectorReport(), true
	detail.Contained = []market.LevelReason{{OK: true, Text: "Connectors have no network. They ask the hub for each request."}, {OK: true, Text: "Each connector runs as a user that owns nothing."}, {Text: "The memory, open files and written files of each process of a connector are bounded, but not those of several processes together."}}
	detail.Unsure = []string{"Whether a webhook is repeated after an answer of 5xx; the host reads everything once a day anyway."}
	form := detail
	form.Report, form.Unsure = failedReport(), nil
	form.Versions, form.Using = []market.Version{{Number: "0.9.0", Published: at(2, 11, 5), Level: market.Community, Score: "96%"}}, market.Using{}
	form.Version = "0.9.0"
	form.Tile, form.Frame.Title = tiles[3], "e-Boekhouden"
	form.LevelWhy = []market.LevelReason{{OK: true, Text: "It is signed by a registered publisher, and its hash is checked at every start"}, {Text: "Somebody made sure who the publisher is"}, {Text: "A full run of the conformance kit in which nothing failed; 1 of 64 checks failed"}}
	form.Writes, form.Hosts = nil, []string{"api.e-boekhouden.nl"}
	form.Connect = market.Connect{Label: "Connect", Error: "e-Boekhouden did not accept this token.", Fields: []market.Field{
		{Text: component.TextInput{ID: "token", Name: "token", Label: "API token", Type: "password", Hint: "Beheer, Instellingen, API", Required: true, Error: "Copy the token again; it is 32 characters long."}},
		{Text: component.TextInput{ID: "books", Name: "books", Label: "Which invoices", Hint: "Those of the module for invoices know their PDF."}, Options: []component.Option{{Value: "all", Label: "All open items", Selected: true}, {Value: "invoices", Label: "Invoices made there only"}}},
		{Text: component.TextInput{ID: "drafts", Name: "drafts", Label: "Show drafts too", Hint: "They are never reminded."}, Tick: true},
	}}
	files := detail
	files.Tile, files.Hosts = tiles[1], nil
	files.Connect = market.Connect{Label: "Upload and look", Upload: &market.FileForm{Accept: ".xml,.csv,.xlsx,.zip", Hint: "UBL, CSV or Excel. You see how its columns are read before anything comes in."}}
	want := detail
	want.Tile = tiles[5]

	sync := market.SyncModel{Frame: frame(component.Marketplace, "First sync"), ID: "1", Connector: "Moneybird", First: true, Phase: market.Running, Doing: "Reading invoices", Done: 1240, Total: 8312, Held: 3, Left: "about 2 minutes left"}
	waiting := sync
	waiting.Total, waiting.Waiting, waiting.Left = 0, "Moneybird allows 150 requests in 5 minutes. We go on at 14:07.", ""
	report := sync
	report.Phase, report.Report = market.Finished, &market.SyncReport{Read: 8312, New: 8309, Took: "2 min 41 s", Held: []market.HeldRecord{
		{Reference: "2026-0188", Reason: "has the due date 3 Jan 2025, before its invoice date.", Fix: "Correct the due date in Moneybird; it comes in at the next sync."},
		{Reference: "2025-1203", Reason: "is in XBT, which is no currency we know.", Fix: "Correct the currency in Moneybird."},
	}, HeldMore: 1}
	failed := sync
	failed.Phase, failed.Failure = market.Failed, &market.SyncFailure{What: "We could not reach Moneybird at 14:02", Next: "We try again at 14:07, by ourselves. Nothing is sent to any debtor until we have.", Kept: "1,240 invoices were read and are kept."}

	live := market.GoLiveModel{
		Frame: frame(component.Marketplace, "Go live"), ID: "1", Connector: "Moneybird", Date: "2026-11-24", Earliest: "2026-11-22", OldItems: 27, OldAmount: money.EUR(2922305),
		Entries: []component.Option{{Value: "reconfirm", Label: "Ask to confirm the balance", Hint: "One friendly overview per debtor, then reminder 1", Selected: true}, {Value: "reminder1", Label: "Start at reminder 1", Hint: "One message per debtor, spread over 5 days"}, {Value: "skip", Label: "Leave them alone", Hint: "Only invoices that become due later are reminded"}},
		Preview: []market.PreviewDay{
			{On: on("2026-11-24"), Lines: []market.PreviewLine{{Debtor: "Bakkerij De Gouden Aar", Step: "Balance overview", Invoices: "2026-0412 and 1 more", Amount: money.EUR(112000), Href: "/connections/1/go-live/1"}, {Debtor: "Restaurant Het Veerhuis", Step: "Balance overview", Invoices: "2026-0398", Amount: money.EUR(245025), Href: "/connections/1/go-live/2"}}, More: 11},
			{On: on("2026-11-25"), Lines: []market.PreviewLine{{Debtor: "Kwekerij Van Beek", Step: "Invoice", Invoices: "2026-0455", Amount: money.EUR(60500)}}},
		},
	}
	some := live
	some.Segments = []component.Option{{Label: "None"}, {Value: "vip", Label: "Key accounts", Selected: true}}
	some.Out = []market.LeftOut{{ID: "8", Name: "Garage Meijer", Invoices: 1, Amount: money.EUR(39930)}, {ID: "9", Name: "Stichting Samenwerkende Woningcorporaties Utrecht en Omstreken", Invoices: 12, Amount: money.EUR(1249350), Segment: true}}
	quiet := live
	quiet.Preview, quiet.OldItems, quiet.Error = nil, 0, "Choose a day from tomorrow on."
	choose := market.ChooseModel{
		Frame: frame(component.Marketplace, "Choose books"), ID: "1", Connector: "Moneybird",
		Administrations: []component.Option{{Value: "a", Label: "Van Dijk BV", Hint: "EUR, Netherlands, 8,312 sales invoices", Selected: true}, {Value: "b", Label: "Van Dijk Onderhoud", Hint: "EUR, Netherlands, 214 sales invoices"}, {Value: "c", Label: "Privé", Hint: "Has no sales invoices", Disabled: true}},
		FlowsB2B:        []component.Option{{Value: "b2b-nl", Label: "B2B NL"}}, FlowsB2C: []component.Option{{Value: "b2c-nl", Label: "B2C NL"}},
	}
	noBooks := choose
	noBooks.Administrations = nil
	return []Exhibit{
		{"marketplace", "the shelf", market.Shelf(shelf)},
		{"marketplace-none", "nothing found", market.Shelf(none)},
		{"connector", "connect with the package's consent page", market.Detail(detail)},
		{"partner", "how a publisher's connectors do", market.Partner(partnerRoom())},
		{"partner-none", "nothing published yet", market.Partner(market.PartnerModel{Frame: frame(component.Marketplace, "How our connectors do"), Title: "Acme BV"})},
		{"connector-form", "connect with a refused token", market.Detail(form)},
		{"connector-files", "connect with a file", market.Detail(files)},
		{"connector-wanted", "not built yet", market.Detail(want)},
		{"choose", "choose administrations", market.Choose(choose)},
		{"choose-none", "an account without administrations", market.Choose(noBooks)},
		{"sync", "running", market.Sync(sync)},
		{"sync-waiting", "waiting for the package", market.Sync(waiting)},
		{"sync-report", "the report", market.Sync(report)},
		{"sync-failed", "a failure", market.Sync(failed)},
		{"go-live", "the preview", market.GoLive(live)},
		{"go-live-out", "some are left out", market.GoLive(some)},
		{"go-live-quiet", "nothing to send, a refused day", market.GoLive(quiet)},
	}
}
