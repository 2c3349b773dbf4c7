package dunning_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// carried is a world whose debtor has a telephone, with a provider of channels.
func carried(t *testing.T, kind sdk.PartyKind, phone string, cents int64, channels ...policy.Channel) (*dunningtest.World, *dunningtest.Provider) {
	t.Helper()
	w := dunningtest.New(t, "2026-03-02 07:00")
	p := w.Carry(channels...)
	d := dunningtest.Debtor("jan", kind)
	d.Phone = phone
	w.Books.Put(d, dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", cents))
	w.Books.Sync()
	return w, p
}

func formOf(w *dunningtest.World, invoice, step, channel string) (m db.Message) {
	w.T.Helper()
	for _, m = range w.Messages(invoice) {
		if m.Step == step && m.Channel == channel {
			return m
		}
	}
	w.T.Fatalf("there is no %s of %s of %s", channel, step, invoice)
	return m
}

func events(w *dunningtest.World, message uuid.UUID) (out []string) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.DeliveryEvents(context.Background(), []uuid.UUID{message})
		for _, e := range rows {
			out = append(out, e.State)
		}
		return err
	})
	return out
}

func openTasks(w *dunningtest.World) (out []string) {
	w.In(func(tx store.Tx) error {
		rows, err := tx.Query(context.Background(), "select kind from task where done_at is null order by created_at, kind")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k string
			if err := rows.Scan(&k); err != nil {
				return err
			}
			out = append(out, k)
		}
		return rows.Err()
	})
	return out
}

func TestTextMessages(t *testing.T) {
	t.Parallel()
	t.Run("I2 I3 each form goes once, with its proof and price", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		w.Walk("2026-03-27 00:00")
		got := p.Got()
		if len(got) != 1 || got[0].Message.Kind != sdk.SMS || got[0].Message.To != "+31612345678" {
			t.Fatalf("handed over: %+v\n%v", got, w.Story("F1"))
		}
		m := formOf(w, "F1", "reminder_2", "sms")
		if m.State != "sent" || m.ExternalID != "x0" || got[0].Key != m.ID.String() || m.BodyText != got[0].Message.Text {
			t.Errorf("the form: %+v", m)
		}
		if text := got[0].Message.Text; !strings.Contains(text, "Bakkerij Voorbeeld") || !strings.Contains(text, "https://pay.test/") || strings.Contains(text, "3.000") {
			t.Errorf("R119: %q", text)
		}
		p.Settle(0, sdk.DeliveryReport{State: sdk.Delivered, At: w.Clock.Now(), Price: &money.Amount{Minor: 11, Currency: "USD"}, Parts: 1})
		w.Walk("2026-03-28 00:00")
		m = formOf(w, "F1", "reminder_2", "sms")
		if m.Delivery != "delivered" || m.PriceMinor == nil || *m.PriceMinor != 11 || !slices.Equal(events(w, m.ID), []string{"handing_over", "accepted", "sent", "delivered"}) {
			t.Errorf("delivery %q, price %v, %v", m.Delivery, m.PriceMinor, events(w, m.ID))
		}
		once(t, w)
	})
	t.Run("R9 an answer that was lost is looked up, and not sent twice", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		p.Answer(func(sdk.Write) (sdk.OutcomeState, bool, error) { return sdk.Uncertain, true, nil })
		w.Walk("2026-03-27 00:00")
		if m := formOf(w, "F1", "reminder_2", "sms"); len(p.Got()) != 1 || m.State != "sent" || m.ExternalID != "x0" {
			t.Errorf("%d handed over, the form is %s", len(p.Got()), m.State)
		}
	})
	t.Run("R9 what was never taken goes again, once", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		n := 0
		p.Answer(func(sdk.Write) (sdk.OutcomeState, bool, error) {
			if n++; n == 1 {
				return sdk.Uncertain, false, nil
			}
			if n == 2 {
				return "", false, errors.New("the provider is out of order")
			}
			return sdk.Applied, true, nil
		})
		w.Walk("2026-03-27 00:00")
		if m := formOf(w, "F1", "reminder_2", "sms"); len(p.Got()) != 1 || m.State != "sent" {
			t.Errorf("%d handed over, the form is %s, %v", len(p.Got()), m.State, events(w, m.ID))
		}
	})
	t.Run("R58 without a mobile number the flow goes on", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "020 1234567", 300_000, policy.SMS)
		w.Walk("2026-04-12 00:00")
		if len(p.Got()) != 0 || !slices.Contains(w.Sent("F1"), "reminder_2") || !slices.Contains(w.Sent("F1"), "final_reminder") {
			t.Errorf("%v, %v", p.Got(), w.Sent("F1"))
		}
		for _, m := range w.Messages("F1") {
			if m.Channel == "voice" {
				t.Error("it was replaced by a call")
			}
		}
	})
	t.Run("R1 paid before the text message leaves", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		p.Answer(func(sdk.Write) (sdk.OutcomeState, bool, error) {
			return "", false, errors.New("the provider is out of order")
		})
		w.Walk("2026-03-26 12:00")
		w.Books.Pay("F1", 300_000, date.MustParse("2026-03-26"))
		p.Answer(nil)
		w.Walk("2026-03-27 12:00")
		if m := formOf(w, "F1", "reminder_2", "sms"); len(p.Got()) != 0 || m.State != "dropped" {
			t.Errorf("%d handed over to a payer; the form is %s", len(p.Got()), m.State)
		}
	})
	t.Run("R58 a number that does not exist is not tried again", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Business, "06 12345678", 300_000, policy.SMS)
		w.Walk("2026-03-26 12:00")
		p.Settle(0, sdk.DeliveryReport{State: sdk.Failed, BadAddress: true, Reason: "unknown number", At: w.Clock.Now()})
		w.Walk("2026-05-20 00:00")
		if len(p.Got()) != 1 || !slices.Contains(openTasks(w), "bad_address") {
			t.Errorf("%d handed over; tasks %v", len(p.Got()), openTasks(w))
		}
	})
}

