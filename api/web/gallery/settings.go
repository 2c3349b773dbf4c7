package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/api/web/view/market"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func settingRooms() []Exhibit {
	refused, second, none := senderRoom(), senderRoom(), senderRoom()
	refused.Error, refused.Fields.Registration.Error = "This was not saved. Look at what is marked below.", "A KvK number has 8 digits."
	second.Account.Waiting, second.Account.WaitingID, second.Account.WaitsFor, second.Account.Password = "NL55 TEST 0999 8888 77", "NL55TEST0999888877", "Piet Bos today 11:20", nil
	none.ID = ""
	look := peopleRoom()
	look.Look = true
	made, noKeys := keysRoom(), keysRoom()
	made.Secret, made.Made = "vd_3kT9vQmW0example0example0example", "our ERP"
	noKeys.Keys = nil
	calm := figuresRoom()
	calm.Pending = nil
	return []Exhibit{
		{"settings-sender", "the sender", settings.Sender(senderRoom())},
		{"settings-sender-refused", "a number that is wrong", settings.Sender(refused)},
		{"settings-sender-second", "an account that waits for a second person", settings.Sender(second)},
		{"settings-sender-none", "no books yet", settings.Sender(none)},
		{"settings-people", "people and roles", settings.People(peopleRoom())},
		{"settings-people-look", "seen by who is no owner", settings.People(look)},
		{"settings-keys", "keys of programs", settings.Keys(keysRoom())},
		{"settings-keys-made", "a key that was just made", settings.Keys(made)},
		{"settings-keys-none", "no keys", settings.Keys(noKeys)},
		{"settings-figures", "a figure to approve", settings.Figures(figuresRoom())},
		{"settings-figures-calm", "nothing to approve", settings.Figures(calm)},
	}
}

func field(name, label, value string) component.TextInput {
	return component.TextInput{ID: name, Name: name, Label: label, Value: value}
}

func senderRoom() settings.SenderModel {
	return settings.SenderModel{
		Frame: frame(component.Settings, "Sender"), ID: "a",
		Books: []component.Tab{{Label: "Van Dijk BV", Href: "/settings/sender?administration=a", Active: true}, {Label: "Van Dijk Onderhoud", Href: "/settings/sender?administration=b"}},
		Fields: settings.Fields{
			Name: field("name", "Name", "Van Dijk Installaties BV"), Line1: field("line1", "Street and number", "Korte Brug 4"), PostalCode: field("postal_code", "Postal code", "3811 AB"), City: field("city", "Place", "Amersfoort"),
			Email: field("email", "E-mail", "facturen@vandijk.example"), Phone: field("phone", "Telephone", "033 123 45 67"), Registration: field("registration", "KvK number", "12345678"), VAT: field("vat", "VAT number", "NL123456789B01"),
			Colour: component.TextInput{ID: "colour", Name: "colour", Label: "Colour", Value: "#0b5d78", Hint: "Of the portal and of buttons in e-mails. Leave it empty for Voldaan's green."},
		},
		Account: settings.Account{
			Now: "NL12 TEST 0123 4567 89", IBAN: field("iban", "New account (IBAN)", ""),
			Password: &component.TextInput{ID: "password", Name: "password", Label: "Your password", Type: "password", Autocomplete: "current-password", Hint: "There is no other owner to confirm it."},
		},
		Preview: []string{"Van Dijk Installaties BV", "Korte Brug 4", "3811 AB  Amersfoort", "033 123 45 67", "facturen@vandijk.example", "KvK 12345678", "VAT NL123456789B01", "IBAN NL12 TEST 0123 4567 89"},
	}
}

var galleryRoles = []component.Option{{Value: "owner", Label: "Owner", Hint: "Everything, settings too"}, {Value: "collector", Label: "Collector", Hint: "Everything but settings: pauses, sends, answers, decides", Selected: true}, {Value: "viewer", Label: "Viewer", Hint: "Looks only"}}

