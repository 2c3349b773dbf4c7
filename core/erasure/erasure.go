// Package erasure answers a debtor's request to be forgotten: what the law makes
// us keep is restricted until its day, and the rest is made anonymous.
package erasure

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// Matter is the kind under which restricted data waits for its day.
const Matter matter.Kind = "erasure"

// The states of a request.
const (
	Restricted = "restricted" // kept for the law, shown nowhere else
	Anonymised = "anonymised"
	Withdrawn  = "withdrawn"
)

// keeping is how many years after their own tax law wants the invoices and payments
// of a creditor kept, and by which article; the longest of a country's terms.
var keeping = map[string]struct {
	years   int
	article string
}{
	"NL": {7, "art. 52 AWR"},
	"BE": {10, "art. 60 of the VAT Code"},
	"DE": {10, "par. 147 AO"},
	"FR": {10, "art. L123-22 Code de commerce"},
	"GB": {6, "VAT Regulations 1995"},
}

// term is how long a creditor of a country keeps; the longest there is where the
// country is not known.
func term(country string) (years int, article string) {
	if k, ok := keeping[country]; ok {
		return k.years, k.article
	}
	return 10, "the longest term that we know"
}

// again is when a request is looked at again whose claims are still open after
// the day of deletion.
const again = 30

// Office handles requests.
type Office struct {
	Store *store.Store
	Real  clock.Clock
}

// Grounds are what keeps a debtor's data.
type Grounds struct {
	Open     int64 // claims that are open
	Cases    int64
	LastYear int    // of an invoice or a payment; 0 for none
	Country  string // of the creditor, ISO 3166-1; empty for NL
}

// Decide says until when data is kept on a day: zero when nothing keeps it.
func (g Grounds) Decide(today date.Date) (until date.Date, why string) {
	keptYears, article := term(cmp.Or(g.Country, "NL"))
	if g.LastYear > 0 {
		until = date.New(g.LastYear+keptYears+1, time.January, 1)
	}
	pending := g.Open > 0 || g.Cases > 0
	switch {
	case pending && !until.After(today):
		return today.AddDays(again), "A claim is open; it is looked at again."
	case pending:
		return until, fmt.Sprintf("A claim is open, and tax law wants invoices of %d kept for %d years (%s).", g.LastYear, keptYears, article)
	case until.After(today):
		return until, fmt.Sprintf("Tax law wants invoices of %d kept for %d years (%s).", g.LastYear, keptYears, article)
	}
	return date.Date{}, "Nothing has to be kept."
}

// Kept is something that is kept of a debtor who asked to be erased, or something
// that is not done any more, and why.
type Kept struct{ What, Why string }

// Kept lists what is kept of a restricted debtor and why, and what stopped (R116).
func (g Grounds) Kept() []Kept {
	years, article := term(cmp.Or(g.Country, "NL"))
	var out []Kept
	if g.LastYear > 0 {
		out = append(out, Kept{"Invoices, credit notes and payments, with the name and address that stand on them", fmt.Sprintf("Tax law wants those of %d kept through %d (%s).", g.LastYear, g.LastYear+years, article)})
	}
	if g.Open > 0 {
		out = append(out, Kept{fmt.Sprintf("What %d open invoices need: contact data, messages and their delivery", g.Open), "A claim may be kept and enforced (art. 17(3)(e) GDPR). It goes on, and its notices still go out by e-mail or letter."})
	}
	if g.Cases > 0 {
		out = append(out, Kept{"The file of the collection case: notices, proof, calculation and decisions", "It is the proof of the claim before a court (art. 17(3)(e) GDPR)."})
	}
	return append(out, Kept{"Reports of credit agencies are gone, and none is asked for", "No law wants them kept. That one was asked for, and its price, stays as an expense of the creditor."},
		Kept{"No other message is sent", "Reminders before the last notice, offers, text messages and calls have stopped (art. 18 GDPR). Answers to what the debtor asks or does still go."})
}

// GroundsOf are what keeps the data of a debtor now.
func GroundsOf(ctx context.Context, tx store.Tx, debtor uuid.UUID) (Grounds, error) {
	g, err := tx.ErasureGrounds(ctx, debtor)
	if err != nil {
		return Grounds{}, fmt.Errorf("look at what has to be kept: %w", err)
	}
	country, err := tx.CreditorCountry(ctx, debtor)
	if err != nil {
		return Grounds{}, fmt.Errorf("find the country of the creditor: %w", err)
	}
	return Grounds{Open: g.Open, Cases: g.Cases, LastYear: int(g.LastYear), Country: country}, nil
}

// Ask takes a request: the data of the debtor is restricted until the day on
// which the law lets go of it, or made anonymous at once. Asking again changes
// nothing. What is restricted is left out of searches and of the lists of what
// is settled; a claim that is open goes on (R116).
func (o *Office) Ask(ctx context.Context, tx store.Tx, debtor uuid.UUID, by string) (db.Erasure, error) {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return db.Erasure{}, fmt.Errorf("lock debtor %s: %w", debtor, err)
	}
	if _, err := tx.Debtor(ctx, debtor); err != nil {
		return db.Erasure{}, fmt.Errorf("find the debtor: %w", err)
	}
	row, err := tx.Erasure(ctx, debtor)
	switch {
	case err == nil && row.State != Withdrawn:
		return row, nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return row, fmt.Errorf("look for an earlier request: %w", err)
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return row, err
	}
	row = db.Erasure{DebtorID: debtor, TenantID: tx.Tenant, AskedAt: now, AskedBy: by}
	if err := o.note(ctx, tx, now, by, "debtor.erasure_asked", debtor); err != nil {
		return row, err
	}
	return o.settle(ctx, tx, row, now)
}

