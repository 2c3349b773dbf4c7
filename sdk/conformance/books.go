package conformance

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
)

// Books mirror what a connector sends, as the hub does: a record replaces the one
// of the same id, a deletion takes it away, and so does the end of a complete
// pull or list that does not have it. Books are a sdk.Sink.
type Books struct {
	Parties    map[string]sdk.Party
	Invoices   map[string]sdk.Invoice
	Payments   map[string]sdk.Payment
	Unreadable map[string]string // reason by stream and id
	Cursor     []byte

	// Of the pull under way.
	Sent   int // records
	gone   []string
	ends   bool // a stream was complete, or compared
	seen   map[string]bool
	cursor [][]byte
	stop   func(checkpoints int) error // asked at every checkpoint, when set
}

// NewBooks returns empty books.
func NewBooks() *Books {
	return &Books{
		Parties: map[string]sdk.Party{}, Invoices: map[string]sdk.Invoice{}, Payments: map[string]sdk.Payment{},
		Unreadable: map[string]string{}, seen: map[string]bool{},
	}
}

// Clone returns a copy that is ready for another pull.
func (b *Books) Clone() *Books {
	return &Books{
		Parties: maps.Clone(b.Parties), Invoices: maps.Clone(b.Invoices), Payments: maps.Clone(b.Payments),
		Unreadable: maps.Clone(b.Unreadable), Cursor: slices.Clone(b.Cursor), seen: map[string]bool{},
	}
}

func key(s sdk.Stream, id string) string { return string(s) + " " + id }

func (b *Books) take(s sdk.Stream, id string) {
	b.Sent++
	b.seen[key(s, id)] = true
	delete(b.Unreadable, key(s, id))
}

// Party implements sdk.Sink.
func (b *Books) Party(p sdk.Party) error {
	b.take(sdk.Parties, p.ID)
	b.Parties[p.ID] = p
	return nil
}

// Invoice implements sdk.Sink.
func (b *Books) Invoice(v sdk.Invoice) error {
	b.take(sdk.Invoices, v.ID)
	b.Invoices[v.ID] = v
	return nil
}

// Payment implements sdk.Sink.
func (b *Books) Payment(p sdk.Payment) error {
	b.take(sdk.Payments, p.ID)
	b.Payments[p.ID] = p
	return nil
}

// unreadable notes a record that cannot be told; what was known of it stays.
func (b *Books) unreadable(s sdk.Stream, id, reason string) {
	b.take(s, id)
	b.Unreadable[key(s, id)] = reason
}

func (b *Books) remove(s sdk.Stream, id string) {
	had := false
	switch s {
	case sdk.Parties:
		_, had = b.Parties[id]
		delete(b.Parties, id)
	case sdk.Invoices:
		_, had = b.Invoices[id]
		delete(b.Invoices, id)
		for _, p := range b.Payments {
			if p.InvoiceID == id {
				delete(b.Payments, p.ID)
			}
		}
	case sdk.Payments:
		_, had = b.Payments[id]
		delete(b.Payments, id)
	}
	delete(b.Unreadable, key(s, id))
	if had {
		b.gone = append(b.gone, key(s, id))
	}
}

func (b *Books) ids(s sdk.Stream) []string {
	switch s {
	case sdk.Parties:
		return slices.Collect(maps.Keys(b.Parties))
	case sdk.Payments:
		return slices.Collect(maps.Keys(b.Payments))
	default:
		return slices.Collect(maps.Keys(b.Invoices))
	}
}

func (b *Books) complete(s sdk.Stream) {
	b.ends = true
	for _, id := range b.ids(s) {
		if !b.seen[key(s, id)] {
			b.remove(s, id)
		}
	}
}

func (b *Books) compare(s sdk.Stream, list []sdk.Revision) (wanted []string) {
	b.ends = true
	have := map[string]string{}
	switch s {
	case sdk.Parties:
		for id, p := range b.Parties {
			have[id] = p.Revision
		}
	case sdk.Payments:
		for id, p := range b.Payments {
			have[id] = p.Revision
		}
	default:
		for id, v := range b.Invoices {
			have[id] = v.Revision
		}
	}
	listed := map[string]bool{}
	for _, r := range list {
		listed[r.ID] = true
		if revision, ok := have[r.ID]; !ok || revision != r.Revision {
			wanted = append(wanted, r.ID)
		}
	}
	for id := range have {
		if !listed[id] {
			b.remove(s, id)
		}
	}
	return wanted
}

