package conformance

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/money"
)

var writeScenarios = []scenario{
	{
		area: Writing, name: "applied once", sentence: "A payment is booked, once: pushed again with the same key, nothing more happens.", needs: manifest.Payments, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			w, v, err := s.payment(ctx, "k-once")
			if err != nil {
				return "", err
			}
			if o, err := s.s.Find(ctx, w); err != nil || o.State != sdk.Rejected {
				return "", wrong("before it is made, Find says %q: %v", o.State, err)
			}
			first, err := s.s.Push(ctx, w)
			if err != nil || first.State != sdk.Applied || first.ExternalID == "" {
				return "", wrong("Push says %q with id %q (%s): %v", first.State, first.ExternalID, first.Message, err)
			}
			if err := s.booked(v, w); err != nil {
				return "", err
			}
			again, err := s.s.Push(ctx, w)
			if err != nil || again.State == sdk.Rejected && again.Message == "" {
				return "", wrong("pushed again: %q: %v", again.State, err)
			}
			if err := s.booked(v, w); err != nil {
				return "", wrong("pushed twice: %v", err)
			}
			if o, err := s.s.Find(ctx, w); err != nil || o.State != sdk.Applied {
				return "", wrong("Find says %q: %v", o.State, err)
			}
			b := NewBooks()
			if err := s.pull(ctx, b, v.ID); err != nil {
				return "", wrong("reading the invoice again fails: %v", err)
			}
			if got := b.Invoices[v.ID].Open.Minor; got != v.Open.Minor-w.Payment.Amount.Minor {
				return "", wrong("read again, %s is open", b.Invoices[v.ID].Open)
			}
			return "", nil
		},
	},
	{
		area: Writing, name: "5xx after the write", sentence: "The payment is booked, and the package says that it failed: the outcome is uncertain, Find settles it, and it is booked once.", needs: manifest.Payments, fresh: true,
		do: lost(func(x *scene) answer { x.answer(); return status(502, nil, "Bad Gateway")(x) }, true),
	},
	{
		area: Writing, name: "answer lost after the write", sentence: "The payment is booked, and the connection breaks before the answer: the outcome is uncertain, Find settles it, and it is booked once.", needs: manifest.Payments, fresh: true,
		do: lost(func(x *scene) answer { a := x.answer(); a.body, a.cut = nil, true; return a }, true),
	},
	{
		area: Writing, name: "nonsense after the write", sentence: "The payment is booked, and the answer is a page of HTML: that is no reason to book it again.", needs: manifest.Payments, fresh: true,
		do: lost(func(x *scene) answer {
			x.answer()
			return answer{status: 200, header: http.Header{"Content-Type": {"text/html"}}, body: []byte(maintenance)}
		}, true),
	},
	{
		area: Writing, name: "5xx before the write", sentence: "The package is out of order: nothing is booked, Find says so, and the next attempt books it once.", needs: manifest.Payments, fresh: true,
		do: lost(status(503, nil, "Service Unavailable"), false),
	},
	{
		area: Writing, name: "429 before the write", sentence: "The package asks to slow down: nothing is booked, and the next attempt books it once.", needs: manifest.Payments, fresh: true,
		do: lost(status(429, map[string]string{"Retry-After": "60"}, "Too many requests"), false),
	},
	{
		area: Writing, name: "note", sentence: "A note is written, found again, and not written twice.", needs: manifest.Notes, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			b, err := s.books(ctx)
			if err != nil {
				return "", wrong("the load fails: %v", err)
			}
			w := sdk.Write{Key: "n-1", Administration: s.adm, Note: &sdk.NoteWrite{Text: "First reminder sent.\nBy e-mail.", Moment: s.clock.Now()}}
			for _, v := range b.open(1) {
				w.Note.Party, w.Note.Invoice = v.PartyID, v.ID
				break
			}
			for id := range b.Parties {
				if w.Note.Party == "" {
					w.Note.Party = id
				}
			}
			for i := range 2 {
				if o, err := s.s.Push(ctx, w); err != nil || o.State != sdk.Applied {
					return "", wrong("Push %d says %q (%s): %v", i+1, o.State, o.Message, err)
				}
			}
			if o, err := s.s.Find(ctx, w); err != nil || o.State != sdk.Applied {
				return "", wrong("Find says %q: %v", o.State, err)
			}
			w.Key, w.Note.Text = "n-2", "Another note that was never written."
			if o, err := s.s.Find(ctx, w); err != nil || o.State != sdk.Rejected {
				return "", wrong("of a note that was never written, Find says %q: %v", o.State, err)
			}
			return "", nil
		},
	},
}

