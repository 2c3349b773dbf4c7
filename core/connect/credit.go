package connect

import (
	"context"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/wire"
)

// Companies finds companies that an agency reports on. It is free of charge.
func (h *Host) Companies(ctx context.Context, c Connection, q sdk.CompanyQuery) (list []sdk.Company, err error) {
	_, err = h.within(ctx, c, h.limits.Targeted, manifest.CreditReports, nil, func(ctx context.Context, k *call) error {
		m := wire.ToCompanyQuery(q)
		m.Session = k.session
		a, err := unary(ctx, k.lease.Connector.Companies, m)
		if err != nil {
			return err
		}
		if list, err = wire.FromCompanies(a.GetCompanies()); err != nil {
			return stop{k.fault(fault.Internal, "connector_protocol", "The connector %s sent something unreadable: %s.", err)}
		}
		return nil
	})
	return list, err
}

// CreditReport asks an agency for a report, which it charges. Asked is whether a
// request left for the agency: with an error it then is not known whether the report
// was charged, except where the error wraps sdk.ErrGone.
func (h *Host) CreditReport(ctx context.Context, c Connection, r sdk.CreditRequest) (out sdk.CreditReport, asked bool, err error) {
	begun, err := h.within(ctx, c, h.limits.Write, manifest.CreditReports, nil, func(ctx context.Context, k *call) error {
		m := wire.ToCreditRequest(r)
		m.Session = k.session
		a, err := unary(ctx, k.lease.Connector.CreditReport, m)
		if err != nil {
			return err
		}
		if out, err = wire.FromCreditReport(a.GetReport()); err != nil {
			return stop{k.fault(fault.Internal, "connector_protocol", "The connector %s sent something unreadable: %s.", err)}
		}
		return nil
	})
	return out, begun != nil && begun.broker.Exchanges() > 0, err
}
