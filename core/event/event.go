// Package event tells programs what happened: it numbers the events that the
// database derives from what was written down, and delivers them to the
// addresses that an organisation named, signed and in order per subject.
package event

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Event is what happened, in ids, codes and amounts; it names no person. A
// receiver asks the API for the rest.
type Event struct {
	ID  string `json:"id" doc:"Sorts by time; the same at each delivery, so that a repeat can be told" example:"01KAM3Z5QX8T2V9W4Y6B7C1D0E"`
	Seq int64  `json:"seq" doc:"Goes up by one with each event of the organisation"`
	// Type is "thing.verb", as "plan.accepted".
	Type       string          `json:"type" example:"invoice.paid"`
	At         time.Time       `json:"at" doc:"In the organisation's time"`
	RecordedAt time.Time       `json:"recorded_at" doc:"By the machine's clock"`
	Subject    Subject         `json:"subject"`
	Debtor     *uuid.UUID      `json:"debtor,omitempty" format:"uuid"`
	Invoice    *uuid.UUID      `json:"invoice,omitempty" format:"uuid"`
	Amount     *Sum            `json:"amount,omitempty" doc:"What it is about: the total of an invoice that was sent or paid, what is open of any other, the sum of a plan"`
	Data       json.RawMessage `json:"data,omitempty" doc:"Codes of this type of event, such as step, rule and channel"`
}

// Subject is what an event is about. Events of one subject arrive in order.
type Subject struct {
	Kind string    `json:"kind" example:"invoice"`
	ID   uuid.UUID `json:"id" format:"uuid"`
}

// Sum is money, in the smallest unit of the currency.
type Sum struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
	Text     string `json:"text"`
}

// Test is the type of the event that tries an address out.
const Test = "webhook.test"

// Types lists the things that events are about, with what can happen to each.
// Outcomes that come later may be added; a receiver passes over what it does not
// know.
func Types() map[string][]string {
	return map[string][]string{
		"invoice":    {"sent", "paid", "held", "closed", "reopened", "phase_changed", "left_out", "put_back", "claimed"},
		"step":       {"taken", "dropped", "skipped", "merged", "moved", "parked", "approved"},
		"message":    {"sent", "delivered", "bounced", "failed", "uncertain", "read", "returned", "posted", "received", "answered"},
		"letters":    {"batched", "undone"},
		"payment":    {"received", "reversed", "failed", "pending", "charged_back"},
		"promise":    {"made", "kept", "partly_kept", "broken", "withdrawn", "cancelled"},
		"plan":       {"proposed", "accepted", "rejected", "warned", "completed", "broken", "cancelled"},
		"dispute":    {"opened", "assigned", "accepted", "partly_accepted", "rejected", "withdrawn", "credited", "late", "file_added"},
		"paid_claim": {"opened", "matched", "not_found", "withdrawn"},
		"legal_stop": {"recorded", "lifted"},
		"hold":       {"set", "released"},
		"mandate":    {"signed", "given", "not_given", "suspended", "resumed", "revoked", "expired"},
		"debit":      {"scheduled", "announced", "submitted", "paid", "failed", "cancelled", "postponed", "reversed", "restored", "answered", "chosen", "configured"},
		"case": {
			"opened", "payment", "corrected", "waived", "revived", "left", "paused", "resumed", "closed", "reopened", "evidence", "dossier", "fetched", "chosen", "approved", "handed_over", "recalled",
			"interrupted", "acknowledgement", "acknowledged", "acknowledgement_ended", "watched", "legal_stop", "legal_stop_lifted",
			"bailiff_paid", "bailiff_status", "bailiff_question", "bailiff_answer", "bailiff_payment", "bailiff_correction", "bailiff_recall", "bailiff_closed", "bailiff_costs",
		},
		"credit":     {"limit_passed", "within_limit", "set", "settings", "report_asked", "report", "report_changed", "report_failed", "company_looked_up"},
		"flow":       {"created", "draft_saved", "draft_discarded", "published", "chosen", "rehearsed", "rehearsal_failed"},
		"text":       {"changed", "reset"},
		"law":        {"changed", "figure_approved", "rates_given"},
		"debtor":     {"erasure_asked", "restricted", "anonymised", "erasure_withdrawn", "risk", "voice"},
		"task":       {"created", "done"},
		"connection": {"connected", "broken", "paused", "removed", "new"},
	}
}

// valid reports whether a filter can match something: a thing with ".*", or a
// type of a thing.
func valid(filter string) bool {
	thing, verb, ok := strings.Cut(filter, ".")
	verbs, known := Types()[thing]
	return ok && known && (verb == "*" || slices.Contains(verbs, verb))
}

// Of is an event as the table holds it.
func Of(row db.Event) Event {
	e := Event{
		ID: row.Key, Type: row.Type, At: row.At.UTC(), RecordedAt: row.RecordedAt.UTC(), Subject: Subject{row.SubjectKind, row.SubjectID},
		Debtor: known(row.DebtorID), Invoice: known(row.InvoiceID),
	}
	if row.Seq != nil {
		e.Seq = *row.Seq
	}
	if row.AmountMinor != nil && row.Currency != "" {
		a := money.Of(*row.AmountMinor, money.Currency(row.Currency))
		e.Amount = &Sum{a.Minor, row.Currency, a.Decimal()}
	}
	if len(row.Data) > 2 {
		e.Data = row.Data
	}
	return e
}

func known(id uuid.NullUUID) *uuid.UUID {
	if !id.Valid {
		return nil
	}
	return &id.UUID
}

const numberAtOnce = 2000

// Number gives the events that were committed their numbers and queues them for
// who asked for them. Any number of processes may call it at once. It reports
// how many there were.
func Number(ctx context.Context, tx store.Tx, real time.Time) (int64, error) {
	last, err := tx.LockEventCounter(ctx, tx.Tenant)
	if err != nil {
		return 0, fmt.Errorf("lock the numbers of events: %w", err)
	}
	n, err := tx.NumberEvents(ctx, db.NumberEventsParams{Last: last, Most: numberAtOnce})
	if err != nil || n == 0 {
		return n, err
	}
	if err := tx.SetEventCounter(ctx, last+n); err != nil {
		return n, fmt.Errorf("keep the numbers of events: %w", err)
	}
	if err := tx.FanOutEvents(ctx, db.FanOutEventsParams{Moment: real, After: last, Until: last + n}); err != nil {
		return n, fmt.Errorf("queue events: %w", err)
	}
	forget := real.Add(-logKept)
	if err := tx.ForgetDeliveries(ctx, &forget); err != nil {
		return n, fmt.Errorf("forget old deliveries: %w", err)
	}
	return n, nil
}
