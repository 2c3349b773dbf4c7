package conformance

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
)

// Agency is what a played agency knows.
type Agency interface {
	// Know plants a company with what its report is to say. The agency may leave out
	// what it never tells, has ids of its own, and dates the report itself.
	Know(vat string, says sdk.CreditReport) error
	// Charged is how many reports the agency charged.
	Charged() (int, error)
	// Spend takes the credit of the account away, or gives it back.
	Spend(broke bool) error
}

// Companies that are planted: one of repute, one bankrupt, and one without a rating.
var (
	sound = sdk.CreditReport{
		Name: "De Korenaar B.V.", Registration: "30123456", Country: "NL", Score: 73, ScoreMax: 100, Grade: "A",
		Limit: amount(6250050, "EUR"), Probability: number(125), Advice: "Very low risk", Status: sdk.CompanyActive, DaysLate: number(9),
		Facts: []sdk.CreditFact{{Name: "Payment remarks", Text: "2"}},
	}
	bankrupt = sdk.CreditReport{Name: "Molen Failliet B.V.", Registration: "30999999", Country: "NL", Status: sdk.CompanyInsolvent, Insolvent: true}
	unrated  = sdk.CreditReport{Name: "Nieuweling B.V.", Registration: "30777777", Country: "NL", Status: sdk.CompanyActive}
)

func amount(minor int64, c money.Currency) *money.Amount { a := money.Of(minor, c); return &a }

func number(n int) *int { return &n }

var creditScenarios = func() (all []scenario) {
	on := func(name, sentence string, do func(context.Context, *stage) (string, error)) {
		all = append(all, scenario{
			area: CreditReports, name: name, sentence: sentence, needs: manifest.CreditReports, fresh: true,
			do: func(ctx context.Context, s *stage) (string, error) {
				if s.play.Agency == nil {
					return "", skip("The package that is played is no agency.")
				}
				for vat, c := range map[string]sdk.CreditReport{"NL801234567B01": sound, "NL809999999B01": bankrupt, "NL807777777B01": unrated} {
					if err := s.play.Agency.Know(vat, c); err != nil {
						return "", broken{err}
					}
				}
				return do(ctx, s)
			},
		})
	}
	on("find", "A company is found by its number, by its VAT number and by its name; one that is not there is not, and nothing is charged.", findCompanies)
	on("report", "The report says what the agency says: score, class, limit to the cent, chance of failure, day; it is charged once.", soundReport)
	on("insolvent", "Of a company in bankruptcy the report says so, and has no limit to go by.", insolventReport)
	on("not rated", "Of a company without a rating there is a report without a score and without a limit, instead of one of nought.", unratedReport)
	on("no such company", "Of a company that the agency does not have there is no report, and nothing is charged.", goneReport)
	on("no credit", "Without credit there is no report, the reason is told, and with credit there is one.", brokeReport)
	for _, l := range []struct {
		name, sentence string
		spoil          func(*scene) answer
		charged        int
	}{
		{"5xx after the charge", "The report is charged, and the agency says that it failed: it is not asked for again by itself.", func(x *scene) answer { x.answer(); return status(502, nil, "Bad Gateway")(x) }, 1},
		{"answer lost", "The report is charged, and the connection breaks before the answer: it is not asked for again by itself.", func(x *scene) answer { a := x.answer(); a.body, a.cut = nil, true; return a }, 1},
		{"nonsense after the charge", "The report is charged, and the answer is a page of HTML: it is an error, and not asked for again by itself.", func(x *scene) answer {
			x.answer()
			return answer{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(maintenance)}
		}, 1},
		{"5xx before the charge", "The agency is out of order: there is no report, and nothing is charged.", status(503, nil, "Service Unavailable"), 0},
		{"429 before the charge", "The agency asks to slow down: there is no report, and nothing is charged.", status(429, map[string]string{"Retry-After": "60"}, "Too many requests"), 0},
	} {
		on(l.name, l.sentence, func(ctx context.Context, s *stage) (string, error) { return lostReport(ctx, s, l.spoil, l.charged) })
	}
	return all
}()

func (s *stage) companies(ctx context.Context, q sdk.CompanyQuery) ([]sdk.Company, error) {
	q.Administration, q.Country = s.adm, "NL"
	return s.s.Companies(ctx, q)
}

// asks looks a company up and asks for its report.
func (s *stage) asks(ctx context.Context, registration, key string) (sdk.CreditReport, error) {
	list, err := s.companies(ctx, sdk.CompanyQuery{Registration: registration})
	if err != nil || len(list) == 0 {
		return sdk.CreditReport{}, wrong("%s is not found: %v", registration, err)
	}
	return s.s.CreditReport(ctx, sdk.CreditRequest{Key: key, Administration: s.adm, Company: list[0].ID, Country: "NL", Language: "en"})
}

func (s *stage) charged(want int) error {
	n, err := s.play.Agency.Charged()
	if err != nil {
		return broken{err}
	}
	if n != want {
		return wrong("%d reports were charged; it should be %d", n, want)
	}
	return nil
}

func findCompanies(ctx context.Context, s *stage) (string, error) {
	for what, q := range map[string]sdk.CompanyQuery{"number": {Registration: sound.Registration}, "VAT number": {VATNumber: "NL801234567B01"}, "name": {Name: "Korenaar"}} {
		list, err := s.companies(ctx, q)
		if err != nil || len(list) == 0 || list[0].ID == "" || list[0].Name != sound.Name || list[0].Registration != sound.Registration {
			return "", wrong("by its %s it is found as %+v: %v", what, list, err)
		}
		if list[0].NaturalPerson {
			return "", wrong("a company counts as a person")
		}
	}
	if list, err := s.companies(ctx, sdk.CompanyQuery{Registration: "00000001"}); err != nil || len(list) > 0 {
		return "", wrong("a number that nobody has finds %d companies: %v", len(list), err)
	}
	return "", s.charged(0)
}

