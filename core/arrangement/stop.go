package arrangement

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
)

// StopKind is why the law stops all pressure on a debtor (R97).
type StopKind string

// The kinds of legal stops, by their Dutch names.
const (
	Bankruptcy     StopKind = "bankruptcy"      // faillissement
	Suspension     StopKind = "suspension"      // surseance van betaling
	DebtRelief     StopKind = "debt_relief"     // WSNP: wettelijke schuldsanering natuurlijke personen
	BreathingSpace StopKind = "breathing_space" // adempauze: moratorium van de gemeente
	Death          StopKind = "death"           // overlijden
	Administration StopKind = "administration"  // bewind of curatele
)

// StopKinds are all kinds, the most frequent first.
func StopKinds() []StopKind {
	return []StopKind{Bankruptcy, Suspension, DebtRelief, BreathingSpace, Death, Administration}
}

// breathingMonths is how long a breathing space lasts at most (adempauze, art. 5
// Wet gemeentelijke schuldhulpverlening).
const breathingMonths = 6

// Title is the kind in words.
func (k StopKind) Title() string {
	return map[StopKind]string{
		Bankruptcy: "Bankruptcy", Suspension: "Suspension of payments", DebtRelief: "Statutory debt relief (WSNP)",
		BreathingSpace: "Municipal breathing space", Death: "Death", Administration: "Protective administration",
	}[k]
}

// Todo says what a creditor does now, for the legal task. A lawyer is to check
// it before it is relied on.
func (k StopKind) Todo() string {
	return map[StopKind]string{
		Bankruptcy: "Lodge the claim with the trustee (curator) in writing: invoices, contract, interest up to the day of the bankruptcy, and whether goods were delivered under " +
			"retention of title. The register is insolventies.rechtspraak.nl. Do not accept payment of the debtor: it belongs to the estate.",
		Suspension: "Lodge the claim with the administrator (bewindvoerder) in writing. What was agreed after the suspension began is paid as it falls due, with the administrator's consent.",
		DebtRelief: "Lodge the claim with the administrator (Wsnp-bewindvoerder) within the term of the court's publication, with interest up to the day of the decision. " +
			"Enforcement and costs stop; at its end, what is left may not be claimed.",
		BreathingSpace: "Do not ask for payment of old debts until the breathing space ends; do not end the contract for them. Send the municipality's debt adviser a statement when asked for it. " +
			"New bills are paid as usual.",
		Death: "Write to nobody at the old address. Find the executor or the heirs (through the notary or the estate register, boedelregister) and send them the statement of the claim; " +
			"heirs have a time to decide on accepting the estate.",
		Administration: "Write to the administrator (bewindvoerder) only, and send the statement of the claim there. The register is the central register of guardianship and administration (CCBR).",
	}[k]
}

// NewStop records a legal stop.
type NewStop struct {
	Debtor      uuid.UUID
	Kind        StopKind
	EffectiveOn date.Date
	EndsOn      date.Date // of a breathing space; zero for six months
	Source      string    // where it was learnt, as "insolventies.rechtspraak.nl"
	Reference   string    // the number of the insolvency or of the decision
	Contact     string    // trustee, administrator or heirs
	Note        string
	By          string
}

