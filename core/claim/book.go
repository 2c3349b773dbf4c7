package claim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// booked sums the entries of some kinds.
func (f *File) booked(kinds ...string) (n int64) {
	for _, e := range f.Entries {
		if slices.Contains(kinds, e.Kind) {
			n += e.AmountMinor
		}
	}
	return n
}

// entry adds to the ledger of the case (C2).
func (s *settling) entry(kind string, minor int64, how any, provisional bool) error {
	return s.entryOf(kind, uuid.Nil, minor, how, provisional)
}

func (s *settling) entryOf(kind string, invoice uuid.UUID, minor int64, how any, provisional bool) error {
	b, err := json.Marshal(how)
	if err != nil {
		return err
	}
	p := db.AddClaimEntryParams{
		TenantID: s.tx.Tenant, CaseID: s.Case.ID, InvoiceID: uuid.NullUUID{UUID: invoice, Valid: invoice != uuid.Nil}, Kind: kind, AmountMinor: minor, Currency: s.Case.Currency, Through: s.today, Calculation: b, Provisional: provisional, At: s.now,
	}
	if err := s.tx.AddClaimEntry(s.ctx, p); err != nil {
		return fmt.Errorf("book %s: %w", kind, err)
	}
	s.Entries = append(s.Entries, db.ClaimEntry{CaseID: s.Case.ID, InvoiceID: p.InvoiceID, Kind: kind, AmountMinor: minor, Currency: s.Case.Currency, Through: s.today, Calculation: b, Provisional: provisional, At: s.now})
	return nil
}

// correction says why an entry lowers another one.
type correction struct {
	Explanation string `json:"explanation"`
}

// correctCosts books the difference between the costs that were charged and what
// they would have been over what was rightly claimed (R27, R31, R42, R96). They
// never rise above what was charged at first (R91).
func (s *settling) correctCosts() error {
	first := int64(0)
	for _, e := range s.Entries {
		if (e.Kind == "costs" || e.Kind == "costs_vat") && e.AmountMinor > 0 && e.At.Equal(s.Case.OpenedAt) {
			first += e.AmountMinor
		}
	}
	if first == 0 {
		return nil
	}
	right, why, err := s.rightCosts()
	if err != nil || right < 0 {
		return err
	}
	diff := min(first, right) - s.booked("costs", "costs_vat")
	if diff == 0 {
		return nil
	}
	if err := s.entry("costs", diff, correction{why}, false); err != nil {
		return err
	}
	s.out.News = true
	return s.event("corrected", "voldaan", "Costs were computed anew: "+money.Of(min(first, right), s.Case.Currency).String()+". "+why, map[string]any{"costs": diff})
}

// correctFees takes the fees for reminders of an invoice out of the case that is not
// rightly claimed any more, and back in when it is (R27, R42).
func (s *settling) correctFees() error {
	taken, now := map[uuid.UUID]int64{}, map[uuid.UUID]int64{}
	for _, e := range s.Entries {
		if e.Kind == "fee" {
			now[e.InvoiceID.UUID] += e.AmountMinor
			taken[e.InvoiceID.UUID] = max(taken[e.InvoiceID.UUID], e.AmountMinor)
		}
	}
	if len(taken) == 0 {
		return nil
	}
	claimed := map[uuid.UUID]bool{}
	for _, p := range s.Account().Principals {
		claimed[p.Invoice] = p.Amount > 0
	}
	diff := int64(0)
	for _, i := range s.Invoices {
		want := taken[i.InvoiceID]
		if !claimed[i.InvoiceID] {
			want = 0
		}
		n := want - now[i.InvoiceID]
		if n == 0 {
			continue
		}
		diff += n
		if err := s.entryOf("fee", i.InvoiceID, n, correction{"The fees for its reminders follow invoice " + i.Number + "."}, false); err != nil {
			return err
		}
	}
	if diff == 0 {
		return nil
	}
	s.out.News = true
	return s.event("corrected", "voldaan", "The fees for reminders were computed anew: "+money.Of(diff, s.Case.Currency).String()+".", map[string]any{"costs": diff})
}

