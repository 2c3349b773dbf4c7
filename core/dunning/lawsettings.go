package dunning

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// LawSettings are by which law an administration claims, and what its terms say.
type LawSettings struct {
	Country            string `json:"country"`    // ISO 3166-1, "" for that of the administration
	DueAgreed          *bool  `json:"due_agreed"` // nil for what is usual in the country
	CostsClause        bool   `json:"costs_clause"`
	AgreedRateBusiness string `json:"agreed_rate_business"` // yearly percentage, as "12.00"; "" for the statutory rate
	AgreedRateConsumer string `json:"agreed_rate_consumer"`
	InvoiceNotices     bool   `json:"invoice_notices"`
	Supplies           string `json:"supplies"`
	// RecurringSupply says that goods or services are delivered regularly under one
	// contract, ReminderFee what a reminder costs the debtor where the law lets it, as
	// "2.50"; "" for nothing, which it is until somebody sets it.
	RecurringSupply bool   `json:"recurring_supply"`
	ReminderFee     string `json:"reminder_fee"`
}

// LawSettingsOf are those of an administration now.
func LawSettingsOf(a db.Administration) LawSettings {
	return LawSettings{
		Country: a.LawCountry, DueAgreed: a.DueAgreed, CostsClause: a.CostsClause, AgreedRateBusiness: a.AgreedRateBusiness, AgreedRateConsumer: a.AgreedRateConsumer,
		InvoiceNotices: a.InvoiceNotices, Supplies: a.Supplies, RecurringSupply: a.RecurringSupply, ReminderFee: feeInWords(a),
	}
}

// feeInWords writes the fee for a reminder as it is filled in.
func feeInWords(a db.Administration) string {
	if a.ReminderFeeMinor == 0 {
		return ""
	}
	return money.Of(a.ReminderFeeMinor, lawCurrency(cmp.Or(a.LawCountry, a.Country), a)).Decimal()
}

// lawCurrency is the currency that fixed amounts are asked in by a law.
func lawCurrency(country string, a db.Administration) money.Currency {
	if pack, err := law.Pack(country); err == nil {
		return pack.Currency()
	}
	return cmp.Or(a.Currency, "EUR")
}

// Converts are the currencies of the law and of the books where these differ: then
// costs are converted by a reference rate, and wait for one without it (R123).
func (s LawSettings) Converts(a db.Administration) (of, books money.Currency, ok bool) {
	of, books = lawCurrency(cmp.Or(s.Country, a.Country), a), a.Currency
	return of, books, books != "" && of != books
}

// feeMinor reads the fee for a reminder.
func (s LawSettings) feeMinor(a db.Administration) (int64, error) {
	if s.ReminderFee == "" {
		return 0, nil
	}
	amount, err := money.Parse(s.ReminderFee, lawCurrency(cmp.Or(s.Country, a.Country), a))
	return amount.Minor, err
}

// mostFee is the highest fee for a reminder that is believed, in minor units.
const mostFee = 5000

// Tidy takes blanks off, reads a decimal comma, and writes the administration's
// own country as "".
func (s LawSettings) Tidy(a db.Administration) LawSettings {
	s.Country = strings.ToUpper(strings.TrimSpace(s.Country))
	if s.Country == a.Country {
		s.Country = ""
	}
	for _, rate := range []*string{&s.AgreedRateBusiness, &s.AgreedRateConsumer} {
		*rate = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(*rate, ",", ".")), "%"))
	}
	s.Supplies = strings.Join(strings.Fields(s.Supplies), " ")
	s.ReminderFee = strings.TrimSpace(strings.ReplaceAll(s.ReminderFee, ",", "."))
	if minor, err := s.feeMinor(a); err == nil && minor == 0 {
		s.ReminderFee = ""
	} else if err == nil {
		s.ReminderFee = money.Of(minor, lawCurrency(cmp.Or(s.Country, a.Country), a)).Decimal()
	}
	return s
}

// mostRate is the highest agreed rate that is believed: beyond it a digit too
// many was typed.
const mostRate = 100

// Check returns a sentence for each field that is wrong on a day, by its name in
// JSON.
func (s LawSettings) Check(a db.Administration, on date.Date) map[string]string {
	out := map[string]string{}
	country := cmp.Or(s.Country, a.Country)
	pack, err := law.Pack(country)
	if err != nil && s.Country != "" {
		out["country"] = fmt.Sprintf("The law of %q is not known here. Choose one of %s.", s.Country, strings.Join(law.Countries(), ", "))
	}
	for _, r := range []struct {
		name, rate string
		who        law.DebtorType
	}{{"agreed_rate_business", s.AgreedRateBusiness, law.Business}, {"agreed_rate_consumer", s.AgreedRateConsumer, law.Consumer}} {
		if r.rate == "" {
			continue
		}
		rate, err := law.ParsePercent(r.rate)
		if err != nil || !rate.Between(0, mostRate) {
			out[r.name] = fmt.Sprintf("Write a yearly percentage from 0 to %d, such as 12 or 8.50; leave it empty for the statutory rate.", mostRate)
			continue
		}
		if pack == nil {
			continue
		}
		if most, void := pack.VoidAbove(r.who, rate, on); void {
			out[r.name] = fmt.Sprintf("The law of %s allows at most %s%% now; above it the clause is void. Fill in what your terms say, once they are within it, or leave this empty.", pack.Code(), most)
		}
	}
	if minor, err := s.feeMinor(a); err != nil || minor < 0 || minor > mostFee {
		out["reminder_fee"] = fmt.Sprintf("Write what a reminder costs you, as 2.50 and at most %s; leave it empty to ask nothing.", money.Of(mostFee, lawCurrency(country, a)).Decimal())
	}
	if utf8.RuneCountInString(s.Supplies) > 80 {
		out["supplies"] = "Say it in at most 80 characters, such as: bread and pastry."
	}
	return out
}

