package web

import (
	"context"
	"fmt"
	"net/url"
	"slices"
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

// mostExported is how many rows a file of a list has at most.
const mostExported = 50_000

func (v *visit) debtors() error {
	m, err := v.debtorsModel()
	if err != nil {
		return err
	}
	return v.show(deals.Debtors(m))
}

// debtorQuery reads the filters of the list.
func (v *visit) debtorQuery(ctx context.Context, tx store.Tx) (q db.DebtorListParams, err error) {
	in := v.r.URL.Query()
	q = db.DebtorListParams{Search: cutText(strings.TrimSpace(in.Get("q")), 100), Owing: in.Get("tab") != "all", Most: pageSize + 1}
	if r := policy.Risk(in.Get("risk")); slices.Contains(policy.Risks(), r) {
		q.Risk = string(r)
	}
	return q, flow.InSegment(ctx, tx, &q, cutText(in.Get("segment"), 40))
}

func (v *visit) debtorsModel() (m deals.DebtorsModel, err error) {
	in := v.r.URL.Query()
	m.Tab = in.Get("tab")
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if m.Frame, err = v.frame(tx, component.Debtors, "Debtors"); err != nil {
			return err
		}
		q, err := v.debtorQuery(ctx, tx)
		if err != nil {
			return err
		}
		q.Today = m.Frame.Today()
		m.Query = q.Search
		m.Tabs = tabsOf("/debtors", m.Tab, [2]string{"", "Owe something"}, [2]string{"all", "All"})
		from, back := asked(in)
		if q.Back = back; from != nil {
			q.FromID, q.FromPlace = uuid.NullUUID{UUID: from.ID, Valid: true}, from.Text
		}
		rows, err := tx.DebtorList(ctx, q)
		if err != nil {
			return fmt.Errorf("list debtors: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/debtors", RawQuery: in.Encode()}, from, back, func(r db.DebtorListRow) place { return place{Text: r.Place, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "debtor", "debtors")
		adms, err := tx.Administrations(ctx)
		if err != nil {
			return fmt.Errorf("list administrations: %w", err)
		}
		m.New = len(adms) == 0
		for _, r := range rows {
			m.Rows = append(m.Rows, debtorLine(m.Frame, r, len(adms) > 1))
		}
		csv := url.Values{}
		for _, name := range []string{"tab", "q", "segment", "risk"} {
			if text := in.Get(name); text != "" {
				csv.Set(name, text)
			}
		}
		m.CSV = "/debtors.csv?" + csv.Encode()
		m.Risks = choicesOf(q.Risk, "", "Any risk", "low", "Low risk", "medium", "Medium risk", "high", "High risk")
		segments, err := tx.Segments(ctx)
		m.Segments = []component.Option{{Label: "Any segment"}}
		for _, s := range segments {
			m.Segments = append(m.Segments, component.Option{Value: s.Name, Label: s.Title, Selected: s.Name == q.Segment})
		}
		return err
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
	out := [][]string{{"id", "name", "kind", "country", "email", "administration", "open", "currency", "open_invoices", "late_invoices", "risk", "segments"}}
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Debtors, "")
		if err != nil {
			return err
		}
		q, err := v.debtorQuery(ctx, tx)
		if err != nil {
			return err
		}
		q.Today, q.Most = f.Today(), mostExported
		rows, err := tx.DebtorList(ctx, q)
		if err != nil {
			return fmt.Errorf("list debtors: %w", err)
		}
		for _, r := range rows {
			out = append(out, []string{
				r.ID.String(), r.Name, r.Kind, r.Country, r.Email, r.Administration, money.Of(r.OpenMinor, r.Currency).Decimal(), string(r.Currency),
				strconv.FormatInt(r.Invoices, 10), strconv.FormatInt(r.Late, 10), r.Risk, strings.Join(r.Segments, " "),
			})
		}
		return nil
	}); err != nil {
		return err
	}
	return sendCSV(v.w, "voldaan-debtors.csv", out)
}