func TestCalls(t *testing.T) {
	t.Parallel()
	due := func(t *testing.T) (*dunningtest.World, *dunningtest.Provider) {
		// Below the amount for a call by a person: the robot calls on day 14.
		w, p := carried(t, sdk.Business, "06 12345678", 50_000, policy.SMS, policy.Voice)
		w.Walk("2026-03-30 11:00")
		return w, p
	}
	call := func(t *testing.T, p *dunningtest.Provider) int {
		t.Helper()
		n := slices.IndexFunc(p.Got(), func(w sdk.Write) bool { return w.Message.Kind == sdk.Voice })
		if n < 0 {
			t.Fatalf("nobody was called: %v", p.Got())
		}
		return n
	}
	t.Run("R120 asks to call back, and notes a voicemail", func(t *testing.T) {
		t.Parallel()
		w, p := due(t)
		n := call(t, p)
		if text := p.Got()[n].Message.Text; !strings.Contains(text, "Bakkerij Voorbeeld") || strings.Contains(text, "500") || !strings.Contains(text, "0 2 0 1 2 3 4 5 6 7") {
			t.Errorf("it says %q", text)
		}
		p.Settle(n, sdk.DeliveryReport{State: sdk.Delivered, Answered: sdk.ByMachine, At: w.Clock.Now()})
		w.Walk("2026-03-31 09:00")
		m := formOf(w, "F1", "voice_call", "voice")
		if m.Delivery != "delivered" || !strings.Contains(string(m.Evidence), "machine") || m.Attempts != 1 {
			t.Errorf("%s, %s, %d attempts", m.Delivery, m.Evidence, m.Attempts)
		}
	})
	t.Run("R120 what a voicemail or another key says changes nothing", func(t *testing.T) {
		t.Parallel()
		for _, r := range []sdk.DeliveryReport{{Answered: sdk.ByMachine, Keys: "1"}, {Answered: sdk.ByPerson, Keys: "9"}, {Answered: sdk.ByPerson, Keys: "1*"}} {
			w, p := due(t)
			n, before := call(t, p), len(p.Got())
			r.State, r.At = sdk.Delivered, w.Clock.Now()
			p.Settle(n, r)
			w.Walk("2026-04-02 15:00")
			w.In(func(tx store.Tx) error {
				held := 0
				err := tx.QueryRow(context.Background(), "select (select count(*) from hold where released_at is null) + (select count(*) from correspondence where direction = 'in')").Scan(&held)
				if held != 0 || len(p.Got()) != before {
					t.Errorf("%s by %s: %d holds and words, %d sent", r.Keys, r.Answered, held, len(p.Got())-before)
				}
				return err
			})
		}
	})
	t.Run("R120 two calls a day and three a week, at most", func(t *testing.T) {
		t.Parallel()
		w, p := due(t)
		var at []time.Time
		for i := range 20 {
			p.Settle(i, sdk.DeliveryReport{State: sdk.Failed, Answered: sdk.ByNobody, Reason: "no-answer", At: w.Clock.Now()})
		}
		w.Walk("2026-04-07 12:00")
		w.In(func(tx store.Tx) (err error) {
			at, err = tx.CallsSince(context.Background(), db.CallsSinceParams{DebtorID: w.DebtorID("jan")})
			return err
		})
		days := map[string]int{}
		for _, a := range at {
			local := a.In(dunningtest.Amsterdam)
			days[local.Format(time.DateOnly)]++
			if local.Hour() < 10 || local.Hour() >= 16 {
				t.Errorf("R14: called at %s", local)
			}
		}
		if len(at) != 3 {
			t.Errorf("%d calls in a week: %v", len(at), days)
		}
		for day, n := range days {
			if n > 2 {
				t.Errorf("%d calls on %s", n, day)
			}
		}
	})
	for key, want := range map[string]struct{ task, hold string }{"1": {"says_paid", "payment_asked"}, "2": {"call_back", "replied"}} {
		t.Run("R120 pressed "+key, func(t *testing.T) {
			t.Parallel()
			w, p := due(t)
			p.Settle(call(t, p), sdk.DeliveryReport{State: sdk.Delivered, Answered: sdk.ByPerson, Keys: key, At: w.Clock.Now()})
			w.Walk("2026-03-30 14:00")
			held := ""
			w.In(func(tx store.Tx) error {
				return tx.QueryRow(context.Background(), "select reason from hold where released_at is null").Scan(&held)
			})
			if held != want.hold || !slices.Contains(openTasks(w), want.task) {
				t.Errorf("held for %q, tasks %v", held, openTasks(w))
			}
			w.In(func(tx store.Tx) error {
				n := 0
				err := tx.QueryRow(context.Background(), "select count(*) from correspondence where channel = 'voice' and direction = 'in'").Scan(&n)
				if n != 1 {
					t.Errorf("%d entries in the conversation", n)
				}
				return err
			})
		})
	}
	t.Run("R120 pressed 3 sends the link", func(t *testing.T) {
		t.Parallel()
		w, p := due(t)
		before := len(p.Got())
		p.Settle(call(t, p), sdk.DeliveryReport{State: sdk.Delivered, Answered: sdk.ByPerson, Keys: "3", At: w.Clock.Now()})
		w.Walk("2026-04-02 15:00")
		got := p.Got()[before:]
		if len(got) != 1 || got[0].Message.Kind != sdk.SMS || !strings.Contains(got[0].Message.Text, "https://pay.test/") {
			t.Errorf("sent %+v", got)
		}
	})
}

