package dunning_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// abroad is a creditor and a debtor of another country, with what the creditor's
// terms say.
func abroad(t *testing.T, start, country, language string, currency money.Currency, business, consumer string, law db.SetLawParams) *dunningtest.World {
	t.Helper()
	w := dunningtest.New(t, start)
	w.In(func(tx store.Tx) error {
		ctx := context.Background()
		if _, err := tx.Exec(ctx, "update administration set country = $1, language = $2, currency = $3, flow_business = $4, flow_consumer = $5, registration = '0123.456.789'",
			country, language, string(currency), business, consumer); err != nil {
			return err
		}
		law.ID = w.Adm
		return tx.SetLaw(ctx, law)
	})
	return w
}

func local(kind sdk.PartyKind, country, language string) sdk.Party {
	p := dunningtest.Debtor("jan", kind)
	p.Language = language
	p.Address = sdk.Address{Line1: "1 High Street", PostalCode: "1000", City: "Town", Country: country}
	return p
}

func bill(id, issued, due string, a money.Amount) sdk.Invoice {
	i := dunningtest.Invoice(id, "jan", issued, due, a.Minor)
	i.Total, i.Open = a, a
	return i
}

// walkApproving walks day by day and approves what waits for a person, until a
// step is behind the invoice or a day has come.
func walkApproving(t *testing.T, w *dunningtest.World, until string, step string) {
	t.Helper()
	for day := date.Of(w.Clock.Now().In(dunningtest.Amsterdam)); day.String() <= until; day = day.AddDays(1) {
		w.Walk(day.String() + " 12:00")
		approve(t, w)
		w.Walk(day.AddDays(1).String() + " 00:00")
		approve(t, w)
		if step != "" && slices.Contains(w.Sent("F1"), step) {
			return
		}
	}
	if step != "" {
		t.Fatalf("%s did not go out before %s, held by %q: %s\n%s", step, until, w.State("F1").HeldRule, w.State("F1").HeldWhy, strings.Join(w.Story("F1"), "\n"))
	}
}

// pauseUntil keeps the next step for the morning of a day.
func pauseUntil(t *testing.T, w *dunningtest.World, day string) {
	t.Helper()
	w.In(func(tx store.Tx) error {
		_, err := w.Planner.Hold(context.Background(), tx, dunning.HoldRequest{
			Scope: dunning.OfInvoice, ID: w.ID("F1"), Reason: receivable.Paused, Until: dunningtest.At(day + " 00:01"), By: "anna",
		})
		return err
	})
}

// said returns the text of the message of a step, with plain spaces.
func said(w *dunningtest.World, step string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(message(w, "F1", step).BodyText, "\u00a0", " ")), " ")
}

func yes() *bool { b := true; return &b }

