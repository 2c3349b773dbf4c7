package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/letters"
	"github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func channelRooms() []Exhibit {
	post := letters.Model{
		Frame: frame(component.Letters, "Letters to post"),
		Waiting: []letters.Group{{ID: "a", Name: "Van Dijk BV", Letters: []letters.Letter{
			{ID: "1", Debtor: "Noor Yilmaz", Subject: "Laatste herinnering vóór incassokosten, factuur 2026-0412", Made: at(20, 9, 0), Statutory: true},
			{ID: "2", Debtor: "Bakkerij De Gouden Aar", Subject: "Sommatie", Made: at(20, 9, 2)}, {ID: "3", Debtor: "Garage Koster", Subject: "Herinnering", Made: at(19, 9, 0), Settled: true},
		}}},
		Batches: []letters.Batch{
			{ID: "b", Title: "Van Dijk BV: 4 letters", By: "Sanne van Dijk", Made: at(19, 14, 0)},
			{ID: "c", Title: "Van Dijk BV: 12 letters", By: "Piet Bos", Made: at(12, 14, 0), Posted: on("2026-11-12"), PostedBy: "Piet Bos"},
		},
	}
	post.Frame.Letters = 3
	nl, en := shell("nl", true), shell("en", true)
	return []Exhibit{
		{"letters", "letters that wait for the post", letters.Page(post)},
		{"letters-none", "no letters wait", letters.Page(letters.Model{Frame: frame(component.Letters, "Letters to post")})},
		{"settings-channels", "what carries each channel", settings.Channels(channelsRoom())},
		{"portal-contact", "another e-mail address", portal.Contact(portal.ContactModel{Shell: nl})},
		{"portal-contact-wrong", "no address", portal.Contact(portal.ContactModel{Shell: en, Email: "noor", Error: "This is not an e-mail address. Write it as name@example.com."})},
		{"portal-contact-sent", "the link is on its way", portal.Contact(portal.ContactModel{Shell: nl, Email: "noor@yilmaz.example", Sent: true})},
		{"portal-contact-proof", "behind the link", portal.Proof(portal.ProofModel{Lang: "nl", Action: "/e/7Hk2"})},
		{"portal-contact-done", "the address is used", portal.Proof(portal.ProofModel{Lang: "en", Email: "noor@yilmaz.example"})},
		{"portal-contact-gone", "the link works no more", portal.Proof(portal.ProofModel{Lang: "nl", Gone: true})},
	}
}

func channelsRoom() settings.ChannelsModel {
	box := func(name, kind, label, value, hint string) component.TextInput {
		return component.TextInput{ID: name + "-" + kind, Name: kind, Label: label, Value: value, Hint: hint}
	}
	channel := func(name, title, state, price string, carriers ...component.Option) settings.Channel {
		return settings.Channel{Name: name, Title: title, State: state, Carriers: carriers, Limit: box(name, "limit", "At most a day", "", "Empty for no limit."), Price: box(name, "price", "Expected price (EUR)", price, "For rehearsals and the cost of letters.")}
	}
	off := component.Option{Label: "Not used"}
	sms := channel("sms", "Text messages", "By Spryng", "0.08", off, component.Option{Value: "1", Label: "Spryng", Selected: true})
	sms.Sender = box("sms", "sender", "Sender", "Van Dijk", "At most 11 letters and digits, or a number. Nobody can answer a name. Empty for your company's name.")
	sms.Test = component.TextInput{ID: "sms-test", Name: "to", Label: "Your number", Type: "tel", Required: true}
	voice := channel("voice", "Calls by a robot", "Connect a provider in the marketplace first", "", off)
	voice.Sender = box("voice", "sender", "Sender", "", "The number that calls come from, such as +31201234567.")
	letter := channel("letter", "Letters", "Printed in batches; you say when they were posted", "1.25",
		component.Option{Value: "assumed", Label: "Printed and posted by you on the same day"}, component.Option{Value: "batch", Label: "Printed in batches; you say when they were posted", Selected: true}, component.Option{Value: "2", Label: "Pingen"})
	letter.Href = "/letters"
	peppol := channel("peppol", "Invoices over Peppol", "By Storecove", "0.10", off, component.Option{Value: "3", Label: "Storecove", Selected: true})
	peppol.Sender = box("peppol", "sender", "Sender", "", "Your own identifier, as your access point knows it; may be empty.")
	return settings.ChannelsModel{
		Frame: frame(component.Settings, "Channels"), ID: "a", MailStopped: "Of 120 mails in 7 days, 71 came back. Reminders wait; invoices and statutory notices go by letter.",
		Books:    []component.Tab{{Label: "Van Dijk BV", Href: "/settings/channels?administration=a", Active: true}, {Label: "Van Dijk Onderhoud", Href: "/settings/channels?administration=b"}},
		Channels: []settings.Channel{sms, voice, letter, peppol},
	}
}
