package rest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/sdk/money"
)

// LegalStop is why the law stops all pressure on a debtor.
type LegalStop struct {
	ID          uuid.UUID  `json:"id" format:"uuid"`
	Debtor      uuid.UUID  `json:"debtor" format:"uuid"`
	Kind        string     `json:"kind" enum:"bankruptcy,suspension,debt_relief,breathing_space,death,administration"`
	EffectiveOn string     `json:"effective_on" format:"date"`
	EndsOn      *string    `json:"ends_on,omitempty" format:"date" doc:"Of a breathing space; a person lifts it then"`
	Source      string     `json:"source" doc:"Where it is known from"`
	Reference   string     `json:"reference"`
	Contact     string     `json:"contact"`
	Note        string     `json:"note"`
	Todo        string     `json:"todo" doc:"What a creditor does now; to be checked by a lawyer"`
	RecordedAt  time.Time  `json:"recorded_at"`
	RecordedBy  string     `json:"recorded_by"`
	LiftedAt    *time.Time `json:"lifted_at,omitempty"`
	LiftedBy    string     `json:"lifted_by,omitempty"`
	LiftedWhy   string     `json:"lifted_why,omitempty"`
}

func legalStopOf(s db.LegalStop) LegalStop {
	return LegalStop{
		ID: s.ID, Debtor: s.DebtorID, Kind: s.Kind, EffectiveOn: s.EffectiveOn.String(), EndsOn: day(s.EndsOn), Source: s.Source, Reference: s.Reference, Contact: s.Contact, Note: s.Note,
		Todo: arrangement.StopKind(s.Kind).Todo(), RecordedAt: s.RecordedAt.UTC(), RecordedBy: s.RecordedBy, LiftedAt: moment(s.LiftedAt), LiftedBy: s.LiftedBy, LiftedWhy: s.LiftedWhy,
	}
}

type stopList struct {
	Body struct {
		LegalStops []LegalStop `json:"legal_stops"`
	}
}

type newStop struct {
	Repeatable
	ByID
	Body struct {
		Kind        string `json:"kind" enum:"bankruptcy,suspension,debt_relief,breathing_space,death,administration"`
		EffectiveOn string `json:"effective_on" format:"date"`
		EndsOn      string `json:"ends_on,omitempty" format:"date" doc:"Of a breathing space; without it, six months"`
		Source      string `json:"source" minLength:"1" maxLength:"500"`
		Reference   string `json:"reference,omitempty" maxLength:"200"`
		Contact     string `json:"contact,omitempty" maxLength:"500"`
		Note        string `json:"note,omitempty" maxLength:"2000"`
	}
}

type liftStop struct {
	ByID
	Body struct {
		Why string `json:"why" minLength:"1" maxLength:"500"`
	}
}

// PaidClaim is "I paid already".
type PaidClaim struct {
	ID      uuid.UUID `json:"id" format:"uuid"`
	Invoice uuid.UUID `json:"invoice" format:"uuid"`
	Debtor  uuid.UUID `json:"debtor" format:"uuid"`
	Amount  Amount    `json:"amount"`
	PaidOn  *string   `json:"paid_on,omitempty" format:"date"`
	Note    string    `json:"note"`
	State   string    `json:"state" enum:"open,matched,not_found,withdrawn"`
	Until   time.Time `json:"until" doc:"How long the money is looked for"`
}

type onePaid struct{ Body PaidClaim }

type paidQuery struct {
	Paged
	Sought
	State string `query:"state" enum:"open,matched,not_found,ended" doc:"Only those"`
}

type paidPage struct {
	Body struct {
		PaidClaims []PaidClaim `json:"paid_claims"`
		NextCursor string      `json:"next_cursor,omitempty"`
	}
}

type stopQuery struct {
	Paged
	Search string `query:"search" maxLength:"100" doc:"Part of the debtor's name, of the number or of who acts for the debtor"`
	State  string `query:"state" enum:"in_force,lifted" doc:"Only those"`
	Kind   string `query:"kind" enum:"bankruptcy,suspension,debt_relief,breathing_space,death,administration"`
}

type stopPage struct {
	Body struct {
		LegalStops []LegalStop `json:"legal_stops"`
		NextCursor string      `json:"next_cursor,omitempty"`
	}
}

type newPaid struct {
	Repeatable
	Body struct {
		Invoice uuid.UUID `json:"invoice" format:"uuid"`
		Minor   int64     `json:"minor,omitempty" minimum:"1"`
		PaidOn  string    `json:"paid_on,omitempty" format:"date"`
		Note    string    `json:"note,omitempty" maxLength:"2000"`
	}
}

type endPaid struct {
	ByID
	Body struct {
		Found bool `json:"found"`
	}
}

type arrangementRules struct{ Body arrangement.Settings }

type putRules struct {
	ByID
	Body arrangement.Settings
}

