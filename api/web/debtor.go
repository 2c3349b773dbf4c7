package web

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/deals"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/erasure"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) debtorRoutes() {
	s.look("GET /debtors", (*visit).debtors)
	s.look("GET /debtors.csv", (*visit).debtorsCSV)
	s.look("GET /debtors/{id}", (*visit).debtor)
	s.act("POST /debtors/{id}/profile", (*visit).setProfile)
	s.act("POST /debtors/{id}/promise", (*visit).debtorPromise)
	s.act("POST /debtors/{id}/plan", (*visit).debtorPlan)
	s.act("POST /debtors/{id}/agree", (*visit).debtorAgrees)
	s.act("POST /debtors/{id}/pause", (*visit).debtorPause)
	s.act("POST /debtors/{id}/resume/{hold}", (*visit).debtorResume)
	s.upload("POST /debtors/{id}/stop", (*visit).debtorStop)
	s.own("POST /debtors/{id}/erasure", (*visit).debtorErasure)
	s.own("POST /legal-stops/{id}/lift", (*visit).liftStop)
}

func (v *visit) debtor() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.debtorModel(id)
	if err != nil {
		return err
	}
	return v.show(deals.Debtor(m))
}

func (v *visit) debtorModel(id uuid.UUID) (m deals.DebtorModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		d, err := tx.Debtor(ctx, id)
		if err != nil {
			return err
		}
		if m.Frame, err = v.frame(tx, component.Debtors, d.Name); err != nil {
			return err
		}
		s, err := v.Planner.Standing(ctx, tx, id)
		if err != nil {
			return err
		}
		rules, err := arrangement.SettingsOf(ctx, tx, d.AdministrationID)
		if err != nil {
			return err
		}
		m.ID, m.Name, m.Kind, m.May, m.Owner = id.String(), d.Name, kindOf(d), v.member.Role.May(), v.owner()
		m.Day, m.Last, m.First = s.Today.String(), s.Today.AddDays(rules.PromiseDays).String(), s.Today.AddDays(7).String()
		m.Facts = debtorFacts(d)
		m.Total = money.Of(0, s.Administration.Currency)
		for _, o := range s.Invoices {
			open := o.Claim.Open()
			if open.Currency == m.Total.Currency {
				m.Total.Minor += open.Minor
			}
			row := deals.Owed{ID: o.ID.String(), Number: o.Number, Due: o.Due, Late: o.Due.Before(s.Today), Open: open, Ask: o.Claim.Ask()}
			if c, err := tx.Collection(ctx, o.ID); err == nil && c.HeldRule != "" {
				row.Held = "held: " + cmp.Or(heldWords[c.HeldRule], "waiting")
			}
			m.Invoices = append(m.Invoices, row)
		}
		for _, k := range arrangement.StopKinds() {
			m.Kinds = append(m.Kinds, component.Option{Value: string(k), Label: k.Title()})
		}
		if e, err := tx.Erasure(ctx, id); err == nil && e.State != erasure.Withdrawn {
			m.Erasure = deals.Erasure{State: e.State, Until: e.DeleteOn, Why: e.Why}
			if e.State == erasure.Restricted {
				g, err := erasure.GroundsOf(ctx, tx, id)
				if err != nil {
					return err
				}
				for _, k := range g.Kept() {
					m.Erasure.Kept = append(m.Erasure.Kept, [2]string{k.What, k.Why})
				}
			}
		} else if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("load the request of erasure: %w", err)
		}
		if err := v.debtorProfile(ctx, tx, &m, d); err != nil {
			return err
		}
		if err := v.debtorDeals(ctx, tx, &m, id); err != nil {
			return err
		}
		if err := v.debtorStops(ctx, tx, &m, id); err != nil {
			return err
		}
		if err := v.debtorSaid(ctx, tx, &m, id); err != nil {
			return err
		}
		return v.debtorHolds(ctx, tx, &m, d)
	})
	return m, err
}

func debtorFacts(d db.Debtor) (out []deals.Fact) {
	for _, f := range []deals.Fact{
		{Label: "E-mail", Text: d.Email}, {Label: "Telephone", Text: d.Phone}, {Label: "Address", Text: joinNonEmpty(", ", d.Line1, d.Line2, strings.TrimSpace(d.PostalCode+" "+d.City), d.Country)},
		{Label: "Chamber of commerce", Text: d.Registration},
	} {
		if f.Text != "" {
			out = append(out, f)
		}
	}
	return out
}

