package outreach

import (
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Exchange is the rate by which a claim and its charges were converted (R123).
type Exchange struct {
	Base, Quote money.Currency
	Units       string // of Quote for one of Base
	On          date.Date
	Source      string
	Of, Is      money.Amount // the claim in both currencies; none where only charges were converted
}

// Exchange tells a rate with its source and day, and what it makes of the claim.
func (w *Words) Exchange(x Exchange) string {
	said := fmt.Sprintf(w.Label("exchange"), w.Amount(unit(x.Base)), string(x.Quote), strings.ReplaceAll(x.Units, ".", w.Decimal), x.Source, w.Date(x.On))
	if x.Of.Positive() {
		said += " " + fmt.Sprintf(w.Label("exchange_of"), w.Amount(x.Of), w.Amount(x.Is))
	}
	return said
}

// unit is one of a currency.
func unit(c money.Currency) money.Amount {
	a, err := money.Parse("1", c)
	if err != nil {
		return money.Of(1, c)
	}
	return a
}