// letters prints them in batches.
func inBatches(w *dunningtest.World) {
	w.In(func(tx store.Tx) error {
		return tx.PutChannel(context.Background(), db.PutChannelParams{TenantID: w.Tenant, AdministrationID: w.Adm, Channel: "letter", Mode: dunning.LettersInBatches, PriceCurrency: "EUR", Enabled: true})
	})
}

func noticeOf(w *dunningtest.World) (n db.Notice) {
	w.In(func(tx store.Tx) error {
		return tx.QueryRow(context.Background(), "select posted_on, costs_from, awaits_post, void_at is not null from notice order by posted_on desc limit 1").
			Scan(&n.PostedOn, &n.CostsFrom, &n.AwaitsPost, &n.Provisional)
	})
	return n
}

func TestLettersArePosted(t *testing.T) {
	t.Parallel()
	w := world(t, sdk.Consumer)
	inBatches(w)
	w.Walk("2026-04-04 00:00")
	m := formOf(w, "F1", "fourteen_day_letter", "letter")
	planned := noticeOf(w)
	if m.Delivery != "printed" || !planned.AwaitsPost || w.State("F1").NextAt != nil && w.State("F1").NextStep == "case_opened" {
		t.Fatalf("a letter that is not posted: %s, %+v, next %s", m.Delivery, planned, w.State("F1").NextStep)
	}
	w.Walk("2026-04-20 12:00")
	if s := w.State("F1"); s.Phase == "case" {
		t.Fatal("a case was opened on a letter that nobody posted")
	}
	ctx := context.Background()
	late := date.MustParse("2026-04-14")
	if err := w.Store.In(ctx, w.Tenant, func(tx store.Tx) error { return w.Planner.Posted(ctx, tx, m.ID, date.MustParse("2026-04-22"), "Ada") }); err == nil {
		t.Error("it was posted in the future")
	}
	w.In(func(tx store.Tx) error { return w.Planner.Posted(ctx, tx, m.ID, late, "Ada") })
	moved := noticeOf(w)
	if moved.AwaitsPost || moved.PostedOn != late || moved.CostsFrom.DaysSince(planned.CostsFrom) < late.DaysSince(planned.PostedOn)-3 || !moved.CostsFrom.After(planned.CostsFrom) {
		t.Errorf("posted on %s instead of %s: costs from %s, before %s", moved.PostedOn, planned.PostedOn, moved.CostsFrom, planned.CostsFrom)
	}
	w.In(func(tx store.Tx) error { return w.Planner.Unposted(ctx, tx, m.ID, "Ada") })
	if n := noticeOf(w); !n.AwaitsPost {
		t.Error("taken back, the term goes on")
	}
	w.In(func(tx store.Tx) error { return w.Planner.Posted(ctx, tx, m.ID, late, "Ada") })
	w.Walk("2026-05-20 12:00")
	if s := w.State("F1"); s.Phase != "case" {
		t.Errorf("after the term: %s, next %s, held %s", s.Phase, s.NextStep, s.HeldWhy)
	}
}

