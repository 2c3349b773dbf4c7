package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
)

func lawRooms() []Exhibit {
	refused, look, unknown, none := lawRoom(), lawRoom(), lawRoom(), lawRoom()
	refused.Error = "This was not saved. Look at what is marked below."
	rate := *refused.Terms[2].Text
	rate.Value, rate.Error = "12.00", "The law of BE allows at most 10.50% now; above it the clause is void. Fill in what your terms say, once they are within it, or leave this empty."
	refused.Terms[2].Text = &rate
	look.Look = true
	unknown.Known, unknown.Country = false, "LU"
	unknown.Countries = append([]component.Option{{Value: "LU", Label: "LU: the principal only", Selected: true}}, unknown.Countries[1:]...)
	none.ID = ""
	return []Exhibit{
		{"settings-law", "the law of Belgium and the terms", settings.Law(lawRoom())},
		{"settings-law-refused", "a rate above the limit", settings.Law(refused)},
		{"settings-law-look", "seen by who is no owner", settings.Law(look)},
		{"settings-law-germany", "the law of Germany", settings.Law(germany())},
		{"settings-law-unknown", "a country without a law pack", settings.Law(unknown)},
		{"settings-law-none", "no books yet", settings.Law(none)},
		{"settings-rates", "an invoice waits for a rate", settings.Rates(ratesRoom())},
		{"settings-rates-invoice", "a rate for one invoice, refused", settings.Rates(oneRate())},
		{"settings-rates-none", "no rates yet", settings.Rates(settings.RatesModel{Frame: frame(component.Settings, "Exchange rates"), Look: true})},
	}
}

func lawRoom() settings.LawModel {
	in := func(name, label, value, hint string) *component.TextInput {
		return &component.TextInput{ID: name, Name: name, Label: label, Value: value, Hint: hint}
	}
	const flat = "Compensation under Book XIX can be asked only as far as the contract or the terms claim it."
	return settings.LawModel{
		Frame: frame(component.Settings, "Law and terms"), ID: "a", Known: true, Country: "Belgium",
		Books:     []component.Tab{{Label: "Van Dijk BV", Href: "/settings/law?administration=a", Active: true}, {Label: "Van Dijk Onderhoud", Href: "/settings/law?administration=b"}},
		Countries: []component.Option{{Value: "BE", Label: "Belgium", Selected: true}, {Value: "DE", Label: "Germany"}, {Value: "FR", Label: "France"}, {Value: "GB", Label: "the United Kingdom"}, {Value: "NL", Label: "the Netherlands"}},
		Terms: []settings.Term{
			{Name: "costs_clause", Label: "Your terms claim collection costs", Hint: "As far as the law allows, and your customers agreed to these terms.", On: true, Rulings: []settings.Ruling{{Who: "Consumers", Text: flat, Article: "art. XIX.4 WER"}}},
			{Text: in("agreed_rate_business", "Yearly interest agreed with businesses (%)", "", "Empty for the statutory rate."), Rulings: []settings.Ruling{
				{Text: "Without an agreed rate, statutory commercial interest runs: now 10.50% a year, carried forward because the rate after 2026-06-30 is not known yet.", Article: "art. 5 of the law of 2 August 2002", Provisional: true},
				{Text: "Allowed unless manifestly unfair.", Article: "art. 5 of the law of 2 August 2002"},
			}},
			{Text: in("agreed_rate_consumer", "Yearly interest agreed with consumers (%)", "8.00", "Empty for the statutory rate."), Rulings: []settings.Ruling{
				{Text: "An agreed rate is at most the rate for commercial transactions; above it the clause is void and the legal rate holds; now at most 10.50%.", Article: "art. XIX.4 WER"},
			}},
			{Text: in("supplies", "What you sell", "bread and pastry", "In a few words, as in: bread and pastry. Used where an invoice has no description of its own."), Rulings: []settings.Ruling{{Who: "Consumers", Text: "The first reminder has to say what was delivered.", Article: "art. XIX.2 WER"}}},
		},
	}
}

func ratesRoom() settings.RatesModel {
	in := func(name, label, value, hint string) component.TextInput {
		return component.TextInput{ID: name, Name: name, Label: label, Value: value, Hint: hint, Required: true}
	}
	const ecb = "European Central Bank, euro reference rate"
	m := settings.RatesModel{
		Frame:   frame(component.Settings, "Exchange rates"),
		Waiting: []settings.RateWait{{ID: "7", Number: "2026-0777", Currency: "USD", Law: "EUR"}},
		Base:    in("base", "One unit of", "EUR", ""), Quote: in("quote", "in", "USD", ""), Units: in("units", "is", "", ""), On: in("on", "On", "2026-11-21", ""), Source: in("source", "Published by", ecb, "A debtor reads it beside the amounts."),
		Rates: []settings.Rate{{On: on("2026-11-20"), Text: "EUR 1 = USD 1.0835", Source: ecb, By: "Sanne van Dijk"}, {On: on("2026-11-20"), Text: "EUR 1 = GBP 0.8812", Source: ecb, By: "Sanne van Dijk"}},
	}
	m.On.Type = "date"
	return m
}

func oneRate() settings.RatesModel {
	m := ratesRoom()
	m.Invoice, m.Error, m.Units.Value, m.Source.Value = &m.Waiting[0], "Write what one EUR is in USD as a number, such as 1.0835.", "much", "Contract, article 4"
	return m
}

func germany() settings.LawModel {
	m := lawRoom()
	m.Country, m.Countries = "Germany", []component.Option{{Value: "DE", Label: "Germany", Selected: true}}
	m.Terms = []settings.Term{
		{Name: "due_agreed", Label: "Your contracts fix the day to pay", Hint: "A day that stands in the contract or the terms, not on the invoice alone.", Options: []component.Option{{Label: "As is usual in the country", Selected: true}}, Rulings: []settings.Ruling{
			{Who: "Businesses and public bodies", Text: "It takes a Mahnung, a day fixed by contract, or 30 days after due date and receipt of the invoice; a day that only stands on the invoice is not enough.", Article: "par. 286 BGB"},
		}},
		{Name: "invoice_notices", Label: "Put the sentences of the law in invoice messages", Hint: "In the message that Voldaan sends an invoice with. What stands on the PDF is yours.", Rulings: []settings.Ruling{
			{Who: "Consumers", Text: "It says: “You will be in default without a further reminder if you do not pay within 30 days after this invoice is due and has reached you (section 286(3) BGB).”", Article: "par. 286 III BGB", Provisional: true},
		}},
	}
	return m
}