func (h *hub) stops() {
	both := []int{http.StatusNotFound, http.StatusConflict}
	register(h, operation{id: "list-legal-stops", method: http.MethodGet, path: "/debtors/{id}/legal-stops", tag: "Legal stops", scope: tenant.Read, summary: "List the legal stops of a debtor"}, h.listStops)
	register(h, operation{id: "list-all-legal-stops", method: http.MethodGet, path: "/legal-stops", tag: "Legal stops", scope: tenant.Read, summary: "List the legal stops of all debtors, the newest first"}, h.listAllStops)
	register(h, operation{id: "create-legal-stop", method: http.MethodPost, path: "/debtors/{id}/legal-stops", tag: "Legal stops", scope: tenant.Write, status: http.StatusCreated, summary: "Stop all pressure on a debtor",
		description: "No step, no instalment and no call goes out, and interest is presented as of its day.", errors: both}, h.createStop)
	register(h, operation{id: "lift-legal-stop", method: http.MethodPost, path: "/legal-stops/{id}/lift", tag: "Legal stops", scope: tenant.Write, session: true, summary: "Lift a legal stop", description: "Only an owner who is signed in does so; it is logged.", errors: both}, h.liftStop)
	register(h, operation{id: "list-paid-claims", method: http.MethodGet, path: "/paid-claims", tag: "Disputes", scope: tenant.Read, summary: "List what debtors say to have paid, the newest first"}, h.listPaid)
	register(h, operation{id: "create-paid-claim", method: http.MethodPost, path: "/paid-claims", tag: "Disputes", scope: tenant.Write, status: http.StatusCreated, summary: "Record that a debtor says to have paid", errors: both}, h.createPaid)
	register(h, operation{id: "get-paid-claim", method: http.MethodGet, path: "/paid-claims/{id}", tag: "Disputes", scope: tenant.Read, summary: "Get what a debtor says to have paid", errors: []int{http.StatusNotFound}}, h.getPaid)
	register(h, operation{id: "end-paid-claim", method: http.MethodPost, path: "/paid-claims/{id}/end", tag: "Disputes", scope: tenant.Write, summary: "Say whether the money was found", errors: both}, h.endPaid)
	register(h, operation{id: "get-arrangement-rules", method: http.MethodGet, path: "/administrations/{id}/arrangement-rules", tag: "Payment plans", scope: tenant.Read, summary: "Get the limits and terms of promises, plans and disputes", errors: []int{http.StatusNotFound}}, h.getRules)
	register(h, operation{id: "put-arrangement-rules", method: http.MethodPut, path: "/administrations/{id}/arrangement-rules", tag: "Payment plans", scope: tenant.Write, settings: true, summary: "Set the limits and terms of promises, plans and disputes", errors: []int{http.StatusNotFound}}, h.putRules)
}

func (h *hub) listStops(ctx context.Context, who actor, in *ByID) (*stopList, error) {
	out := &stopList{}
	out.Body.LegalStops = []LegalStop{}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.LegalStopsOfDebtor(ctx, in.ID)
		for _, r := range rows {
			out.Body.LegalStops = append(out.Body.LegalStops, legalStopOf(r))
		}
		return err
	})
}

type oneStop struct{ Body LegalStop }

func (h *hub) createStop(ctx context.Context, who actor, in *newStop) (*oneStop, error) {
	from, err := dateOf(in.Body.EffectiveOn)
	if err != nil {
		return nil, err
	}
	until, err := dateOf(in.Body.EndsOn)
	if err != nil {
		return nil, err
	}
	out := &oneStop{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if _, err := tx.Debtor(ctx, in.ID); err != nil {
			return fmt.Errorf("find the debtor: %w", err)
		}
		id, err := h.Desk.Stop(ctx, tx, arrangement.NewStop{
			Debtor: in.ID, Kind: arrangement.StopKind(in.Body.Kind), EffectiveOn: from, EndsOn: until, Source: in.Body.Source, Reference: in.Body.Reference, Contact: in.Body.Contact, Note: in.Body.Note, By: who.by,
		})
		if err != nil {
			return err
		}
		return stopOf(ctx, tx, in.ID, id, out)
	})
}

func stopOf(ctx context.Context, tx store.Tx, debtor, id uuid.UUID, out *oneStop) error {
	rows, err := tx.LegalStopsOfDebtor(ctx, debtor)
	for _, r := range rows {
		if r.ID == id {
			out.Body = legalStopOf(r)
		}
	}
	return err
}

func (h *hub) liftStop(ctx context.Context, who actor, in *liftStop) (*oneStop, error) {
	out := &oneStop{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		row, err := tx.LegalStop(ctx, in.ID)
		if err != nil {
			return err
		}
		if err := h.Desk.Lift(ctx, tx, in.ID, in.Body.Why, who.by); err != nil {
			return err
		}
		return stopOf(ctx, tx, row.DebtorID, in.ID, out)
	})
}

func (h *hub) createPaid(ctx context.Context, who actor, in *newPaid) (*onePaid, error) {
	on, err := dateOf(in.Body.PaidOn)
	if err != nil {
		return nil, err
	}
	out := &onePaid{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		inv, err := tx.Invoice(ctx, in.Body.Invoice)
		if err != nil {
			return fmt.Errorf("find the invoice: %w", err)
		}
		q := arrangement.NewPaidClaim{Invoice: inv.ID, PaidOn: on, Note: in.Body.Note, By: who.by}
		if in.Body.Minor > 0 {
			q.Amount = money.Of(in.Body.Minor, inv.Currency)
		}
		id, err := h.Desk.PaidAlready(ctx, tx, q)
		if err != nil {
			return err
		}
		return paidOf(ctx, tx, id, out)
	})
}

