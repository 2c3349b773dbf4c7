// Command books is the connector of the benchmarks: books with as many invoices
// as its connection asks for, made up on the way.
package main

import (
	"context"
	"strconv"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/serve"
)

func main() { serve.Run(books{}) }

type books struct{ sdk.Base }

// Check finds nothing wrong.
func (books) Check(context.Context, *sdk.Session) error { return nil }

// Administrations lists one.
func (books) Administrations(context.Context, *sdk.Session) ([]sdk.Administration, error) {
	return []sdk.Administration{{ID: "1", Name: "Books", Country: "NL", Currency: "EUR"}}, nil
}

// between is how many invoices lie between two checkpoints.
const between = 5000

// Pull sends all invoices every time, ten to a party, whatever the cursor says:
// what an unchanged day costs shows only so.
func (books) Pull(_ context.Context, s *sdk.Session, _ sdk.PullRequest, sink sdk.Sink) error {
	n, err := strconv.Atoi(s.Config["invoices"])
	if err != nil {
		return err
	}
	for i := range n {
		if i%10 == 0 {
			if err := sink.Party(party(i / 10)); err != nil {
				return err
			}
		}
		if err := sink.Invoice(invoice(i)); err != nil {
			return err
		}
		if (i+1)%between == 0 {
			if err := sink.Checkpoint([]byte(strconv.Itoa(i + 1))); err != nil {
				return err
			}
		}
	}
	return sink.Complete(sdk.Invoices)
}

func party(i int) sdk.Party {
	k := strconv.Itoa(i)
	return sdk.Party{
		ID: "4103" + k, Revision: "1774569600", Name: "Bakkerij Voorbeeld " + k + " B.V.", Kind: sdk.Business, Attention: "Crediteurenadministratie",
		Email: "administratie" + k + "@bakkerij.example", Phone: "+31 20 555 01 23", Language: "nl", IBAN: "NL91ABNA0417164300",
		Address:   sdk.Address{Line1: "Dorpsstraat " + k, PostalCode: "1234 AB", City: "Ons Dorp", Country: "NL"},
		VATNumber: "NL001234567B01", Registration: "12345678", URL: "https://books.example/parties/" + k,
	}
}

var firstDay = date.New(2026, 1, 1)

func invoice(i int) sdk.Invoice {
	k := strconv.Itoa(i)
	day := firstDay.AddDays(i % 300)
	return sdk.Invoice{
		ID: "4337" + k, Revision: "1774569600", PartyID: "4103" + strconv.Itoa(i/10), Number: "2026-" + k, Kind: sdk.SalesInvoice, Status: sdk.Open,
		Issued: day, Due: day.AddDays(14), Total: money.EUR(int64(10_000 + i)), Open: money.EUR(int64(10_000 + i)),
		Reference: "Project " + k, PaymentReference: "RF18539007547034", Document: true, URL: "https://books.example/invoices/" + k,
	}
}
