package conformance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
)

func firstLoad(ctx context.Context, s *stage) (string, error) {
	s.phase("full")
	asked := s.desk.begin()
	b, err := s.books(ctx)
	if err != nil {
		return "", wrong("it fails: %v", err)
	}
	log := asked()
	if len(b.Parties)+len(b.Invoices) == 0 {
		return "", wrong("it brings nothing")
	}
	if b.Cursor == nil {
		return "", wrong("it ends without a checkpoint, so that every pull is a first load")
	}
	s.r.base, s.r.load = b.Clone(), log
	if p := b.Problems(); len(p) > 0 {
		return "", wrong("%s", strings.Join(p[:min(3, len(p))], "; "))
	}
	return fmt.Sprintf("%d parties, %d invoices, %d payments in %d requests", len(b.Parties), len(b.Invoices), len(b.Payments), len(log)), nil
}

func exact(_ context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	if s.play.Books == nil {
		return "", skip("A recording does not say what is in the books.")
	}
	return "", s.matches(s.r.base)
}

// matches compares books with what the played books have.
func (s *stage) matches(b *Books) error {
	list, err := s.play.Books.Invoices()
	if err != nil {
		return broken{err}
	}
	byNumber := map[string]sdk.Invoice{}
	for _, v := range b.Invoices {
		byNumber[v.Number] = v
	}
	for _, e := range list {
		v, ok := byNumber[e.Number]
		if !ok {
			return wrong("invoice %s of the books is missing", e.Number)
		}
		delete(byNumber, e.Number)
		total, open := v.Total.Decimal(), v.Open.Decimal()
		if v.Kind == sdk.CreditNote {
			continue // the sign differs between packages
		}
		if same(total, e.Total) && same(open, e.Open) {
			continue
		}
		return wrong("invoice %s has a total of %s and %s open; in the books that is %s and %s", e.Number, total, open, e.Total, e.Open)
	}
	for number, v := range byNumber {
		if v.Status != sdk.Draft && v.Status != sdk.Void {
			return wrong("invoice %s is not in the books", number)
		}
	}
	return nil
}

// same compares decimals by value.
func same(a, b string) bool {
	trim := func(s string) string {
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return trim(a) == trim(b)
}

// errEnough is what a sink says that wants no more.
type errEnough struct{}

func (errEnough) Error() string { return "the sink wants no more" }

func resume(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	tried := 0
	for _, at := range []int{1, 2} {
		b := NewBooks()
		b.stop = func(n int) error {
			if n >= at {
				return errEnough{}
			}
			return nil
		}
		err := s.pull(ctx, b)
		if err == nil {
			break // there are not that many checkpoints
		}
		if c := ClassOf(err); c == Crash || c == Hang {
			return "", wrong("when the host wants no more: %v", err)
		}
		tried++
		b.stop = nil
		if err := s.pull(ctx, b); err != nil {
			return "", wrong("it does not go on from checkpoint %d: %v", at, err)
		}
		if d := s.r.base.compareTo(b); len(d) > 0 {
			return "", wrong("gone on from checkpoint %d: %s", at, few(d))
		}
	}
	return fmt.Sprintf("from %d checkpoints", tried), nil
}

// Named returns the invoices that are read by their ids: one of them, and ten. A
// recording asks for the same.
func (b *Books) Named() [][]string {
	ids := slices.Sorted(maps.Keys(b.Invoices))
	if len(ids) == 0 {
		return nil
	}
	return [][]string{ids[:1], ids[:min(10, len(ids))]}
}

func targeted(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil || len(s.r.base.Invoices) == 0 {
		return "", skip("There are no invoices.")
	}
	s.phase("targeted")
	note := ""
	for _, want := range s.r.base.Named() {
		b, asked := NewBooks(), s.desk.begin()
		if err := s.pull(ctx, b, want...); err != nil {
			return "", wrong("reading %d invoices fails: %v", len(want), err)
		}
		calls := len(asked())
		for _, id := range want {
			got, ok := b.Invoices[id]
			if !ok {
				return "", wrong("invoice %s was asked for and did not come", id)
			}
			if what := explain(s.r.base.Invoices[id], got); what != "" {
				return "", wrong("invoice %s is not as in a full pull: %s", id, what)
			}
		}
		if len(b.Invoices) != len(want) || len(b.gone) > 0 || b.ends {
			return "", wrong("%d invoices came of %d; it may bring nothing else, and say of no stream that it is complete", len(b.Invoices), len(want))
		}
		if calls > 4+2*len(want) {
			return "", wrong("%d invoices took %d requests", len(want), calls)
		}
		note = strings.TrimPrefix(note+fmt.Sprintf(", %d in %d requests", len(want), calls), ", ")
	}
	return note, nil
}

func document(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("document")
	for _, id := range slices.Sorted(maps.Keys(s.r.base.Invoices)) {
		if !s.r.base.Invoices[id].Document {
			continue
		}
		d, err := s.s.Document(ctx, sdk.DocumentRequest{Administration: s.adm, Invoice: id, Format: sdk.PDF})
		if err != nil && s.play.Books == nil {
			continue // a recording has one of them
		}
		if err != nil {
			return "", wrong("the PDF of invoice %s, which has one: %v", id, err)
		}
		if !strings.HasPrefix(string(d.Content), "%PDF-") {
			return "", wrong("the PDF of invoice %s begins with %q", id, clip(string(d.Content[:min(20, len(d.Content))])))
		}
		return fmt.Sprintf("%d KiB", len(d.Content)>>10), nil
	}
	return "", skip("No invoice in these books has a document.")
}