func TestReturnedLetter(t *testing.T) {
	t.Parallel()
	t.Run("R57 no next letter is paid for, the address is traced, the notice is void", func(t *testing.T) {
		t.Parallel()
		w, p := carried(t, sdk.Consumer, "", 300_000, policy.Letter)
		w.Walk("2026-04-04 00:00")
		if len(p.Got()) != 1 || p.Got()[0].Message.Kind != sdk.PostalLetter || !strings.HasPrefix(string(p.Got()[0].Message.Content), "%PDF-") || p.Got()[0].Message.Address.City != "Ons Dorp" {
			t.Fatalf("handed over %d letters", len(p.Got()))
		}
		p.Settle(0, sdk.DeliveryReport{State: sdk.Underway, PostedOn: date.MustParse("2026-04-03"), At: w.Clock.Now()})
		w.Walk("2026-04-05 00:00")
		if n := noticeOf(w); n.AwaitsPost || n.PostedOn.String() != "2026-04-03" {
			t.Errorf("the provider posted it on 3 April; the notice says %s, waits %v", n.PostedOn, n.AwaitsPost)
		}
		p.Settle(0, sdk.DeliveryReport{State: sdk.Returned, BadAddress: true, Reason: "moved away", At: w.Clock.Now()})
		w.Walk("2026-06-20 00:00")
		m := formOf(w, "F1", "fourteen_day_letter", "letter")
		if m.Delivery != "returned" || !slices.Contains(openTasks(w), "trace_address") || !noticeOf(w).Provisional {
			t.Errorf("the letter is %s, tasks %v, notice void %v", m.Delivery, openTasks(w), noticeOf(w).Provisional)
		}
		if len(p.Got()) != 1 {
			t.Errorf("%d letters were paid for", len(p.Got()))
		}
		if s := w.State("F1"); s.Phase == "case" {
			t.Error("R56: a case was opened on a notice that came back")
		}
	})
	t.Run("R57 a letter that a person found in the post", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-04-12 00:00")
		m := formOf(w, "F1", "final_reminder", "letter")
		w.In(func(tx store.Tx) error {
			return w.Planner.Returned(context.Background(), tx, m.ID, "unknown here", "Ada")
		})
		w.Walk("2026-05-20 00:00")
		for _, o := range w.Messages("F1") {
			if o.Channel == "letter" && o.ID != m.ID {
				t.Errorf("another letter: %s", o.Step)
			}
		}
		if !slices.Contains(w.Sent("F1"), "case_opened") {
			t.Errorf("the flow does not go on by e-mail: %v", w.Sent("F1"))
		}
	})
}

