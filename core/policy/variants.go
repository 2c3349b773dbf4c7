package policy

import (
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

// The variants: what is different for some debtors and some invoices.

// directDebit is the way of an invoice whose collection failed. While one is
// scheduled its hold keeps every step back (R83); the notice before it and the
// collection itself belong to the mandate.
var directDebit = Flow{
	ID: "direct-debit", Title: "Direct debit", Version: 1, Country: "NL", Debtors: sdk.Consumer, Currency: "EUR",
	Description: "The mandate announces and collects; these steps follow only when a collection failed, with a fresh term to pay by transfer.",
	Steps: append([]Step{
		send(Email),
		remind(Reminder1, "Debit failed, pay by transfer", 5, Neutral, Email),
		remind(Reminder2, "Reminder 2", 12, Clear, Email, SMS),
	}, b2cNL.Steps[4:]...),
}

var keyAccount = Flow{
	ID: "key-account", Title: "Key account", Version: 1, Debtors: sdk.Business, Currency: "EUR",
	Description: "No automation after the first reminder: the account manager calls and decides.",
	Steps: []Step{
		send(Email, Peppol),
		remind(Reminder1, "Reminder 1", 5, Friendly, Email),
		call(12).titled("Call by the account manager"),
		{ID: "account_review", Title: "Account manager decides", Text: CallTask, From: FromDue, Offset: 26, Channels: []Channel{Task}, Tone: Neutral, Phase: receivable.Reminding},
		{ID: "account_review_2", Title: "Talk it over with management", Text: CallTask, From: FromDue, Offset: 45, Channels: []Channel{Task}, Tone: Neutral, Phase: receivable.Reminding},
	},
}

var highRisk = Flow{
	ID: "high-risk", Title: "High risk", Version: 1, Country: "NL", Debtors: sdk.Business, Currency: "EUR",
	Description: "A word before the due date, a call first, and shorter gaps.",
	Sending:     Sending{MinInterval: 5},
	Steps: append([]Step{
		send(Email, Peppol),
		ahead(-5),
		call(1),
		remind(Reminder1, "Reminder 1", 2, Clear, Email, SMS),
		remind(Reminder2, "Reminder 2", 7, Firm, Email, SMS),
		final("Final reminder", 12, 7, Email, Letter),
		openCase("Case opened, summons 1", FromDue, 21),
	}, b2bNL.Steps[8:]...),
}

var publicBody = Flow{
	ID: "public-body", Title: "Public body", Version: 1, Country: "NL", Debtors: sdk.Business, Currency: "EUR",
	Description: "Asks for the order number early, and has patience for sixty days after the due date.",
	Steps: []Step{
		send(Peppol, Email),
		{ID: PreReminder, Title: "Is the order number right?", From: FromDue, Offset: -14, Channels: []Channel{Email}, Tone: Friendly, Phase: receivable.Sent},
		remind(Reminder1, "Reminder 1", 14, Friendly, Email),
		remind(Reminder2, "Reminder 2", 30, Neutral, Email),
		call(45),
		final("Final reminder", 60, 14, Email, Letter),
		openCase("Case opened, summons 1", FromDue, 81),
		summon(Summons2, "Summons 2", 14, Firm, Email, Letter),
		lastSummons("Notice of default", 28, 14, Email, Letter),
		handOver("Ready for bailiff", 45),
	},
}

var smallAmount = Flow{
	ID: "small-amount", Title: "Small amount", Version: 1, Currency: "EUR",
	Description: "Two e-mails and no more; what is still open is asked together with the next invoice. For amounts up to EUR 25.00.",
	Steps: []Step{
		send(Email),
		remind(Reminder1, "Reminder 1", 5, Friendly, Email),
		remind(Reminder2, "Reminder 2", 14, Neutral, Email),
		{ID: WithNext, Title: "With the next invoice", Text: Reminder1, From: FromNext, Channels: []Channel{Email}, Tone: Neutral, Phase: receivable.Reminding, Demand: true},
	},
}
