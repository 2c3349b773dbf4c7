package credit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

// Office keeps limits and reports, and watches exposures.
type Office struct {
	Store  *store.Store
	Real   clock.Clock
	Agency Agency // nil where no reports can be had
}

// TaskKind is the task for a limit that was passed; its subject is the debtor.
const TaskKind = "credit_limit"

// File is what is at stake with one debtor, and how much may be.
type File struct {
	Debtor, Administration uuid.UUID
	Name                   string
	Exposure               Exposure
	Total                  money.Amount
	Limits                 []Limit
	Lowest                 *Limit // nil when there is no limit
	Report                 *db.CreditReport
}

// Over reports whether the limit that counts is passed.
func (f File) Over() bool { return f.Lowest != nil && f.Total.Minor > f.Lowest.Amount.Minor }

// Files loads the files of debtors; for none named, of all with a limit or a report.
func Files(ctx context.Context, tx store.Tx, debtors ...uuid.UUID) ([]File, error) {
	if debtors == nil {
		debtors = []uuid.UUID{}
	}
	rows, err := tx.CreditExposures(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("add up exposures: %w", err)
	}
	limits, err := tx.CreditLimits(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("load credit limits: %w", err)
	}
	reports, err := tx.CreditReports(ctx, debtors)
	if err != nil {
		return nil, fmt.Errorf("load credit reports: %w", err)
	}
	files := make([]File, len(rows))
	at := map[uuid.UUID]*File{}
	for n, r := range rows {
		files[n] = File{
			Debtor: r.ID, Administration: r.AdministrationID, Name: r.Name,
			Exposure: Exposure{Open: money.Of(r.OpenMinor, r.Currency), Unbilled: money.Of(r.UnbilledMinor, r.Currency), Unapplied: money.Of(r.UnappliedMinor, r.Currency)},
		}
		if files[n].Total, err = files[n].Exposure.Total(); err != nil {
			return nil, err
		}
		at[r.ID] = &files[n]
	}
	for _, l := range limits {
		if f := at[l.DebtorID]; f != nil {
			f.Limits = append(f.Limits, Limit{LimitKind(l.Kind), money.Of(l.AmountMinor, l.Currency)})
		}
	}
	for _, r := range reports {
		f := at[r.DebtorID]
		if f == nil {
			continue
		}
		if f.Report = &r; r.LimitMinor != nil {
			f.Limits = append(f.Limits, Limit{External, money.Of(*r.LimitMinor, r.Currency)})
		}
	}
	for n := range files {
		if low, ok := Lowest(files[n].Limits, files[n].Total.Currency); ok {
			files[n].Lowest = &low
		}
	}
	return files, nil
}

// Watch looks whether debtors passed their limits, or are below them again. A
// limit that is passed raises an alert, an event and a task, once until it is over
// (R122). Nothing here speaks to a debtor.
func (o *Office) Watch(ctx context.Context, tx store.Tx, debtors ...uuid.UUID) error {
	if len(debtors) == 0 {
		return nil
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	open, err := tx.OpenCreditAlerts(ctx, debtors)
	if err != nil {
		return fmt.Errorf("load credit alerts: %w", err)
	}
	raised := map[uuid.UUID]db.CreditAlert{}
	for _, a := range open {
		raised[a.DebtorID] = a
	}
	files, err := Files(ctx, tx, debtors...)
	if err != nil {
		return err
	}
	for _, f := range files {
		was, on := raised[f.Debtor]
		switch {
		case f.Over():
			err = o.raise(ctx, tx, f, was, on, now)
		case on:
			err = o.end(ctx, tx, f, now)
		}
		if err != nil {
			return fmt.Errorf("watch the limit of debtor %s: %w", f.Debtor, err)
		}
	}
	return nil
}

func (o *Office) raise(ctx context.Context, tx store.Tx, f File, was db.CreditAlert, on bool, now time.Time) error {
	if on && was.ExposureMinor == f.Total.Minor && was.LimitMinor == f.Lowest.Amount.Minor {
		return nil
	}
	if err := tx.AddCreditAlert(ctx, db.AddCreditAlertParams{
		ID: uuid.New(), TenantID: tx.Tenant, DebtorID: f.Debtor, Currency: f.Total.Currency, ExposureMinor: f.Total.Minor, LimitMinor: f.Lowest.Amount.Minor, LimitKind: string(f.Lowest.Kind), RaisedAt: now,
	}); err != nil || on {
		return err
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, AdministrationID: uuid.NullUUID{UUID: f.Administration, Valid: true}, Kind: TaskKind, SubjectID: f.Debtor,
		Title: "The credit limit is passed", Detail: fmt.Sprintf("%s is at stake; the limit is %s.", f.Total, f.Lowest.Amount), CreatedAt: now,
	}); err != nil {
		return err
	}
	return audit(ctx, tx, "voldaan", "credit.limit_passed", f.Debtor, map[string]any{"exposure": f.Total, "limit": f.Lowest.Amount, "kind": f.Lowest.Kind}, now)
}

