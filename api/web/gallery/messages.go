package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/portal"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func messageRooms() []Exhibit {
	ways := []settings.Way{{Icon: "mail", Label: "e-mail"}, {Icon: "printer", Label: "letter"}, {Icon: "message-square", Label: "text message"}}
	list := settings.MessagesModel{
		Frame: frame(component.Settings, "Messages"), Choose: textChoices(),
		Books: []component.Tab{{Label: "Whole organisation", Href: "/settings/messages", Active: true}, {Label: "Van Dijk BV", Href: "/settings/messages?administration=a"}, {Label: "Van Dijk Onderhoud", Href: "/settings/messages?administration=b"}},
		Groups: []settings.MessageGroup{
			{ID: "flow", Title: "Invoices and reminders", What: "Sent by the steps of a flow.", Rows: []settings.MessageRow{
				{Title: "First reminder", Step: "reminder_1", Href: "/settings/messages/reminder_1", When: "Friendly: it may have been forgotten.", Ways: ways, Own: []string{"Dutch, formal", "English, informal"}},
				{Title: "14-day letter", Step: "fourteen_day_letter", Href: "/settings/messages/fourteen_day_letter", When: "To a consumer in the Netherlands, before costs may be asked.", Ways: ways[:2]},
			}},
			{ID: "case", Title: "Cases", What: "Sent while a case is open.", Rows: []settings.MessageRow{{Title: "Interruption of limitation", Step: "interruption", Href: "/settings/messages/interruption", When: "So that the claim does not lapse.", Ways: ways[:2], Fixed: true}}},
		},
	}
	edit, refused, fixed := messageRoom(), messageRoom(), messageRoom()
	refused.Error, refused.SubjectWhy = "This was not saved. Look at what is marked below.", []string{"The subject is missing."}
	refused.Subject, refused.Needed = "", []string{"{promised} is missing: without it the debtor does not read the promise that was not kept, if any."}
	refused.Parts[1].Value, refused.Parts[1].Wrong = "Betaal € 12 op www.x.nl", []string{"Links and addresses are in the protected blocks, so that debtors can trust them. Leave \"www.x.nl\" out of the text."}
	fixed.Fixed, fixed.Parts, fixed.Versions = "Limitation is interrupted by exactly these words.", nil, nil
	return []Exhibit{
		{"settings-messages", "every message", settings.Messages(list)},
		{"settings-message", "the words of one message", settings.Message(edit)},
		{"settings-message-refused", "words that are refused", settings.Message(refused)},
		{"settings-message-fixed", "words that stay as they are", settings.Message(fixed)},
		{"settings-message-sms", "how a text message reads", settings.Trial(settings.TrialModel{Sender: "Van Dijk", Text: "Bericht van Van Dijk BV, kenmerk 2026-0412. Lees het veilig op https://voldaan.example/p/7Hk2", Facts: []string{"1 message", "91 characters in GSM-7: 160 in one message, 153 in each part of a longer one"}})},
		{"settings-message-voice", "how a call reads", settings.Trial(settings.TrialModel{
			Sender: "Spoken (nl-NL)", Text: "Goedendag. Dit is een automatisch bericht van Van Dijk BV, bestemd voor Noor Yilmaz, kenmerk 2 0 2 6 0 4 1 2. U kunt ons bellen op 0 3 0 1 2 3 4 5 6 7 of de pagina openen uit ons bericht per e-mail of brief.",
			Keys: []string{"Is dit al geregeld? Toets dan 1.", "Wilt u worden teruggebeld? Toets dan 2.", "Wilt u de link per sms ontvangen? Toets dan 3."}, Thanks: "Dank u wel. Wij hebben het genoteerd.", Note: "At most two calls a day and three a week (R120).",
		})},
		{"settings-message-not-yet", "a preview of what is refused", settings.Trial(settings.TrialModel{Problems: []string{"The subject is missing."}})},
		{"portal-contact-no-email", "a debtor who wants no e-mail", portal.Contact(portal.ContactModel{Shell: shell("nl", true), NoEmail: true})},
		{"portal-archive", "where a bailiff fetches a dossier", portal.Archive(portal.ArchiveModel{Link: "7Hk2", Case: "D-2026-17", Creditor: "Van Dijk BV", Bailiff: "Gerechtsdeurwaarders Aa & Zn"})},
		{"portal-archive-code", "a code that did not fit", portal.Archive(portal.ArchiveModel{Link: "7Hk2", Case: "D-2026-17", Creditor: "Van Dijk BV", Bailiff: "Gerechtsdeurwaarders Aa & Zn", Sent: true, Problem: "This code is not the one in the e-mail. Look at the newest one."})},
		{"portal-stop", "behind the link that ends e-mail", portal.Stop(portal.StopModel{Lang: "nl", Action: "/stop/7Hk2"})},
		{"portal-stop-done", "e-mail has ended", portal.Stop(portal.StopModel{Lang: "en", Done: true})},
		{"portal-stop-gone", "a link that is none of ours", portal.Stop(portal.StopModel{Lang: "nl", Gone: true})},
	}
}

func textChoices() []settings.TextChoice {
	return []settings.TextChoice{
		{Name: "language", Label: "Language", Options: []component.Option{{Value: "nl", Label: "Dutch", Selected: true}, {Value: "en", Label: "English"}}},
		{Name: "form", Label: "Tone", Options: []component.Option{{Value: "formal", Label: "Formal", Selected: true}, {Value: "informal", Label: "Informal"}}},
	}
}

func messageRoom() settings.MessageModel {
	return settings.MessageModel{
		Frame: frame(component.Settings, "First reminder"), Path: messagePath, Query: "language=nl&form=formal", Title: "First reminder", When: "Friendly: it may have been forgotten.",
		State: "Yours, version 2", Own: true, Choose: textChoices(), Subject: "{topic} van {creditor}: herinnering", Letter: true,
		Parts: []settings.TextPart{
			{ID: "part-0", Label: "Text at the beginning", Value: "{promised}\n\n{topic} had op {due} betaald moeten zijn. Wilt u **{total}** uiterlijk **{pay_by}** betalen?", Rows: 4, Block: &settings.TextBlock{Name: "items", Title: "Invoices and amounts", What: "which invoices and amounts it is about"}},
			{ID: "part-1", Label: "Text after: Invoices and amounts", Value: "{crossed} {disagree}", Rows: 2, Block: &settings.TextBlock{Name: "links", Title: "Links", What: "where everything can be seen and questions asked"}},
			{ID: "part-2", Label: "Text after: Links", Value: "{question}", Rows: 2},
		},
		Fields: []settings.TextField{{Name: "creditor", What: "your name"}, {Name: "total", What: "what is asked"}, {Name: "pay_by", What: "the day to pay by"}, {Name: "promised", What: "the promise that was not kept, if any", Whole: true, Needed: true}},
		Versions: []settings.TextVersion{
			{Number: 2, By: "Sanne van Dijk", At: at(20, 9, 0), Now: true, Excerpt: "{topic} had op {due} betaald moeten zijn."}, {Number: 1, By: "Piet Bos", At: at(12, 14, 0), Excerpt: "Beste klant, {topic} staat nog open."},
		},
		Debtors: []component.Option{{Value: "business", Label: "An example: a business", Selected: true}, {Value: "1", Label: "Noor Yilmaz, 2026-0412"}},
		Ways:    []component.Option{{Value: "email", Label: "E-mail", Selected: true}, {Value: "sms", Label: "Text message"}},
	}
}

// messagePath is where the editor of the gallery asks for its preview.
const messagePath = Prefix + "message"