// rightCosts are the costs over what was open when they became due, converted by
// the rate of the case (R123); -1 when the law of the case cannot say, as for a
// case without that rate.
func (s *settling) rightCosts() (int64, string, error) {
	if s.Case.Currency != s.Pack.Currency() && s.Rate.IsZero() {
		return -1, "", nil
	}
	account := s.Account()
	type group struct {
		q      law.DueClaim
		cutoff date.Date
	}
	groups := map[uuid.UUID]*group{}
	var order []uuid.UUID
	for _, p := range account.Principals {
		id, cap, cutoff := uuid.Nil, p.Amount, s.Opened().AddDays(-1)
		var sent []law.SentNotice
		if account.Debtor != law.Business {
			for _, n := range s.notices {
				if n.InvoiceID != p.Invoice {
					continue
				}
				id, cap, cutoff = n.ID, n.InvoicePrincipal, n.TermLastDay
				sent = []law.SentNotice{{Delivery: law.Delivery{Kind: n.Kind, Sent: n.PostedOn, Channel: law.Channel(n.Channel), AddressInUse: n.Channel == string(law.Email)}, Checked: true, Announced: money.Of(n.CostsMinor, n.Currency)}}
			}
		}
		g := groups[id]
		if g == nil {
			g = &group{q: law.DueClaim{Debtor: account.Debtor, On: s.Opened(), Notices: sent, Claim: law.CostsClaim{Clause: s.Case.CostsClause}}, cutoff: cutoff}
			groups[id] = g
			order = append(order, id)
		}
		base := p.Amount
		for _, r := range account.Receipts {
			for _, part := range r.Parts {
				if part.Invoice == p.Invoice && !r.On.After(g.cutoff) {
					base -= part.Amount
				}
			}
		}
		principal, err := s.Rate.To(s.Pack.Currency(), money.Of(max(0, min(base, cap)), s.Case.Currency))
		if err != nil {
			return -1, "", err
		}
		g.q.Claim.Principals = append(g.q.Claim.Principals, principal)
		if n := s.fees[p.Invoice]; n > 0 && s.Rate.IsZero() {
			g.q.Claim.Charged = money.Of(g.q.Claim.Charged.Minor+n, s.Pack.Currency())
		}
		if g.q.DueDate.IsZero() || p.Due.Before(g.q.DueDate) {
			g.q.DueDate = p.Due
		}
		g.q.Claim.DefaultSince = date.Later(g.q.Claim.DefaultSince, p.From)
		for i := range g.q.Notices {
			// A notice comes after the due date, also where it is what puts in default.
			g.q.Notices[i].DefaultSince = date.Later(g.q.Notices[i].DefaultSince, p.Due.AddDays(1))
		}
	}
	total, why := int64(0), "Nothing is claimed any more, so no costs are."
	var said []string
	for _, id := range order {
		due, err := s.Pack.CostsDue(groups[id].q)
		if err != nil {
			return -1, "", nil //nolint:nilerr // a claim that the scale does not know keeps the costs that were charged
		}
		for _, part := range []money.Amount{due.Costs.Fee, due.Costs.VAT} {
			a, err := s.Rate.To(s.Case.Currency, part)
			if err != nil {
				return -1, "", err
			}
			total += a.Minor
		}
		said = append(said, due.Explanation)
	}
	if len(said) > 0 {
		why = strings.Join(said, " ")
	}
	return total, why, nil
}

// grace finds out whether a payment was all that was owed some days before it:
// what came up since, or is left within the tolerance, is let go.
func (s *settling) grace(a Account, state State) (Relief, bool, error) {
	left := state.Total()
	if left <= 0 || len(state.Taken) == 0 {
		return Relief{}, false, nil
	}
	last := state.Taken[len(state.Taken)-1].On
	if last.Before(s.Opened()) {
		return Relief{}, false, nil
	}
	since := date.Later(last.AddDays(-s.Policy.GraceDays), s.Opened())
	before := a
	before.Receipts = nil
	got := int64(0)
	for _, r := range a.Receipts {
		if r.On.Before(since) {
			before.Receipts = append(before.Receipts, r)
			continue
		}
		got += r.Surplus
		for _, p := range r.Parts {
			got += p.Amount
		}
	}
	then, err := s.File.replay(before, since)
	if err != nil {
		return Relief{}, false, err
	}
	small := left <= s.Case.ToleranceMinor
	if got < then.Total() && !small {
		return Relief{}, false, nil
	}
	atLast, err := s.File.replay(before, last)
	if err != nil {
		return Relief{}, false, err
	}
	relief := Relief{On: last, First: true, Interest: min(left, atLast.Interest)}
	if small {
		relief.Costs = min(left-relief.Interest, atLast.Costs)
	}
	return relief, relief.Interest+relief.Costs > 0 && relief.Interest+relief.Costs >= left, nil
}