func (o *Office) end(ctx context.Context, tx store.Tx, f File, now time.Time) error {
	if err := tx.EndCreditAlert(ctx, db.EndCreditAlertParams{DebtorID: f.Debtor, EndedAt: &now}); err != nil {
		return err
	}
	if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: TaskKind, SubjectID: f.Debtor, At: now, ByWhom: "voldaan"}); err != nil {
		return err
	}
	return audit(ctx, tx, "voldaan", "credit.within_limit", f.Debtor, map[string]any{"exposure": f.Total}, now)
}

func audit(ctx context.Context, tx store.Tx, actor, action string, debtor uuid.UUID, detail map[string]any, now time.Time) error {
	return auditOf(ctx, tx, actor, action, "debtor/"+debtor.String(), detail, now)
}

func auditOf(ctx context.Context, tx store.Tx, actor, action, subject string, detail map[string]any, now time.Time) error {
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("write down %s: %w", action, err)
	}
	return tx.AddAudit(ctx, db.AddAuditParams{TenantID: tx.Tenant, At: now, Actor: actor, Action: action, Subject: subject, Detail: text})
}

// InvoicesChanged looks at the debtors of invoices. It is heard whenever plans are
// made anew: after a sync, a payment, a charge-back or a new invoice (R122).
func (o *Office) InvoicesChanged(ctx context.Context, tx store.Tx, invoices []uuid.UUID) error {
	if len(invoices) == 0 {
		return nil
	}
	if err := o.begin(ctx, tx); err != nil {
		return err
	}
	debtors, err := tx.DebtorsOfInvoices(ctx, invoices)
	if err != nil {
		return fmt.Errorf("find the debtors: %w", err)
	}
	if debtors, err = tx.DebtorsWithCredit(ctx, debtors); err != nil {
		return fmt.Errorf("choose the debtors with a limit: %w", err)
	}
	return o.Watch(ctx, tx, debtors...)
}

// Setting is what a person decides about a debtor.
type Setting struct {
	Kind   LimitKind    // Own or Manual; "" is what is not billed yet
	Amount money.Amount // unset takes the limit away
	Note   string
	By     string
}

// Set changes a limit, or what is not billed yet.
func (o *Office) Set(ctx context.Context, tx store.Tx, debtor uuid.UUID, s Setting) error {
	if _, err := tx.Debtor(ctx, debtor); err != nil {
		return fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.").Because(err)
	}
	if s.Amount.Minor < 0 || s.Kind == External {
		return fault.New(fault.Invalid, "credit_limit", "Give an amount of nought or more. The limit of an agency comes with its report.")
	}
	now, err := tx.Now(ctx, o.Real)
	if err != nil {
		return err
	}
	unset := s.Amount.Currency == ""
	switch {
	case s.Kind == "" && unset:
		err = fault.New(fault.Invalid, "unbilled", "Give the amount that is not billed yet.")
	case s.Kind == "":
		err = tx.PutUnbilled(ctx, db.PutUnbilledParams{TenantID: tx.Tenant, DebtorID: debtor, Currency: s.Amount.Currency, AmountMinor: s.Amount.Minor, Note: s.Note, SetBy: s.By, SetAt: now})
	case unset:
		err = tx.DropCreditLimit(ctx, db.DropCreditLimitParams{DebtorID: debtor, Kind: string(s.Kind)})
	default:
		err = tx.PutCreditLimit(ctx, db.PutCreditLimitParams{TenantID: tx.Tenant, DebtorID: debtor, Kind: string(s.Kind), Currency: s.Amount.Currency, AmountMinor: s.Amount.Minor, Note: s.Note, SetBy: s.By, SetAt: now})
	}
	if err != nil {
		return err
	}
	if err := audit(ctx, tx, s.By, "credit.set", debtor, map[string]any{"kind": s.Kind, "amount": s.Amount}, now); err != nil {
		return err
	}
	if err := o.begin(ctx, tx); err != nil {
		return err
	}
	return o.Watch(ctx, tx, debtor)
}