func (b *Books) checkpoint(cursor []byte) error {
	b.Cursor = slices.Clone(cursor)
	b.cursor = append(b.cursor, b.Cursor)
	if b.stop != nil {
		return b.stop(len(b.cursor))
	}
	return nil
}

// sink lets Books be a sdk.Sink while Unreadable is a field of theirs.
type sink struct{ *Books }

func (s sink) Unreadable(st sdk.Stream, id, reason string) error {
	s.unreadable(st, id, reason)
	return nil
}
func (s sink) Gone(st sdk.Stream, id string) error { s.remove(st, id); return nil }
func (s sink) Complete(st sdk.Stream) error        { s.complete(st); return nil }
func (s sink) Checkpoint(c []byte) error           { return s.checkpoint(c) }
func (s sink) Progress(sdk.Stream, int) error      { return nil }
func (s sink) Compare(st sdk.Stream, l []sdk.Revision) ([]string, error) {
	return s.compare(st, l), nil
}

// Sink returns the books as a sdk.Sink.
func (b *Books) Sink() sdk.Sink { return sink{b} }

// difference is one record that is not the same in two books.
type difference struct {
	stream sdk.Stream
	id     string
	// missing: only in the first; extra: only in the second.
	missing, extra bool
	// money says that an amount, a currency, a kind or a debtor differs.
	money bool
	what  string
}

// String names the record and how it differs.
func (d difference) String() string {
	switch {
	case d.missing:
		return fmt.Sprintf("%s %s is missing", d.stream, d.id)
	case d.extra:
		return fmt.Sprintf("%s %s should not be there", d.stream, d.id)
	}
	return fmt.Sprintf("%s %s: %s", d.stream, d.id, d.what)
}

// compareTo returns how other books differ from these. Revisions do not count:
// they say nothing about the record.
func (b *Books) compareTo(other *Books) (out []difference) {
	each(b.Parties, other.Parties, sdk.Parties, &out, func(a, c sdk.Party) bool { return false })
	each(b.Invoices, other.Invoices, sdk.Invoices, &out, func(a, c sdk.Invoice) bool {
		return a.Total != c.Total || a.Open != c.Open || a.Kind != c.Kind ||
			a.PartyID != c.PartyID && c.PartyID != "" // without a debtor, nobody is asked
	})
	each(b.Payments, other.Payments, sdk.Payments, &out, func(a, c sdk.Payment) bool { return a.Amount != c.Amount || a.InvoiceID != c.InvoiceID })
	for k := range b.Unreadable {
		if _, ok := other.Unreadable[k]; !ok {
			out = append(out, difference{what: k + " can be read all at once"})
		}
	}
	for k, why := range other.Unreadable {
		if _, ok := b.Unreadable[k]; !ok {
			stream, id, _ := strings.Cut(k, " ")
			out = append(out, difference{stream: sdk.Stream(stream), id: id, what: "it cannot be read: " + why})
		}
	}
	return out
}

func each[T any](a, b map[string]T, s sdk.Stream, out *[]difference, money func(T, T) bool) {
	for _, id := range slices.Sorted(maps.Keys(a)) {
		y, ok := b[id]
		if !ok {
			*out = append(*out, difference{stream: s, id: id, missing: true})
			continue
		}
		if x := a[id]; !equal(x, y) {
			*out = append(*out, difference{stream: s, id: id, money: money(x, y), what: explain(x, y)})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[id]; !ok {
			*out = append(*out, difference{stream: s, id: id, extra: true})
		}
	}
}

func equal(a, b any) bool {
	return explain(a, b) == ""
}

// explain names the fields that differ.
func explain(a, b any) string {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	var out []string
	for i := range x.NumField() {
		name := x.Type().Field(i).Name
		if name == "Revision" {
			continue
		}
		p, q := fmt.Sprint(x.Field(i).Interface()), fmt.Sprint(y.Field(i).Interface())
		if p != q {
			out = append(out, fmt.Sprintf("%s is %s instead of %s", name, clip(q), clip(p)))
		}
	}
	return strings.Join(out, ", ")
}

func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	if s == "" {
		return "empty"
	}
	return s
}

// few writes some of many differences.
func few(list []difference) string {
	var out []string
	for i, d := range list {
		if i == 3 {
			out = append(out, fmt.Sprintf("and %d more", len(list)-3))
			break
		}
		out = append(out, d.String())
	}
	return strings.Join(out, "; ")
}