// debtorDeals are the arrangements of a debtor, the newest first.
func (v *visit) debtorDeals(ctx context.Context, tx store.Tx, m *deals.DebtorModel, id uuid.UUID) error {
	plans, err := tx.PlansOfDebtor(ctx, id)
	if err != nil {
		return fmt.Errorf("load plans: %w", err)
	}
	for _, r := range plans {
		m.Deals = append(m.Deals, deals.Row{
			Href: "/plans/" + r.ID.String(), Debtor: "Payment plan", Number: "", Amount: money.Of(r.PrincipalMinor+r.CostsMinor+r.InterestMinor, r.Currency),
			State: planStates[r.State].words, Tone: planStates[r.State].tone, On: date.Of(r.CreatedAt.In(m.Frame.Now.Location())),
		})
	}
	promises, err := tx.PromisesOfDebtor(ctx, id)
	if err != nil {
		return fmt.Errorf("load promises: %w", err)
	}
	for _, r := range promises {
		row := deals.Row{Debtor: "Promise", Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency), State: promiseStates[r.State].words, Tone: promiseStates[r.State].tone, On: r.PayOn, Note: r.Note}
		if r.State == "open" && m.May {
			row.Undo, row.UndoWord = "/promises/"+r.ID.String()+"/withdraw", "Withdraw"
		}
		m.Deals = append(m.Deals, row)
	}
	disputes, err := tx.DisputesOfDebtor(ctx, id)
	if err != nil {
		return fmt.Errorf("load disputes: %w", err)
	}
	for _, r := range disputes {
		m.Deals = append(m.Deals, deals.Row{Href: "/disputes/" + r.ID.String(), Debtor: "Dispute", Amount: money.Of(r.AmountMinor, r.Currency), State: disputeLooks[r.State].words, Tone: disputeLooks[r.State].tone, On: r.Deadline})
	}
	paid, err := tx.PaidClaimsOfDebtor(ctx, id)
	for _, r := range paid {
		m.Deals = append(m.Deals, deals.Row{Debtor: "Says paid", Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency), State: paidStates[r.State].words, Tone: paidStates[r.State].tone, On: date.Of(r.Until.In(m.Frame.Now.Location())), Note: r.Note})
	}
	return err
}

func (v *visit) debtorStops(ctx context.Context, tx store.Tx, m *deals.DebtorModel, id uuid.UUID) error {
	rows, err := tx.LegalStopsOfDebtor(ctx, id)
	if err != nil {
		return fmt.Errorf("load legal stops: %w", err)
	}
	for _, r := range rows {
		kind := arrangement.StopKind(r.Kind)
		s := deals.Stop{ID: r.ID.String(), Title: kind.Title(), EffectiveOn: r.EffectiveOn, Todo: kind.Todo()}
		for _, f := range []deals.Fact{{Label: "Known from", Text: r.Source}, {Label: "Number", Text: r.Reference}, {Label: "Contact", Text: r.Contact}, {Label: "Ends on", Text: m.Frame.Date(r.EndsOn)}, {Label: "Recorded", Text: m.Frame.Moment(r.RecordedAt) + ", by " + actorName(r.RecordedBy)}} {
			if f.Text != "" {
				s.Facts = append(s.Facts, f)
			}
		}
		if r.LiftedAt != nil {
			s.Lifted = "Lifted " + m.Frame.Moment(*r.LiftedAt) + ", by " + actorName(r.LiftedBy) + ": " + r.LiftedWhy
		} else {
			m.Stopped = true
			if until := arrangement.TakeBackUntil(r.RecordedAt); r.RecordedBy == v.member.Name && m.May && m.Frame.Now.Before(until) {
				s.Undo, s.UndoUntil = undoing{Stop: r.ID}.token(), m.Frame.Moment(until)
			}
		}
		if s.Files, err = filesOf(ctx, tx, r.ID); err != nil {
			return err
		}
		m.Stops = append(m.Stops, s)
	}
	return nil
}