func soundReport(ctx context.Context, s *stage) (string, error) {
	r, err := s.asks(ctx, sound.Registration, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	switch {
	case err != nil:
		return "", wrong("there is none: %v", err)
	case r.ID == "" || r.Company == "" || r.Name != sound.Name:
		return "", wrong("it is %q on %q (%q)", r.ID, r.Name, r.Company)
	case r.Score*sound.ScoreMax != sound.Score*r.ScoreMax || r.ScoreMax == 0:
		return "", wrong("the score is %d of %d; the agency says %d of %d", r.Score, r.ScoreMax, sound.Score, sound.ScoreMax)
	case r.Limit == nil || *r.Limit != *sound.Limit:
		return "", wrong("the limit is %v; the agency says %v", r.Limit, sound.Limit)
	case r.Grade != sound.Grade || r.On.IsZero() || r.Advice == "":
		return "", wrong("the class is %q on %s, advice %q", r.Grade, r.On, r.Advice)
	case r.Probability != nil && *r.Probability != *sound.Probability:
		return "", wrong("the chance of failure is %d hundredths of a percent; the agency says %d", *r.Probability, *sound.Probability)
	case r.DaysLate != nil && *r.DaysLate != *sound.DaysLate:
		return "", wrong("they pay %d days late; the agency says %d", *r.DaysLate, *sound.DaysLate)
	case r.Insolvent || r.Status != sdk.CompanyActive || r.NaturalPerson:
		return "", wrong("the company is %q, insolvent %v, a person %v", r.Status, r.Insolvent, r.NaturalPerson)
	}
	return fmt.Sprintf("%d facts", len(r.Facts)), s.charged(1)
}

func insolventReport(ctx context.Context, s *stage) (string, error) {
	r, err := s.asks(ctx, bankrupt.Registration, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	if err != nil || !r.Insolvent || r.Status != sdk.CompanyInsolvent {
		return "", wrong("it says %q, insolvent %v: %v", r.Status, r.Insolvent, err)
	}
	if r.Limit != nil && r.Limit.Minor > 0 {
		return "", wrong("it has a limit of %s", r.Limit)
	}
	return "", nil
}

func unratedReport(ctx context.Context, s *stage) (string, error) {
	r, err := s.asks(ctx, unrated.Registration, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	if err != nil || r.ScoreMax != 0 || r.Limit != nil || r.Insolvent {
		return "", wrong("it has the score %d of %d, limit %v, insolvent %v: %v", r.Score, r.ScoreMax, r.Limit, r.Insolvent, err)
	}
	return "", nil
}

func goneReport(ctx context.Context, s *stage) (string, error) {
	_, err := s.s.CreditReport(ctx, sdk.CreditRequest{Key: "0b5d9c1e-1f3a-4d6e-8a55-000000000001", Administration: s.adm, Company: "NL-X-0000", Country: "NL"})
	if ClassOf(err) != Gone {
		return "", wrong("it says %q: %v", ClassOf(err), err)
	}
	return "", s.charged(0)
}

func brokeReport(ctx context.Context, s *stage) (string, error) {
	if err := s.play.Agency.Spend(true); err != nil {
		return "", broken{err}
	}
	_, err := s.asks(ctx, sound.Registration, "0b5d9c1e-1f3a-4d6e-8a55-000000000001")
	if err == nil || !slices.Contains([]Class{Wait, Auth, Invalid}, ClassOf(err)) {
		return "", wrong("it says %q: %v", ClassOf(err), err)
	}
	if err := s.charged(0); err != nil {
		return "", err
	}
	note := err.Error()
	if err := s.play.Agency.Spend(false); err != nil {
		return "", broken{err}
	}
	if _, err := s.asks(ctx, sound.Registration, "0b5d9c1e-1f3a-4d6e-8a55-000000000001"); err != nil {
		return "", wrong("with credit there is none: %v", err)
	}
	return note, s.charged(1)
}

func lostReport(ctx context.Context, s *stage, spoil func(*scene) answer, charged int) (string, error) {
	log := s.desk.begin()
	s.desk.watch(func() string { n, err := s.play.Agency.Charged(); return fmt.Sprint(n, err) })
	_, err := s.asks(ctx, sound.Registration, "0b5d9c1e-1f3a-4d6e-8a55-0000000000aa")
	s.desk.watch(nil)
	if err != nil {
		return "", wrong("there is none: %v", err)
	}
	at := slices.IndexFunc(log(), func(q asked) bool { return q.booked })
	if at < 0 {
		return "", skip("The request that is charged could not be told from the others.")
	}
	m := Mutation{Times: -1, play: spoil}
	s.desk.arm(&m, at)
	_, err = s.asks(ctx, sound.Registration, "0b5d9c1e-1f3a-4d6e-8a55-0000000000bb")
	s.desk.arm(nil, 0)
	switch class := ClassOf(err); {
	case err == nil:
		return "", wrong("it makes a report out of that")
	case class == Crash || class == Hang || class == Gone:
		return "", wrong("it fails as %q: %v", class, err)
	}
	return string(ClassOf(err)), s.charged(1 + charged)
}