// SetLaw changes by which law an administration claims and what its terms say, and
// plans its open invoices again. Notices that were sent keep the law that they were
// sent under. It returns a fault of kind Invalid with the first field that is wrong.
func (p Planner) SetLaw(ctx context.Context, tx store.Tx, administration uuid.UUID, s LawSettings, by string) error {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return err
	}
	open, err := tx.OpenInvoicesIn(ctx, administration)
	if err != nil {
		return fmt.Errorf("find open invoices: %w", err)
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, open)
	if err != nil {
		return fmt.Errorf("find the debtors of invoices: %w", err)
	}
	// I1: what a debtor owes by law changes for all of them at once.
	if _, err := tx.LockDebtors(ctx, debtors); err != nil {
		return fmt.Errorf("lock debtors: %w", err)
	}
	a, err := tx.ChangeAdministration(ctx, administration)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.New(fault.NotFound, "administration_not_found", "This administration does not exist.")
	}
	if err != nil {
		return fmt.Errorf("load the administration: %w", err)
	}
	before, s := LawSettingsOf(a), s.Tidy(a)
	zone, err := loadZone(a.TimeZone)
	if err != nil {
		return err
	}
	wrong := s.Check(a, date.Of(now.In(zone)))
	for _, field := range []string{"country", "agreed_rate_business", "agreed_rate_consumer", "supplies", "reminder_fee"} {
		if said, ok := wrong[field]; ok {
			return fault.New(fault.Invalid, "law_"+field, "%s", said)
		}
	}
	if s.same(before) {
		return nil
	}
	fee, err := s.feeMinor(a)
	if err != nil {
		return err
	}
	if err := tx.SetLaw(ctx, db.SetLawParams{
		ID: a.ID, LawCountry: s.Country, DueAgreed: s.DueAgreed, CostsClause: s.CostsClause, AgreedRateBusiness: s.AgreedRateBusiness, AgreedRateConsumer: s.AgreedRateConsumer,
		InvoiceNotices: s.InvoiceNotices, Supplies: s.Supplies, RecurringSupply: s.RecurringSupply, ReminderFeeMinor: fee,
	}); err != nil {
		return fmt.Errorf("keep the law of an administration: %w", err)
	}
	detail, err := json.Marshal(map[string]LawSettings{"from": before, "to": s})
	if err != nil {
		return err
	}
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: "law_set", Subject: "administration/" + a.ID.String(), Detail: detail}); err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if cmp.Or(before.Country, a.Country) != cmp.Or(s.Country, a.Country) {
		if err := p.noticesAnew(ctx, tx, debtors, cmp.Or(s.Country, a.Country), now); err != nil {
			return err
		}
	}
	return p.Replan(ctx, tx, open)
}

// noticesAnew voids the statutory notices of another law than the one that holds
// now, so that a notice by that is sent before it gives costs (R93). The record
// keeps the law that they were sent under; a case that is open keeps its law.
func (p Planner) noticesAnew(ctx context.Context, tx store.Tx, debtors []uuid.UUID, country string, now time.Time) error {
	code := country
	if pack, err := law.Pack(country); err == nil {
		code = pack.Code()
	}
	for some := range slices.Chunk(debtors, debtorsAtOnce) {
		ledgers, err := loadLedgers(ctx, tx, some)
		if err != nil {
			return err
		}
		var rows []plannedRow
		scale, err := tx.Scale(ctx)
		if err != nil {
			return err
		}
		for _, l := range ledgers {
			for _, it := range l.items {
				if it.notice == nil || it.notice.Law == code || it.claim != nil || it.state == nil {
					continue
				}
				why := fmt.Sprintf("It was sent under the law of %s; from now on that of %s holds, so a notice by that follows.", it.notice.Law, code)
				if err := l.void(ctx, tx, it.notice.ID, why, now); err != nil {
					return err
				}
			}
			some, err := p.plans(ctx, tx, l, scale, now, uuid.Nil, func(it *item) bool { return it.renewed })
			if err != nil {
				return err
			}
			rows = append(rows, some...)
		}
		if err := writePlans(ctx, tx, rows); err != nil {
			return err
		}
	}
	return nil
}

// Clauses are what the law by which an administration claims makes of its terms
// today: nothing for a country without a law pack. The day is the tenant's.
func (p Planner) Clauses(ctx context.Context, tx store.Tx, a db.Administration, s LawSettings) (map[law.Clause][]law.Ruling, date.Date, error) {
	now, err := tx.Now(ctx, p.Real)
	if err != nil {
		return nil, date.Date{}, err
	}
	zone, err := loadZone(a.TimeZone)
	if err != nil {
		return nil, date.Date{}, err
	}
	on := date.Of(now.In(zone))
	pack, err := law.Pack(cmp.Or(s.Country, a.Country))
	if fault.Is(err, fault.NotFound) {
		return nil, on, nil
	}
	if err != nil {
		return nil, on, err
	}
	return pack.Clauses(on), on, nil
}

// same reports whether two say the same.
func (s LawSettings) same(t LawSettings) bool {
	agreed := func(b *bool) []bool {
		if b == nil {
			return nil
		}
		return []bool{*b}
	}
	equal := slices.Equal(agreed(s.DueAgreed), agreed(t.DueAgreed))
	s.DueAgreed, t.DueAgreed = nil, nil
	return equal && s == t
}