// debtorHolds are the pauses of a debtor and of its administration.
func (v *visit) debtorHolds(ctx context.Context, tx store.Tx, m *deals.DebtorModel, d db.Debtor) error {
	holds, err := tx.HoldsIn(ctx, []uuid.UUID{d.ID, d.AdministrationID})
	for _, h := range holds {
		reason := receivable.HoldReason(h.Reason)
		if !inForce(h, m.Frame.Now) || reason == receivable.LegalStop {
			continue
		}
		card := deals.Hold{Title: cmp.Or(holdTitles[reason], "On hold") + scopeWords[h.Scope], Note: h.Note, By: actorName(h.CreatedBy), At: h.CreatedAt, Until: "Until it is resumed."}
		if h.Note != "" {
			card.Note += "."
		}
		if h.Until != nil {
			card.Until = "Ends by itself " + m.Frame.Moment(*h.Until) + "."
		}
		if m.May && !apiActor(h.CreatedBy) && !slices.Contains(arranged, reason) { // R115
			card.Undo = "/debtors/" + m.ID + "/resume/" + h.ID.String()
		}
		m.Holds = append(m.Holds, card)
	}
	return err
}

// refusedOn shows the page of a debtor again with what is wrong.
func (v *visit) refusedOn(id uuid.UUID, err error) error {
	if !refused(err) {
		return err
	}
	m, broken := v.debtorModel(id)
	if broken != nil {
		return broken
	}
	m.Problem = fault.Of(err).Message
	return v.again(deals.Debtor(m))
}

func (v *visit) debtorPromise() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	q := arrangement.NewPromise{PayOn: dayIn(v.r.FormValue("day")), Channel: "person", Note: cutText(strings.TrimSpace(v.r.FormValue("note")), 500), By: v.member.Name, Tell: v.r.FormValue("tell") == "yes"}
	if v.r.FormValue("call") == "yes" {
		q.Channel = "call"
	}
	err = v.write(func(ctx context.Context, tx store.Tx) error {
		s, o, err := v.owes(ctx, tx, id, v.r.FormValue("invoice"))
		if err != nil {
			return err
		}
		q.Invoice = o.ID
		ok := true
		if q.Amount, ok = amountIn(strings.TrimSpace(v.r.FormValue("amount")), o.Claim.Ask()); !ok {
			return fault.New(fault.Invalid, "promise_amount", "Write an amount of at most what is asked.")
		}
		if err := tx.FinishTasks(ctx, db.FinishTasksParams{Kind: "call_task", SubjectID: o.ID, At: s.Now, ByWhom: v.member.Name}); err != nil {
			return fmt.Errorf("finish the task: %w", err)
		}
		_, err = v.Desk.Promise(ctx, tx, q)
		return err
	})
	if err != nil {
		return v.refusedOn(id, err)
	}
	return v.done("/debtors/"+id.String(), component.Flash{Tone: component.Green, Text: "The promise is noted. Nothing is asked until its day and grace are over."})
}

// owes is an invoice of a debtor, and of no other.
func (v *visit) owes(ctx context.Context, tx store.Tx, debtor uuid.UUID, invoice string) (dunning.Standing, dunning.Owed, error) {
	s, err := v.Planner.Standing(ctx, tx, debtor)
	if err != nil {
		return s, dunning.Owed{}, err
	}
	id, err := uuid.Parse(invoice)
	if err != nil {
		return s, dunning.Owed{}, errNotHere
	}
	o, ok := s.Of(id)
	if !ok {
		return s, o, errNotHere
	}
	return s, o, nil
}

func (v *visit) debtorPlan() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(v.r.FormValue("n"))
	q := arrangement.NewPlan{
		Debtor: id, Invoices: parseIDs(v.r.Form["invoice"]), Number: n, First: dayIn(v.r.FormValue("first")), Every: arrangement.Interval(v.r.FormValue("every")),
		Reduce: arrangement.Reduce(v.r.FormValue("reduce")), By: v.member.Name, WaiveCosts: v.r.FormValue("waive") == "yes",
	}
	if v.r.FormValue("approval") == "yes" {
		yes := true
		q.Approval = &yes
	}
	var plan uuid.UUID
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if q.WaiveCosts {
			if err := arrangement.MayWaive(ctx, tx, id, v.owner()); err != nil {
				return err
			}
		}
		plan, _, err = v.Desk.Propose(ctx, tx, q)
		return err
	}); err != nil {
		return v.refusedOn(id, err)
	}
	return v.done("/plans/"+plan.String(), component.Flash{Tone: component.Green, Text: "The plan has started; the debtor gets it in writing."})
}

