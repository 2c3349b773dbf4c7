package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Kind says what a stored rate is for.
type Kind string

// The kinds of stored rates. Notice and Case are what was computed with, and stay.
const (
	Reference Kind = "reference" // of a day, for every claim
	Invoice   Kind = "invoice"   // given by a person for one invoice
	Notice    Kind = "notice"
	Case      Kind = "case"
)

func of(r db.ExchangeRate) Rate {
	return Rate{Base: r.Base, Quote: r.Quote, Units: r.Units, On: r.RateOn, Source: r.Source, By: r.GivenBy}
}

// References are the rates of a day and of the days before it that still count.
func References(ctx context.Context, tx store.Tx, on date.Date) ([]Rate, error) {
	rows, err := tx.ReferenceRates(ctx, db.ReferenceRatesParams{First: on.AddDays(-Fresh), Last: on})
	if err != nil {
		return nil, fmt.Errorf("load reference rates: %w", err)
	}
	return all(rows), nil
}

// Latest are the newest reference rates, the youngest first.
func Latest(ctx context.Context, tx store.Tx, most int) ([]Rate, error) {
	rows, err := tx.LatestReferenceRates(ctx, int32(most))
	if err != nil {
		return nil, fmt.Errorf("load reference rates: %w", err)
	}
	return all(rows), nil
}

func all(rows []db.ExchangeRate) []Rate {
	out := make([]Rate, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out
}

// Fixed are the rates of invoices, notices and cases by their ids.
func Fixed(ctx context.Context, tx store.Tx, subjects ...uuid.UUID) (map[uuid.UUID]Rate, error) {
	out := map[uuid.UUID]Rate{}
	if len(subjects) == 0 {
		return out, nil
	}
	rows, err := tx.RatesOf(ctx, subjects)
	if err != nil {
		return nil, fmt.Errorf("load the rates of claims: %w", err)
	}
	for _, r := range rows {
		out[r.SubjectID] = of(r)
	}
	return out, nil
}

// Fix keeps what a notice or a case was computed with. What is kept already stays.
func Fix(ctx context.Context, tx store.Tx, k Kind, subject uuid.UUID, r Rate, now time.Time) error {
	if err := tx.FixRate(ctx, db.FixRateParams(row(tx, k, subject, r, now))); err != nil {
		return fmt.Errorf("keep the rate of a %s: %w", k, err)
	}
	return nil
}

// Save keeps reference rates, or the rate of one invoice, which replaces the one
// before. Its caller plans again what waits for a rate. A fault of kind Invalid
// says what is wrong with one; then none is kept.
func Save(ctx context.Context, tx store.Tx, k Kind, subject uuid.UUID, rates []Rate, today date.Date, now time.Time, by string) error {
	for i, r := range rates {
		rates[i] = r.Tidy()
		if err := rates[i].Check(today); err != nil {
			return err
		}
	}
	if k == Invoice {
		if err := tx.DropInvoiceRates(ctx, subject); err != nil {
			return fmt.Errorf("replace the rate of an invoice: %w", err)
		}
	}
	days := map[money.Currency]date.Date{}
	for _, r := range rates {
		r.By = by
		if err := tx.PutRate(ctx, db.PutRateParams(row(tx, k, subject, r, now))); err != nil {
			return fmt.Errorf("keep a rate: %w", err)
		}
		days[r.Quote] = date.Later(days[r.Quote], r.On)
	}
	about := "exchange_rates"
	detail := map[string]any{"rates": len(rates), "newest": days}
	if len(rates) == 1 {
		detail = map[string]any{"rate": rates[0]}
	}
	if k == Invoice {
		about = "invoice/" + subject.String()
	}
	b, err := json.Marshal(detail)
	if err == nil {
		err = tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: by, Action: "exchange_rates", Subject: about, Detail: b})
	}
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	return nil
}

func row(tx store.Tx, k Kind, subject uuid.UUID, r Rate, now time.Time) db.PutRateParams {
	return db.PutRateParams{
		TenantID: tx.Tenant, Kind: string(k), SubjectID: subject, Base: r.Base, Quote: r.Quote, Units: r.Units, RateOn: r.On, Source: r.Source, GivenBy: r.By, At: now,
	}
}
