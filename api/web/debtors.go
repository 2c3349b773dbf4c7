package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/money"
)

func (v *visit) debtors() error {
	m, err := v.debtorsModel()
	if err != nil {
		return err
	}
	return v.show(deals.Debtors(m))
}

// debtorQuery reads the filters of the list.
func (v *visit) debtorQuery(ctx context.Context, tx store.Tx, a *asking) (q db.DebtorListParams, err error) {
	q = db.DebtorListParams{Search: a.search, Owing: a.tab != "all", Most: pageSize + 1}
	if q.Segment, err = chooseSegment(ctx, tx, a); err != nil {
		return q, err
	}
	q.Risk = chooseRisk(a)
	return q, flow.InSegment(ctx, tx, &q, q.Segment)
}

// chooseSegment is the drop-down of segments, where there are any.
func chooseSegment(ctx context.Context, tx store.Tx, a *asking) (string, error) {
	rows, err := tx.Segments(ctx)
	if err != nil {
		return "", fmt.Errorf("list segments: %w", err)
	}
	pairs := []string{"", "Any segment"}
	for _, s := range rows {
		pairs = append(pairs, s.Name, s.Title)
	}
	if len(rows) == 0 {
		return "", nil
	}
	return a.choose("segment", "Segment", pairs...), nil
}

func chooseRisk(a *asking) string {
	return a.choose("risk", "Risk", "", "Any risk", string(policy.LowRisk), "Low risk", string(policy.MediumRisk), "Medium risk", string(policy.HighRisk), "High risk")
}

func (v *visit) debtorsModel() (m deals.DebtorsModel, err error) {
	a := v.asking("/debtors")
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Debtors, "Debtors"); err != nil {
			return err
		}
		m.Tabs = tabsOf(a, [2]string{"", "Owe something"}, [2]string{"all", "All"})
		q, err := v.debtorQuery(ctx, tx, a)
		if err != nil {
			return err
		}
		q.Today, q.Back = m.Frame.Today(), a.back
		if a.from != nil {
			q.FromID, q.FromPlace = uuid.NullUUID{UUID: a.from.ID, Valid: true}, a.from.Text
		}
		m.Find = a.finder("debtors", "Name, e-mail or number")
		rows, err := tx.DebtorList(ctx, q)
		if err != nil {
			return fmt.Errorf("list debtors: %w", err)
		}
		rows, m.Pager = page(rows, a.address(), a.from, a.back, func(r db.DebtorListRow) place { return place{Text: r.Place, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "debtor", "debtors")
		adms, err := tx.Administrations(ctx)
		if err != nil {
			return fmt.Errorf("list administrations: %w", err)
		}
		m.New = len(adms) == 0
		for _, r := range rows {
			m.Rows = append(m.Rows, debtorLine(m.Frame, r, len(adms) > 1))
		}
		return nil
	})
	return m, err
}

var riskTones = map[policy.Risk]component.Tone{policy.LowRisk: component.Green, policy.MediumRisk: component.Ink, policy.HighRisk: component.Amber}

func debtorLine(f component.Frame, r db.DebtorListRow, severalBooks bool) deals.DebtorRow {
	row := deals.DebtorRow{
		ID: r.ID.String(), Name: r.Name, Kind: kindOf(db.Debtor{Kind: r.Kind}), Open: money.Of(r.OpenMinor, r.Currency), Others: r.Others > 0,
		Invoices: f.Number(int(r.Invoices)) + " open", Risk: riskWords[policy.Risk(r.Risk)], RiskTone: riskTones[policy.Risk(r.Risk)], Segments: strings.Join(r.Segments, ", "),
	}
	if severalBooks {
		row.Administration = r.Administration
	}
	if r.Late > 0 {
		row.Late = f.Number(int(r.Late)) + " late"
	}
	return row
}

// debtorsCSV is the list, as it is filtered, as a file.
func (v *visit) debtorsCSV() error {
	return v.listFile("debtors", []string{"id", "name", "kind", "country", "email", "administration", "open", "currency", "open_invoices", "late_invoices", "risk", "segments"},
		func(ctx context.Context, tx store.Tx, f component.Frame, add func(...string)) error {
			q, err := v.debtorQuery(ctx, tx, v.asking("/debtors"))
			if err != nil {
				return err
			}
			q.Today, q.Most = f.Today(), mostExported
			rows, err := tx.DebtorList(ctx, q)
			if err != nil {
				return fmt.Errorf("list debtors: %w", err)
			}
			for _, r := range rows {
				open, currency := cells(money.Of(r.OpenMinor, r.Currency))
				add(r.ID.String(), r.Name, r.Kind, r.Country, r.Email, r.Administration, open, currency, strconv.FormatInt(r.Invoices, 10), strconv.FormatInt(r.Late, 10), r.Risk, strings.Join(r.Segments, " "))
			}
			return nil
		})
}
