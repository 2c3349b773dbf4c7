// Package pages is the work of a connector without its package: it takes pages of
// JSON apart, as a package would answer them, and tells what is in them.
package pages

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Size is how many invoices are on a page.
const Size = 100

// invoice is what packages say of an invoice, as Moneybird does.
type invoice struct {
	ID        string  `json:"id"`
	Contact   string  `json:"contact_id"`
	Number    string  `json:"invoice_id"`
	State     string  `json:"state"`
	Date      string  `json:"invoice_date"`
	Due       string  `json:"due_date"`
	Reference string  `json:"reference"`
	Payment   string  `json:"payment_reference"`
	Currency  string  `json:"currency"`
	Total     string  `json:"total_price_incl_tax"`
	Unpaid    string  `json:"total_unpaid"`
	Paid      *string `json:"paid_at"`
	Version   int64   `json:"version"`
	URL       string  `json:"url"`
}

// page makes one as a package sends it.
func page() []byte {
	list := make([]invoice, Size)
	for i := range list {
		k := strconv.Itoa(i)
		list[i] = invoice{
			ID: "433712345678" + k, Contact: "410312345" + strconv.Itoa(i/10), Number: "2026-0" + k, State: "open", Date: "2026-01-12", Due: "2026-01-26",
			Reference: "Project " + k, Payment: "RF18539007547034", Currency: "EUR", Total: "1210." + fmt.Sprintf("%02d", i%100), Unpaid: "1210." + fmt.Sprintf("%02d", i%100),
			Version: 1774569600 + int64(i), URL: "https://books.example/invoices/" + k,
		}
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return b
}

// Read sends n invoices, rounded up to a page.
func Read(n int, sink func(sdk.Invoice) error) error {
	answer := page()
	for from := 0; from < n; from += Size {
		var list []invoice
		if err := json.Unmarshal(answer, &list); err != nil {
			return err
		}
		for i := range list {
			v, err := list[i].tell(from)
			if err != nil {
				return err
			}
			if err := sink(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell maps an invoice; from makes its id differ from those of other pages.
func (v *invoice) tell(from int) (sdk.Invoice, error) {
	day, err := date.Parse(v.Date)
	if err != nil {
		return sdk.Invoice{}, err
	}
	due, err := date.Parse(v.Due)
	if err != nil {
		return sdk.Invoice{}, err
	}
	total, err := money.Parse(v.Total, money.Currency(v.Currency))
	if err != nil {
		return sdk.Invoice{}, err
	}
	open, err := money.Parse(v.Unpaid, money.Currency(v.Currency))
	if err != nil {
		return sdk.Invoice{}, err
	}
	return sdk.Invoice{
		ID: v.ID + strconv.Itoa(from), Revision: strconv.FormatInt(v.Version, 10), PartyID: v.Contact, Number: v.Number, Kind: sdk.SalesInvoice,
		Status: sdk.Open, Issued: day, Due: due, Total: total, Open: open, Reference: v.Reference, PaymentReference: v.Payment, Document: true, URL: v.URL,
	}, nil
}