// Stop stops all pressure on a debtor: no step, no instalment, no promise is
// asked about, and interest is presented as of its day. A legal task says what to
// do (R97).
func (d *Desk) Stop(ctx context.Context, tx store.Tx, q NewStop) (uuid.UUID, error) {
	s, err := d.standing(ctx, tx, q.Debtor)
	if err != nil {
		return uuid.Nil, err
	}
	switch {
	case q.Kind.Title() == "":
		return uuid.Nil, fault.New(fault.Invalid, "stop_kind", "Choose what stops the collection.")
	case q.EffectiveOn.IsZero() || q.EffectiveOn.After(s.Today):
		return uuid.Nil, fault.New(fault.Invalid, "stop_day", "Give the day from which it holds; it is not in the future.")
	case q.Source == "":
		return uuid.Nil, fault.New(fault.Invalid, "stop_source", "Say where this is known from, such as a register or a letter.")
	case !q.EndsOn.IsZero() && (q.Kind != BreathingSpace || !q.EndsOn.After(q.EffectiveOn)):
		return uuid.Nil, fault.New(fault.Invalid, "stop_end", "Only a breathing space has an end, and it is after its first day.")
	}
	if q.Kind == BreathingSpace && q.EndsOn.IsZero() {
		q.EndsOn = nth(q.EffectiveOn, breathingMonths, Monthly)
	}
	hold, err := d.Planner.Hold(ctx, tx, dunning.HoldRequest{Scope: dunning.OfDebtor, ID: q.Debtor, Reason: receivable.LegalStop, Note: q.Kind.Title(), By: q.By})
	if err != nil {
		return uuid.Nil, err
	}
	earlier, err := tx.LegalStopsOfDebtor(ctx, q.Debtor)
	if err != nil {
		return uuid.Nil, fmt.Errorf("load earlier stops: %w", err)
	}
	id := newID(KindLegalStop, q.Debtor, len(earlier))
	if err := tx.AddLegalStop(ctx, db.AddLegalStopParams{
		ID: id, TenantID: tx.Tenant, AdministrationID: s.Administration.ID, DebtorID: q.Debtor, Kind: string(q.Kind), EffectiveOn: q.EffectiveOn, EndsOn: q.EndsOn,
		Source: q.Source, Reference: q.Reference, Contact: q.Contact, Note: q.Note, HoldID: hold, RecordedAt: s.Now, RecordedBy: q.By,
	}); err != nil {
		return uuid.Nil, fmt.Errorf("record the legal stop: %w", err)
	}
	if err := task(ctx, tx, s, "legal", id, q.Kind.Title()+": do what the law asks", q.Kind.Todo()); err != nil {
		return uuid.Nil, err
	}
	if err := behaves(ctx, tx, s, uuid.Nil, "legal_stop_"+string(q.Kind), owedInAll(s)); err != nil {
		return uuid.Nil, err
	}
	if err := note(ctx, tx, s.Now, q.By, "legal_stop.recorded", "legal_stop/"+id.String(), nil); err != nil {
		return uuid.Nil, err
	}
	if err := inCases(ctx, tx, s, "legal_stop", q.By, q.Kind.Title()+" since "+q.EffectiveOn.String()+": the law stops all pressure on the debtor."); err != nil {
		return uuid.Nil, err
	}
	if q.EndsOn.IsZero() {
		return id, nil
	}
	return id, matter.Set(ctx, tx, matter.Item{Kind: KindLegalStop, ID: id, At: morning(s, q.EndsOn.AddDays(1)), Why: "A breathing space ends"})
}

// Lift ends a legal stop. Only a role that may do so calls it; the flow goes on
// at the next step after the minimum interval (R65), and a promise whose grace
// ran out during the stop is not held against the debtor.
func (d *Desk) Lift(ctx context.Context, tx store.Tx, stop uuid.UUID, why, by string) error {
	row, err := tx.LegalStop(ctx, stop)
	if err != nil {
		return fault.New(fault.NotFound, "stop_not_found", "This legal stop does not exist.").Because(err)
	}
	s, err := d.standing(ctx, tx, row.DebtorID)
	if err != nil {
		return err
	}
	if why == "" {
		return fault.New(fault.Invalid, "stop_why", "Say why it ends, such as the decision that ended it.")
	}
	for _, o := range s.Invoices {
		if err := tx.GiveTerm(ctx, db.GiveTermParams{InvoiceID: o.ID, Day: s.Today.AddDays(int(s.Administration.MinimumInterval)), Rule: "R65"}); err != nil {
			return fmt.Errorf("give a term: %w", err)
		}
	}
	return d.endStop(ctx, tx, s, row, why, by)
}

// takeBackWithin is how long a legal stop, or its end, may be taken back by who
// noted it: to mend a mistake, not to decide anew.
const takeBackWithin = time.Hour

// TakeBackUntil is until when who recorded a legal stop may take it back.
func TakeBackUntil(recorded time.Time) time.Time { return recorded.Add(takeBackWithin) }

var errTooLate = fault.New(fault.Conflict, "stop_kept", "It is too late to take this back. An owner lifts a legal stop; record it again if it holds.")

// TakeBackStop ends a legal stop that was recorded by mistake, for who recorded
// it and within an hour. The flow goes on as if it had not been: no term is given.
func (d *Desk) TakeBackStop(ctx context.Context, tx store.Tx, stop uuid.UUID, by string) error {
	row, err := tx.LegalStop(ctx, stop)
	if err != nil {
		return fault.New(fault.NotFound, "stop_not_found", "This legal stop does not exist.").Because(err)
	}
	s, err := d.standing(ctx, tx, row.DebtorID)
	if err != nil {
		return err
	}
	if row.RecordedBy != by || s.Now.After(TakeBackUntil(row.RecordedAt)) {
		return errTooLate
	}
	return d.endStop(ctx, tx, s, row, "Recorded by mistake and taken back.", by)
}

