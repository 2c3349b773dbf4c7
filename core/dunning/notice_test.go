package dunning_test

import (
	"context"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

type noticeRow struct {
	posted, received, last, from date.Date
	principal, costs             int64
	void                         bool
	invoices                     int
}

func notices(w *dunningtest.World) (out []noticeRow) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.Query(context.Background(), `select posted_on, received_on, term_last_day, costs_from, principal_minor, costs_minor, void_at is not null,
			(select count(*) from notice_invoice i where i.notice_id = n.id) from notice n order by posted_on`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n noticeRow
			if err := rows.Scan(&n.posted, &n.received, &n.last, &n.from, &n.principal, &n.costs, &n.void, &n.invoices); err != nil {
				return err
			}
			out = append(out, n)
		}
		return rows.Err()
	})
	return out
}

func TestNotice(t *testing.T) {
	t.Parallel()
	t.Run("R93 R94 R95 the 14-day letter", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Walk("2026-04-03 00:00")
		// Posted on the Thursday before Easter: Good Friday, Sunday and Easter
		// Monday do not count.
		want := noticeRow{
			posted: date.MustParse("2026-04-02"), received: date.MustParse("2026-04-07"), last: date.MustParse("2026-04-21"), from: date.MustParse("2026-04-22"),
			principal: 300_000, costs: 42_500, invoices: 1,
		}
		if got := notices(w); len(got) != 1 || got[0] != want {
			t.Fatalf("notices %+v, want %+v", got, want)
		}
		m := message(w, "F1", "fourteen_day_letter")
		nl, err := law.Pack("NL")
		if err != nil {
			t.Fatal(err)
		}
		problems, err := nl.CheckNotice(law.Notice{Language: "nl", Sent: want.posted, Channel: law.Post, Claims: []law.NoticeClaim{
			{Reference: "F1", Principal: money.EUR(300_000), DefaultSince: date.MustParse("2026-03-17")},
		}}, m.BodyText)
		if err != nil || len(problems) > 0 {
			t.Errorf("the text as sent loses the right to costs: %v %v", problems, err)
		}
		letter := stored(t, w, m)
		if !strings.HasPrefix(string(letter.Content), "%PDF-") {
			t.Errorf("the letter %q is not kept as PDF", letter.Name)
		}
		if claims(w)["costs"] != 0 {
			t.Error("costs were booked before the term ran out")
		}
	})
	t.Run("R98 one letter for all claims, with the costs computed once", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Books.Put(dunningtest.Debtor("jan", sdk.Consumer), dunningtest.Invoice("F2", "jan", "2026-03-03", "2026-03-20", 20_000))
		w.Books.Sync()
		w.Walk("2026-04-03 00:00")
		got := notices(w)
		// 15% of 2,500 and 10% of 700, not 425 and the minimum of 40.
		if len(got) != 1 || got[0].principal != 320_000 || got[0].costs != 44_500 || got[0].invoices != 2 {
			t.Fatalf("notices %+v", got)
		}
		w.Walk("2026-05-01 00:00")
		if c := claims(w); c["costs"] != 44_500 {
			t.Errorf("booked %v", c)
		}
		for _, number := range []string{"F1", "F2"} {
			if s := w.State(number); s.Phase != "case" {
				t.Errorf("%s is in phase %s: %v", number, s.Phase, w.Story(number))
			}
		}
		once(t, w)
	})
	t.Run("R23 a due date that moves to the future voids the letter for all its claims", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Books.Put(dunningtest.Debtor("jan", sdk.Consumer), dunningtest.Invoice("F2", "jan", "2026-03-03", "2026-03-17", 20_000))
		w.Books.Sync()
		w.Walk("2026-04-08 00:00")
		w.Books.Change("F1", func(i *sdk.Invoice) { i.Due = date.MustParse("2026-04-20") })
		w.Books.Sync()
		if got := notices(w); len(got) != 1 || !got[0].void {
			t.Fatalf("notices %+v", got)
		}
		if s := w.State("F1"); s.Phase != "sent" {
			t.Errorf("R21: the phase is %s", s.Phase)
		}
		w.Walk("2026-06-20 00:00")
		got := notices(w)
		if len(got) < 2 || got[1].void {
			t.Fatalf("no new letter went out: %+v\n%v\n%v", got, w.Story("F1"), w.Story("F2"))
		}
		if s := w.State("F2"); s.Phase != "case" && s.Phase != "bailiff" {
			t.Errorf("F2 is in phase %s: %v", s.Phase, w.Story("F2"))
		}
		for _, number := range []string{"F1", "F2"} {
			n := 0
			for _, step := range w.Sent(number) {
				if step == "invoice" {
					n++
				}
			}
			if n != 1 {
				t.Errorf("%s went out %d times", number, n)
			}
		}
		once(t, w)
	})
	t.Run("R51 R56 no postal address, no statutory letter", func(t *testing.T) {
		t.Parallel()
		w := dunningtest.New(t, "2026-03-02 07:00")
		jan := dunningtest.Debtor("jan", sdk.Consumer)
		jan.Address = sdk.Address{}
		w.Books.Put(jan, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
		w.Books.Sync()
		w.Walk("2026-06-01 00:00")
		if s := w.State("F1"); s.HeldRule != "R51" || len(notices(w)) != 0 {
			t.Errorf("held by %q, notices %v: %v", s.HeldRule, notices(w), w.Story("F1"))
		}
	})
}

func stored(t *testing.T, w *dunningtest.World, m db.Message) (doc db.Document) {
	t.Helper()
	for _, other := range w.Messages("F1") {
		if other.Step != m.Step || other.Channel != "letter" {
			continue
		}
		w.In(func(tx store.Tx) (err error) {
			doc, err = tx.DocumentOf(context.Background(), db.DocumentOfParams{SubjectID: other.ID, Kind: "letter"})
			return err
		})
		return doc
	}
	t.Fatal("there is no letter")
	return doc
}
