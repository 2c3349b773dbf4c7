package rehearsal

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Sample fills an input with invoices of our own making, for a tenant whose books
// are still empty: ten of each debtor on average over a year, of payers that are
// early, late, slow, in parts and not at all. The same seed gives the same.
func Sample(in Input, seed uint64, invoices int, kind sdk.PartyKind) Input {
	r := rand.New(rand.NewPCG(seed, 1))
	days, err := calendar.SendingDays(in.Country)
	if err != nil {
		days = nil // weekends are kept all the same
	}
	in.Debtors, in.Invoices = nil, nil
	for n := range max(1, invoices/10) {
		d := Debtor{
			ID: sampleID(seed, 0, n), Name: fmt.Sprintf("Sample debtor %d", n+1), Days: days,
			About: policy.Debtor{Kind: kind, Country: in.Country, Risk: policy.Risks()[min(2, r.IntN(8))]},
			Reach: map[policy.Channel]bool{policy.Email: r.IntN(20) > 0, policy.Letter: true, policy.SMS: r.IntN(3) > 0, policy.Voice: r.IntN(3) > 0, policy.Peppol: r.IntN(4) == 0},
		}
		in.Debtors = append(in.Debtors, d)
	}
	span := max(1, in.Through.DaysSince(in.From))
	for n := range invoices {
		i := Invoice{ID: sampleID(seed, 1, n), Number: fmt.Sprintf("S-%05d", n+1), Debtor: r.IntN(len(in.Debtors)), Issued: in.From.AddDays(r.IntN(span))}
		i.Due = i.Issued.AddDays(30)
		i.Total = money.Of(int64(500+r.IntN(50)*r.IntN(50)*200), in.Prices.Currency)
		// How a debtor pays is the debtor's own.
		i.Payments = samplePayments(r, i, i.Debtor%10)
		in.Invoices = append(in.Invoices, i)
	}
	slices.SortStableFunc(in.Invoices, func(a, b Invoice) int { return a.Issued.Compare(b.Issued) })
	return in
}

func samplePayments(r *rand.Rand, i Invoice, habit int) []Payment {
	all := func(on date.Date) []Payment { return []Payment{{on, i.Total.Minor}} }
	switch {
	case habit < 4:
		return all(i.Due.AddDays(-r.IntN(20)))
	case habit < 7:
		return all(i.Due.AddDays(1 + r.IntN(14)))
	case habit == 7:
		return all(i.Due.AddDays(15 + r.IntN(40)))
	case habit == 8:
		half := i.Total.Minor / 2
		first := i.Due.AddDays(r.IntN(20))
		return []Payment{{first, half}, {first.AddDays(10 + r.IntN(30)), i.Total.Minor - half}}
	}
	return nil
}

func sampleID(seed, kind uint64, n int) uuid.UUID {
	var id uuid.UUID
	binary.BigEndian.PutUint32(id[:], uint32(seed))
	binary.BigEndian.PutUint32(id[4:], uint32(kind))
	binary.BigEndian.PutUint64(id[8:], uint64(n)*0x9E3779B97F4A7C15)
	return id
}
