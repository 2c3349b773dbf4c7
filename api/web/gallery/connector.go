package gallery

import (
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
)

func connectorVersions() []market.Version {
	return []market.Version{
		{Number: "2.0.0", Published: at(19, 9, 0), Level: market.Verified, Score: "97%", Choose: true, Changelog: []string{"Reads payments too, so that a part payment is known a day earlier."}, Changes: []market.Change{{Sentence: "It reads payments too, to which users must agree.", Ask: true}, {Sentence: "It is now for BE too."}}},
		{Number: "1.3.0", Published: at(12, 16, 20), Level: market.Verified, Score: "97%", Gone: "Taken back from those who had it: 12.0% of 410 calls failed; of the version before it was 0.4%"},
		{Number: "1.2.4", Published: at(2, 11, 5), Level: market.Certified, Score: "100%", Using: true},
		{Number: "1.2.3", Published: at(1, 11, 5), Level: market.Certified, Score: "100%", Gone: "Withdrawn by its publisher: loses credit notes"},
	}
}

func connectorUsing() market.Using {
	return market.Using{
		Connector: "moneybird", Version: "1.2.4", Why: "it is the newest of its line", Registered: true, Owner: true, Installed: true, Back: "/marketplace/moneybird",
		Update: &market.Update{Version: "2.0.0", Ask: true, Changes: []market.Change{{Sentence: "It reads payments too, to which users must agree.", Ask: true}, {Sentence: "It is now for BE too."}}},
	}
}

// connectorReport is that of a certified version: nothing failed, nothing was left out.
func connectorReport() *market.Report {
	return &market.Report{Percent: 100, Passed: 64, By: "us", At: at(18, 22, 0), On: "an emulator of the package", Cost: "About 104 requests for 10,000 invoices, 3 when nothing has changed.", Areas: []market.Area{
		{Name: "reading", Passed: 28, Results: []market.Result{{State: "passed", Name: "pages", Sentence: "Every record of every page arrives once."}}},
		{Name: "writing", Passed: 17, Results: []market.Result{{State: "passed", Name: "twice", Sentence: "A payment is booked once."}}},
		{Name: "faults in a first load", Passed: 19, Results: []market.Result{
			{State: "passed", Name: "429", Sentence: "A refusal for too many requests is waited out."},
			{State: "passed", Name: "truncated", Sentence: "An answer that ends half-way is not taken for the whole."},
		}},
	}}
}

// failedReport is one that leads to no level.
func failedReport() *market.Report {
	return &market.Report{Percent: 96, Passed: 62, Failed: 1, Skipped: 1, By: "Acme BV", At: at(18, 22, 0), On: "an emulator of the package", Areas: []market.Area{
		{Name: "reading", Passed: 45, Results: []market.Result{{State: "passed", Name: "pages", Sentence: "Every record of every page arrives once."}}},
		{Name: "faults in a first load", Passed: 17, Failed: 1, Skipped: 1, Results: []market.Result{
			{State: "passed", Name: "429", Sentence: "A refusal for too many requests is waited out."},
			{State: "failed", Name: "truncated", Sentence: "An answer that ends half-way is not taken for the whole.", Note: "After the third page 20 invoices were missing."},
			{State: "skipped", Name: "skew", Sentence: "A clock that is an hour off loses no change.", Note: "The package tells no time."},
		}},
	}}
}

func care() market.Care {
	next := at(21, 14, 32)
	return market.Care{
		Connector: "moneybird", State: "Connected", Tone: component.Green, SignIn: true, Failed: 2, Syncs: 1440, NextTry: &next, Process: "Its process runs.",
		Runs: []market.Run{
			{Books: "Van Dijk BV", Text: "0 read, 0 new, 0 changed", At: at(21, 14, 2), State: "Failed", Icon: "circle-alert", Tone: component.Amber, Problem: "We could not reach Moneybird at 14:02."},
			{Books: "Van Dijk BV", Text: "14 read, 2 new, 12 changed, 1 held", At: at(21, 13, 32), State: "Read", Icon: "circle-check", Tone: component.Green},
		},
		Events: []market.Event{
			{At: at(20, 9, 12), Text: "Version 1.2.4 in use instead of 1.2.3", By: "Voldaan", Why: "it is the newest", Icon: "refresh-cw"},
			{At: at(12, 16, 41), Text: "Resumed", By: "Sanne van Dijk", Icon: "play"},
			{At: at(12, 9, 3), Text: "Paused", By: "Sanne van Dijk", Why: "the accountant closes the year", Icon: "pause"},
			{At: at(1, 10, 0), Text: "Connected", By: "Sanne van Dijk", Icon: "plug"},
		},
		More: "/connections/1?before=4#history", Using: connectorUsing(),
	}
}

func partnerRoom() market.PartnerModel {
	return market.PartnerModel{Frame: frame(component.Marketplace, "How our connectors do"), Title: "Acme BV", Verified: true, Connectors: []market.PartnerConnector{
		{Name: "acme-books", Installs: 412, Versions: []market.PartnerVersion{
			{Number: "2.0.0", Level: market.Verified, Installs: 31, Calls: 18204, Failures: 41, Rate: "0.2%", State: "For 10% so far", Tone: component.Planned},
			{Number: "1.3.0", Level: market.Verified, Installs: 0, Calls: 410, Failures: 49, Rate: "12.0%", High: true, State: "Taken back", Why: "12.0% of 410 calls failed; of the version before it was 0.4%", Tone: component.Amber},
			{Number: "1.2.4", Level: market.Certified, Installs: 381, Calls: 1204551, Failures: 4818, Rate: "0.4%", State: "For everybody", Tone: component.Green},
		}},
	}}
}
