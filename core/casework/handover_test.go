package casework_test

import (
	"context"
	"crypto/sha256"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/bailiff/emulator"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// ways leads to an emulated bailiff.
type ways struct{ url string }

func (w ways) To(db.Bailiff, db.Administration, time.Time) (bailiff.Transport, error) {
	return bailiff.API{Endpoint: w.url, Token: "key", Client: http.DefaultClient}, nil
}

func (y *yard) bailiff(edit func(*db.PutBailiffParams)) uuid.UUID {
	p := db.PutBailiffParams{ID: uuid.New(), TenantID: y.Tenant, Name: "Deurwaarder De Wit", Kind: "bailiff", Country: "NL", PaysTo: "creditor", Transport: "api", Endpoint: "x", CreatedAt: y.Clock.Now()}
	if edit != nil {
		edit(&p)
	}
	y.In(func(tx store.Tx) error { return tx.PutBailiff(context.Background(), p) })
	return p.ID
}

// contract adds what a dossier needs and the books do not have.
func (y *yard) contract() {
	y.In(func(tx store.Tx) error {
		content := []byte("%PDF-1.4 contract")
		sum := sha256.Sum256(content)
		doc := uuid.New()
		if err := tx.AddDocument(context.Background(), db.AddDocumentParams{ID: doc, TenantID: y.Tenant, SubjectID: y.id, Kind: "upload", Name: "contract.pdf", MediaType: "application/pdf", Sha256: sum[:], Content: content, CreatedAt: y.Clock.Now()}); err != nil {
			return err
		}
		return tx.AddEvidence(context.Background(), db.AddEvidenceParams{DocumentID: doc, TenantID: y.Tenant, CaseID: y.id, Kind: "contract", AddedBy: "anna", AddedAt: y.Clock.Now()})
	})
}

func (y *yard) tasks() (kinds []string) {
	y.In(func(tx store.Tx) error {
		list, err := tx.OpenTasks(context.Background())
		for _, k := range list {
			kinds = append(kinds, k.Kind)
		}
		return err
	})
	return kinds
}

func (y *yard) wake(t *testing.T) {
	t.Helper()
	if err := y.desk.Wake(context.Background(), y.Tenant, y.id); err != nil {
		t.Fatal(err)
	}
}

func (y *yard) arrange() *arrangement.Desk {
	return &arrangement.Desk{Store: y.Store, Real: y.Clock, Planner: y.Planner, Teller: y.Steps}
}

// stop records a bankruptcy of today.
func (y *yard) stop(tx store.Tx) error {
	_, err := y.arrange().Stop(context.Background(), tx, arrangement.NewStop{Debtor: y.DebtorID("jan"), Kind: arrangement.Bankruptcy, EffectiveOn: date.Of(y.Clock.Now().In(dunningtest.Amsterdam)), Source: "insolventies.rechtspraak.nl", By: "anna"})
	return err
}

func (y *yard) hold(scope dunning.Scope, reason receivable.HoldReason) func(tx store.Tx) error {
	return func(tx store.Tx) error {
		_, err := y.Planner.Hold(context.Background(), tx, dunning.HoldRequest{Scope: scope, ID: y.ID("F1"), Reason: reason, By: "voldaan"})
		return err
	}
}

// withBailiff is a yard whose bailiff answers.
func withBailiff(t *testing.T, until string) (*yard, *emulator.Bailiff) {
	t.Helper()
	y := newYard(t, sdk.Business, until)
	b := &emulator.Bailiff{Token: "key", Now: y.Clock.Now}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	y.desk.Ways = ways{server.URL}
	return y, b
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R107 what is missing blocks, with a list", func(t *testing.T) {
		t.Parallel()
		y, _ := withBailiff(t, "2026-05-19 00:00")
		err := y.desk.HandOver(ctx, y.Tenant, y.id, y.bailiff(nil), "anna")
		if f := fault.Of(err); f == nil || f.Code != "dossier_incomplete" || !strings.Contains(f.Message, "contract") {
			t.Errorf("the answer is %v", err)
		}
	})
	t.Run("R108 nothing leaves without approval, unless that was turned on", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-18 00:00")
		y.contract()
		y.bailiff(func(p *db.PutBailiffParams) { p.Standard = true })
		y.Walk("2026-05-20 00:00")
		y.wake(t)
		if row, _ := y.standing(); row.State != "ready" || len(b.Cases()) != 0 {
			t.Fatalf("the case is %s, the bailiff has %v", row.State, b.Cases())
		}
		p := claim.Cautious()
		p.Automatic = true
		y.policy(p)
		y.wake(t)
		y.wake(t)
		if row, _ := y.standing(); row.State != "bailiff" || !slices.Equal(b.Cases(), []string{"Z2026-0001"}) {
			t.Errorf("the case is %s, the bailiff has %v; tasks %v", row.State, b.Cases(), y.tasks())
		}
	})
	for _, tc := range []struct {
		name, rule string
		hold       func(y *yard) func(tx store.Tx) error
	}{
		{"R97 not of who may not be pressed", "R97", func(y *yard) func(tx store.Tx) error { return y.stop }},
		{"R75 not what is paid by instalments", "R75", func(y *yard) func(tx store.Tx) error { return y.hold(dunning.OfInvoice, receivable.OnPlan) }},
		{"R83 not what is collected by direct debit", "R83", func(y *yard) func(tx store.Tx) error { return y.hold(dunning.OfInvoice, receivable.DirectDebit) }},
		{"R70 not what is in dispute", "R70", func(y *yard) func(tx store.Tx) error {
			return func(tx store.Tx) error {
				_, err := y.arrange().Dispute(ctx, tx, arrangement.NewDispute{Invoice: y.ID("F1"), Amount: money.EUR(1_000), Reason: "price", By: "debtor"})
				return err
			}
		}},
		{"R62 not while the debtor's message is unread", "R62", func(y *yard) func(tx store.Tx) error {
			return func(tx store.Tx) error {
				return tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{ID: uuid.New(), TenantID: y.Tenant, DebtorID: y.DebtorID("jan"), Direction: "in", Channel: "portal", Author: "debtor", Subject: "Help", Body: "I lost my job.", At: y.Clock.Now()})
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			y, b := withBailiff(t, "2026-05-19 00:00")
			y.contract()
			to := y.bailiff(nil)
			y.In(tc.hold(y))
			err := y.desk.HandOver(ctx, y.Tenant, y.id, to, "anna")
			if f := fault.Of(err); err == nil || f.Code != "case_held" || !strings.Contains(f.Message, tc.rule) {
				t.Errorf("the answer is %v", err)
			}
			y.wake(t)
			if len(b.Cases()) != 0 {
				t.Errorf("the bailiff has %v", b.Cases())
			}
		})
	}
	t.Run("R97 R108 what goes by itself waits for the end of a legal stop, also once it was approved, and a bailiff who has it is told", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-18 00:00")
		y.contract()
		y.bailiff(func(p *db.PutBailiffParams) { p.Standard = true })
		p := claim.Cautious()
		p.Automatic = true
		y.policy(p)
		b.Fail(1)
		y.Walk("2026-05-19 09:30") // ready, and the first call failed
		y.In(y.stop)
		y.Walk("2026-05-25 12:00")
		if row, _ := y.standing(); row.State == "bailiff" || len(b.Cases()) != 0 || !slices.Contains(y.tasks(), "bailiff_trouble") && !slices.Contains(y.tasks(), "dossier_incomplete") {
			t.Fatalf("the case is %s, the bailiff has %v; tasks %v", row.State, b.Cases(), y.tasks())
		}
		y.In(func(tx store.Tx) error {
			stops, err := tx.LegalStopsOfDebtor(ctx, y.DebtorID("jan"))
			if err != nil {
				return err
			}
			return y.arrange().Lift(ctx, tx, stops[0].ID, "Annulled", "anna")
		})
		y.Walk("2026-05-27 12:00")
		if row, _ := y.standing(); row.State != "bailiff" || !slices.Equal(b.Cases(), []string{"Z2026-0001"}) {
			t.Fatalf("the case is %s, the bailiff has %v; tasks %v", row.State, b.Cases(), y.tasks())
		}
		y.In(y.stop)
		y.Walk("2026-05-28 12:00")
		told := b.Told()
		if len(told) == 0 || told[len(told)-1].Kind != "status" || !strings.Contains(told[len(told)-1].Text, "Bankruptcy") {
			t.Errorf("the bailiff was told %+v", told)
		}
	})
	t.Run("R109 a payment to the creditor is told the same day", func(t *testing.T) {
		t.Parallel()
		y, b := withBailiff(t, "2026-05-19 00:00")
		y.contract()
		to := y.bailiff(func(p *db.PutBailiffParams) { p.PaysTo = "bailiff" })
		b.Fail(1)
		if err := y.desk.HandOver(ctx, y.Tenant, y.id, to, "anna"); err != nil {
			t.Fatal(err)
		}
		y.Walk("2026-05-19 12:00") // the first call failed
		if row, _ := y.standing(); row.State != "bailiff" || y.State("F1").HeldRule == "" && y.State("F1").NextStep != "" {
			t.Fatalf("the case is %s: %v", row.State, y.tasks())
		}
		y.In(func(tx store.Tx) error {
			rows, err := tx.PaidElsewhere(ctx, y.DebtorID("jan"))
			if len(rows) != 1 {
				t.Errorf("the portal offers payment to the creditor")
			}
			return err
		})
		y.Books.Pay("F1", 100_000, date.MustParse("2026-05-20"))
		y.Clock.Set(dunningtest.At("2026-05-20 10:00"))
		y.Books.Sync()
		y.Walk("2026-05-20 23:00")
		told := b.Told()
		if len(told) != 1 || told[0].Kind != "payment" || told[0].Minor != 100_000 || told[0].On.String() != "2026-05-20" {
			t.Fatalf("the bailiff was told %+v", told)
		}
		b.Say(bailiff.Note{Case: "Z2026-0001", Kind: "question", Text: "Where does the debtor work?"})
		y.Walk("2026-05-21 12:00")
		if !slices.Contains(y.tasks(), "bailiff_note") {
			t.Errorf("tasks %v", y.tasks())
		}
		if err := y.desk.Write(ctx, y.Tenant, y.id, "answer", "At the harbour.", "anna"); err != nil {
			t.Fatal(err)
		}
		if err := y.desk.Recall(ctx, y.Tenant, y.id, "They pay by instalments", "anna"); err != nil {
			t.Fatal(err)
		}
		y.Walk("2026-05-22 12:00")
		told = b.Told()
		if row, _ := y.standing(); row.State != "ready" || told[len(told)-1].Kind != "recall" || told[len(told)-2].Kind != "answer" {
			t.Errorf("the case is %s, the bailiff was told %+v", row.State, told)
		}
	})
	t.Run("R110 a collector needs a registration that is valid", func(t *testing.T) {
		t.Parallel()
		today := date.MustParse("2026-05-19")
		ok := db.Bailiff{Name: "Incasso X", Kind: "collector", Country: "NL", RegisterNumber: "W1", RegisterSeen: today, RegisterUntil: today}
		for name, tc := range map[string]struct {
			edit func(*db.Bailiff)
			may  bool
		}{
			"valid":     {func(*db.Bailiff) {}, true},
			"no number": {func(b *db.Bailiff) { b.RegisterNumber = "" }, false},
			"ran out":   {func(b *db.Bailiff) { b.RegisterUntil = today.AddDays(-1) }, false},
			"not known": {func(b *db.Bailiff) { b.RegisterUntil = date.Date{} }, false},
			"a bailiff": {func(b *db.Bailiff) { b.Kind, b.RegisterNumber = "bailiff", "" }, true},
			"not Dutch": {func(b *db.Bailiff) { b.Country, b.RegisterNumber = "BE", "" }, true},
		} {
			b := ok
			tc.edit(&b)
			if err := casework.Registered(b, today); (err == nil) != tc.may {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
	t.Run("R111 ninety days before limitation an interruption is proposed", func(t *testing.T) {
		t.Parallel()
		y, _ := withBailiff(t, "2026-05-19 00:00")
		if err := y.desk.Watch(ctx, y.Tenant, y.id, date.MustParse("2026-11-19"), "No income now", "anna"); err != nil {
			t.Fatal(err)
		}
		y.Walk("2026-11-20 00:00")
		if !slices.Contains(y.tasks(), "monitor_case") {
			t.Errorf("tasks %v", y.tasks())
		}
		var last date.Date
		y.In(func(tx store.Tx) error {
			f, err := claim.Load(ctx, tx, y.id)
			if err != nil {
				return err
			}
			last, err = casework.LimitedOn(ctx, tx, f)
			return err
		})
		if last.String() != "2031-05-08" { // five years after the last demand
			t.Fatalf("limitation on %s", last)
		}
		y.Walk(last.AddDays(-92).String() + " 00:00")
		if slices.Contains(y.tasks(), "interruption") {
			t.Error("it was proposed too soon")
		}
		y.Walk(last.AddDays(-89).String() + " 00:00")
		if !slices.Contains(y.tasks(), "interruption") {
			t.Fatalf("tasks %v", y.tasks())
		}
		if err := y.desk.Interrupt(ctx, y.Tenant, y.id, "anna"); err != nil {
			t.Fatal(err)
		}
		if told := y.told("interruption"); len(told) != 1 || told[0].Channel != "letter" || !strings.Contains(told[0].BodyText, "stuit de verjaring") {
			t.Errorf("%d notices", len(told))
		}
	})
	t.Run("R111 a demand that came back interrupts nothing", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		limited := func() (last date.Date) {
			y.In(func(tx store.Tx) error {
				f, err := claim.Load(ctx, tx, y.id)
				if err != nil {
					return err
				}
				last, err = casework.LimitedOn(ctx, tx, f)
				return err
			})
			return last
		}
		reached := limited()
		for _, fate := range []string{"returned", "failed", "bounced"} {
			y.In(func(tx store.Tx) error {
				_, err := tx.Exec(ctx, "update message set delivery = $1 where state = 'sent'", fate)
				return err
			})
			if last := limited(); !last.Before(reached) || last.String() != "2031-03-16" {
				t.Errorf("%s: limitation on %s, and on %s when it arrived", fate, last, reached)
			}
		}
	})
	t.Run("R111 where no letter interrupts, it asks for an acknowledgement and counts as none", func(t *testing.T) {
		t.Parallel()
		y := newYard(t, sdk.Business, "2026-04-16 00:00")
		y.In(func(tx store.Tx) error {
			_, err := tx.Exec(ctx, "update collection_case set law = 'DE'")
			return err
		})
		if err := y.desk.Interrupt(ctx, y.Tenant, y.id, "anna"); err != nil {
			t.Fatal(err)
		}
		told := y.told("interruption")
		if len(told) != 1 || !strings.Contains(told[0].BodyText, "BGB") || strings.Contains(told[0].BodyText, "3:317") || !strings.Contains(told[0].Subject, "erkennen") {
			t.Errorf("%d notices: %s", len(told), told[0].BodyText)
		}
		if row, _ := y.standing(); !row.InterruptedOn.IsZero() {
			t.Errorf("interrupted on %s", row.InterruptedOn)
		}
	})
}
