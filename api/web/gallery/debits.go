package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/debit"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/sdk/money"
)

func debits() []Exhibit {
	tabs := []component.Tab{{Label: "Coming", Href: "/debits", Count: 2}, {Label: "Failed and taken back", Href: "/debits?tab=failed", Count: 3, Tone: component.Amber, Active: true}, {Label: "Paid", Href: "/debits?tab=paid", Count: 41}, {Label: "Cancelled", Href: "/debits?tab=cancelled"}}
	rows := []debit.Row{
		{ID: "1", Debtor: "Bakkerij De Gouden Aar", DebtorID: "7", Numbers: "2026-0449", Amount: money.EUR(15125), On: on("2026-11-20"), State: "Failed", Tone: component.Red, Next: "It is tried once more.", Why: "AM04: There was not enough money on the account; it is tried once more on a better day.", Rule: "R85"},
		{ID: "2", Debtor: "Noor Yilmaz", DebtorID: "8", Numbers: "2026-0430, 2026-0431", Amount: money.EUR(48400), On: on("2026-11-18"), State: "Failed", Tone: component.Red, Next: "Waits for your answer.", Why: "MS02: The debtor refused the debit. Is it a dispute?", Rule: "R88", Ask: true},
		{ID: "3", Debtor: "Garage Koster", DebtorID: "9", Numbers: "2026-0398", Amount: money.EUR(121000), On: on("2026-10-02"), State: "€600.00 taken back", Tone: component.Red, Next: "To be transferred by 4 Dec 2026.", Why: "MD06: The debtor had the amount refunded.", Rule: "R87"},
	}
	coming := []debit.Row{
		{ID: "4", Numbers: "2026-0455", Amount: money.EUR(60500), On: on("2026-12-18"), State: "Planned", Tone: component.Plain, Next: "The debtor is told on Wednesday.", Why: "It is collected on the due date.", Cancel: true},
		{ID: "5", Numbers: "2026-0449", Amount: money.EUR(15125), On: on("2026-11-26"), State: "Announced, second attempt", Tone: component.Planned, Next: "Goes to the bank on Wednesday.", Cancel: true},
	}
	text := []string{"Van Dijk Installaties BV, Korte Brug 4, 3811 AB Amersfoort\nIncassant-ID NL08ZZZ502057730000", "Door deze machtiging te geven, geeft u toestemming aan Van Dijk Installaties BV om doorlopend incasso-opdrachten te sturen naar uw bank."}
	one := debit.DebtorModel{
		Frame: frame(component.Debits, "Bakkerij De Gouden Aar"), ID: "7", Name: "Bakkerij De Gouden Aar", Rows: coming,
		Modes:       []component.Option{{Label: "As set for the administration", Selected: true}, {Value: "on", Label: "Yes, for this debtor"}, {Value: "off", Label: "No, not for this debtor"}},
		Collectable: []component.Option{{Value: "1", Label: "2026-0412, €910.00"}},
		Mandates: []debit.Mandate{
			{ID: "1", State: "In force", Tone: component.Green, Scheme: "SEPA Core", Reference: "VD0F3A5C7E9B1D2F4A-02", Bank: "500-4500001", Account: "4567", Signed: on("2026-09-14"), LastUsed: on("2026-11-02"), Lead: 14, Text: text, Revoke: true},
			{ID: "2", State: "Withdrawn", Tone: component.Plain, Why: "A new mandate took its place.", Scheme: "SEPA Core", Reference: "VD0F3A5C7E9B1D2F4A-01", Account: "9901", Signed: on("2025-02-03"), Lead: 14, Text: text},
		},
	}
	number := func(id, label, value, hint string) component.TextInput {
		return component.TextInput{ID: id, Name: id, Label: label, Type: "number", Value: value, Hint: hint}
	}
	set := settings.DebitModel{
		Frame: frame(component.Settings, "Direct debit"), ID: "1", Offered: true, Retry: true,
		Creditor: component.TextInput{ID: "creditor", Name: "creditor", Label: "Creditor id", Value: "NL08ZZZ502057730000", Hint: "As Mollie shows it: Mollie collects under its own. Debtors are told it before each collection."},
		Lead:     number("lead", "Days of notice", "14", "14, unless you agree on fewer in the mandate."), Fresh: number("fresh", "New term in days", "14", "To transfer, after a debit failed or a mandate ended."),
		Limit: component.TextInput{ID: "limit", Name: "limit", Label: "Limit of one collection", Hint: "In euros; empty for no limit."}, Month: component.TextInput{ID: "month", Name: "month", Label: "Limit of a debtor in a month", Value: "2500.00", Hint: "In euros; empty for no limit."},
		PayDay: number("payday", "Pay day", "26", "Of the month; 0 for none."), After: number("after", "Least days between", "5", "The two attempts."), RetryLead: number("retrylead", "Days of notice of it", "3", "Agreed on in the mandate."),
	}
	return []Exhibit{
		{"debits", "debits that failed", debit.List(debit.ListModel{Frame: frame(component.Debits, "Direct debit"), Tabs: tabs, Rows: rows, Pager: component.Pager{Shown: "3 of 3"}})},
		{"debits-off", "direct debit is off", debit.List(debit.ListModel{Frame: frame(component.Debits, "Direct debit"), Off: true})},
		{"debits-debtor", "a debtor with a mandate", debit.Debtor(one)},
		{"settings-debit", "how invoices are collected", settings.Debit(set)},
	}
}
