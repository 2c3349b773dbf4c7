package main

import (
	"time"

	moneybirdemu "github.com/voldaan/voldaan/plugins/moneybird/emulator"
	"github.com/voldaan/voldaan/sdk/date"
)

// What the demonstration signs in with; all of it is made up and local.
const (
	demoSlug      = "delinde"
	demoEmail     = "demo@voldaan.example"
	demoPassword  = "voldaan-demo"
	demoMollieKey = "test_voldaandemovoldaandemovoldaandemo0"
	demoToken     = "voldaan-demo-moneybird-token"
	// demoCreditorID is under which Mollie's bank collects.
	demoCreditorID = "NL08ZZZ502057730000"
)

var demoClient = oauthClient{ID: "voldaan-demo", Secret: "voldaan-demo-secret"}

var creditor = moneybirdemu.AdministrationSeed{
	ID: "410000000000000001", Name: "Drukkerij De Linde BV", Address: "Lindelaan 12", Zipcode: "3511 AB", City: "Utrecht",
	Email: "administratie@delinde.example", Phone: "+31 30 123 45 67", IBAN: "NL91ABNA0417164300", BIC: "ABNANL2A",
	TaxNumber: "NL001234567B01", ChamberOfCommerce: "12345678",
}

// actor is a debtor of the story with what they do and what must come of it.
type actor struct {
	contact  moneybirdemu.ContactSeed
	invoices []moneybirdemu.InvoiceSeed
	does     string
	act      func(*player, *part) error
	ends     []outcome // of each invoice
	together bool      // the first demand is one message for all invoices
}

// outcome is what the story promises of an invoice.
type outcome struct {
	phase string // empty for any that is not closed
	held  string // rule of the hold, empty for none
	// steps must be behind it. A reminder may have been passed over by R8, as
	// happens to one that falls due while its part is down.
	steps []string
	// demands is how many demands went out for it, or anyDemands.
	demands  int
	files    []string // kinds of document that must be there
	costs    int64    // exact collection costs in cents
	interest int64    // per cent a year from the day after the due date, exact to the cent
	online   int      // payments with the provider; at most one where it is 0
	agreed   string   // what must be on record of it: "promise kept", "plan completed", "debit paid"
	bailiff  bool     // a bailiff got its case, collected it and handed it on
}

// anyDemands is a number of demands that the story does not fix.
const anyDemands = -1

var march2 = date.New(2026, time.March, 2)

func person(first, last, street, zip, city, email string) moneybirdemu.ContactSeed {
	return moneybirdemu.ContactSeed{FirstName: first, LastName: last, Address: street, Zipcode: zip, City: city, Country: "NL", Email: email}
}

func business(name, street, zip, city, email, kvk string) moneybirdemu.ContactSeed {
	return moneybirdemu.ContactSeed{CompanyName: name, Address: street, Zipcode: zip, City: city, Country: "NL", Email: email, ChamberOfCommerce: kvk, TaxNumber: "NL00" + kvk[1:] + "B01"}
}

func due(number string, d date.Date, total string) moneybirdemu.InvoiceSeed {
	return moneybirdemu.InvoiceSeed{Number: number, Date: march2, Due: d, Total: total}
}