// letGo waives what is not worth a letter, on the record.
func (s *settling) letGo(r Relief) error {
	amount := money.Of(r.Interest+r.Costs, s.Case.Currency)
	why := "All that was owed when it was last asked is paid; what came up since is let go."
	if err := s.entry("waiver", -amount.Minor, relief{On: r.On, Costs: r.Costs, Interest: r.Interest, First: true, Scope: Final, Reason: why, By: "voldaan"}, false); err != nil {
		return err
	}
	return s.event("waived", "voldaan", amount.String()+" is let go: all that was owed when it was last asked is paid.", nil)
}

// book brings the ledger of the case to the state: what payments went to costs
// and interest, and the interest through today when something happened.
func (s *settling) book(state State) error {
	paid := -s.booked("payment")
	if diff := state.CostsPaid + state.IntPaid - paid; diff != 0 {
		if err := s.entry("payment", -diff, map[string]any{"costs": state.CostsPaid, "interest": state.IntPaid, "taken": state.Taken}, false); err != nil {
			return err
		}
		s.out.News = true
	}
	ends := state.Total() == 0 && s.Case.State != "closed"
	if diff := state.Accrued - s.booked("interest"); diff != 0 && (s.out.News || ends) {
		how := map[string]any{"explanation": "Interest through " + s.today.String() + ", on the balance of each day."}
		if len(state.Lines) == 1 {
			b, err := json.Marshal(state.Lines[0].Interest)
			if err == nil {
				err = json.Unmarshal(b, &how)
			}
			if err != nil {
				return err
			}
		}
		if err := s.entry("interest", diff, how, state.Provisional); err != nil {
			return err
		}
	}
	return nil
}

// stand closes a case that owes nothing, opens again one that does, and says
// when only costs and interest are left.
func (s *settling) stand(state State) error {
	id := s.Case.ID
	since := s.Case.CostsOnlySince
	only := state.Principal == 0 && state.Charges() > 0
	switch {
	case only && since.IsZero():
		since, s.out.CostsOnly, s.out.News = s.today, true, true
	case !only:
		since = date.Date{}
	}
	if err := s.tx.SettleCase(s.ctx, db.SettleCaseParams{ID: id, PrincipalMinor: state.Principal, ChargesMinor: state.Charges(), SettledOn: s.today, CostsOnlySince: since}); err != nil {
		return fmt.Errorf("settle the case: %w", err)
	}
	switch {
	case state.Total() == 0 && s.Case.State != "closed":
		code, why := s.reason(state)
		if _, err := s.tx.CloseCase(s.ctx, db.CloseCaseParams{ID: id, ClosedAt: &s.now, ClosedCode: code, ClosedWhy: why}); err != nil {
			return fmt.Errorf("close the case: %w", err)
		}
		s.out.Closed, s.out.News = code, true
		return s.event("closed", "voldaan", why, nil)
	case state.Total() > 0 && s.Case.State == "closed":
		back := "open"
		if e, err := s.tx.LastCaseEvent(s.ctx, db.LastCaseEventParams{CaseID: id, Kind: "handed_over"}); err == nil {
			if r, err := s.tx.LastCaseEvent(s.ctx, db.LastCaseEventParams{CaseID: id, Kind: "recalled"}); err != nil || r.ID < e.ID {
				back = "bailiff"
			}
		}
		if err := s.tx.ReopenCase(s.ctx, db.ReopenCaseParams{ID: id, State: back}); err != nil {
			return fmt.Errorf("open the case again: %w", err)
		}
		s.out.Reopened, s.out.News = true, true
		return s.event("reopened", "voldaan", "What was paid was taken back: "+money.Of(state.Total(), s.Case.Currency).String()+" is open again. Costs are not charged a second time (R91).", nil)
	}
	return nil
}

func (s *settling) reason(state State) (code, why string) {
	switch {
	case len(state.Lines) == 0:
		return Withdrawn, "Every invoice of the case was cancelled or taken out of it; its costs are cancelled."
	case state.Waived.Costs+state.Waived.Interest > 0:
		return Paid, "All of it is paid or waived."
	}
	return Paid, "Principal, costs and interest are paid."
}

// describe says where a payment went.
func (s *settling) describe(t Taken) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{t.Costs, "costs"}, {sum(t.Interest), "interest"}, {sum(t.Principal), "principal"}, {t.Left, "credit"}} {
		if p.n > 0 {
			parts = append(parts, money.Of(p.n, s.Case.Currency).String()+" to "+p.what)
		}
	}
	text := fmt.Sprintf("Payment of %s on %s: %s.", money.Of(t.Amount, s.Case.Currency), t.On, strings.Join(parts, ", "))
	if t.Why != "" {
		text += " " + t.Why
	}
	return text
}
