package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// agency is the credit agency of the world. It knows the businesses by their
// numbers, charges every report once, and keeps a bill.
type agency struct {
	y     *year
	id    uuid.UUID
	bill  map[string]int // reports charged, by the key of the asking
	calls int
}

// reportPrice is what a report costs.
var reportPrice = money.EUR(750)

var (
	errAgency = fault.New(fault.Unavailable, "agency_down", "The agency is out of reach.")
	errLine   = errors.New("the line to the agency broke")
)

// Connection implements credit.Agency.
func (a *agency) Connection(context.Context, uuid.UUID) (uuid.UUID, string, bool, error) {
	return a.id, "Agency", true, nil
}

// Companies implements credit.Agency: it finds a business by its number.
func (a *agency) Companies(_ context.Context, _, _ uuid.UUID, q sdk.CompanyQuery) ([]sdk.Company, error) {
	a.calls++
	if a.y.luck(agencyDown, fmt.Sprintf("agency look %d", a.calls), 12) {
		return nil, errAgency
	}
	for _, d := range a.y.debtors {
		p := d.party
		if q.Registration != "" && p.Registration == q.Registration || q.VATNumber != "" && p.VATNumber == q.VATNumber {
			return []sdk.Company{{ID: d.name, Name: p.Name, Registration: p.Registration, VATNumber: p.VATNumber, Address: p.Address, Status: sdk.CompanyActive, Price: &reportPrice}}, nil
		}
	}
	return nil, nil
}

// CreditReport implements credit.Agency. Its answer may be lost after it charged,
// and one business in ten turns out to be a person.
func (a *agency) CreditReport(_ context.Context, _, _ uuid.UUID, r sdk.CreditRequest) (out sdk.CreditReport, asked bool, err error) {
	if a.y.luck(agencyDown, "agency "+r.Key, 12) {
		return out, false, errAgency
	}
	a.bill[r.Key]++
	if a.y.luck(agencyLost, "agency answer "+r.Key, 12) {
		return out, true, errLine
	}
	d := a.y.named(r.Company)
	luck := dice(a.y.seed, "report on "+r.Company)
	limit := money.Of(int64(1+luck.IntN(40))*50_000, a.y.land.currency)
	out = sdk.CreditReport{
		ID: r.Key, Company: r.Company, Name: d.party.Name, Registration: d.party.Registration, Country: r.Country, On: date.Of(a.y.clock.Now().In(a.y.zone)), Score: 40 + luck.IntN(60), ScoreMax: 100,
		Limit: &limit, Status: sdk.CompanyActive, Price: &reportPrice, NaturalPerson: luck.IntN(10) == 0,
	}
	if hard[d.manner] {
		out.Score = 1 + luck.IntN(30)
	}
	if !d.broke.IsZero() {
		out.Score, out.Insolvent, out.Status, out.Limit = 1, true, sdk.CompanyInsolvent, nil
	}
	return out, true, nil
}

// hard are manners that an agency hears of.
var hard = map[manner]bool{last: true, stubborn: true, never: true, breaking: true, giving: true, poor: true}

// The promises about credit.
const (
	billed  = "a credit report is charged once, and what it cost is told"
	alarmed = "a limit raises an alert when it is passed, and only then (R122)"
)

// named is a debtor by its name in this world.
func (y *year) named(name string) *debtor {
	var n int
	if _, err := fmt.Sscanf(name, "d%05d", &n); err != nil || n >= len(y.debtors) {
		return nil
	}
	return y.debtors[n]
}

// trust is the clerk's Monday: one debtor in 52 gets a limit every week, and a report
// is asked for if it is a business with a number.
func (y *year) trust(ctx context.Context, b *books) error {
	now := y.clock.Now().In(y.zone)
	if now.Weekday() != 1 {
		return nil
	}
	week := date.Of(now).DaysSince(first) / 7
	for i, d := range y.debtors {
		if i%52 != week%52 || d.dues == 0 {
			continue
		}
		if err := y.trusted(ctx, b, d, week); err != nil {
			return err
		}
	}
	return nil
}

