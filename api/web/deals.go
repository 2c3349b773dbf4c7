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
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

func (s *site) arrangementRoutes() {
	s.look("GET /plans", (*visit).plans)
	s.look("GET /plans/{id}", (*visit).thePlan)
	s.act("POST /plans/{id}/accept", (*visit).planAct)
	s.act("POST /plans/{id}/reject", (*visit).planAct)
	s.act("POST /plans/{id}/cancel", (*visit).planAct)
	s.act("POST /plans/{id}/break", (*visit).planAct)
	s.look("GET /promises", (*visit).promises)
	s.act("POST /promises/{id}/withdraw", (*visit).promiseAct)
	s.look("GET /disputes", (*visit).disputes)
	s.look("GET /disputes/{id}", (*visit).theDispute)
	s.act("POST /disputes/{id}/decide", (*visit).disputeDecide)
	s.act("POST /disputes/{id}/assign", (*visit).disputeAct)
	s.act("POST /disputes/{id}/credited", (*visit).disputeAct)
	s.act("POST /disputes/{id}/withdraw", (*visit).disputeAct)
	s.look("GET /paid-claims", (*visit).paidClaims)
	s.act("POST /paid-claims/{id}/{found}", (*visit).paidAct)
	s.look("GET /legal-stops", (*visit).legalStops)
	s.look("GET /arrangements/files/{id}", (*visit).arrangementFile)
	s.debtorRoutes()
}

// dealSections are the lists beside each other.
func dealSections(ctx context.Context, tx store.Tx, active string) ([]component.Tab, error) {
	plans, err := tx.PlanCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count plans: %w", err)
	}
	promises, err := tx.PromiseCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count promises: %w", err)
	}
	disputes, err := tx.DisputeCounts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count disputes: %w", err)
	}
	return []component.Tab{
		{Label: "Plans", Href: "/plans", Count: int(plans.Proposed), Tone: component.Amber, Active: active == "plans"},
		{Label: "Promises", Href: "/promises", Count: int(promises.Open), Active: active == "promises"},
		{Label: "Disputes", Href: "/disputes", Count: int(disputes.Open), Tone: component.Amber, Active: active == "disputes"},
		{Label: "Says paid", Href: "/paid-claims", Active: active == "paid"},
		{Label: "Legal stops", Href: "/legal-stops", Active: active == "stops"},
	}, nil
}

// listing prepares a list of arrangements.
func (v *visit) listing(ctx context.Context, tx store.Tx, kind, title string) (m deals.ListModel, err error) {
	m.Kind = kind
	if m.Frame, err = v.frame(tx, component.Agreements, title); err != nil {
		return m, err
	}
	m.Sections, err = dealSections(ctx, tx, kind)
	return m, err
}

func tabsOf(path, active string, list ...[2]string) (out []component.Tab) {
	for _, t := range list {
		href := path
		if t[0] != "" {
			href += "?tab=" + t[0]
		}
		out = append(out, component.Tab{Label: t[1], Href: href, Active: t[0] == active})
	}
	return out
}

var planStates = map[string]struct {
	words string
	tone  component.Tone
}{
	"proposed": {"Waits for you", component.Amber}, "active": {"Under way", component.Ink}, "completed": {"Completed", component.Green}, "broken": {"Not kept", component.Red},
	"cancelled": {"Cancelled", ""}, "rejected": {"Not accepted", ""},
}

func (v *visit) plans() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "plans", "Plans"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/plans", tab, [2]string{"", "All"}, [2]string{"proposed", "Proposed"}, [2]string{"active", "Under way"}, [2]string{"ended", "Ended"})
		from, back := asked(v.r.URL.Query())
		p := db.PlanListParams{Tab: tab, Back: back, Most: pageSize + 1}
		if from != nil {
			p.FromAt, p.FromID = &from.At, from.ID
		}
		rows, err := tx.PlanList(ctx, p)
		if err != nil {
			return fmt.Errorf("list plans: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/plans", RawQuery: query("tab", tab)}, from, back, func(r db.PlanListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "plan", "plans")
		for _, r := range rows {
			m.Rows = append(m.Rows, deals.Row{
				Href: "/plans/" + r.ID.String(), Debtor: r.Debtor, Number: fmt.Sprintf("%d instalments", r.Instalments), Amount: money.Of(r.PrincipalMinor+r.CostsMinor+r.InterestMinor, r.Currency),
				State: planStates[r.State].words, Tone: planStates[r.State].tone, On: date.Of(r.CreatedAt.In(m.Frame.Now.Location())),
			})
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) thePlan() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var m deals.PlanModel
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		f, err := v.frame(tx, component.Agreements, "Payment plan")
		if err != nil {
			return err
		}
		p, err := arrangement.ProgressOf(ctx, tx, id, f.Today())
		if err != nil {
			return err
		}
		m = tenantPlan(f, p)
		m.May = v.member.Role.May()
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.Plan(m))
}

