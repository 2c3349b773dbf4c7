package policy

import (
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

// The flows of the other countries. What the domain rules call a formal notice, a
// second Mahnung or a late-payment demand is where costs and interest come in, so
// it opens the case.

var b2bBE = Flow{
	ID: "b2b-be", Title: "B2B Belgium", Version: 1, Country: "BE", Debtors: sdk.Business, Currency: "EUR",
	Description: "Delivered by Peppol first. After the last notice comes the route for undisputed claims, by a bailiff and without a court.",
	Provisional: "The rounding of the interest and the costs beyond EUR 40 wait for a lawyer.",
	Steps: []Step{
		send(Peppol, Email),
		remind(Reminder1, "Reminder 1", 4, Friendly, Email),
		remind(Reminder2, "Reminder 2", 11, Clear, Email, SMS),
		call(15),
		final("Formal notice", 20, 8, Email, Letter),
		openCase("Last notice", FromDue, 31).by(Letter),
		handOver("Hand-over", 11),
	},
}

// The free first reminder is the statutory notice of book XIX: nothing beyond
// the principal is due before its fourteen days are over.
var b2cBE = Flow{
	ID: "b2c-be", Title: "B2C Belgium", Version: 1, Country: "BE", Debtors: sdk.Consumer, Currency: "EUR",
	Description: "The first reminder is free and gives fourteen days; costs follow only if the contract says so, within the caps of the law.",
	Provisional: "The moment from which costs are due and the contact hours wait for a lawyer.",
	Steps: []Step{
		send(Email),
		ahead(-3),
		{ID: FourteenDay, Title: "First reminder, free", From: FromDue, Offset: 5, Channels: []Channel{Letter, Email}, Tone: Friendly, Phase: receivable.Final, Statutory: true, Demand: true},
		openCase("Notice with costs", FromNotice, 3),
		{ID: ContactAttempt, Title: "Contact attempt", From: FromCase, Offset: 5, Channels: []Channel{Call}, Tone: Friendly, Phase: receivable.Case},
		summon(PlanOffer, "Plan offer", 10, Friendly, Email, SMS),
		summon(Summons2, "Summons", 17, Firm, Letter, Email),
		lastSummons("Last notice", 30, 8, Letter, Email),
		handOver("Hand-over", 42),
	},
}

var b2bDE = Flow{
	ID: "b2b-de", Title: "B2B Germany", Version: 1, Country: "DE", Debtors: sdk.Business, Currency: "EUR",
	Description: "A payment reminder without a fee, then Mahnungen: the first puts the debtor in default, the second adds default interest and the lump sum of EUR 40.",
	Provisional: "Agreed terms of more than 60 days wait for a lawyer.",
	Steps: []Step{
		send(Email, Peppol).titled("Rechnung"),
		remind(Reminder1, "Zahlungserinnerung", 5, Friendly, Email),
		final("1. Mahnung", 14, 7, Email, Letter).in(Clear),
		openCase("2. Mahnung", FromDue, 26).term(7),
		{ID: ContactAttempt, Title: "Telefon", From: FromCase, Offset: 4, Channels: []Channel{Call}, Tone: Neutral, Phase: receivable.Case},
		lastSummons("Letzte Mahnung", 10, 7, Letter),
		handOver("Hand-over", 20),
	},
}

var b2bUK = Flow{
	ID: "b2b-uk", Title: "B2B United Kingdom", Version: 1, Country: "GB", Debtors: sdk.Business, Currency: "GBP",
	Description: "A courtesy check before the payment run, a statutory warning, a demand with interest and the fixed sum, and a letter before action. It gives 30 days, which a sole trader is owed and a company may have.",
	Provisional: "The sheets that go with a letter before action to a sole trader wait for a lawyer.",
	Steps: []Step{
		send(Email),
		ahead(-5).titled("Courtesy check"),
		remind(Reminder1, "Reminder 1", 2, Friendly, Email),
		remind(Reminder2, "Reminder 2 with statement", 9, Clear, Email),
		call(14),
		final("Statutory warning", 21, 7, Email),
		openCase("Late-payment demand", FromDue, 30),
		lastSummons("Letter before action", 14, 30, Letter, Email),
		handOver("Hand-over", 46),
	},
}

var b2bFR = Flow{
	ID: "b2b-fr", Title: "B2B France", Version: 1, Country: "FR", Debtors: sdk.Business, Currency: "EUR",
	Description: "Two relances and a mise en demeure, then a demand with penalties and EUR 40 for each invoice. Hand-over is for the order for payment (injonction de payer).",
	Provisional: "No French lawyer has looked at this flow; it follows the Code de commerce, L441-10.",
	Steps: []Step{
		send(Email, Peppol).titled("Facture"),
		ahead(-5, Condition{MinMinor: 250_000}, Condition{RiskAtLeast: HighRisk}),
		remind(Reminder1, "Relance 1", 4, Friendly, Email),
		remind(Reminder2, "Relance 2", 12, Clear, Email, SMS),
		call(16),
		final("Mise en demeure", 23, 8, Email, Letter),
		openCase("Demande avec pénalités", FromDue, 34),
		lastSummons("Dernier avis", 14, 8, Letter, Email),
		handOver("Hand-over", 26),
	},
}

func (s Step) by(channels ...Channel) Step {
	s.Channels = channels
	return s
}

func (s Step) titled(title string) Step {
	s.Title = title
	return s
}

func (s Step) in(t Tone) Step {
	s.Tone = t
	return s
}