func (y *year) trusted(ctx context.Context, b *books, d *debtor, week int) error {
	id := d.id()
	known := false
	if err := y.in(ctx, func(tx store.Tx) error {
		rows, err := tx.DebtorNames(ctx, []uuid.UUID{id})
		if known = len(rows) > 0; err != nil || !known || d.limit > 0 {
			return err
		}
		d.limit = int64(10+dice(y.seed, "limit "+d.name).IntN(60)) * 10_000
		return y.credit.Set(ctx, tx, id, credit.Setting{Kind: credit.Own, Amount: money.Of(d.limit, b.currency), By: by})
	}); err != nil || !known || d.party.Kind != sdk.Business || d.party.Registration+d.party.VATNumber == "" {
		return err
	}
	found, err := y.credit.Look(ctx, y.tenant, id, by)
	if err != nil || len(found) == 0 {
		return declined(err)
	}
	_, err = y.credit.Ask(ctx, y.tenant, credit.Question{Key: y.id(fmt.Sprintf("report %s %d", d.name, week)), Debtor: id, Company: found[0].CompanyID, Price: credit.PriceOf(found[0].PriceMinor, found[0].PriceCurrency), By: by})
	return declined(err)
}

// declined forgives what the agency did, and that there may be no report.
func declined(err error) error {
	if err == nil || errors.Is(err, errLine) {
		return nil
	}
	if k := fault.Of(err).Kind; k == fault.Conflict || k == fault.Denied || k == fault.Unavailable {
		return nil
	}
	return err
}

// inspectCredit holds what the hub knows of reports against the agency's bill, and
// the alerts against what debtors owe.
func (y *year) inspectCredit(ctx context.Context, f *findings) error {
	var key uuid.UUID
	var state, reason string
	var price *int64
	asked := map[string]bool{}
	if err := y.rows(ctx, `select id, state, reason, price_minor from credit_request order by asked_at, id`, []any{&key, &state, &reason, &price}, func() error {
		f.Checked[billed]++
		n := y.agency.bill[key.String()]
		asked[key.String()] = true
		switch {
		case n > 1:
			f.breaks("the agency charged the report %s %d times", key, n)
		case state == credit.Asked:
			f.breaks("the report %s was asked for, and nothing came of it", key)
		case (state == credit.Kept || state == credit.Withheld) && (n != 1 || price == nil || *price != reportPrice.Minor):
			f.breaks("the report %s is %s, and the agency charged %d", key, state, n)
		case state == credit.Refused && n != 0:
			f.breaks("the report %s is told to be free, and the agency charged it", key)
		case state != credit.Kept && reason == "":
			f.breaks("the report %s is %s without a reason", key, state)
		}
		f.line("credit report %s %s", key, state)
		return nil
	}); err != nil {
		return err
	}
	for key, n := range y.agency.bill {
		if n > 0 && !asked[key] {
			f.breaks("the agency charged the report %s, and the hub does not know of it", key)
		}
	}
	return y.inspectLimits(ctx, f)
}

// inspectLimits holds the alerts against what debtors truly owe. Who paid too much
// or twice is left out, because what is done with the rest is up to the clerk.
func (y *year) inspectLimits(ctx context.Context, f *findings) error {
	external, alerts := map[uuid.UUID]int64{}, map[uuid.UUID]bool{}
	var id uuid.UUID
	var limit *int64
	if err := y.rows(ctx, `select distinct on (debtor_id) debtor_id, limit_minor from credit_report order by debtor_id, fetched_at desc`, []any{&id, &limit}, func() error {
		if limit != nil {
			external[id] = *limit
		}
		return nil
	}); err != nil {
		return err
	}
	if err := y.rows(ctx, `select debtor_id from credit_alert where ended_at is null`, []any{&id}, func() error { alerts[id] = true; return nil }); err != nil {
		return err
	}
	owed := map[*debtor]int64{}
	b := y.shops[0]
	for _, e := range b.entries {
		if e.invoice.Total.Currency == b.currency && !e.withdrawn {
			owed[e.debtor] += e.knownOpen(y.clock.Now())
		}
	}
	for _, n := range b.notes {
		if n.currency == b.currency && n.countsAt(y.clock.Now()) {
			owed[n.debtor] -= n.minor
		}
	}
	for _, d := range y.debtors {
		most := d.limit
		if e, ok := external[d.id()]; ok {
			most = min(most, e)
		}
		if d.limit == 0 || d.manner == tooMuch || d.manner == twice || d.manner == reversing || d.manner == regretting {
			continue
		}
		f.Checked[alarmed]++
		if over := owed[d] > most; over != alerts[d.id()] {
			f.breaks("%s (%s) owes %d of %d, and there being an alert is %v", d.name, d.manner, owed[d], most, alerts[d.id()])
		}
	}
	return nil
}
