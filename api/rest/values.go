package rest

import (
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Amount is money.
type Amount struct {
	Minor    int64  `json:"minor" doc:"In the smallest unit of the currency" example:"121000"`
	Currency string `json:"currency" doc:"ISO 4217" pattern:"^[A-Z]{3}$" example:"EUR"`
	Text     string `json:"text" doc:"The same in whole units" example:"1210.00"`
}

func amountOf(minor int64, c money.Currency) Amount {
	return Amount{Minor: minor, Currency: string(c), Text: money.Of(minor, c).Decimal()}
}

// day is a date, nil for none.
func day(d date.Date) *string {
	if d.IsZero() {
		return nil
	}
	s := d.String()
	return &s
}

// moment is a moment in UTC, nil for none.
func moment(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

// optional is an id, nil for none.
func optional(id uuid.NullUUID) *uuid.UUID {
	if !id.Valid {
		return nil
	}
	return &id.UUID
}