func tenantPlan(f component.Frame, p arrangement.Progress) deals.PlanModel {
	row, cur := p.Plan, p.Plan.Currency
	m := deals.PlanModel{
		Frame: f, ID: row.ID.String(), Debtor: row.Debtor, DebtorID: row.DebtorID.String(), State: row.State, Title: planStates[row.State].words, Tone: planStates[row.State].tone,
		Covered: money.Of(row.PrincipalMinor+row.CostsMinor+row.InterestMinor, cur), Rest: p.Rest(), Note: row.Note,
	}
	fact := func(label, text string) { m.Facts = append(m.Facts, deals.Fact{Label: label, Text: text}) }
	fact("Proposed", "by "+map[string]string{"debtor": "the debtor", "creditor": actorName(row.CreatedBy)}[row.ProposedBy]+", "+f.Moment(row.CreatedAt))
	if row.AcceptedAt != nil {
		who := actorName(row.AcceptedBy)
		if row.Automatic {
			who = "itself, inside your limits (R81)"
		}
		fact("Started", "by "+who+", "+f.Moment(*row.AcceptedAt))
	}
	fact("Every", row.Interval)
	fact("Grace", fmt.Sprintf("%d days, then a warning of %d days", row.GraceDays, row.CureDays))
	if row.BreakApproval {
		fact("Not kept", "a person decides")
	}
	if row.RestDue {
		fact("When it ends", "the rest is due at once")
	}
	if row.Waiver != "" {
		fact("Costs", f.Amount(money.Of(row.WaiveMinor, cur))+" "+map[string]string{"conditional": "fall away when all is paid", "final": "fell away", "lapsed": "are owed again"}[row.Waiver])
	}
	if row.EndedAt != nil {
		fact("Ended", f.Moment(*row.EndedAt)+", by "+actorName(row.EndedBy)+". "+row.EndedWhy)
	}
	if row.State == "active" && row.WarnedSeq > 0 {
		m.Warning = fmt.Sprintf("Instalment %d was not paid; the debtor has until %s.", row.WarnedSeq, f.Date(row.CureOn))
	}
	for _, i := range p.Invoices {
		m.Invoices = append(m.Invoices, component.Link{Label: i.Number, Href: "/invoices/" + i.InvoiceID.String()})
	}
	for _, in := range p.Instalments {
		l := deals.Instalment{
			Number: in.Seq, Due: in.Due, Amount: money.Of(in.Total(), cur), Paid: money.Of(p.Paid[in.Seq-1], cur), Principal: money.Of(in.Principal, cur),
			Costs: money.Of(in.Costs, cur), InterestPart: money.Of(in.Interest, cur), State: "To come",
		}
		switch {
		case !p.Left(in.Seq).Positive():
			l.State = "Paid"
		case in.Due.Before(f.Today()) && row.State == "active":
			l.State = "Late"
		}
		m.Instalments = append(m.Instalments, l)
	}
	return m
}