func TestBounces(t *testing.T) {
	t.Parallel()
	t.Run("R54 a bounce of a copy counts for nothing", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-20 00:00")
		m := message(w, "F1", "reminder_1")
		if err := w.Inbound.Bounce(context.Background(), inbound.Bounce{Message: m.ID, Kind: inbound.Hard, Status: "5.1.1", Recipient: "boss@debtor.test"}); err != nil {
			t.Fatal(err)
		}
		if m = message(w, "F1", "reminder_1"); m.Delivery != "accepted" || slices.Contains(openTasks(w), "bad_address") || !slices.Contains(events(w, m.ID), "copy_bounced") {
			t.Errorf("%s, %v", m.Delivery, openTasks(w))
		}
	})
	t.Run("R55 half of a hundred mails came back", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-20 00:00")
		// Ninety-nine others in the week, half of them came back.
		w.In(func(tx store.Tx) error {
			for i := range 99 {
				delivery := map[bool]string{true: "bounced", false: "accepted"}[i%2 == 0]
				if _, err := tx.Exec(context.Background(), `insert into message (id, tenant_id, administration_id, debtor_id, step, cycle, invoice_set, channel, state, language, template, recipient, subject, body_text, body_html, header_id, created_at, sent_at, delivery)
					values ($1, $2, $3, $4, 'reminder_1', 1, $5, 'email', 'sent', 'nl', '', 'x@debtor.test', '', '', '', $5, $6, $6, $7)`,
					uuid.New(), w.Tenant, w.Adm, uuid.New(), fmt.Sprint("many-", i), w.Clock.Now(), delivery); err != nil {
					return err
				}
			}
			return nil
		})
		m := message(w, "F1", "reminder_1")
		if err := w.Inbound.Bounce(context.Background(), inbound.Bounce{Message: m.ID, Kind: inbound.Soft, Status: "4.2.2"}); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(openTasks(w), "mail_stopped") {
			t.Fatalf("no alert: %v", openTasks(w))
		}
		mails := len(w.Mail.Received())
		w.Walk("2026-04-10 00:00")
		if s := w.State("F1"); s.HeldRule != "R55" || len(w.Mail.Received()) != mails {
			t.Errorf("held by %q (%s), %d more mails", s.HeldRule, s.HeldWhy, len(w.Mail.Received())-mails)
		}
		// An invoice has to go: it goes by letter.
		w.Books.Put(dunningtest.Debtor("piet", sdk.Business), dunningtest.Invoice("F2", "piet", "2026-04-10", "2026-04-24", 100_000))
		w.Books.Sync()
		w.Walk("2026-04-14 00:00")
		if m := formOf(w, "F2", "invoice", "letter"); m.State != "sent" {
			t.Errorf("the invoice is %s", m.State)
		}
		w.In(func(tx store.Tx) error { return w.Planner.ResumeMail(context.Background(), tx, w.Adm, "Ada") })
		w.Walk("2026-04-22 00:00")
		if len(w.Mail.Received()) == mails {
			t.Errorf("resumed, and nothing goes: %s", w.State("F1").HeldWhy)
		}
	})
	t.Run("R59 who complains gets what has to be said by letter", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Consumer)
		w.Walk("2026-03-03 00:00")
		m := message(w, "F1", "invoice")
		if err := w.Inbound.Bounce(context.Background(), inbound.Bounce{Message: m.ID, Kind: inbound.Complaint}); err != nil {
			t.Fatal(err)
		}
		mails := len(w.Mail.Received())
		w.Walk("2026-04-24 00:00")
		if len(w.Mail.Received()) != mails {
			t.Errorf("%d more mails", len(w.Mail.Received())-mails)
		}
		if slices.Contains(w.Sent("F1"), "pre_reminder") || !w.Said("F1", "dropped", "R59") {
			t.Errorf("the service went on: %v\n%v", w.Sent("F1"), w.Story("F1"))
		}
		if m := formOf(w, "F1", "fourteen_day_letter", "letter"); m.State != "sent" {
			t.Errorf("the statutory letter is %s", m.State)
		}
	})
}