// cast are the debtors of the demonstration, each with one ending.
var cast = []actor{
	{
		contact:  person("Anna", "de Boer", "Kerkstraat 5", "1017 GB", "Amsterdam", "anna@deboer.example"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0101", march2.AddDays(14), "149.95")},
		does:     "pays with iDEAL after the first reminder", act: (*player).payOnline,
		ends: []outcome{{phase: "closed", steps: []string{"invoice"}, demands: 1}},
	},
	{
		contact:  business("Bakkerij Jansen BV", "Marktplein 3", "2611 GS", "Delft", "boekhouding@bakkerijjansen.example", "23456789"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0102", march2.AddDays(14), "1210.00")},
		does:     "pays by bank; the books say so just before the second reminder", act: (*player).payInBooks,
		ends: []outcome{{phase: "closed", steps: []string{"invoice"}, demands: 1}},
	},
	{
		contact:  business("Café Zuid VOF", "Zuideinde 40", "3011 XA", "Rotterdam", "info@cafezuid.example", "34567890"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0103", march2.AddDays(14), "605.00")},
		does:     "disputes it in the portal", act: (*player).dispute,
		ends: []outcome{{phase: "reminding", held: "R70", steps: []string{"invoice"}, demands: 1}},
	},
	{
		contact:  person("Daan", "Visser", "Havenweg 88", "1781 AA", "Den Helder", "daan@visser.example"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0104", march2.AddDays(14), "899.95")},
		does:     "ignores everything", act: (*player).approveFigures,
		ends: []outcome{{
			phase: "case", steps: []string{"invoice", "reminder_1", "reminder_2", "fourteen_day_letter", "case_opened"}, demands: anyDemands,
			files: []string{"letter", "dossier"}, costs: 13499, interest: 4,
		}},
	},
	{
		contact:  business("Eva Interieur BV", "Stationsweg 9", "5211 TV", "Den Bosch", "crediteuren@eva-interieur.example", "45678901"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0105", march2.AddDays(14), "2420.00")},
		does:     "pays by bank before the due date; the statement matches", act: (*player).payByStatement,
		ends: []outcome{{phase: "closed", steps: []string{"invoice"}}},
	},
	{
		contact: business("Fietsenmaker Groot", "Dorpsstraat 1", "9401 JA", "Assen", "groot@fietsen.example", "56789012"),
		invoices: []moneybirdemu.InvoiceSeed{
			due("2026-0106", march2.AddDays(14), "302.50"), due("2026-0107", march2.AddDays(14), "181.50"),
		},
		does: "has two invoices: one reminder for both; pays one", act: (*player).payOneOfTwo, together: true,
		ends: []outcome{
			{phase: "closed", steps: []string{"invoice"}, demands: 1},
			{phase: "case", steps: []string{"invoice", "reminder_1", "reminder_2", "final_reminder", "case_opened"}, demands: anyDemands, costs: 4000},
		},
	},
	{
		contact:  person("Gijs", "Mulder", "Molenpad 7", "8011 CD", "Zwolle", "gijs@moved.example"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0108", march2.AddDays(14), "75.00")},
		does:     "moved: the mail comes back, letters go instead", act: (*player).approveFigures,
		ends: []outcome{{phase: "case", steps: []string{"invoice", "fourteen_day_letter", "case_opened"}, demands: anyDemands, files: []string{"letter"}, costs: 4000}},
	},
	{
		contact:  person("Hanneke", "Smit", "Vijzelstraat 16", "1017 HL", "Amsterdam", "hanneke@smit.example"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0109", march2.AddDays(14), "212.50")},
		does:     "promises a day in the portal, and pays on it", act: (*player).promise,
		ends: []outcome{{phase: "closed", steps: []string{"invoice"}, demands: 1, online: 1, agreed: "promise kept"}},
	},
	{
		contact:  business("Installatiebedrijf Post BV", "Nijverheidsweg 22", "6662 NG", "Elst", "info@installatiepost.example", "67890123"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0110", march2.AddDays(14), "540.00")},
		does:     "agrees a plan of three instalments, and pays each on its day", act: (*player).payInParts,
		ends: []outcome{{phase: "closed", steps: []string{"invoice"}, demands: 1, online: instalments, agreed: "plan completed"}},
	},
	{
		contact: person("Jeroen", "Kok", "Singel 101", "3311 KR", "Dordrecht", "jeroen@kok.example"),
		invoices: []moneybirdemu.InvoiceSeed{
			due("2026-0111", march2.AddDays(14), "48.40"), due("2026-0112", march2.AddDays(42), "48.40"),
		},
		does: "pays and gives a mandate with it; the next invoice is collected", act: (*player).payAndAgree,
		ends: []outcome{
			{phase: "closed", steps: []string{"invoice"}, demands: 1, online: 1},
			{phase: "closed", steps: []string{"invoice"}, online: 1, agreed: "debit paid"},
		},
	},
	{
		contact:  business("Kwekerij Bloem BV", "Tuinderslaan 3", "2671 AB", "Naaldwijk", "crediteuren@kwekerijbloem.example", "78901234"),
		invoices: []moneybirdemu.InvoiceSeed{due("2026-0113", march2.AddDays(7), "3025.00")},
		does:     "ignores everything; a bailiff gets the case, and collects it", act: (*player).goToBailiff,
		ends: []outcome{{
			phase: "closed", steps: []string{"invoice", "reminder_1", "reminder_2", "final_reminder", "case_opened", "summons_2", "pre_judicial", "ready_for_bailiff"}, demands: anyDemands,
			files: []string{"letter", "dossier"}, costs: 42750, bailiff: true,
		}},
	},
}
