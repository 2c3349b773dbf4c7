package rest

import (
	"context"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// Profile is what was chosen for a debtor by hand; what is empty was not chosen.
type Profile struct {
	Risk     string   `json:"risk" enum:",low,medium,high"`
	Segments []string `json:"segments" maxItems:"100" doc:"Those it was put in by hand"`
	Flow     string   `json:"flow" maxLength:"40" doc:"Empty: its segment or the administration decides"`
	Language string   `json:"language" enum:",nl,en,de,fr" doc:"Of messages; empty: as in the books"`
	Form     string   `json:"form" enum:",formal,informal" doc:"How it is addressed; empty: as all debtors"`
}

// DebtorLine is a debtor of a list.
type DebtorLine struct {
	ID             uuid.UUID `json:"id" format:"uuid"`
	Name           string    `json:"name"`
	Kind           string    `json:"kind" enum:"business,consumer,unknown"`
	Country        string    `json:"country"`
	Email          string    `json:"email"`
	Administration string    `json:"administration" doc:"Its name"`
	Open           Amount    `json:"open" doc:"In the administration's currency"`
	OpenInvoices   int       `json:"open_invoices"`
	LateInvoices   int       `json:"late_invoices"`
	Risk           string    `json:"risk" enum:",low,medium,high" doc:"By hand or computed; empty when nothing is known"`
	Segments       []string  `json:"segments" doc:"Those it was put in by hand"`
}

type (
	oneProfile struct{ Body Profile }
	putProfile struct {
		ByID
		Body Profile
	}
	debtorQuery struct {
		Paged
		Search  string `query:"q" maxLength:"100" doc:"Part of the name or the e-mail address, or its id in the books"`
		Segment string `query:"segment" maxLength:"40" doc:"Only of this segment, by hand or by its rule"`
		Risk    string `query:"risk" enum:"low,medium,high" doc:"Who has none is a medium risk"`
		Owing   bool   `query:"owing" doc:"Only who owes something"`
	}
	debtorList struct {
		Body struct {
			Items      []DebtorLine `json:"items"`
			NextCursor string       `json:"next_cursor,omitempty"`
		}
	}
)

func (h *hub) profiles() {
	gone := []int{http.StatusNotFound}
	register(h, operation{id: "list-debtors", method: http.MethodGet, path: "/debtors", tag: "Debtors", scope: tenant.Read, summary: "List debtors by name"}, h.listDebtors)
	register(h, operation{id: "get-debtor-profile", method: http.MethodGet, path: "/debtors/{id}/profile", tag: "Debtors", scope: tenant.Read, summary: "Get what was chosen for a debtor by hand", errors: gone}, h.getProfile)
	register(h, operation{id: "put-debtor-profile", method: http.MethodPut, path: "/debtors/{id}/profile", tag: "Debtors", scope: tenant.Write, summary: "Choose risk, segments, flow, language and form of a debtor",
		description: "What is open is planned again; messages that were sent stay as they are.", errors: gone}, h.putProfile)
}

// debtorPlace is where a page of debtors ends.
type debtorPlace struct {
	Place string    `json:"p"`
	ID    uuid.UUID `json:"i"`
}

func (h *hub) listDebtors(ctx context.Context, who actor, in *debtorQuery) (*debtorList, error) {
	out := &debtorList{}
	out.Body.Items = []DebtorLine{}
	q := db.DebtorListParams{Search: in.Search, Risk: in.Risk, Owing: in.Owing, Most: int32(in.Limit) + 1}
	var from debtorPlace
	if after, err := in.unseal(&from); err != nil {
		return nil, err
	} else if after {
		q.FromID, q.FromPlace = uuid.NullUUID{UUID: from.ID, Valid: true}, from.Place
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		if err := flow.InSegment(ctx, tx, &q, in.Segment); err != nil {
			return err
		}
		var err error
		if q.Today, err = tx.Today(ctx, h.Real); err != nil {
			return err
		}
		rows, err := tx.DebtorList(ctx, q)
		if err != nil {
			return fmt.Errorf("list debtors: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			last := rows[in.Limit-1]
			out.Body.NextCursor = seal(debtorPlace{last.Place, last.ID})
		}
		for _, r := range rows {
			out.Body.Items = append(out.Body.Items, DebtorLine{
				ID: r.ID, Name: r.Name, Kind: r.Kind, Country: r.Country, Email: r.Email, Administration: r.Administration, Open: amountOf(r.OpenMinor, r.Currency),
				OpenInvoices: int(r.Invoices), LateInvoices: int(r.Late), Risk: r.Risk, Segments: r.Segments,
			})
		}
		return nil
	})
}

func profileOf(p flow.Profile) Profile {
	if p.Segments == nil {
		p.Segments = []string{}
	}
	return Profile{Risk: string(p.Risk), Segments: p.Segments, Flow: p.Flow, Language: p.Language, Form: p.Form}
}

func (h *hub) getProfile(ctx context.Context, who actor, in *ByID) (*oneProfile, error) {
	out := &oneProfile{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		p, err := flow.ProfileOf(ctx, tx, in.ID)
		out.Body = profileOf(p)
		return err
	})
}

func (h *hub) putProfile(ctx context.Context, who actor, in *putProfile) (*oneProfile, error) {
	out := &oneProfile{}
	return out, h.changing(ctx, who, func(tx store.Tx, act flow.Act) error {
		b := in.Body
		if _, err := flow.SetProfile(ctx, tx, in.ID, flow.Profile{Risk: policy.Risk(b.Risk), Segments: b.Segments, Flow: b.Flow, Voice: flow.Voice{Language: b.Language, Form: b.Form}}, act); err != nil {
			return err
		}
		p, err := flow.ProfileOf(ctx, tx, in.ID)
		out.Body = profileOf(p)
		return err
	})
}
