// Package law computes what a creditor may ask by law: collection costs,
// statutory interest, terms and the order of payments, from dated country
// packs whose every figure carries its source and its status.
package law

import (
	"bytes"
	"cmp"
	"embed"
	"slices"
	"strings"
	"sync"

	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

//go:embed *.yaml
var files embed.FS

// packs maps an ISO 3166-1 country to the file of its pack.
var packs = map[string]string{"NL": "nl.yaml", "BE": "be.yaml", "DE": "de.yaml", "FR": "fr.yaml", "GB": "gb.yaml"}

// aliases are codes in use beside the ISO ones; GB is the United Kingdom.
var aliases = map[string]string{"UK": "GB"}

// Country is the law of one country as dated data. It never changes after
// loading and is safe for use by several goroutines.
type Country struct {
	file     file
	holidays *calendar.Calendar
}

var cache sync.Map // country code -> func() (*Country, error)

// Pack returns the law of an ISO 3166-1 country. It returns a fault of kind
// NotFound when there is no pack for it: demand nothing beyond the principal
// there.
func Pack(country string) (*Country, error) {
	code := strings.ToUpper(strings.TrimSpace(country))
	code = cmp.Or(aliases[code], code)
	name, ok := packs[code]
	if !ok {
		return nil, fault.New(fault.NotFound, "law_unknown",
			"There is no country pack for %q yet, so no statutory costs or interest can be computed for it.", country)
	}
	load, _ := cache.LoadOrStore(code, sync.OnceValues(func() (*Country, error) {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return Load(bytes.NewReader(raw))
	}))
	return load.(func() (*Country, error))()
}

// Countries lists the countries that Pack knows, sorted.
func Countries() []string {
	var codes []string
	for code := range packs {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// Code returns the ISO 3166-1 code of the country.
func (c *Country) Code() string { return c.file.CountryCode }

// Currency returns the currency that the fixed amounts are in.
func (c *Country) Currency() money.Currency { return c.file.Currency }

// ConfirmedUntil returns the last day for which the rate tables are known.
func (c *Country) ConfirmedUntil() date.Date { return c.file.ConfirmedUntil }

// Holidays returns the calendar that the terms of this law run by.
func (c *Country) Holidays() *calendar.Calendar { return c.holidays }

// DebtorType says who owes; it decides which rules protect the debtor.
type DebtorType string

// The debtor types. The zero value is a debtor whose type is not known.
const (
	Consumer   DebtorType = "consumer"
	Business   DebtorType = "business"
	PublicBody DebtorType = "public_body"
	SoleTrader DebtorType = "sole_trader"
)

// Protected returns the type whose rules apply: a sole trader, a partnership
// and any debtor whose type is unclear are treated as a consumer (R102).
func (d DebtorType) Protected() DebtorType {
	if d == Business || d == PublicBody {
		return d
	}
	return Consumer
}