func TestNewAddress(t *testing.T) {
	t.Parallel()
	t.Run("R60 used once the link was followed, until the books change", func(t *testing.T) {
		t.Parallel()
		w := world(t, sdk.Business)
		w.Walk("2026-03-17 12:00")
		ctx, link := context.Background(), ""
		err := w.Steps.AskContact(ctx, w.Tenant, w.DebtorID("jan"), "new@jan.test", func(token string) string { link = token; return "https://pay.test/e/" + token })
		if err != nil || link == "" {
			t.Fatal(err)
		}
		if last := w.Mail.Received()[len(w.Mail.Received())-1]; last.To != "new@jan.test" {
			t.Fatalf("the link went to %s", last.To)
		}
		to := func() string { return w.Mail.Received()[len(w.Mail.Received())-1].To }
		w.Walk("2026-03-20 00:00")
		if to() != "jan@debtor.test" {
			t.Errorf("before it was proved, reminder 1 went to %s", to())
		}
		if _, err := w.Steps.VerifyContact(ctx, "another"); err == nil {
			t.Error("a link of nobody was taken")
		}
		link2 := ""
		if err := w.Steps.AskContact(ctx, w.Tenant, w.DebtorID("jan"), "new@jan.test", func(token string) string { link2 = token; return "https://pay.test/e/" + token }); err != nil {
			t.Fatal(err)
		}
		if address, err := w.Steps.VerifyContact(ctx, link2); err != nil || address != "new@jan.test" {
			t.Fatal(address, err)
		}
		if _, err := w.Steps.VerifyContact(ctx, link); err == nil {
			t.Error("the older link still works")
		}
		if !slices.Contains(openTasks(w), "write_back_contact") {
			t.Errorf("tasks %v", openTasks(w))
		}
		w.Books.Sync()
		w.Walk("2026-03-28 00:00")
		if to() != "new@jan.test" {
			t.Errorf("after a sync, reminder 2 went to %s", to())
		}
		party := dunningtest.Debtor("jan", sdk.Business)
		party.Email = "books@jan.test"
		w.Books.Put(party)
		w.Books.Sync()
		w.Walk("2026-04-12 00:00")
		if to() != "books@jan.test" {
			t.Errorf("after the books changed, the final reminder went to %s", to())
		}
	})
}
