package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/credit"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/money"
)

// Credit is how far a debtor can be trusted.
type Credit struct {
	Debtor    uuid.UUID     `json:"debtor" format:"uuid"`
	Score     *int          `json:"score,omitempty" minimum:"0" maximum:"100" doc:"How they pay; absent when there is nothing to go by"`
	Parts     []ScorePart   `json:"score_parts" doc:"They add up to the score"`
	Open      Amount        `json:"open"`
	Unbilled  Amount        `json:"unbilled"`
	Unapplied Amount        `json:"unapplied"`
	Exposure  Amount        `json:"exposure" doc:"open + unbilled - unapplied"`
	Limits    []CreditLimit `json:"limits" doc:"The lowest counts"`
	Over      bool          `json:"over_limit"`
	Report    *CreditReport `json:"report,omitempty" doc:"The newest"`
	Risk      string        `json:"risk,omitempty" enum:"low,medium,high" doc:"As flows read it; absent when nothing is known, which counts as medium"`
	RiskWhy   string        `json:"risk_why,omitempty" doc:"Why it was computed so; absent when a person set it"`
}

// ScorePart is one reason for a score.
type ScorePart struct {
	Text   string `json:"text"`
	Points int    `json:"points"`
}

// CreditLimit is how much a debtor may owe.
type CreditLimit struct {
	Kind   string `json:"kind" enum:"own,external,manual"`
	Amount Amount `json:"amount"`
}

// CreditReport is what an agency said.
type CreditReport struct {
	Source    string    `json:"source"`
	On        string    `json:"reported_on" format:"date"`
	Score     *int32    `json:"score,omitempty"`
	ScoreMax  *int32    `json:"score_max,omitempty"`
	Grade     string    `json:"grade,omitempty"`
	Advice    string    `json:"advice,omitempty"`
	Status    string    `json:"status,omitempty"`
	Limit     *Amount   `json:"limit,omitempty"`
	FetchedAt time.Time `json:"fetched_at"`
	// What agencies may say besides.
	Probability *int32       `json:"probability,omitempty" doc:"Chance of failure within twelve months, in hundredths of a percent"`
	Insolvent   bool         `json:"insolvent"`
	DaysLate    *int32       `json:"days_late,omitempty" doc:"Days after the due date that they pay on average, as others report it"`
	Facts       []CreditFact `json:"facts"`
	Price       *Amount      `json:"price,omitempty" doc:"What the report cost"`
	Reference   string       `json:"reference,omitempty" doc:"The agency's"`
}

// CreditFact is one thing that an agency tells of how they pay.
type CreditFact struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// CreditCompany is a company that an agency takes a debtor for.
type CreditCompany struct {
	ID            string  `json:"id" doc:"The agency's; a report is asked for by it"`
	Name          string  `json:"name"`
	Registration  string  `json:"registration,omitempty"`
	City          string  `json:"city,omitempty"`
	Status        string  `json:"status,omitempty" doc:"active, inactive, insolvent or dissolved; absent when not known"`
	NaturalPerson bool    `json:"natural_person" doc:"The business is a person: a report on it is personal data, and refused unless the settings allow it"`
	FoundBy       string  `json:"found_by" enum:"registration,vat_number,name"`
	Price         *Amount `json:"price,omitempty" doc:"What a report costs; absent when the agency does not say"`
}

// CreditQuestion is a report that was asked for.
type CreditQuestion struct {
	ID      uuid.UUID  `json:"id" format:"uuid"`
	Source  string     `json:"source"`
	State   string     `json:"state" enum:"asked,kept,refused,withheld,unknown" doc:"refused: nothing was charged; withheld: it was charged and may not be kept; unknown: the answer was lost, and it is not known whether the report was charged; it is not asked again by itself"`
	Reason  string     `json:"reason,omitempty"`
	Report  *uuid.UUID `json:"report_id,omitempty" format:"uuid"`
	Price   *Amount    `json:"price,omitempty"`
	AskedBy string     `json:"asked_by"`
	AskedAt time.Time  `json:"asked_at"`
}