// planAct decides about a plan: accept, reject, cancel or break.
func (v *visit) planAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text := cutText(strings.TrimSpace(v.r.FormValue("text")), 2000)
	said := map[string]string{
		"accept": "The plan has started; the debtor is told.", "reject": "The debtor is told that the plan is not accepted.", "cancel": "The plan is cancelled; the flow goes on where it was.", "break": "The plan has ended; the debtor is told.",
	}
	act := last(v.r.URL.Path)
	if text == "" && (act == "reject" || act == "cancel") {
		return fault.New(fault.Invalid, "plan_text", "Write why, so that it can be found later.")
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		switch act {
		case "accept":
			return v.Desk.Accept(ctx, tx, id, v.member.Name)
		case "reject":
			return v.Desk.Reject(ctx, tx, id, text, v.member.Name)
		case "cancel":
			return v.Desk.Cancel(ctx, tx, id, text, v.member.Name)
		}
		return v.Desk.Break(ctx, tx, id, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/plans/"+id.String(), component.Flash{Tone: component.Green, Text: said[act]})
}

// last is the last part of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

var promiseStates = map[string]struct {
	words string
	tone  component.Tone
}{
	"open": {"Promised", component.Ink}, "kept": {"Kept", component.Green}, "partly_kept": {"Kept in part", component.Amber}, "broken": {"Broken", component.Red},
	"withdrawn": {"Taken back", ""}, "cancelled": {"Not owed any more", ""},
}

func (v *visit) promises() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "promises", "Promises"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/promises", tab, [2]string{"", "All"}, [2]string{"open", "Open"}, [2]string{"kept", "Kept"}, [2]string{"broken", "Broken"})
		from, back := asked(v.r.URL.Query())
		p := db.PromiseListParams{Tab: tab, Back: back, Most: pageSize + 1}
		if from != nil {
			p.FromAt, p.FromID = &from.At, from.ID
		}
		rows, err := tx.PromiseList(ctx, p)
		if err != nil {
			return fmt.Errorf("list promises: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/promises", RawQuery: query("tab", tab)}, from, back, func(r db.PromiseListRow) place { return place{At: r.CreatedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "promise", "promises")
		for _, r := range rows {
			row := deals.Row{
				Debtor: r.Debtor, DebtorID: r.DebtorID.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency),
				State: promiseStates[r.State].words, Tone: promiseStates[r.State].tone, On: r.PayOn, Note: r.Note, Late: r.State == "open" && r.PayOn.Before(m.Frame.Today()),
			}
			if r.State == "open" && v.member.Role.May() {
				row.Undo, row.UndoWord = "/promises/"+r.ID.String()+"/withdraw", "Withdraw"
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) promiseAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.WithdrawPromise(ctx, tx, id, v.member.Name)
	}); err != nil {
		return err
	}
	return v.done(local(refererPath(v.r), "/promises"), component.Flash{Tone: component.Green, Text: "The promise is withdrawn; the flow goes on where it was."})
}

var disputeLooks = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Open", component.Amber}, "accepted": {"Accepted", component.Green}, "rejected": {"Not accepted", component.Ink}, "withdrawn": {"Withdrawn", ""}}

func (v *visit) disputes() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "disputes", "Disputes"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/disputes", tab, [2]string{"", "All"}, [2]string{"open", "Open"}, [2]string{"late", "Late"}, [2]string{"credit", "To credit"}, [2]string{"decided", "Decided"})
		from, back := asked(v.r.URL.Query())
		p := db.DisputeListParams{Tab: tab, Back: back, Most: pageSize + 1}
		if from != nil {
			p.FromAt, p.FromID = &from.At, from.ID
		}
		rows, err := tx.DisputeList(ctx, p)
		if err != nil {
			return fmt.Errorf("list disputes: %w", err)
		}
		rows, m.Pager = page(rows, url.URL{Path: "/disputes", RawQuery: query("tab", tab)}, from, back, func(r db.DisputeListRow) place { return place{At: r.OpenedAt, ID: r.ID} })
		m.Pager.Shown = shownOf(m.Frame, len(rows), len(rows), "dispute", "disputes")
		for _, r := range rows {
			row := deals.Row{
				Href: "/disputes/" + r.ID.String(), Debtor: r.Debtor, Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency), State: disputeLooks[r.State].words,
				Tone: disputeLooks[r.State].tone, On: r.Deadline, Owner: r.Owner, Late: r.State == "open" && r.Deadline.Before(m.Frame.Today()), Note: strings.TrimSuffix(disputeReasons[r.Reason], "."),
			}
			if r.State == "accepted" && r.CreditedAt == nil {
				row.State, row.Tone = "Credit note to come", component.Amber
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) theDispute() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.disputeModel(id)
	if err != nil {
		return err
	}
	return v.show(deals.Dispute(m))
}