// payment returns a write of one euro and a cent on an invoice that has more open.
func (s *stage) payment(ctx context.Context, key string) (sdk.Write, sdk.Invoice, error) {
	b, err := s.books(ctx)
	if err != nil {
		return sdk.Write{}, sdk.Invoice{}, wrong("the load fails: %v", err)
	}
	list := b.open(500)
	if len(list) == 0 {
		return sdk.Write{}, sdk.Invoice{}, skip("No invoice has enough open.")
	}
	slices.SortFunc(list, func(a, b sdk.Invoice) int { return strings.Compare(a.Number, b.Number) })
	v := list[0]
	return sdk.Write{Key: key, Administration: s.adm, Payment: &sdk.PaymentWrite{
		Invoice: v.ID, Amount: money.Of(101, v.Open.Currency), ValueDate: date.Of(s.clock.Now()), Reference: "tr_7UhSN1zuXS",
	}}, v, nil
}

// booked reports whether the books have the payment once.
func (s *stage) booked(v sdk.Invoice, w sdk.Write) error {
	return s.hasOpen(v, v.Open.Minor-w.Payment.Amount.Minor)
}

func (s *stage) hasOpen(v sdk.Invoice, minor int64) error {
	list, err := s.play.Books.Invoices()
	if err != nil {
		return broken{err}
	}
	for _, e := range list {
		if want := money.Of(minor, v.Open.Currency).Decimal(); e.Number == v.Number && !same(e.Open, want) {
			return wrong("invoice %s has %s open in the books; it should be %s", v.Number, e.Open, want)
		}
	}
	return nil
}

// lost spoils the answer to the request that books a payment. Done says that the
// payment is made all the same.
func lost(spoil func(*scene) answer, done bool) func(context.Context, *stage) (string, error) {
	return func(ctx context.Context, s *stage) (string, error) {
		at, err := s.rehearse(ctx)
		if err != nil {
			return "", err
		}
		w, v, err := s.payment(ctx, "k-lost")
		if err != nil {
			return "", err
		}
		m := Mutation{Times: -1, play: spoil}
		if done {
			m.Times = 1
		}
		s.desk.arm(&m, at)
		first, err := s.s.Push(ctx, w)
		fired := s.desk.shots()
		s.desk.arm(nil, 0)
		if fired == 0 {
			return "", skip("The request that books a payment could not be told from the others.")
		}
		note := string(first.State)
		if err != nil {
			note = string(ClassOf(err)) + " error"
		}
		switch {
		case ClassOf(err) == Crash || ClassOf(err) == Hang:
			return "", wrong("%v", err)
		case done && err != nil:
			return "", wrong("an error means that nothing was written, and something was: %v", err)
		case done && first.State == sdk.Rejected:
			return "", wrong("it says that the payment was refused, and it was booked")
		case !done && first.State == sdk.Applied:
			return "", wrong("it says that the payment was booked, and it was not")
		case !done && err != nil && !slices.Contains([]Class{Wait, Passing}, ClassOf(err)):
			return "", wrong("it fails as %q: %v", ClassOf(err), err)
		}
		found, err := s.s.Find(ctx, w)
		if want := map[bool]sdk.OutcomeState{true: sdk.Applied, false: sdk.Rejected}[done]; err != nil || found.State != want {
			return "", wrong("Find says %q and should say %q: %v", found.State, want, err)
		}
		// The host tries again only what is not there.
		if !done {
			if o, err := s.s.Push(ctx, w); err != nil || o.State != sdk.Applied {
				return "", wrong("the next attempt says %q (%s): %v", o.State, o.Message, err)
			}
		}
		return note, s.booked(v, w)
	}
}

// rehearse books a payment on another invoice and returns which of its requests
// did it: the last that is more than a question.
func (s *stage) rehearse(ctx context.Context) (int, error) {
	b, err := s.books(ctx)
	if err != nil {
		return 0, wrong("the load fails: %v", err)
	}
	list := b.open(500)
	slices.SortFunc(list, func(a, b sdk.Invoice) int { return strings.Compare(b.Number, a.Number) })
	if len(list) < 2 {
		return 0, skip("No invoice has enough open.")
	}
	asked := s.desk.begin()
	if s.play.Books != nil {
		s.desk.watch(func() string {
			all, err := s.play.Books.Invoices()
			return fmt.Sprint(all, err)
		})
		defer s.desk.watch(nil)
	}
	o, err := s.s.Push(ctx, sdk.Write{Key: "k-rehearsal", Administration: s.adm, Payment: &sdk.PaymentWrite{
		Invoice: list[0].ID, Amount: money.Of(101, list[0].Open.Currency), ValueDate: date.Of(s.clock.Now()), Reference: "tr_rehearsal",
	}})
	if err != nil || o.State != sdk.Applied {
		return 0, wrong("Push says %q (%s): %v", o.State, o.Message, err)
	}
	log := asked()
	// The request that changed the books, which is not always the one with the amount:
	// some packages take a form first. Else the one that carries the amount; else the
	// last that is not a GET.
	for i, q := range log {
		if q.booked {
			return i, nil
		}
	}
	for i, q := range slices.Backward(log) {
		if q.method != http.MethodGet && strings.Contains(string(q.body), "1.01") {
			return i, nil
		}
	}
	for i, q := range slices.Backward(log) {
		if q.method != http.MethodGet {
			return i, nil
		}
	}
	return 0, skip(fmt.Sprintf("None of %d requests books a payment.", len(log)))
}