// RestoreStop records a legal stop again that was lifted by mistake, for who
// lifted it and within an hour. It returns the new one.
func (d *Desk) RestoreStop(ctx context.Context, tx store.Tx, stop uuid.UUID, by string) (uuid.UUID, error) {
	row, err := tx.LegalStop(ctx, stop)
	if err != nil {
		return uuid.Nil, fault.New(fault.NotFound, "stop_not_found", "This legal stop does not exist.").Because(err)
	}
	now, err := tx.Now(ctx, d.Planner.Real)
	if err != nil {
		return uuid.Nil, err
	}
	if row.LiftedAt == nil || row.LiftedBy != by || now.After(TakeBackUntil(*row.LiftedAt)) {
		return uuid.Nil, errTooLate
	}
	return d.Stop(ctx, tx, NewStop{
		Debtor: row.DebtorID, Kind: StopKind(row.Kind), EffectiveOn: row.EffectiveOn, EndsOn: row.EndsOn, Source: row.Source, Reference: row.Reference, Contact: row.Contact, Note: row.Note, By: by,
	})
}

func (d *Desk) endStop(ctx context.Context, tx store.Tx, s dunning.Standing, row db.LegalStopRow, why, by string) error {
	stop := row.ID
	n, err := tx.LiftLegalStop(ctx, db.LiftLegalStopParams{ID: stop, LiftedAt: &s.Now, LiftedBy: by, LiftedWhy: why})
	if err != nil {
		return fmt.Errorf("lift the legal stop: %w", err)
	}
	if n == 0 {
		return errEnded // G3
	}
	for _, kind := range []string{"legal", "legal_end"} {
		if err := finish(ctx, tx, kind, stop, s.Now, by); err != nil {
			return err
		}
	}
	if err := matter.Close(ctx, tx, KindLegalStop, stop); err != nil {
		return err
	}
	if err := note(ctx, tx, s.Now, by, "legal_stop.lifted", "legal_stop/"+stop.String(), nil); err != nil {
		return err
	}
	if err := inCases(ctx, tx, s, "legal_stop_lifted", by, StopKind(row.Kind).Title()+" has ended: "+why); err != nil {
		return err
	}
	on, err := tx.HoldingOn(ctx, row.HoldID)
	if err != nil || !on {
		return err
	}
	return d.Planner.Release(ctx, tx, row.HoldID, by)
}

// inCases puts a legal stop, or its end, on the record of the debtor's cases, and
// wakes who follows them: a bailiff who has one is told.
func inCases(ctx context.Context, tx store.Tx, s dunning.Standing, kind, by, text string) error {
	cases, err := tx.OpenCasesOfDebtor(ctx, s.Debtor.ID)
	if err != nil {
		return fmt.Errorf("find the cases of a debtor: %w", err)
	}
	for _, id := range cases {
		if err := claim.Note(ctx, tx, id, s.Now, kind, by, text, nil); err != nil {
			return err
		}
		if err := matter.Set(ctx, tx, matter.Item{Kind: dunning.CaseMatter, ID: id, At: s.Now, Why: text}); err != nil {
			return err
		}
	}
	return nil
}

// wakeStop asks a person to look when a breathing space ends; nothing is lifted
// by the calendar.
func (d *Desk) wakeStop(ctx context.Context, tenant, id uuid.UUID) error {
	return d.Store.In(ctx, tenant, func(tx store.Tx) error {
		row, err := tx.LegalStop(ctx, id)
		if err != nil {
			return fmt.Errorf("load the legal stop: %w", err)
		}
		if row.LiftedAt == nil {
			s, err := d.Planner.Standing(ctx, tx, row.DebtorID)
			if err != nil {
				return err
			}
			if s.Today.After(row.EndsOn) {
				if err := task(ctx, tx, s, "legal_end", id, "A breathing space has ended; look whether the stop can be lifted", ""); err != nil {
					return err
				}
			}
		}
		return matter.Close(ctx, tx, KindLegalStop, id)
	})
}
