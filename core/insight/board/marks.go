package board

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/insight"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// stretch is an amount of an invoice under a mark, from a day until before
// another one; none for no end.
type stretch struct {
	mark   insight.Mark
	item   uuid.UUID
	amount int64
	from   date.Date
	until  date.Date
}

func (b *book) marks(r Rows, currency map[uuid.UUID]money.Currency) {
	var list []stretch
	put := func(m insight.Mark, item uuid.UUID, minor int64, from, until *time.Time) {
		s := stretch{mark: m, item: item, amount: minor, from: b.day(*from)}
		if until != nil {
			s.until = b.day(*until)
		}
		list = append(list, s)
	}
	for _, d := range r.Disputes {
		put(insight.Disputed, d.InvoiceID, d.AmountMinor, &d.OpenedAt, d.ResolvedAt)
	}
	for _, p := range r.Promises {
		put(insight.Promised, p.InvoiceID, p.AmountMinor, &p.CreatedAt, p.EndedAt)
	}
	for _, p := range r.Plans {
		put(insight.OnPlan, p.InvoiceID, p.PrincipalMinor, p.AcceptedAt, p.EndedAt)
	}
	for _, d := range r.Debits {
		s := stretch{mark: insight.InTransit, item: d.InvoiceID, amount: d.AmountMinor, from: b.day(*d.SubmittedAt), until: d.SettledOn}
		if d.EndedAt != nil && s.until.IsZero() {
			s.until = b.day(*d.EndedAt)
		}
		list = append(list, s)
	}
	b.stretches(list, currency)
}

// stretches adds, for each invoice and mark, what is under it from each day on
// which that changes.
func (b *book) stretches(list []stretch, currency map[uuid.UUID]money.Currency) {
	type key struct {
		item uuid.UUID
		mark insight.Mark
	}
	steps := map[key]map[date.Date]int64{}
	for _, s := range list {
		if currency[s.item] == "" || s.amount <= 0 {
			continue
		}
		k := key{s.item, s.mark}
		if steps[k] == nil {
			steps[k] = map[date.Date]int64{}
		}
		steps[k][s.from] += s.amount
		if !s.until.IsZero() {
			steps[k][date.Later(s.from, s.until)] -= s.amount
		}
	}
	keys := make([]key, 0, len(steps))
	for k := range steps {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, c key) int {
		if a.item != c.item {
			return strings.Compare(a.item.String(), c.item.String())
		}
		return strings.Compare(string(a.mark), string(c.mark))
	})
	for _, k := range keys {
		days := make([]date.Date, 0, len(steps[k]))
		for d := range steps[k] {
			days = append(days, d)
		}
		slices.SortFunc(days, date.Date.Compare)
		under := int64(0)
		for _, d := range days {
			under += steps[k][d]
			b.add(insight.Event{Kind: insight.Marked, On: d, Item: k.item.String(), Amount: money.Of(under, currency[k.item]), Mark: k.mark})
		}
	}
}