func peopleRoom() settings.PeopleModel {
	return settings.PeopleModel{
		Frame: frame(component.Settings, "People"), Roles: galleryRoles,
		People: []settings.Person{
			{ID: "1", Name: "Sanne van Dijk", Email: "sanne@vandijk.example", Role: "Owner", You: true},
			{ID: "2", Name: "Piet Bos", Email: "piet.bos.administratie@vandijk.example", Role: "Collector", Roles: galleryRoles},
			{ID: "3", Name: "Noor Yilmaz", Email: "noor@vandijk.example", Role: "Viewer", Roles: galleryRoles, Left: at(3, 9, 12)},
		},
		Name: field("name", "Name", ""), Email: field("email", "E-mail", ""),
		First: component.TextInput{ID: "password", Name: "password", Label: "First password", Type: "password", Hint: "At least 10 characters. Give it to them in person or by phone."},
	}
}

func keysRoom() settings.KeysModel {
	return settings.KeysModel{
		Frame: frame(component.Settings, "API keys"), Name: component.TextInput{ID: "name", Name: "name", Label: "Name of the program", Placeholder: "our ERP"},
		Scopes: []component.Option{{Value: "read", Label: "Read", Hint: "Look at everything, change nothing", Selected: true}, {Value: "write", Label: "Read and write", Hint: "Also pause, resume, send and upload"}},
		Keys: []settings.Key{
			{ID: "1", Name: "our ERP", Prefix: "vd_3kT9vQ", Scope: "Reads and writes", By: "Sanne van Dijk", At: at(2, 10, 0), Used: at(21, 13, 58)},
			{ID: "2", Name: "dashboard on the wall", Prefix: "vd_x0Pq2a", Scope: "Reads", By: "Sanne van Dijk", At: at(20, 16, 30)},
			{ID: "3", Name: "old shop", Prefix: "vd_aa81Lm", Scope: "Reads and writes", By: "Piet Bos", At: at(1, 9, 0), Used: at(4, 8, 3), Revoked: at(5, 17, 45)},
		},
	}
}

func figuresRoom() settings.FiguresModel {
	rate := settings.Figure{
		Name: "NL: statutory commercial interest (art. 6:119a BW), the rate after 2026-06-30", Value: "10.15%", Invoices: 37,
		Why: "the rate after 2026-06-30 is not known yet: 10.15% is carried forward", Source: "rentetabel, March 2026",
	}
	words := settings.Figure{
		Name: "NL: the en wording of the veertiendagenbrief", Value: "text 5be1a0c2", Why: "the en wording of the veertiendagenbrief is unconfirmed: have it checked before a debtor reads it",
		Source: "wording of our own", By: "Sanne van Dijk", At: at(18, 9, 30),
	}
	return settings.FiguresModel{Frame: frame(component.Settings, "Figures of the law"), Pending: []settings.Figure{rate}, Approved: []settings.Figure{words}}
}

// unconfirmed is an invoice whose next message waits for a figure.
func unconfirmed() invoice.Model {
	m := held()
	f := figuresRoom().Pending[0]
	m.Next, m.Actions.Approve = nil, true
	m.Holds = []invoice.Hold{{
		Title: "Held: figure to approve", NeedsYou: true, Why: "A person approves what this message states and no source confirms: " + f.Why + ".",
		Ends:    "Ends when an owner approves it. One approval is for all invoices, for as long as the value is the same.",
		Figures: []invoice.Figure{{Name: f.Name, Value: f.Value, Why: f.Why, Source: f.Source}},
	}}
	return m
}

// elsewhere is an invoice without a PDF, that may have been sent already.
func elsewhere() invoice.Model {
	m := fresh()
	m.Holds = []invoice.Hold{{
		Title: "Held: PDF missing", NeedsYou: true, Rule: "R19", RuleText: "Without its PDF an invoice is not sent.", Sent: "2026-11-21",
		Why:  "Document missing: the books have no PDF of this invoice, so it cannot be sent. Add the PDF in the books; or, if you sent the invoice yourself, say here on which day.",
		Ends: "Looked at again tomorrow 08:15, or sooner when something changes.",
	}}
	return m
}