// CreditSettings is how debtors are judged.
type CreditSettings struct {
	NaturalPersons bool `json:"natural_persons" doc:"Allow reports on businesses that are a person; off by default"`
	RiskFromScore  bool `json:"risk_from_score" doc:"Let flows go by a risk that follows from the score, where a person set none"`
	HighBelow      int  `json:"high_below" minimum:"0" maximum:"100" doc:"Below this score the risk is high; 30 by default"`
	LowFrom        int  `json:"low_from" minimum:"1" maximum:"101" doc:"From this score the risk is low; 85 by default, 101 for never"`
}

// CreditAlert is a limit that was passed.
type CreditAlert struct {
	Debtor   uuid.UUID  `json:"debtor" format:"uuid"`
	Exposure Amount     `json:"exposure"`
	Limit    Amount     `json:"limit"`
	Kind     string     `json:"limit_kind" enum:"own,external,manual"`
	RaisedAt time.Time  `json:"raised_at"`
	EndedAt  *time.Time `json:"ended_at,omitempty"`
}

// LatePayer is a debtor who pays late as a habit, or does not pay.
type LatePayer struct {
	Debtor     uuid.UUID `json:"debtor" format:"uuid"`
	Name       string    `json:"name"`
	DaysLate   string    `json:"weighted_days_late"`
	Score      int       `json:"score"`
	Open       Amount    `json:"open"`
	Overdue    Amount    `json:"overdue"`
	Invoices   int       `json:"overdue_invoices"`
	OldestLate int       `json:"oldest_days"`
}

type oneCredit struct{ Body Credit }

type creditAlerts struct {
	Body struct {
		Items []CreditAlert `json:"items"`
	}
}

type latePayers struct {
	Body struct {
		Items []LatePayer `json:"items"`
	}
}

type putLimit struct {
	ByID
	Kind string `path:"kind" enum:"own,manual,unbilled" doc:"unbilled is no limit: it is what is delivered or agreed without an invoice"`
	Body struct {
		Minor    *int64 `json:"minor,omitempty" minimum:"0" doc:"In the smallest unit; absent takes the limit away"`
		Currency string `json:"currency" pattern:"^[A-Z]{3}$"`
		Note     string `json:"note,omitempty" maxLength:"500"`
	}
}

type askCredit struct {
	ByID
	Repeatable
	Body struct {
		Company string `json:"company" minLength:"1" maxLength:"200" doc:"The id of a company that was found"`
		Price   *struct {
			Minor    int64  `json:"minor" minimum:"0"`
			Currency string `json:"currency" pattern:"^[A-Z]{3}$"`
		} `json:"price,omitempty" doc:"What you were told that it costs; the report is not asked for at another price"`
	}
}

type findCompanies struct {
	ByID
	Repeatable
}

type creditCompanies struct {
	Body struct {
		Items []CreditCompany `json:"items"`
	}
}

type creditQuestions struct {
	Body struct {
		Items []CreditQuestion `json:"items"`
	}
}

type oneQuestion struct{ Body CreditQuestion }

type oneSettings struct{ Body CreditSettings }