// The amounts that the process demands are those of the worked examples of the
// law packs, from the invoice to the case.
func TestLawVectorsEndToEnd(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		country, language string
		currency          money.Currency
		kind              sdk.PartyKind
		business          string
		consumer          string
		law               db.SetLawParams
		issued, due       string
		principal         int64
		before            string // the step after which the case is kept waiting
		on                string // the day of the case, the last of the example
		costs, interest   int64
		says              map[string][]string // in the message of a step
	}{
		{
			name: "R101 R103 BE business be-b2b-1", country: "BE", language: "fr", currency: "EUR", kind: sdk.Business, business: "b2b-be",
			issued: "2025-01-02", due: "2025-01-31", principal: 120_000, before: "final_reminder", on: "2025-09-30", costs: 4_000, interest: 8_847,
			says: map[string][]string{
				"final_reminder": {"indemnité forfaitaire de 40,00 €", "11,5", "Indemnité forfaitaire 40,00 €"},
				"case_opened":    {"1 328,47 €", "Indemnité forfaitaire 40,00 €", "88,47 €"},
			},
		},
		{
			name: "R101 R103 GB business uk-05 fixed sum 40", country: "GB", language: "en", currency: "GBP", kind: sdk.Business, business: "b2b-uk",
			law: db.SetLawParams{DueAgreed: yes()}, issued: "2020-06-01", due: "2020-06-30", principal: 99_999, before: "final_reminder", on: "2021-06-30", costs: 4_000, interest: 8_100,
			says: map[string][]string{"final_reminder": {"8.10% a year", "compensation of £40.00"}, "case_opened": {"£1,120.99"}},
		},
		{
			name: "R101 R103 GB business uk-07 fixed sum 70", country: "GB", language: "en", currency: "GBP", kind: sdk.Business, business: "b2b-uk",
			law: db.SetLawParams{DueAgreed: yes()}, issued: "2017-10-02", due: "2017-11-02", principal: 999_999, before: "final_reminder", on: "2018-02-01", costs: 7_000, interest: 20_568,
			says: map[string][]string{"case_opened": {"£10,275.67"}},
		},
		{
			name: "R101 R103 GB business uk-03 fixed sum 100", country: "GB", language: "en", currency: "GBP", kind: sdk.Business, business: "b2b-uk",
			law: db.SetLawParams{DueAgreed: yes()}, issued: "2025-06-02", due: "2025-06-29", principal: 1_800_000, before: "final_reminder", on: "2026-01-15", costs: 10_000, interest: 125_753,
			says: map[string][]string{"case_opened": {"£19,357.53"}},
		},
		{
			name: "R101 R103 DE business de-int-5", country: "DE", language: "de", currency: "EUR", kind: sdk.Business, business: "b2b-de",
			law: db.SetLawParams{DueAgreed: yes()}, issued: "2025-05-20", due: "2025-06-19", principal: 123_456, before: "final_reminder", on: "2026-01-15", costs: 4_000, interest: 7_332,
			says: map[string][]string{
				"final_reminder": {"Wir mahnen sie hiermit an", "1.234,56 €", "Pauschale von 40,00 €", "10,27 % im Jahr"},
				"case_opened":    {"1.347,88 €", "Pauschale (§ 288 Abs. 5 BGB) 40,00 €", "73,32 €"},
			},
		},
		{
			name: "R93 R103 DE consumer de-int-1", country: "DE", language: "de", currency: "EUR", kind: sdk.Consumer, business: "b2b-de", consumer: "b2c-nl",
			law: db.SetLawParams{DueAgreed: yes()}, issued: "2024-01-02", due: "2024-01-31", principal: 100_000, before: "fourteen_day_letter", on: "2025-03-31", costs: 0, interest: 9_557,
			says: map[string][]string{"fourteen_day_letter": {"Wir mahnen sie hiermit an"}, "case_opened": {"1.095,57 €", "Gesetzliche Zinsen 95,57 €"}},
		},
		{
			name: "R101 R103 FR business fr-default-3", country: "FR", language: "fr", currency: "EUR", kind: sdk.Business, business: "b2b-fr",
			issued: "2025-05-15", due: "2025-06-14", principal: 99_990, before: "final_reminder", on: "2025-12-31", costs: 4_000, interest: 6_701,
			says: map[string][]string{
				"final_reminder": {"nous vous mettons en demeure", "999,90 €", "indemnité forfaitaire de 40,00 €"},
				"case_opened":    {"1 106,91 €", "Indemnité forfaitaire pour frais de recouvrement 40,00 €"},
			},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := abroad(t, tc.issued+" 07:00", tc.country, tc.language, tc.currency, tc.business, tc.consumer, tc.law)
			w.Books.Put(local(tc.kind, tc.country, tc.language), bill("F1", tc.issued, tc.due, money.Of(tc.principal, tc.currency)))
			w.Books.Sync()
			walkApproving(t, w, date.MustParse(tc.due).AddDays(60).String(), tc.before)
			pauseUntil(t, w, tc.on)
			walkApproving(t, w, tc.on, "")
			if at := message(w, "F1", "case_opened"); at.SentAt == nil || date.Of(at.SentAt.In(dunningtest.Amsterdam)).String() != tc.on {
				t.Fatalf("the case opened on %v, want %s, held by %q: %s\n%s", at.SentAt, tc.on, w.State("F1").HeldRule, w.State("F1").HeldWhy, strings.Join(w.Story("F1"), "\n"))
			}
			if got := claims(w); got["costs"] != tc.costs || got["interest"] != tc.interest {
				t.Errorf("booked %v, want costs %d and interest %d", got, tc.costs, tc.interest)
			}
			for step, words := range tc.says {
				for _, want := range words {
					if text := said(w, step); !strings.Contains(text, want) {
						t.Errorf("%s does not say %q:\n%s", step, want, text)
					}
				}
			}
			once(t, w)
		})
	}
}

func TestBelgianConsumer(t *testing.T) {
	t.Parallel()
	for principal, costs := range map[int64]int64{15_000: 2_000, 20_000: 3_500, 50_000: 6_500, 100_000: 9_000} {
		t.Run("R47 R93 R95 the free first reminder, then the compensation "+money.EUR(costs).Decimal(), func(t *testing.T) {
			t.Parallel()
			w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{CostsClause: true, Supplies: "brood en gebak"})
			w.Books.Put(local(sdk.Consumer, "BE", "fr-BE"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(principal)))
			w.Books.Sync()
			walkApproving(t, w, "2025-04-30", "fourteen_day_letter")
			got := notices(w)
			if len(got) != 1 || got[0].costs != costs || got[0].principal != principal || got[0].from.Before(got[0].posted.AddDays(17)) {
				t.Fatalf("notices %+v", got)
			}
			if claims(w)["costs"] != 0 {
				t.Error("costs were booked before the term ran out")
			}
			text := said(w, "fourteen_day_letter")
			for _, want := range []string{"Ce premier rappel est gratuit", "0123.456.789", "brood en gebak", "17 mars 2025", "quatorze jours calendrier", "une indemnité de"} {
				if !strings.Contains(text, want) {
					t.Errorf("the first reminder does not say %q:\n%s", want, text)
				}
			}
			walkApproving(t, w, "2025-06-30", "case_opened")
			if m := message(w, "F1", "case_opened"); m.SentAt.Before(got[0].from.In(dunningtest.Amsterdam)) || claims(w)["costs"] != costs {
				t.Errorf("on %s the case has %v; costs from %s", m.SentAt.Format(time.DateOnly), claims(w), got[0].from)
			}
			once(t, w)
		})
	}
	t.Run("R93 nothing but the legal interest where the terms claim nothing", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{Supplies: "brood"})
		w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-06-30", "case_opened")
		if c := claims(w); c["costs"] != 0 {
			t.Errorf("booked %v", c)
		}
	})
	t.Run("R95 no first reminder that does not say what was supplied", func(t *testing.T) {
		t.Parallel()
		w := abroad(t, "2025-03-03 07:00", "BE", "nl", "EUR", "b2b-be", "b2c-be", db.SetLawParams{CostsClause: true})
		w.Books.Put(local(sdk.Consumer, "BE", "nl"), bill("F1", "2025-03-03", "2025-03-17", money.EUR(100_000)))
		w.Books.Sync()
		walkApproving(t, w, "2025-05-30", "")
		if s := w.State("F1"); s.HeldRule != "R95" || len(notices(w)) != 0 {
			t.Errorf("held by %q: %s", s.HeldRule, s.HeldWhy)
		}
	})
}
