package interpret

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/recipe"
)

var _ sdk.CreditReporter = (*Connector)(nil)

// Companies finds companies; those of a query that says nothing are none.
func (c *Connector) Companies(ctx context.Context, s *sdk.Session, q sdk.CompanyQuery) ([]sdk.Company, error) {
	if c.r.Credit == nil {
		return nil, c.noAgency()
	}
	if q.Registration == "" && q.VATNumber == "" && q.Name == "" {
		return nil, fmt.Errorf("%w: a company is found by a number or a name", sdk.ErrInvalid)
	}
	r := c.run(ctx, s, q.Administration)
	defer r.done()
	sc := r.scope
	sc[recipe.VarCompany] = given(map[string]string{"country": q.Country, "registration": q.Registration, "vat_number": q.VATNumber, "name": q.Name, "postal_code": q.PostalCode})
	find := c.r.Credit.Find
	var out []sdk.Company
	err := r.pages(&find.Fetch, &sc, nil, func(_ *answer, items []any) error {
		for _, item := range items {
			if err := r.records(&find.Map, &sc, item, func(f *fields) error {
				f.required()
				out = append(out, f.company())
				return f.fault("a company of " + c.title)
			}); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, sdk.ErrGone) {
		return nil, nil
	}
	return out, err
}

// CreditReport asks for a report.
func (c *Connector) CreditReport(ctx context.Context, s *sdk.Session, q sdk.CreditRequest) (out sdk.CreditReport, err error) {
	if c.r.Credit == nil {
		return out, c.noAgency()
	}
	if q.Key == "" || q.Company == "" {
		return out, fmt.Errorf("%w: a report needs a key and a company", sdk.ErrInvalid)
	}
	r := c.run(ctx, s, q.Administration)
	defer r.done()
	sc, b := r.scope, c.r.Credit.Report
	sc[recipe.VarID] = q.Company
	sc[recipe.VarCompany] = given(map[string]string{"key": q.Key, "country": q.Country, "language": q.Language})
	if err := r.steps(b.Steps, &sc, nil); err != nil {
		return out, err
	}
	a, err := r.do(&b.Call, &sc, nil)
	if err != nil {
		return out, err
	}
	a.into(&sc)
	found := false
	if err := r.records(&b.Map, &sc, a.value, func(f *fields) error {
		f.required()
		out, found = f.creditReport(), true
		return f.fault("the report of " + c.title)
	}); err != nil {
		return out, err
	}
	if !found {
		return out, fmt.Errorf("%w: %s has no report on this company", sdk.ErrGone, c.title)
	}
	if out.Company == "" {
		out.Company = q.Company
	}
	if b.Facts == nil {
		return out, nil
	}
	return out, r.records(b.Facts, &sc, a.value, func(f *fields) error {
		if fact := (sdk.CreditFact{Name: f.text(recipe.FactName), Text: f.text(recipe.FactText)}); fact.Name != "" && fact.Text != "" {
			out.Facts = append(out.Facts, fact)
		}
		return nil
	})
}

func (c *Connector) noAgency() error {
	return fmt.Errorf("%w: %s reports on no companies from this connector", sdk.ErrInvalid, c.title)
}

// given is $company: what is empty is null, so that it is left out of requests.
func given(texts map[string]string) map[string]any {
	m := make(map[string]any, len(recipe.CompanyFields))
	for _, name := range recipe.CompanyFields {
		if m[name] = nil; texts[name] != "" {
			m[name] = texts[name]
		}
	}
	return m
}

func (f *fields) fault(what string) error {
	if len(f.problems) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be read: %w", what, errors.New(f.reason()))
}

func (f *fields) company() sdk.Company {
	return sdk.Company{
		ID: f.id(recipe.CompanyID), Name: f.text(recipe.CompanyName), Registration: f.text(recipe.CompanyRegistration), VATNumber: f.text(recipe.CompanyVAT),
		Address: sdk.Address{Line1: f.text(recipe.CompanyLine1), PostalCode: f.text(recipe.CompanyPostalCode), City: f.text(recipe.CompanyCity), Country: f.country(recipe.CompanyCountry)},
		Status:  sdk.CompanyStatus(f.enum(recipe.CompanyStatus)), NaturalPerson: f.flag(recipe.CompanyNaturalPerson),
		Price: f.price(recipe.CompanyPrice, money.Currency(f.currency(recipe.CompanyCurrency))),
	}
}

func (f *fields) creditReport() sdk.CreditReport {
	out := sdk.CreditReport{
		ID: f.id(recipe.CreditID), Company: f.id(recipe.CreditCompany), Name: f.text(recipe.CreditName), Registration: f.text(recipe.CreditRegistration), Country: f.country(recipe.CreditCountry),
		On: f.day(recipe.CreditOn), Grade: f.text(recipe.CreditGrade), Advice: f.text(recipe.CreditAdvice), Status: sdk.CompanyStatus(f.enum(recipe.CreditStatus)),
		Insolvent: f.flag(recipe.CreditInsolvent), NaturalPerson: f.flag(recipe.CreditNaturalPerson),
		Price: f.price(recipe.CreditPrice, money.Currency(f.currency(recipe.CreditPriceCurrency))),
	}
	if score, top := f.number(recipe.CreditScore, 1), f.number(recipe.CreditScoreMax, 1); score != nil && top != nil && *top > 0 {
		out.Score, out.ScoreMax = *score, *top
		if *score < 0 || *score > *top {
			f.note(recipe.CreditScore, fmt.Errorf("%d is not between 0 and %d", *score, *top))
		}
	}
	if limit := f.values[recipe.CreditLimit]; f.numeric(recipe.CreditLimit) && f.currency(recipe.CreditLimitCurrency) != "" && limit != nil {
		if a := f.amount(recipe.CreditLimit, f.currency(recipe.CreditLimitCurrency)); a.Minor >= 0 {
			out.Limit = &a
		}
	}
	out.Probability, out.DaysLate = f.number(recipe.CreditProbability, 100), f.number(recipe.CreditDaysLate, 1)
	if p := out.Probability; p != nil && (*p < 0 || *p > 10000) {
		f.note(recipe.CreditProbability, fmt.Errorf("%s is not between 0 and 100 percent", f.text(recipe.CreditProbability)))
	}
	return out
}

// numeric reports whether a field holds a number. Agencies write words in its place,
// such as "Not rated".
func (f *fields) numeric(i int) bool {
	_, ok := new(big.Rat).SetString(f.text(i))
	return ok && len(f.text(i)) <= 40
}

// number is a field times a factor, to the nearest whole; nil when it holds none.
func (f *fields) number(i, times int) *int {
	if !f.numeric(i) {
		return nil
	}
	n, _ := new(big.Rat).SetString(f.text(i))
	text := n.Mul(n, big.NewRat(int64(times), 1)).FloatString(0)
	whole, err := strconv.Atoi(text)
	if err != nil || whole > 1<<30 || whole < -1<<30 {
		f.note(i, fmt.Errorf("%q is out of range", text))
		return nil
	}
	return &whole
}
