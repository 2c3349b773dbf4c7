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

type fetchCredit struct {
	ByID
	Repeatable
}

func (h *hub) credit() {
	const tag = "Credit"
	register(h, operation{id: "get-credit", method: http.MethodGet, path: "/debtors/{id}/credit", tag: tag, scope: tenant.Read, summary: "Get the score, the exposure and the limits of a debtor", errors: []int{http.StatusNotFound}}, h.getCredit)
	register(h, operation{id: "put-credit-limit", method: http.MethodPut, path: "/debtors/{id}/credit/{kind}", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Set a limit, or what is not billed yet", errors: []int{http.StatusNotFound}}, h.putLimit)
	register(h, operation{id: "fetch-credit-report", method: http.MethodPost, path: "/debtors/{id}/credit-reports", tag: tag, scope: tenant.Write, status: http.StatusNoContent, summary: "Fetch a report of the agency that is connected", errors: []int{http.StatusNotFound, http.StatusConflict}}, h.fetchReport)
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
	return out
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

func (h *hub) fetchReport(ctx context.Context, who actor, in *fetchCredit) (*struct{}, error) {
	return nil, h.Credit.Fetch(ctx, who.tenant, in.ID, who.by)
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
