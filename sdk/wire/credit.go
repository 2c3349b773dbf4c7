package wire

import (
	"fmt"
	"math"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

var companyStates = map[sdk.CompanyStatus]pb.CompanyStatus{
	sdk.CompanyActive: pb.CompanyStatus_COMPANY_STATUS_ACTIVE, sdk.CompanyInactive: pb.CompanyStatus_COMPANY_STATUS_INACTIVE,
	sdk.CompanyInsolvent: pb.CompanyStatus_COMPANY_STATUS_INSOLVENT, sdk.CompanyDissolved: pb.CompanyStatus_COMPANY_STATUS_DISSOLVED,
}

func fromCompanyStatus(s pb.CompanyStatus) sdk.CompanyStatus {
	for status, known := range companyStates {
		if known == s {
			return status
		}
	}
	return ""
}

// ToCompanyQuery translates a query, without its session.
func ToCompanyQuery(q sdk.CompanyQuery) *pb.CompaniesRequest {
	return &pb.CompaniesRequest{
		Administration: q.Administration, Country: Text(q.Country), Registration: Text(q.Registration), VatNumber: Text(q.VATNumber), Name: Text(q.Name), PostalCode: Text(q.PostalCode),
	}
}

// FromCompanyQuery is the inverse of ToCompanyQuery.
func FromCompanyQuery(m *pb.CompaniesRequest) sdk.CompanyQuery {
	return sdk.CompanyQuery{
		Administration: m.GetAdministration(), Country: m.GetCountry(), Registration: m.GetRegistration(), VATNumber: m.GetVatNumber(), Name: m.GetName(), PostalCode: m.GetPostalCode(),
	}
}

// ToCompanies translates companies.
func ToCompanies(list []sdk.Company) []*pb.Company {
	out := make([]*pb.Company, len(list))
	for i, c := range list {
		out[i] = &pb.Company{
			Id: Text(c.ID), Name: Text(c.Name), Registration: Text(c.Registration), VatNumber: Text(c.VATNumber), Address: toAddress(c.Address),
			Status: companyStates[c.Status], NaturalPerson: c.NaturalPerson,
		}
		if p := c.Price; p != nil {
			out[i].Currency, out[i].Price = Text(string(p.Currency)), &p.Minor
		}
	}
	return out
}

// FromCompanies refuses a company without an id, and a price in a currency that does
// not exist.
func FromCompanies(list []*pb.Company) ([]sdk.Company, error) {
	out := make([]sdk.Company, len(list))
	for i, m := range list {
		price, err := fromAmount(m.GetCurrency(), m.Price)
		if err != nil {
			return nil, fmt.Errorf("price of a report: %w", err)
		}
		if m.GetId() == "" {
			return nil, fmt.Errorf("a company without an id")
		}
		out[i] = sdk.Company{
			ID: withoutNUL(m.GetId()), Name: withoutNUL(m.GetName()), Registration: withoutNUL(m.GetRegistration()), VATNumber: withoutNUL(m.GetVatNumber()),
			Address: fromAddress(m.GetAddress()), Status: fromCompanyStatus(m.GetStatus()), NaturalPerson: m.GetNaturalPerson(), Price: price,
		}
	}
	return out, nil
}

// ToCreditRequest translates a request, without its session.
func ToCreditRequest(r sdk.CreditRequest) *pb.CreditReportRequest {
	return &pb.CreditReportRequest{Key: r.Key, Administration: r.Administration, Company: Text(r.Company), Country: Text(r.Country), Language: Text(r.Language)}
}

// FromCreditRequest is the inverse of ToCreditRequest.
func FromCreditRequest(m *pb.CreditReportRequest) sdk.CreditRequest {
	return sdk.CreditRequest{Key: m.GetKey(), Administration: m.GetAdministration(), Company: m.GetCompany(), Country: m.GetCountry(), Language: m.GetLanguage()}
}

// ToCreditReport translates a report.
func ToCreditReport(r sdk.CreditReport) *pb.CreditReport {
	m := &pb.CreditReport{
		Id: Text(r.ID), Company: Text(r.Company), Name: Text(r.Name), Registration: Text(r.Registration), Country: Text(r.Country), On: toDate(r.On),
		Score: small(r.Score), ScoreMax: small(r.ScoreMax), Grade: Text(r.Grade), Advice: Text(r.Advice), Status: companyStates[r.Status], Insolvent: r.Insolvent, NaturalPerson: r.NaturalPerson,
	}
	if a := r.Limit; a != nil {
		m.LimitCurrency, m.Limit = Text(string(a.Currency)), &a.Minor
	}
	if a := r.Price; a != nil {
		m.PriceCurrency, m.Price = Text(string(a.Currency)), &a.Minor
	}
	if r.Probability != nil {
		n := small(*r.Probability)
		m.Probability = &n
	}
	if r.DaysLate != nil {
		n := small(*r.DaysLate)
		m.DaysLate = &n
	}
	for _, f := range r.Facts {
		m.Facts = append(m.Facts, &pb.CreditFact{Name: Text(f.Name), Text: Text(f.Text)})
	}
	return m
}

// FromCreditReport refuses a report with an amount in a currency or a day that does
// not exist, a score outside its scale, or a chance above certainty.
func FromCreditReport(m *pb.CreditReport) (sdk.CreditReport, error) {
	r := sdk.CreditReport{
		ID: withoutNUL(m.GetId()), Company: withoutNUL(m.GetCompany()), Name: withoutNUL(m.GetName()), Registration: withoutNUL(m.GetRegistration()), Country: withoutNUL(m.GetCountry()),
		Score: int(m.GetScore()), ScoreMax: int(m.GetScoreMax()), Grade: withoutNUL(m.GetGrade()), Advice: withoutNUL(m.GetAdvice()), Status: fromCompanyStatus(m.GetStatus()),
		Insolvent: m.GetInsolvent(), NaturalPerson: m.GetNaturalPerson(),
	}
	if r.Score < 0 || r.ScoreMax < 0 || r.Score > r.ScoreMax {
		return r, fmt.Errorf("the score %d of %d", r.Score, r.ScoreMax)
	}
	var err error
	if r.On, err = fromDate(m.GetOn()); err != nil {
		return r, fmt.Errorf("day of the report: %w", err)
	}
	if m == nil {
		return r, fmt.Errorf("no report")
	}
	if r.Limit, err = fromAmount(m.GetLimitCurrency(), m.Limit); err != nil {
		return r, fmt.Errorf("credit limit: %w", err)
	}
	if r.Price, err = fromAmount(m.GetPriceCurrency(), m.Price); err != nil {
		return r, fmt.Errorf("price of the report: %w", err)
	}
	if m.Probability != nil {
		n := int(m.GetProbability())
		if n < 0 || n > 10000 {
			return r, fmt.Errorf("a chance of %d hundredths of a percent", n)
		}
		r.Probability = &n
	}
	if m.DaysLate != nil {
		n := int(m.GetDaysLate())
		r.DaysLate = &n
	}
	for _, f := range m.GetFacts() {
		r.Facts = append(r.Facts, sdk.CreditFact{Name: withoutNUL(f.GetName()), Text: withoutNUL(f.GetText())})
	}
	return r, nil
}

func small(n int) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }

func fromAmount(currency string, minor *int64) (*money.Amount, error) {
	if minor == nil {
		return nil, nil
	}
	c := money.Currency(currency)
	if _, err := c.Exponent(); err != nil {
		return nil, err
	}
	if *minor < 0 {
		return nil, fmt.Errorf("%d is below nought", *minor)
	}
	a := money.Of(*minor, c)
	return &a, nil
}

func toAddress(a sdk.Address) *pb.Address {
	if a == (sdk.Address{}) {
		return nil
	}
	return &pb.Address{Line1: Text(a.Line1), Line2: Text(a.Line2), PostalCode: Text(a.PostalCode), City: Text(a.City), Country: Text(a.Country)}
}

func fromAddress(a *pb.Address) sdk.Address {
	return sdk.Address{
		Line1: withoutNUL(a.GetLine1()), Line2: withoutNUL(a.GetLine2()), PostalCode: withoutNUL(a.GetPostalCode()), City: withoutNUL(a.GetCity()), Country: withoutNUL(a.GetCountry()),
	}
}
