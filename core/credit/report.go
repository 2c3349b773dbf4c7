package credit

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Agency gives reports on companies, over a connection that the tenant made.
type Agency interface {
	// Connection is the one to ask; ok is false when there is none.
	Connection(ctx context.Context, tenant uuid.UUID) (id uuid.UUID, title string, ok bool, err error)
	// CreditReport asks it. The error wraps sdk.ErrGone for an unknown company.
	CreditReport(ctx context.Context, tenant, connection uuid.UUID, q sdk.CreditRequest) (sdk.CreditReport, error)
}

// Fetch asks the agency for a report on a debtor and keeps it. It opens its own
// transactions, because the agency is asked between them.
func (o *Office) Fetch(ctx context.Context, tenant, debtor uuid.UUID, by string) error {
	if o.Agency == nil {
		return errNoAgency
	}
	conn, title, ok, err := o.Agency.Connection(ctx, tenant)
	if err != nil {
		return err
	}
	if !ok {
		return errNoAgency
	}
	var d db.Debtor
	if err := o.Store.In(ctx, tenant, func(tx store.Tx) (err error) { d, err = tx.Debtor(ctx, debtor); return err }); err != nil {
		return fault.New(fault.NotFound, "debtor_not_found", "This debtor does not exist.").Because(err)
	}
	if d.Registration == "" || d.Kind == string(sdk.Consumer) {
		return fault.New(fault.Invalid, "no_registration", "Reports are about companies with a number in the trade register. Add it in the books.")
	}
	r, err := o.Agency.CreditReport(ctx, tenant, conn, sdk.CreditRequest{Registration: d.Registration, Country: d.Country})
	if err != nil {
		return fmt.Errorf("ask %s for a report: %w", title, err)
	}
	return o.Store.In(ctx, tenant, func(tx store.Tx) error {
		now, err := dunning.Now(ctx, tx, o.Real)
		if err != nil {
			return err
		}
		p := db.AddCreditReportParams{
			ID: uuid.New(), TenantID: tenant, DebtorID: debtor, ConnectionID: uuid.NullUUID{UUID: conn, Valid: true}, Source: title, ExternalID: r.ID, ReportedOn: r.On,
			Grade: r.Grade, Advice: r.Advice, Status: r.Status, Company: r.Name, Registration: d.Registration, Country: d.Country, Currency: "EUR", FetchedAt: now, FetchedBy: by,
		}
		if r.ScoreMax > 0 {
			score, most := int32(r.Score), int32(r.ScoreMax)
			p.Score, p.ScoreMax = &score, &most
		}
		if r.Limit != nil {
			p.LimitMinor, p.Currency = &r.Limit.Minor, r.Limit.Currency
		}
		if err := tx.AddCreditReport(ctx, p); err != nil {
			return fmt.Errorf("keep the report: %w", err)
		}
		if err := audit(ctx, tx, by, "credit.report", debtor, map[string]any{"source": title, "report": p.ID}, now); err != nil {
			return err
		}
		return o.Watch(ctx, tx, debtor)
	})
}

var errNoAgency = fault.New(fault.Conflict, "no_agency", "No agency is connected. Connect one in the marketplace first.")