func connectionRooms() []Exhibit {
	uploaded, refused, books := connectionRoom(), connectionRoom(), connectionRoom()
	uploaded.Receipt = []string{"12 invoices of open-november.csv were read; 2 rows were not.", "Row 4: 12,x is no amount."}
	refused.Refused, refused.FormError = "photo.png is no list of invoices. Upload a CSV, an Excel file or a UBL invoice.", "Fill in the user on the SFTP server."
	books.Care = care()
	paused, broken, removed := books, books, books
	paused.Care.Paused, paused.Care.State, paused.Care.Tone, paused.Care.Reason = true, "Paused", component.Amber, "We move to another package"
	broken.Care.Broken, broken.Care.State, broken.Care.Tone, broken.Care.Reason = true, "Does not work", component.Red, "Moneybird refuses the access that was given."
	removed.Care.Removed, removed.Care.State, removed.Care.Tone = true, "Removed", component.Plain
	for _, m := range []*market.ConnectionModel{&paused, &broken, &removed} {
		m.Care.NextTry = nil
		m.Title, m.Upload, m.Files, m.Sources, m.Problems, m.Form = "Moneybird", nil, nil, nil, nil, nil
	}
	books.Title, books.Upload, books.Files, books.Sources, books.Problems, books.Form = "Moneybird", nil, nil, nil, nil, nil
	return []Exhibit{
		{"connection-files", "a connection that is fed with files", market.Show(connectionRoom())},
		{"connection-files-uploaded", "what came of an upload", market.Show(uploaded)},
		{"connection-files-refused", "a refused upload and form", market.Show(refused)},
		{"connection-books", "a connection with a package", market.Show(books)},
		{"connection-paused", "one that was paused", market.Show(paused)},
		{"connection-broken", "one whose access ended", market.Show(broken)},
		{"connection-removed", "one that was removed", market.Show(removed)},
	}
}

func connectionRoom() market.ConnectionModel {
	return market.ConnectionModel{
		Frame: frame(component.Marketplace, "Invoice files"), ID: "1", Title: "Invoice files", Owner: true, May: true,
		Care:   market.Care{Connector: "files", State: "Connected", Tone: component.Green},
		Books:  []market.Book{{Name: "Van Dijk Onderhoud", State: "Read 14 min ago", Tone: component.Green, Live: "live since 1 Oct 2026"}},
		Upload: &market.FileForm{Accept: ".xml,.csv,.xlsx", Hint: "UBL invoices, or open items as CSV or Excel."},
		Files: []market.File{
			{Name: "open-november.csv", At: at(21, 13, 40), Size: "18 kB", State: "Taken in part", Tone: component.Amber, Icon: "circle-alert", Text: "12 invoices", Problems: []string{"Row 4: 12,x is no amount.", "Row 9: no due date. Fill in the term under settings."}, More: 3},
			{Name: "2026-0455.xml", At: at(20, 9, 2), Size: "44 kB", State: "Taken", Tone: component.Green, Icon: "circle-check", Text: "1 invoice"},
			{Name: "photo of the invoice from the delivery van.png", At: at(20, 8, 59), Size: "2120 kB", State: "Refused", Tone: component.Red, Icon: "ban", Text: "0 invoices", Problems: []string{"This is a picture. Upload a CSV, an Excel file or a UBL invoice."}},
		},
		Sources: []market.Source{
			{Kind: "Folder on this machine", Place: "/srv/voldaan/folders/vandijk/invoices", LookedAt: at(21, 14, 1)},
			{Kind: "SFTP server", Place: "sftp.vandijk.example", LookedAt: at(21, 13, 30), Problem: "The server shows another key than the one that was given. Ask its owner which is right."},
		},
		Problems: []market.Problem{{Administration: "a", ID: "lost.csv#4", Reference: "lost.csv#4", Text: "No total was read.", At: at(19, 8, 0)}},
		Form: []market.Field{
			{Text: component.TextInput{ID: "field-name", Name: "name", Label: "Name of the books", Hint: "As you want to see it, such as the name of your company.", Value: "Van Dijk Onderhoud"}},
			{Text: component.TextInput{ID: "field-preset", Name: "preset", Label: "Layout of the lists"}, Options: []component.Option{{Value: "automatic", Label: "Recognise the columns"}, {Value: "twinfield", Label: "Twinfield", Selected: true}}},
			{Text: component.TextInput{ID: "field-complete", Name: "complete", Label: "Each list is complete", Hint: "An invoice that a list does not have any more then counts as settled in your books.", Value: "true"}, Tick: true},
			{Text: component.TextInput{ID: "field-sftp_password", Name: "sftp_password", Label: "Password on the SFTP server", Type: "password", Hint: "Leave it empty to keep what is there."}},
		},
	}
}