func (h *hub) credit() {
	const tag = "Credit"
	register(h, operation{id: "get-credit", method: http.MethodGet, path: "/debtors/{id}/credit", tag: tag, scope: tenant.Read, summary: "Get the score, the exposure and the limits of a debtor", errors: []int{http.StatusNotFound}}, h.getCredit)
	register(h, operation{id: "put-credit-limit", method: http.MethodPut, path: "/debtors/{id}/credit/{kind}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Set a limit, or what is not billed yet", errors: []int{http.StatusNotFound}}, h.putLimit)
	register(h, operation{id: "find-credit-companies", method: http.MethodPost, path: "/debtors/{id}/credit-companies", tag: tag, scope: tenant.Write, summary: "Look a debtor up at the agency that is connected",
		description: "By the number in the trade register, else by the VAT number, else by the name. It is free of charge and tells what a report costs.", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.findCompanies)
	register(h, operation{id: "ask-credit-report", method: http.MethodPost, path: "/debtors/{id}/credit-reports", tag: tag, scope: tenant.Write, summary: "Ask the agency for a report, which it charges",
		description: "Asked once for each Idempotency-Key. Reports are about companies: one on a consumer is refused.", errors: []int{http.StatusNotFound, http.StatusConflict, http.StatusForbidden}}, h.askReport)
	register(h, operation{id: "list-credit-reports", method: http.MethodGet, path: "/debtors/{id}/credit-reports", tag: tag, scope: tenant.Read, summary: "List the reports that were asked for, the newest first", errors: []int{http.StatusNotFound}}, h.creditQuestions)
	register(h, operation{id: "get-credit-settings", method: http.MethodGet, path: "/credit-settings", tag: tag, scope: tenant.Read, summary: "Get how debtors are judged"}, h.creditSettings)
	register(h, operation{id: "put-credit-settings", method: http.MethodPut, path: "/credit-settings", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Change how debtors are judged", description: "All debtors are judged anew."}, h.putCreditSettings)
	register(h, operation{id: "list-credit-alerts", method: http.MethodGet, path: "/credit-alerts", tag: tag, scope: tenant.Read, summary: "List limits that were passed", description: "At most 200; those that last come first."}, h.creditAlerts)
	register(h, operation{id: "list-late-payers", method: http.MethodGet, path: "/late-payers", tag: tag, scope: tenant.Read, summary: "List chronic late payers, the latest first"}, h.latePayers)
}

func (h *hub) getCredit(ctx context.Context, who actor, in *ByID) (*oneCredit, error) {
	out := &oneCredit{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil {
			return err
		}
		files, err := credit.Files(ctx, tx, in.ID)
		if err != nil || len(files) == 0 {
			return err
		}
		f := files[0]
		of := func(a money.Amount) Amount { return amountOf(a.Minor, a.Currency) }
		c := Credit{Debtor: in.ID, Parts: []ScorePart{}, Limits: []CreditLimit{}, Open: of(f.Exposure.Open), Unbilled: of(f.Exposure.Unbilled), Unapplied: of(f.Exposure.Unapplied), Exposure: of(f.Total), Over: f.Over(), Report: reportOf(f.Report)}
		for _, l := range f.Limits {
			c.Limits = append(c.Limits, CreditLimit{Kind: string(l.Kind), Amount: of(l.Amount)})
		}
		now, zone, err := h.today(ctx, tx)
		if err != nil {
			return err
		}
		payers, err := credit.Payers(ctx, tx, now, zone)
		if err != nil {
			return err
		}
		for _, p := range payers {
			if p.Debtor != in.ID || !p.Score.Known {
				continue
			}
			c.Score = &p.Score.Value
			for _, part := range p.Score.Parts {
				c.Parts = append(c.Parts, ScorePart{part.Text, part.Points})
			}
		}
		risks, err := tx.RisksOf(ctx, []uuid.UUID{in.ID})
		if err != nil {
			return fmt.Errorf("load the risk: %w", err)
		}
		for _, r := range risks {
			c.Risk, c.RiskWhy = r.Risk, r.Why
		}
		out.Body = c
		return nil
	})
}

func reportOf(r *db.CreditReport) *CreditReport {
	if r == nil {
		return nil
	}
	out := &CreditReport{Source: r.Source, On: r.ReportedOn.String(), Score: r.Score, ScoreMax: r.ScoreMax, Grade: r.Grade, Advice: r.Advice, Status: r.Status, FetchedAt: r.FetchedAt.UTC()}
	if r.LimitMinor != nil {
		limit := amountOf(*r.LimitMinor, r.Currency)
		out.Limit = &limit
	}
	out.Probability, out.Insolvent, out.DaysLate, out.Reference, out.Price = r.Probability, r.Insolvent, r.DaysLate, r.ExternalID, priceOf(r.PriceMinor, r.PriceCurrency)
	out.Facts = []CreditFact{}
	for _, f := range credit.FactsOf(*r) {
		out.Facts = append(out.Facts, CreditFact{f.Name, f.Text})
	}
	return out
}

func priceOf(minor *int64, currency *string) *Amount {
	p := credit.PriceOf(minor, currency)
	if p == nil {
		return nil
	}
	a := amountOf(p.Minor, p.Currency)
	return &a
}

func (h *hub) putLimit(ctx context.Context, who actor, in *putLimit) (*struct{}, error) {
	s := credit.Setting{Kind: credit.LimitKind(in.Kind), Note: in.Body.Note, By: who.by}
	if in.Kind == "unbilled" {
		s.Kind = ""
	}
	if in.Body.Minor != nil {
		c, err := money.ParseCurrency(in.Body.Currency)
		if err != nil {
			return nil, fault.New(fault.Invalid, "currency", "currency must be one of ISO 4217.")
		}
		s.Amount = money.Of(*in.Body.Minor, c)
	}
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Credit.Set(ctx, tx, in.ID, s) })
}