func paidOf(ctx context.Context, tx store.Tx, id uuid.UUID, out *onePaid) error {
	c, err := tx.PaidClaim(ctx, id)
	out.Body = PaidClaim{ID: c.ID, Invoice: c.InvoiceID, Debtor: c.DebtorID, Amount: amountOf(c.AmountMinor, c.Currency), PaidOn: day(c.PaidOn), Note: c.Note, State: c.State, Until: c.Until.UTC()}
	return err
}

func (h *hub) listPaid(ctx context.Context, who actor, in *paidQuery) (*paidPage, error) {
	out := &paidPage{}
	out.Body.PaidClaims = []PaidClaim{}
	p := db.PaidClaimListParams{Tab: in.State, Search: in.Search, Due: in.Due, Most: int32(in.Limit) + 1}
	var at spot
	if given, err := in.unseal(&at); err != nil {
		return nil, err
	} else if given {
		p.FromAt, p.FromID = &at.At, at.ID
	}
	return out, h.read(ctx, who, func(tx store.Tx) (err error) {
		if p.Today, err = tx.Today(ctx, h.Real); err != nil {
			return err
		}
		rows, err := tx.PaidClaimList(ctx, p)
		if err != nil {
			return fmt.Errorf("list claims of payment: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(spot{rows[in.Limit-1].CreatedAt, rows[in.Limit-1].ID})
		}
		for _, c := range rows {
			out.Body.PaidClaims = append(out.Body.PaidClaims, PaidClaim{
				ID: c.ID, Invoice: c.InvoiceID, Debtor: c.DebtorID, Amount: amountOf(c.AmountMinor, c.Currency), PaidOn: day(c.PaidOn), Note: c.Note, State: c.State, Until: c.Until.UTC(),
			})
		}
		return nil
	})
}

func (h *hub) listAllStops(ctx context.Context, who actor, in *stopQuery) (*stopPage, error) {
	out := &stopPage{}
	out.Body.LegalStops = []LegalStop{}
	p := db.LegalStopListParams{Tab: in.State, Search: in.Search, OfKind: in.Kind, Most: int32(in.Limit) + 1}
	var at spot
	if given, err := in.unseal(&at); err != nil {
		return nil, err
	} else if given {
		p.FromAt, p.FromID = &at.At, at.ID
	}
	return out, h.read(ctx, who, func(tx store.Tx) error {
		rows, err := tx.LegalStopList(ctx, p)
		if err != nil {
			return fmt.Errorf("list legal stops: %w", err)
		}
		if len(rows) > in.Limit {
			rows = rows[:in.Limit]
			out.Body.NextCursor = seal(spot{rows[in.Limit-1].RecordedAt, rows[in.Limit-1].ID})
		}
		for _, r := range rows {
			out.Body.LegalStops = append(out.Body.LegalStops, legalStopOf(db.LegalStop{
				ID: r.ID, DebtorID: r.DebtorID, Kind: r.Kind, EffectiveOn: r.EffectiveOn, EndsOn: r.EndsOn, Source: r.Source, Reference: r.Reference, Contact: r.Contact, Note: r.Note,
				RecordedAt: r.RecordedAt, RecordedBy: r.RecordedBy, LiftedAt: r.LiftedAt, LiftedBy: r.LiftedBy, LiftedWhy: r.LiftedWhy,
			}))
		}
		return nil
	})
}

func (h *hub) getPaid(ctx context.Context, who actor, in *ByID) (*onePaid, error) {
	out := &onePaid{}
	return out, h.read(ctx, who, func(tx store.Tx) error { return paidOf(ctx, tx, in.ID, out) })
}

func (h *hub) endPaid(ctx context.Context, who actor, in *endPaid) (*onePaid, error) {
	out := &onePaid{}
	return out, h.write(ctx, who, func(tx store.Tx) error {
		if err := h.Desk.EndPaidClaim(ctx, tx, in.ID, in.Body.Found, who.by); err != nil {
			return err
		}
		return paidOf(ctx, tx, in.ID, out)
	})
}

func (h *hub) getRules(ctx context.Context, who actor, in *ByID) (*arrangementRules, error) {
	out := &arrangementRules{}
	return out, h.read(ctx, who, func(tx store.Tx) (err error) {
		if _, err := tx.Administration(ctx, in.ID); err != nil {
			return err
		}
		out.Body, err = arrangement.SettingsOf(ctx, tx, in.ID)
		return err
	})
}

func (h *hub) putRules(ctx context.Context, who actor, in *putRules) (*arrangementRules, error) {
	out := &arrangementRules{Body: in.Body}
	return out, h.write(ctx, who, func(tx store.Tx) error { return h.Desk.Save(ctx, tx, in.ID, in.Body, who.by) })
}
