package policy

import (
	"time"

	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/sdk"
)

var mondayToThursday = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday}

// The Dutch flows of the domain rules, section 4. The 2,500.00 of the
// pre-reminder, the 1,000.00 of the call and the 7 days of the final reminder
// are theirs; the 7 days of the last letter before a bailiff are ours.
var b2bNL = Flow{
	ID: "b2b-nl", Title: "B2B Netherlands", Version: 2, Country: "NL", Debtors: sdk.Business, Currency: "EUR",
	Description: "Two reminders, a call and a final reminder; then a case with costs by the scale.",
	Steps: []Step{
		send(Email, Peppol),
		ahead(-4, Condition{MinMinor: 250_000}, Condition{RiskAtLeast: HighRisk}),
		remind(Reminder1, "Reminder 1", 3, Friendly, Email),
		remind(Reminder2, "Reminder 2", 10, Clear, Email, SMS),
		call(14, Condition{MinMinor: 100_000}, Condition{RiskAtLeast: HighRisk}),
		{
			ID: VoiceCall, Title: "Voice message", From: FromDue, Offset: 14, Channels: []Channel{Voice}, Tone: Neutral, Phase: receivable.Reminding,
			When: []Condition{{MaxMinor: 99_999, RiskAtMost: MediumRisk}},
		},
		final("Final reminder", 18, 7, Email, Letter),
		openCase("Case opened, summons 1", FromDue, 27),
		summon(SummonsReminder, "Summons reminder", 7, Clear, Email, SMS),
		summon(Summons2, "Summons 2", 14, Firm, Email, Letter),
		lastSummons("Notice of default", 23, 7, Email, Letter),
		handOver("Ready for bailiff", 33),
	},
}

var b2cNL = Flow{
	ID: "b2c-nl", Title: "B2C Netherlands", Version: 2, Country: "NL", Debtors: sdk.Consumer, Currency: "EUR",
	Description: "Plain language, a plan at every turn, and the statutory 14-day letter before any costs.",
	Steps: []Step{
		send(Email),
		ahead(-3),
		remind(Reminder1, "Reminder 1", 3, Friendly, Email),
		remind(Reminder2, "Reminder 2", 10, Friendly, Email, SMS),
		{ID: FourteenDay, Title: "14-day letter", From: FromDue, Offset: 17, Channels: []Channel{Letter, Email}, Tone: Formal, Phase: receivable.Final, Statutory: true, Demand: true, Post: mondayToThursday},
		openCase("Case opened", FromNotice, 3),
		{ID: ContactAttempt, Title: "Contact attempt", From: FromCase, Offset: 5, Channels: []Channel{Voice}, Else: []Channel{Call}, Tone: Friendly, Phase: receivable.Case},
		summon(PlanOffer, "Plan offer", 10, Friendly, Email, SMS),
		summon(Summons2, "Summons 2", 17, Firm, Letter, Email),
		lastSummons("Pre-judicial letter", 30, 7, Letter, Email),
		handOver("Ready for bailiff", 42),
	},
}