func (h *hub) findCompanies(ctx context.Context, who actor, in *findCompanies) (*creditCompanies, error) {
	rows, err := h.Credit.Look(ctx, who.tenant, in.ID, who.by)
	out := &creditCompanies{}
	out.Body.Items = []CreditCompany{}
	for _, r := range rows {
		out.Body.Items = append(out.Body.Items, CreditCompany{
			ID: r.CompanyID, Name: r.Name, Registration: r.Registration, City: r.City, Status: r.Status, NaturalPerson: r.NaturalPerson, FoundBy: r.FoundBy, Price: priceOf(r.PriceMinor, r.PriceCurrency),
		})
	}
	return out, err
}

func (h *hub) askReport(ctx context.Context, who actor, in *askCredit) (*oneQuestion, error) {
	q := credit.Question{Key: uuid.New(), Debtor: in.ID, Company: in.Body.Company, By: who.by}
	if in.Key != "" {
		q.Key = uuid.NewSHA1(who.tenant, []byte("credit-report/"+in.Key))
	}
	if p := in.Body.Price; p != nil {
		c, err := money.ParseCurrency(p.Currency)
		if err != nil {
			return nil, fault.New(fault.Invalid, "currency", "currency must be one of ISO 4217.")
		}
		price := money.Of(p.Minor, c)
		q.Price = &price
	}
	row, err := h.Credit.Ask(ctx, who.tenant, q)
	return &oneQuestion{questionOf(row)}, err
}

func questionOf(r db.CreditRequest) CreditQuestion {
	q := CreditQuestion{ID: r.ID, Source: r.Source, State: r.State, Reason: r.Reason, AskedBy: r.AskedBy, AskedAt: r.AskedAt.UTC(), Price: priceOf(r.PriceMinor, r.PriceCurrency)}
	if r.ReportID.Valid {
		q.Report = &r.ReportID.UUID
	}
	return q
}

func (h *hub) creditQuestions(ctx context.Context, who actor, in *ByID) (*creditQuestions, error) {
	out := &creditQuestions{}
	out.Body.Items = []CreditQuestion{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil {
			return err
		}
		rows, err := tx.CreditRequestsOf(ctx, in.ID)
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, questionOf(r))
		}
		return err
	})
}

func (h *hub) creditSettings(ctx context.Context, who actor, _ *struct{}) (*oneSettings, error) {
	out := &oneSettings{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		s, err := credit.LoadSettings(ctx, tx)
		out.Body = CreditSettings(s)
		return err
	})
}

func (h *hub) putCreditSettings(ctx context.Context, who actor, in *oneSettings) (*struct{}, error) {
	return nil, h.write(ctx, who, func(tx store.Tx) error { return h.Credit.SetSettings(ctx, tx, credit.Settings(in.Body), who.by) })
}

func (h *hub) creditAlerts(ctx context.Context, who actor, _ *struct{}) (*creditAlerts, error) {
	out := &creditAlerts{}
	out.Body.Items = []CreditAlert{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.CreditAlerts(ctx)
		if err != nil {
			return fmt.Errorf("list credit alerts: %w", err)
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, CreditAlert{
				Debtor: r.DebtorID, Exposure: amountOf(r.ExposureMinor, r.Currency), Limit: amountOf(r.LimitMinor, r.Currency), Kind: r.LimitKind, RaisedAt: r.RaisedAt.UTC(), EndedAt: moment(r.EndedAt),
			})
		}
		return nil
	})
}

func (h *hub) latePayers(ctx context.Context, who actor, _ *struct{}) (*latePayers, error) {
	out := &latePayers{}
	out.Body.Items = []LatePayer{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		now, zone, err := h.today(ctx, tx)
		if err != nil {
			return err
		}
		payers, err := credit.Payers(ctx, tx, now, zone)
		for _, p := range payers {
			if b := p.Habit; p.Chronic() {
				out.Body.Items = append(out.Body.Items, LatePayer{
					Debtor: p.Debtor, Name: p.Name, DaysLate: b.DaysLate.Decimal(1), Score: p.Score.Value, Open: amountOf(b.Open.Minor, b.Open.Currency), Overdue: amountOf(b.Overdue.Minor, b.Overdue.Currency), Invoices: b.Invoices, OldestLate: b.OldestLate,
				})
			}
		}
		return err
	})
}
