package outreach_test

import (
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var day = date.MustParse

// content is a message about one invoice, complete enough for every step.
func content(step outreach.Step, l outreach.Language, who outreach.Capacity) outreach.Content {
	c := outreach.Content{
		Step: step, Language: l, Date: day("2026-11-24"),
		Creditor: outreach.Creditor{
			Name: "Bakkerij De Korenaar BV", Address: []string{"Molenweg 12", "3511 AB  UTRECHT"},
			Email: "administratie@korenaar.example", Phone: "030 123 45 67", IBAN: "NL91ABNA0417164300", Colour: "#7a3e12",
		},
		Debtor:   outreach.Debtor{Name: "Café Zoë", Attention: "Z. van den Berg", Capacity: who, Address: []string{"Gracht 1", "1015 CJ  AMSTERDAM"}},
		Demanded: []outreach.Item{invoice("2026-0412", "2026-10-01", "2026-10-31", 121000, 0)},
		PayBy:    day("2026-12-01"), PayURL: "https://voldaan.example/pay/abc", PortalURL: "https://voldaan.example/p/abc",
		GenuineURL: "https://voldaan.example/echt", ReplyTo: "reply+abc@in.voldaan.example",
		Reference: "RF73INV20260042", CaseNumber: "D-2026-17", Bailiff: "Gerechtsdeurwaarders Aa & Zn",
		CourtCosts: money.EUR(52000),
		Payment:    &outreach.Payment{Amount: money.EUR(20000), Date: day("2026-11-20"), Method: "iDEAL"},
		Code:       &outreach.Code{Value: "482 913", Minutes: 15},
		Debit:      &outreach.Debit{Amount: money.EUR(121000), On: day("2026-12-09"), CreditorID: "NL08ZZZ502057730000", Mandate: "500-4500001", Account: "4567"},
	}
	arrange(&c)
	switch step {
	case outreach.Invoice:
		c.Attached = []string{"factuur-2026-0412.pdf"}
	case outreach.FinalReminder:
		if who == outreach.Business {
			c.Announced = charges()
		}
	case outreach.FourteenDayLetter, outreach.StatutoryNotice:
		c.Notice = notice(c)
	case outreach.Interruption:
		nl, err := law.Pack("NL")
		if err != nil {
			panic(err)
		}
		said := nl.InterruptionText(string(l))
		c.Law, c.Interrupts = []string{said.Text}, said.Interrupts
	case outreach.CaseOpened, outreach.SummonsReminder, outreach.PlanOffer, outreach.Summons2, outreach.PreJudicial:
		c.Charges = charges()
	}
	return c
}

func invoice(number, issued, due string, original, paid int64) outreach.Item {
	return outreach.Item{
		Number: number, Issued: day(issued), Due: day(due), Phase: "reminding",
		Original: money.EUR(original), Paid: money.EUR(paid), Open: money.EUR(original - paid),
	}
}

func charges() []outreach.Charge {
	return []outreach.Charge{
		{Kind: outreach.CollectionCosts, Amount: money.EUR(18150)},
		{Kind: outreach.Interest, Detail: "10,40% van 1 tot en met 24 november 2026", Amount: money.EUR(827)},
	}
}

func notice(c outreach.Content) *outreach.Notice {
	n := &outreach.Notice{
		Heading: "Uw laatste termijn zonder kosten",
		Paragraphs: []string{
			"U kunt nog zonder kosten betalen binnen vijftien dagen nadat deze brief bij u is bezorgd.",
			"Betaalt u niet binnen die termijn, dan bent u incassokosten verschuldigd van € 181,50.",
		},
		Costs: money.EUR(18150), Principal: money.EUR(0),
	}
	for _, i := range c.Demanded {
		n.Covers = append(n.Covers, i.Number)
		n.Principal, _ = n.Principal.Add(i.Open)
	}
	return n
}

// arrange adds what the words about an arrangement need.
func arrange(c *outreach.Content) {
	switch c.Step {
	case outreach.PlanStarted, outreach.InstalmentDue, outreach.InstalmentWarning, outreach.PlanBroken, outreach.PlanCompleted:
		c.Plan = &outreach.Plan{
			Instalments: []outreach.PlanInstalment{
				{Seq: 1, Due: day("2026-11-01"), Amount: money.EUR(40333), Paid: true}, {Seq: 2, Due: day("2026-12-01"), Amount: money.EUR(40333)}, {Seq: 3, Due: day("2027-01-01"), Amount: money.EUR(40334)},
			},
			Seq: 2, Amount: money.EUR(40333), Due: day("2026-12-01"), When: "after", Cure: day("2026-12-14"), Rest: money.EUR(80667), RestDue: true,
		}
		if c.Debtor.Capacity == outreach.Business {
			c.Plan.When, c.Plan.Waived = "before", money.EUR(18150)
		}
	case outreach.PromiseNoted, outreach.PaidNotFound:
		c.Promise = &outreach.Promise{Amount: money.EUR(50000), On: day("2026-12-01")}
	case outreach.DisputeAnswered, outreach.PlanRefused:
		c.Decision = &outreach.Decision{Outcome: "rejected", Rest: money.EUR(121000), Until: day("2026-12-01"), Text: "De levering is op 3 november door een collega getekend."}
		if c.Debtor.Capacity == outreach.Business {
			c.Decision.Outcome, c.Decision.Amount, c.Decision.Rest = "partly", money.EUR(21000), money.EUR(100000)
		}
	}
}