// settle restricts or anonymises by what keeps the data now.
func (o *Office) settle(ctx context.Context, tx store.Tx, row db.Erasure, now time.Time) (db.Erasure, error) {
	g, err := GroundsOf(ctx, tx, row.DebtorID)
	if err != nil {
		return row, err
	}
	before := row.State
	row.DeleteOn, row.Why = g.Decide(date.Of(now))
	if row.DeleteOn.IsZero() {
		row.State, row.EndedAt = Anonymised, &now
	} else {
		row.State, row.EndedAt = Restricted, nil
	}
	if err := put(ctx, tx, row); err != nil {
		return row, err
	}
	if err := tx.EraseCredit(ctx, row.DebtorID); err != nil {
		return row, fmt.Errorf("erase what agencies said: %w", err)
	}
	if row.State == Anonymised {
		if err := anonymise(ctx, tx, row.DebtorID); err != nil {
			return row, err
		}
		if err := matter.Close(ctx, tx, Matter, row.DebtorID); err != nil {
			return row, err
		}
		return row, o.note(ctx, tx, now, row.AskedBy, "debtor.anonymised", row.DebtorID)
	}
	if err := matter.Set(ctx, tx, matter.Item{Kind: Matter, ID: row.DebtorID, At: row.DeleteOn.At(9, 0, time.UTC), Why: "Data of a debtor need not be kept any longer"}); err != nil {
		return row, err
	}
	if before == Restricted {
		return row, nil
	}
	return row, o.note(ctx, tx, now, row.AskedBy, "debtor.restricted", row.DebtorID)
}

// Withdraw ends a request that only restricted data so far.
func (o *Office) Withdraw(ctx context.Context, tx store.Tx, debtor uuid.UUID, by string) error {
	if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
		return fmt.Errorf("lock debtor %s: %w", debtor, err)
	}
	row, err := tx.Erasure(ctx, debtor)
	if err != nil {
		return fmt.Errorf("find the request: %w", err)
	}
	if row.State != Restricted {
		return fault.New(fault.Conflict, "not_restricted", "There is no request that can be withdrawn; what was made anonymous stays so.")
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	row.State, row.EndedAt, row.DeleteOn = Withdrawn, &now, date.Date{}
	if err := put(ctx, tx, row); err != nil {
		return err
	}
	if err := matter.Close(ctx, tx, Matter, debtor); err != nil {
		return err
	}
	return o.note(ctx, tx, now, by, "debtor.erasure_withdrawn", debtor)
}

// Wake implements matter.Waker: it looks again at what has to be kept.
func (o *Office) Wake(ctx context.Context, of, debtor uuid.UUID) error {
	return o.Store.In(ctx, of, func(tx store.Tx) error {
		if _, err := tx.LockDebtors(ctx, []uuid.UUID{debtor}); err != nil {
			return fmt.Errorf("lock debtor %s: %w", debtor, err)
		}
		row, err := tx.Erasure(ctx, debtor)
		if err != nil {
			return fmt.Errorf("load the request: %w", err)
		}
		due, err := matter.Due(ctx, tx, o.Real, Matter, debtor)
		if err != nil || !due {
			return err
		}
		if row.State != Restricted {
			return matter.Close(ctx, tx, Matter, debtor)
		}
		now, err := tx.Now(ctx, o.Real)
		if err != nil {
			return err
		}
		_, err = o.settle(ctx, tx, row, now)
		return err
	})
}

func put(ctx context.Context, tx store.Tx, r db.Erasure) error {
	if err := tx.PutErasure(ctx, db.PutErasureParams(r)); err != nil {
		return fmt.Errorf("keep the request: %w", err)
	}
	return nil
}

// anonymise takes the person out of everything; amounts, days and codes stay. What
// becomes of which table is listed in the test that walks the schema.
func anonymise(ctx context.Context, tx store.Tx, debtor uuid.UUID) error {
	notes, err := tx.NotesOfHolds(ctx, debtor)
	if err != nil {
		return fmt.Errorf("read what was noted about debtor %s: %w", debtor, err)
	}
	for _, note := range notes {
		if err := tx.StripReasons(ctx, db.StripReasonsParams{Debtor: debtor, Note: note}); err != nil {
			return fmt.Errorf("take a note out of the decisions on debtor %s: %w", debtor, err)
		}
	}
	for _, take := range []func(context.Context, uuid.UUID) error{
		tx.EraseTasks, tx.EraseHolds, tx.EraseDocuments, tx.EraseCorrespondence, tx.EraseContacts, tx.EraseProfile, tx.EraseAccess, tx.EraseNotes,
		tx.EraseCaseFile, tx.EraseBooks, tx.AnonymisePayments, tx.AnonymiseMessages, tx.AnonymiseDebtor,
	} {
		if err := take(ctx, debtor); err != nil {
			return fmt.Errorf("make debtor %s anonymous: %w", debtor, err)
		}
	}
	return nil
}

func (o *Office) note(ctx context.Context, tx store.Tx, at time.Time, by, action string, debtor uuid.UUID) error {
	if err := tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: at, Actor: by, Action: action, Subject: "debtor/" + debtor.String(), Detail: []byte(`{"rule":"R116"}`)}); err != nil {
		return fmt.Errorf("audit %s: %w", action, err)
	}
	return nil
}