func (v *visit) disputeModel(id uuid.UUID) (m deals.DisputeModel, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		r, err := tx.DisputeFull(ctx, id)
		if err != nil {
			return err
		}
		f, err := v.frame(tx, component.Agreements, "Dispute "+r.Number)
		if err != nil {
			return err
		}
		look := disputeLooks[r.State]
		m = deals.DisputeModel{
			Frame: f, ID: id.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Debtor: r.Debtor, DebtorID: r.DebtorID.String(), State: r.State, Title: look.words, Tone: look.tone,
			Amount: money.Of(r.AmountMinor, r.Currency), Open: money.Of(r.OpenMinor, r.Currency), Note: r.Note, Deadline: r.Deadline.String(), Late: r.Deadline.Before(f.Today()), May: v.member.Role.May(),
			Facts:  []deals.Fact{{Label: "What", Text: strings.TrimSuffix(disputeReasons[r.Reason], ".")}, {Label: "Opened", Text: f.Moment(r.OpenedAt) + ", by " + actorName(r.OpenedBy)}},
			Credit: component.TextInput{ID: "credit", Name: "credit", Label: "What you credit", Hint: "Leave empty for all of it, when you agree", InputMode: "decimal"},
			Text:   component.TextInput{ID: "text", Name: "text", Label: "What you tell the debtor", Rows: 3, Required: true},
		}
		if r.Lines != "" {
			m.Facts = append(m.Facts, deals.Fact{Label: "Lines", Text: r.Lines})
		}
		if r.State != "open" && r.ResolvedAt != nil {
			m.Decision = look.words + ", " + f.Moment(*r.ResolvedAt) + ", by " + actorName(r.ResolvedBy) + ". " + r.Resolution
			if r.AcceptedMinor > 0 {
				m.Decision = "To be credited: " + f.Amount(money.Of(r.AcceptedMinor, r.Currency)) + ". " + m.Decision
			}
			m.Awaiting = r.State == "accepted" && r.CreditedAt == nil
		}
		people, err := tx.Members(ctx)
		if err != nil {
			return fmt.Errorf("load the members: %w", err)
		}
		m.Owners = append(m.Owners, component.Option{Label: "Nobody yet"})
		for _, p := range people {
			if p.DisabledAt == nil {
				m.Owners = append(m.Owners, component.Option{Value: p.ID.String(), Label: p.Name, Selected: r.OwnerID.Valid && r.OwnerID.UUID == p.ID})
			}
		}
		m.Files, err = filesOf(ctx, tx, id)
		return err
	})
	return m, err
}

// filesOf are the files that came with an arrangement.
func filesOf(ctx context.Context, tx store.Tx, subject uuid.UUID) (out []component.Link, err error) {
	docs, err := tx.DocumentsOf(ctx, []uuid.UUID{subject})
	for _, d := range docs {
		out = append(out, component.Link{Label: d.Name, Href: "/arrangements/files/" + d.ID.String()})
	}
	return out, err
}

// arrangementFile is what a debtor or a colleague sent along with an arrangement.
func (v *visit) arrangementFile() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	var doc db.Document
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		doc, err = tx.Document(ctx, id)
		if err == nil && doc.Kind != "upload" {
			err = errNotHere
		}
		return err
	}); err != nil {
		return err
	}
	serveDocument(v.w, doc, false)
	return nil
}

func (v *visit) disputeDecide() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := v.disputeModel(id)
	if err != nil {
		return err
	}
	m.Text.Value, m.Credit.Value = strings.TrimSpace(v.r.FormValue("text")), strings.TrimSpace(v.r.FormValue("credit"))
	credit, agree := m.Amount, v.r.FormValue("decision") == "accept"
	if agree {
		var ok bool
		if credit, ok = amountIn(m.Credit.Value, m.Amount); !ok {
			m.Credit.Error = "Write an amount of at most what is in dispute."
		}
	} else {
		credit.Minor = 0
	}
	if m.Text.Value == "" {
		m.Text.Error = "Write what you tell the debtor."
	}
	if m.Text.Error != "" || m.Credit.Error != "" {
		return v.again(deals.Dispute(m))
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.Resolve(ctx, tx, arrangement.Resolution{Dispute: id, Credit: credit, Text: cutText(m.Text.Value, 4000), By: v.member.Name})
	}); err != nil {
		return err
	}
	return v.done("/disputes/"+id.String(), component.Flash{Tone: component.Green, Text: "Decided. The debtor is told by e-mail."})
}

