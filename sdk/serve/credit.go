package serve

import (
	"context"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// Companies calls the author.
func (s *server) Companies(ctx context.Context, m *pb.CompaniesRequest) (_ *pb.CompaniesResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	agency, err := s.agency(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	list, err := agency.Companies(ctx, session, wire.FromCompanyQuery(m))
	if err != nil {
		return nil, err
	}
	return &pb.CompaniesResponse{Companies: wire.ToCompanies(list)}, nil
}

// CreditReport calls the author.
func (s *server) CreditReport(ctx context.Context, m *pb.CreditReportRequest) (_ *pb.CreditReportResponse, err error) {
	defer s.finish(&err, unary(ctx))
	ctx, session, cancel := s.session(ctx, m.GetSession())
	defer cancel()
	agency, err := s.agency(ctx, m.GetSession())
	if err != nil {
		return nil, err
	}
	r, err := agency.CreditReport(ctx, session, wire.FromCreditRequest(m))
	if err != nil {
		return nil, err
	}
	return &pb.CreditReportResponse{Report: wire.ToCreditReport(r)}, nil
}

func (s *server) agency(ctx context.Context, m *pb.Session) (sdk.CreditReporter, error) {
	c, err := s.of(ctx, m)
	if err != nil {
		return nil, err
	}
	agency, ok := c.(sdk.CreditReporter)
	if !ok {
		return nil, errCapability
	}
	return agency, nil
}