func (v *visit) debtorPause() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	what := receivable.HoldReason(v.r.FormValue("what"))
	text := cutText(strings.TrimSpace(v.r.FormValue("note")), 500)
	if what != receivable.Paused && what != receivable.RemindersPaused || text == "" {
		return v.refusedOn(id, fault.New(fault.Invalid, "pause_form", "Choose what to pause, and say why."))
	}
	var held uuid.UUID
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		d, err := tx.Debtor(ctx, id)
		if err != nil {
			return err
		}
		s, err := v.Planner.Standing(ctx, tx, id)
		if err != nil {
			return err
		}
		q := dunning.HoldRequest{Scope: dunning.OfDebtor, ID: id, Reason: what, Note: text, By: v.member.Name}
		if v.r.FormValue("scope") == "administration" {
			q.Scope, q.ID = dunning.OfAdministration, d.AdministrationID
		}
		if until := dayIn(v.r.FormValue("until")); !until.IsZero() {
			q.Until = until.AddDays(1).In(s.Zone)
		}
		held, err = v.Planner.Hold(ctx, tx, q)
		return err
	}); err != nil {
		return v.refusedOn(id, err)
	}
	return v.done("/debtors/"+id.String(), component.Flash{Tone: component.Green, Text: "Paused.", Undo: undoToken([]uuid.UUID{held})})
}

func (v *visit) debtorResume() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	hold, err := v.id("hold")
	if err != nil {
		return err
	}
	var h db.Hold
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if h, err = tx.Hold(ctx, hold); err != nil {
			return err
		}
		if apiActor(h.CreatedBy) || slices.Contains(arranged, receivable.HoldReason(h.Reason)) { // R115
			return fault.New(fault.Denied, "hold_of_another", "This pause ends where it was set.")
		}
		return v.Planner.Release(ctx, tx, hold, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/debtors/"+id.String(), component.Flash{Tone: component.Green, Text: "Resumed. The next steps are planned again.", Undo: resumedToken([]db.Hold{h})})
}

func (v *visit) debtorStop() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text := func(name string) string { return cutText(strings.TrimSpace(v.r.FormValue(name)), 500) }
	q := arrangement.NewStop{
		Debtor: id, Kind: arrangement.StopKind(text("kind")), EffectiveOn: dayIn(text("on")), EndsOn: dayIn(text("ends")), Source: text("source"), Reference: text("reference"), Contact: text("contact"), By: v.member.Name,
	}
	list, ok := proofs(v.r.MultipartForm)
	if !ok {
		return v.refusedOn(id, fault.New(fault.Invalid, "stop_file", "The document is a PDF, PNG or JPEG of at most 5 MB."))
	}
	var stop uuid.UUID
	if err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if stop, err = v.Desk.Stop(ctx, tx, q); err != nil {
			return err
		}
		now, err := tx.Now(ctx, v.Real)
		if err != nil {
			return err
		}
		for _, p := range list {
			sum := sha256.Sum256(p.Content)
			if err := tx.AddDocument(ctx, db.AddDocumentParams{ID: uuid.New(), TenantID: tx.Tenant, SubjectID: stop, Kind: "upload", Name: p.Name, MediaType: p.Media, Sha256: sum[:], Content: p.Content, CreatedAt: now}); err != nil {
				return fmt.Errorf("keep the document: %w", err)
			}
		}
		return nil
	}); err != nil {
		return v.refusedOn(id, err)
	}
	return v.done("/debtors/"+id.String(), component.Flash{Tone: component.Red, Text: "All pressure on this debtor has stopped. A task says what to do now.", Undo: undoing{Stop: stop}.token()})
}

func (v *visit) liftStop() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var debtor uuid.UUID
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		row, err := tx.LegalStop(ctx, id)
		if err != nil {
			return err
		}
		debtor = row.DebtorID
		return v.Desk.Lift(ctx, tx, id, strings.TrimSpace(v.r.FormValue("why")), v.member.Name)
	}); err != nil {
		if debtor != uuid.Nil {
			return v.refusedOn(debtor, err)
		}
		return err
	}
	return v.done("/debtors/"+debtor.String(), component.Flash{Tone: component.Green, Text: "The legal stop is lifted. The flow goes on after the minimum interval.", Undo: undoing{Lifted: id}.token()})
}