// disputeAct assigns a dispute, or says that it is credited or withdrawn.
func (v *visit) disputeAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	act := last(v.r.URL.Path)
	said := map[string]string{"assign": "Saved.", "credited": "The rest of the invoice goes on.", "withdraw": "The dispute is withdrawn; the flow goes on."}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		switch act {
		case "credited":
			return v.Desk.Credited(ctx, tx, id, v.member.Name)
		case "withdraw":
			return v.Desk.WithdrawDispute(ctx, tx, id, v.member.Name)
		}
		owner := uuid.NullUUID{}
		if o, err := uuid.Parse(v.r.FormValue("owner")); err == nil {
			owner = uuid.NullUUID{UUID: o, Valid: true}
		}
		return v.Desk.Assign(ctx, tx, id, owner, dayIn(v.r.FormValue("deadline")), v.member.Name)
	}); err != nil {
		return err
	}
	return v.done("/disputes/"+id.String(), component.Flash{Tone: component.Green, Text: said[act]})
}

var paidStates = map[string]struct {
	words string
	tone  component.Tone
}{"open": {"Looked for", component.Amber}, "matched": {"Found", component.Green}, "not_found": {"Not found", component.Red}, "withdrawn": {"Taken back", ""}}

func (v *visit) paidClaims() error {
	var m deals.ListModel
	tab := v.r.URL.Query().Get("tab")
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "paid", "Says paid"); err != nil {
			return err
		}
		m.Tabs = tabsOf("/paid-claims", tab, [2]string{"", "Open"}, [2]string{"ended", "Ended"})
		rows, err := tx.PaidClaimList(ctx, tab == "")
		if err != nil {
			return fmt.Errorf("list claims of payment: %w", err)
		}
		for _, r := range rows {
			row := deals.Row{
				Debtor: r.Debtor, DebtorID: r.DebtorID.String(), Number: r.Number, Invoice: "/invoices/" + r.InvoiceID.String(), Amount: money.Of(r.AmountMinor, r.Currency),
				State: paidStates[r.State].words, Tone: paidStates[r.State].tone, On: date.Of(r.Until.In(m.Frame.Now.Location())), Note: r.Note,
			}
			if !r.PaidOn.IsZero() {
				row.Note = strings.TrimSpace("Paid on " + m.Frame.Date(r.PaidOn) + ". " + r.Note)
			}
			if r.Proofs > 0 {
				row.Note = strings.TrimSpace(row.Note + " With " + strconv.FormatInt(r.Proofs, 10) + plural(int(r.Proofs), " file.", " files."))
			}
			if r.State == "open" && v.member.Role.May() {
				row.Yes, row.Undo, row.UndoWord = "/paid-claims/"+r.ID.String()+"/found", "/paid-claims/"+r.ID.String()+"/missing", "Not found"
			}
			m.Rows = append(m.Rows, row)
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) legalStops() error {
	var m deals.ListModel
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m, err = v.listing(ctx, tx, "stops", "Legal stops"); err != nil {
			return err
		}
		rows, err := tx.LegalStopList(ctx)
		for _, r := range rows {
			row := deals.Row{
				Href: "/debtors/" + r.DebtorID.String(), Debtor: r.Debtor, Number: arrangement.StopKind(r.Kind).Title(), Note: r.Reference, On: r.EffectiveOn, State: "In force", Tone: component.Red, Plain: true,
			}
			if r.LiftedAt != nil {
				row.State, row.Tone = "Lifted", ""
			}
			m.Rows = append(m.Rows, row)
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(deals.List(m))
}

func (v *visit) paidAct() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	found := v.r.PathValue("found")
	if !slices.Contains([]string{"found", "missing"}, found) {
		return errNotHere
	}
	if err := v.write(func(ctx context.Context, tx store.Tx) error {
		return v.Desk.EndPaidClaim(ctx, tx, id, found == "found", v.member.Name)
	}); err != nil {
		return err
	}
	said := "Noted. The invoice is not held any more."
	if found == "missing" {
		said = "The debtor is asked for proof; the flow goes on after the interval."
	}
	return v.done("/paid-claims", component.Flash{Tone: component.Green, Text: said})
}
