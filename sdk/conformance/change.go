package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/manifest"
)

var changeScenarios = []scenario{
	{
		area: Changes, name: "changes", sentence: "A pull after a load finds what was paid, changed and added since, and ends up as a fresh load does.", reads: manifest.DataInvoices, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			b, list, err := s.begun(ctx)
			if err != nil {
				return "", err
			}
			days := date.Of(s.clock.Now()).AddDays(21)
			if err := all(s.play.Books.Pay(list[5].Number, ""), s.play.Books.Pay(list[6].Number, "0.25"), s.play.Books.SetDue(list[7].Number, days), s.play.Books.Add(3)); err != nil {
				return "", broken{err}
			}
			s.clock.Pass(5 * time.Minute)
			if err := s.pull(ctx, b); err != nil {
				return "", wrong("the pull fails: %v", err)
			}
			sent := b.Sent
			if err := s.matches(b); err != nil {
				return "", err
			}
			fresh, err := s.books(ctx)
			if err != nil {
				return "", wrong("a fresh load fails: %v", err)
			}
			if d := fresh.compareTo(b); len(d) > 0 {
				return "", wrong("%s", few(d))
			}
			return fmt.Sprintf("%d of %d records", sent, fresh.Sent), nil
		},
	},
	{
		area: Changes, name: "deletion", sentence: "An invoice that was deleted at the source is gone after the next pull: nobody may be reminded of it.", reads: manifest.DataInvoices, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			b, list, err := s.begun(ctx)
			if err != nil {
				return "", err
			}
			victim := list[len(list)-1]
			id := b.byNumber(victim.Number)
			if err := s.play.Books.Delete(victim.Number); err != nil {
				return "", refusedDeletion(err)
			}
			s.clock.Pass(5 * time.Minute)
			if err := s.pull(ctx, b); err != nil {
				return "", wrong("the pull fails: %v", err)
			}
			if _, there := b.Invoices[id]; there {
				return "", wrong("invoice %s was deleted, and is still there after the next pull; send Gone, Complete or Compare", victim.Number)
			}
			return "", s.matches(b)
		},
	},
	{
		area: Changes, name: "targeted deletion", sentence: "A named invoice that is not there any more is said to be gone, and not left out.", reads: manifest.DataInvoices, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			b, list, err := s.begun(ctx)
			if err != nil {
				return "", err
			}
			victim, stays := list[len(list)-1].Number, b.byNumber(list[4].Number)
			id := b.byNumber(victim)
			if err := s.play.Books.Delete(victim); err != nil {
				return "", refusedDeletion(err)
			}
			if err := s.pull(ctx, b, id, stays); err != nil {
				return "", wrong("it fails: %v", err)
			}
			if _, there := b.Invoices[id]; there {
				return "", wrong("invoice %s is not said to be gone", victim)
			}
			if _, there := b.Invoices[stays]; !there {
				return "", wrong("invoice %s went with it", list[4].Number)
			}
			return "", nil
		},
	},
	{
		area: Changes, name: "change while reading", sentence: "What changes between two pages of a load is right after the next pull at the latest.", reads: manifest.DataInvoices, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			list, err := s.play.Books.Invoices()
			if err != nil {
				return "", broken{err}
			}
			var failed error
			meanwhile := Mutation{Times: 1, play: func(x *scene) answer {
				a := x.answer()
				failed = all(s.play.Books.Pay(list[8].Number, ""), s.play.Books.Add(2))
				_ = s.play.Books.Delete(list[len(list)-2].Number) // not every package lets one
				s.clock.Pass(3 * time.Minute)
				return a
			}}
			b := NewBooks()
			s.desk.arm(&meanwhile, min(1, len(s.r.load)-1))
			err = s.pull(ctx, b)
			s.desk.arm(nil, 0)
			if failed != nil {
				return "", broken{failed}
			}
			if c := ClassOf(err); err != nil && c != Passing && c != Wait && c != Resync {
				return "", wrong("it fails as %q: %v", c, err)
			}
			s.clock.Pass(5 * time.Minute)
			if err := s.pull(ctx, b); err != nil {
				return "", wrong("the next pull fails: %v", err)
			}
			return "", s.matches(b)
		},
	},
	{
		area: Manners, name: "cost", sentence: "Requests for 10,000 invoices, reckoned from loads of different size.", reads: manifest.DataInvoices, fresh: true,
		do: func(ctx context.Context, s *stage) (string, error) {
			const more = 400
			var calls [2]int
			for i := range calls {
				if i == 1 {
					if err := s.play.Books.Add(more); err != nil {
						return "", broken{err}
					}
				}
				asked := s.desk.begin()
				if _, err := s.books(ctx); err != nil {
					return "", wrong("a load fails: %v", err)
				}
				calls[i] = len(asked())
			}
			s.r.report.CallsPer10k = calls[0] + (calls[1]-calls[0])*(10_000-s.r.Invoices)/more
			return fmt.Sprintf("%d requests for %d invoices, %d for %d; about %d for 10,000", calls[0], s.r.Invoices, calls[1], s.r.Invoices+more, s.r.report.CallsPer10k), nil
		},
	},
}

// begun returns the books after a first load, and the invoices at the source.
func (s *stage) begun(ctx context.Context) (*Books, []Entry, error) {
	b, err := s.books(ctx)
	if err != nil {
		return nil, nil, wrong("the first load fails: %v", err)
	}
	list, err := s.play.Books.Invoices()
	if err != nil {
		return nil, nil, broken{err}
	}
	if len(list) < 10 {
		return nil, nil, skip("There are too few invoices.")
	}
	s.clock.Pass(5 * time.Minute)
	return b, list, nil
}

// refusedDeletion tells a package in which nothing can be deleted from books that
// do not play it.
func refusedDeletion(err error) error {
	if errors.Is(err, errors.ErrUnsupported) {
		return errAbsent
	}
	return skip("These books do not let an invoice be deleted: " + err.Error())
}

func (b *Books) byNumber(number string) string {
	for id, v := range b.Invoices {
		if v.Number == number {
			return id
		}
	}
	return ""
}

func all(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// open returns invoices that have at least that much open, in minor units.
func (b *Books) open(atLeast int64) (out []sdk.Invoice) {
	for _, v := range b.Invoices {
		if v.Kind == sdk.SalesInvoice && v.Status == sdk.Open && v.Open.Minor >= atLeast {
			out = append(out, v)
		}
	}
	return out
}
