package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/calendar"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/fee"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Deliveries hands forms of messages to providers and follows what becomes of
// them. It owns the matters of the kind Delivery.
type Deliveries struct {
	*Steps
	Courier Courier
	// ReportURL is where a provider may call about messages of a connection; empty
	// when nobody outside can reach us.
	ReportURL func(connection uuid.UUID) string
}

// Limits of calls by a robot (R120), and how often one is tried.
const (
	callsADay, callsAWeek = 2, 3
	callAgain             = 3 * time.Hour
)

// fresh is how long the answer of the sources that a step was taken on is good for
// its other forms, in real time. After that they are asked again (R1).
const fresh = 2 * time.Minute

// Wake does what is due for a form: hands it over, finds out whether it was, or
// asks what became of it.
func (d Deliveries) Wake(ctx context.Context, tenant, id uuid.UUID) error {
	m, err := d.message(ctx, tenant, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return d.inTenant(ctx, tenant, func(tx store.Tx) error { return matter.Close(ctx, tx, Delivery, id) })
	}
	if err != nil {
		return fmt.Errorf("load message %s: %w", id, err)
	}
	if m.State == "gated" && m.Asks {
		if later, err := d.lookAgain(ctx, tenant, m); err != nil || later {
			return err
		}
	}
	steady := context.WithoutCancel(ctx)
	return d.inTenant(steady, tenant, func(tx store.Tx) error {
		f, err := d.enter(ctx, tx, woken{tenant: tenant, debtor: m.DebtorID})
		if err != nil {
			return err
		}
		if m, err = tx.Message(steady, id); err != nil {
			return fmt.Errorf("load message %s: %w", id, err)
		}
		h := &handing{d: d, fence: f, m: m, channel: policy.Channel(m.Channel)}
		switch {
		case !m.ConnectionID.Valid:
			return h.close(steady)
		case m.State == "gated":
			return h.hand(steady, ctx)
		case m.State == handingOver:
			return h.reconcile(steady, ctx)
		case m.State == "sent" && h.unanswered():
			return h.hand(steady, ctx)
		case m.State == "sent" && !sdk.DeliveryState(m.Delivery).Final():
			return h.report(steady, ctx)
		}
		return h.close(steady)
	})
}

func (d Deliveries) inTenant(ctx context.Context, tenant uuid.UUID, do func(store.Tx) error) error {
	return d.Store.In(ctx, tenant, do)
}

// lookAgain asks the sources anew when a form waited: a payment that came
// meanwhile must be seen (R1).
func (d Deliveries) lookAgain(ctx context.Context, tenant uuid.UUID, m db.Message) (later bool, _ error) {
	var listed []db.MessageInvoice
	waited := false
	if err := d.inTenant(ctx, tenant, func(tx store.Tx) error {
		scale, err := tx.Scale(ctx)
		if err != nil {
			return err
		}
		waited = d.Real.Now().Sub(scale.Real(m.CreatedAt)) > fresh
		listed, err = tx.MessageInvoices(ctx, []uuid.UUID{m.ID})
		return err
	}); err != nil || !waited || len(listed) == 0 {
		return false, err
	}
	ids := demanded(listed)
	err := errors.Join(d.Checkouts.Refresh(ctx, tenant, ids), d.Books.Confirm(ctx, tenant, m.AdministrationID, ids))
	if err == nil {
		return false, nil
	}
	return true, d.inTenant(ctx, tenant, func(tx store.Tx) error {
		now, err := tx.Now(ctx, d.Real)
		if err != nil {
			return err
		}
		return matter.Set(ctx, tx, matter.Item{Kind: Delivery, ID: m.ID, At: now.Add(5 * time.Minute), Why: "The books could not be asked; they are asked again"})
	})
}

// handing is the work on one form under the debtor's lock (I1).
type handing struct {
	d Deliveries
	*fence
	m       db.Message
	channel policy.Channel
	sending policy.Sending
}

func (h *handing) close(ctx context.Context) error {
	return matter.Close(ctx, h.tx, Delivery, h.m.ID)
}

func (h *handing) again(ctx context.Context, in time.Duration, why string) error {
	return h.waitUntil(ctx, h.now.Add(in), why)
}

func (h *handing) waitUntil(ctx context.Context, at time.Time, why string) error {
	return matter.Set(ctx, h.tx, matter.Item{Kind: Delivery, ID: h.m.ID, At: at, Why: why})
}

func (h *handing) note(ctx context.Context, tx store.Tx, state, detail, source string) error {
	return addEvent(ctx, tx, h.m.ID, h.now, state, detail, source)
}

func addEvent(ctx context.Context, tx store.Tx, message uuid.UUID, at time.Time, state, detail, source string) error {
	if err := tx.AddDeliveryEvent(ctx, db.AddDeliveryEventParams{TenantID: tx.Tenant, MessageID: message, At: at, State: state, Detail: detail, Source: source}); err != nil {
		return fmt.Errorf("note what became of a message: %w", err)
	}
	return nil
}

// unanswered reports whether a call is to be made again.
func (h *handing) unanswered() bool {
	return h.channel == policy.Voice && h.m.Delivery == string(sdk.Failed) && h.m.Attempts < callsAWeek && h.now.Sub(h.m.CreatedAt) < 7*24*time.Hour
}

// write is the form as the provider gets it. The key is the same for every attempt
// at the same hand-over.
func (h *handing) write(ctx context.Context) (sdk.Write, error) {
	var v sdk.MessageWrite
	if err := json.Unmarshal(h.m.Form, &v); err != nil {
		return sdk.Write{}, fmt.Errorf("read the form of message %s: %w", h.m.ID, err)
	}
	if kind := map[policy.Channel]string{policy.Letter: "letter", policy.Peppol: Electronic}[h.channel]; kind != "" {
		doc, err := h.tx.DocumentOf(ctx, db.DocumentOfParams{SubjectID: h.m.ID, Kind: kind})
		if err != nil {
			return sdk.Write{}, fmt.Errorf("load the file of message %s: %w", h.m.ID, err)
		}
		v.Content, v.FileName = doc.Content, doc.Name
	}
	v.Moment = h.Real.Now()
	if h.m.HandedOverAt != nil && h.m.State == handingOver {
		v.Moment = h.scale.Real(*h.m.HandedOverAt)
	}
	if h.d.ReportURL != nil {
		v.ReportURL = h.d.ReportURL(h.m.ConnectionID.UUID)
	}
	key := h.m.ID
	if n := h.attempt(); n > 1 {
		key = uuid.NewSHA1(h.m.ID, fmt.Appendf(nil, "attempt/%d", n))
	}
	return sdk.Write{Key: key.String(), Administration: h.m.Account, Message: &v}, nil
}

// attempt counts calls; every other form is handed over once.
func (h *handing) attempt() int {
	switch {
	case h.channel != policy.Voice:
		return 1
	case h.m.State == handingOver:
		return int(h.m.Attempts)
	}
	return int(h.m.Attempts) + 1
}

// hand gives the form to its provider, unless what it says is not true any more,
// now is not the time, or enough was said.
func (h *handing) hand(ctx, caller context.Context) error {
	if why, rule := h.moot(ctx); why != "" {
		return h.drop(ctx, rule, why)
	}
	if err := h.hours(ctx); err != nil {
		return err
	}
	if at := h.slot(); at.After(h.now) {
		return h.waitUntil(ctx, at, formWords[h.channel]+" waits for its hours")
	}
	if h.channel == policy.Voice {
		if until, stop, err := h.enoughCalls(ctx); err != nil {
			return err
		} else if stop {
			return h.drop(ctx, "R120", "The debtor was called as often as is decent.")
		} else if until.After(h.now) {
			return h.waitUntil(ctx, until, "A call waits: the debtor was called lately")
		}
	}
	if full, err := h.full(ctx); err != nil {
		return err
	} else if full {
		return h.waitUntil(ctx, h.opening(h.tomorrow()), "The limit of a day was reached")
	}
	w, err := h.write(ctx)
	if err != nil {
		return err
	}
	// I3: what is found in this state later is never handed over again without
	// evidence or a person.
	if err := h.Store.Aside(ctx, h.tx.Tenant, func(tx store.Tx) error {
		mark := tx.MarkHandingOver
		if h.m.State == "sent" {
			mark = func(ctx context.Context, p db.MarkHandingOverParams) (int64, error) {
				return tx.MarkHandingOverAgain(ctx, db.MarkHandingOverAgainParams(p))
			}
		}
		n, err := mark(ctx, db.MarkHandingOverParams{ID: h.m.ID, HandedOverAt: &h.now})
		if err == nil && n != 1 {
			err = errLeft
		}
		if err != nil {
			return err
		}
		return h.note(ctx, tx, handingOver, "", "voldaan")
	}); err != nil {
		return fmt.Errorf("record the hand-over: %w", err)
	}
	out, err := h.d.Courier.Deliver(caller, h.tx.Tenant, h.m.ConnectionID.UUID, w)
	if err != nil {
		return h.notTaken(ctx, err)
	}
	return h.taken(ctx, out)
}

// taken acts on the outcome of a hand-over.
func (h *handing) taken(ctx context.Context, out sdk.Outcome) error {
	switch out.State {
	case sdk.Applied:
		proof, err := json.Marshal(map[string]any{"provider": out.ExternalID, "accepted_at": h.now})
		if err != nil {
			return err
		}
		if err := h.tx.MarkAccepted(ctx, db.MarkAcceptedParams{ID: h.m.ID, SentAt: &h.now, ExternalID: out.ExternalID, Evidence: proof}); err != nil {
			return fmt.Errorf("record that the provider took the message: %w", err)
		}
		if err := h.note(ctx, h.tx, string(sdk.Accepted), "", "provider"); err != nil {
			return err
		}
		return h.again(ctx, time.Minute, "Its provider is asked what became of it")
	case sdk.Rejected:
		if err := h.tx.MarkFailed(ctx, db.MarkFailedParams{ID: h.m.ID, State: "failed", LastError: out.Message}); err != nil {
			return fmt.Errorf("note the refusal: %w", err)
		}
		if err := h.note(ctx, h.tx, "refused", out.Message, "provider"); err != nil {
			return err
		}
		if err := addTask(ctx, h.tx, h.led, "delivery_refused", h.m.ID, formWords[h.channel]+" was refused by its provider", out.Message, h.now); err != nil {
			return err
		}
		return errors.Join(h.otherWay(ctx, false), h.close(ctx))
	}
	return h.again(ctx, time.Minute, "It is not known whether its provider took it; the provider's log is read")
}

// notTaken acts on a hand-over that did not take place: it is tried again, for a
// day.
func (h *handing) notTaken(ctx context.Context, err error) error {
	message := fault.Of(err).Message
	if h.m.HandedOverAt == nil || h.m.State == "gated" {
		if e := h.tx.MarkGated(ctx, db.MarkGatedParams{ID: h.m.ID, LastError: message}); e != nil {
			return fmt.Errorf("note that the message did not leave: %w", e)
		}
	} else if e := h.tx.MarkDelivery(ctx, db.MarkDeliveryParams{ID: h.m.ID, Delivery: h.m.Delivery, Evidence: json.RawMessage("{}")}); e != nil {
		return e
	}
	if e := h.note(ctx, h.tx, "not_taken", message, "voldaan"); e != nil {
		return e
	}
	if h.now.Sub(h.m.CreatedAt) > 24*time.Hour || fault.Is(err, fault.Invalid) {
		return h.taken(ctx, sdk.Outcome{State: sdk.Rejected, Message: message})
	}
	if fault.Is(err, fault.Denied) {
		if e := addTask(ctx, h.tx, h.led, "channel_broken", h.m.ConnectionID.UUID, "A provider of messages does not let us in any more", message, h.now); e != nil {
			return e
		}
	}
	wait := 5 * time.Minute
	var r *sdk.RetryAfter
	if errors.As(err, &r) {
		wait = max(wait, r.Wait)
	}
	return h.again(ctx, wait, "Its provider did not take it; it is tried again")
}

// settleAfter is how long after a hand-over a provider's silence proves nothing,
// and giveUp how long its log is asked before a person is.
const (
	settleAfter = time.Minute
	giveUp      = 24 * time.Hour
)

// reconcile finds out by the provider's log whether a form was handed over (R9).
func (h *handing) reconcile(ctx, caller context.Context) error {
	if h.m.HandedOverAt == nil {
		h.m.HandedOverAt = &h.now
	}
	age := h.Real.Now().Sub(h.scale.Real(*h.m.HandedOverAt))
	w, err := h.write(ctx)
	if err != nil {
		return err
	}
	out, err := h.d.Courier.Recall(caller, h.tx.Tenant, h.m.ConnectionID.UUID, w)
	switch {
	case err == nil && out.State == sdk.Applied:
		return h.taken(ctx, out)
	case err == nil && out.State == sdk.Rejected && age >= settleAfter:
		if err := h.tx.MarkGated(ctx, db.MarkGatedParams{ID: h.m.ID, LastError: "The provider never took it; it is sent when it is still due."}); err != nil {
			return fmt.Errorf("note that the message did not leave: %w", err)
		}
		return h.again(ctx, 0, formWords[h.channel]+" is handed to its provider")
	case age < giveUp:
		return h.again(ctx, time.Minute, "The provider's log is read again")
	}
	listed, err := h.tx.MessageInvoices(ctx, []uuid.UUID{h.m.ID})
	if err != nil {
		return fmt.Errorf("load the invoices of message %s: %w", h.m.ID, err)
	}
	return errors.Join(
		h.park(ctx, h.m.ID, policy.StepID(h.m.Step), demanded(listed), "The provider could not say whether it took the message."), h.close(ctx))
}

// moot says why a form must not leave any more, and by which rule.
func (h *handing) moot(ctx context.Context) (why, rule string) {
	if _, ok := h.led.carrier(h.channel); !ok {
		return "The channel was switched off meanwhile.", "flow"
	}
	if h.recipient() == "" {
		return "There is no working address for it any more.", "R51"
	}
	listed, err := h.tx.MessageInvoices(ctx, []uuid.UUID{h.m.ID})
	if err != nil || !h.m.Asks {
		return "", ""
	}
	owed := false
	for _, l := range listed {
		it := h.led.item(l.InvoiceID)
		if l.Role != "demanded" || it == nil || it.state == nil {
			continue
		}
		at := policy.Moment{State: policy.State{Now: h.now}, Step: policy.Step{ID: policy.StepID(h.m.Step)}, Holds: it.holds}
		if v, held := policy.Held(at); held {
			return "It was held meanwhile. " + v.Why, v.Rule
		}
		changed := it.ask().Minor < l.OpenMinor && (h.channel == policy.Letter || h.channel == policy.Peppol)
		if changed && h.m.Step != string(policy.SendInvoice) {
			return "Something was paid or settled meanwhile, so that it would ask too much.", "R1"
		}
		owed = owed || !closed(it) && it.open().Positive()
	}
	if !owed && len(listed) > 0 && h.m.Step != string(policy.SendInvoice) {
		return "Nothing is owed any more.", "R1"
	}
	return "", ""
}

// recipient is where the form goes now; empty when its address does not work any
// more.
func (h *handing) recipient() string {
	switch h.channel {
	case policy.SMS, policy.Voice:
		return h.led.number(h.channel)
	case policy.Peppol:
		return h.led.participant()
	}
	if h.led.reach()[policy.Letter] {
		return h.m.Recipient
	}
	return ""
}

// drop ends a form that does not leave, and says why (I4).
func (h *handing) drop(ctx context.Context, rule, why string) error {
	if h.m.State == "gated" {
		if err := h.tx.MarkFailed(ctx, db.MarkFailedParams{ID: h.m.ID, State: "dropped", LastError: why}); err != nil {
			return fmt.Errorf("drop a form: %w", err)
		}
	}
	if err := fee.Drop(ctx, h.tx, h.m.ID, why, h.now); err != nil {
		return err
	}
	if err := h.note(ctx, h.tx, "dropped", why, "voldaan"); err != nil {
		return err
	}
	listed, err := h.tx.MessageInvoices(ctx, []uuid.UUID{h.m.ID})
	if err != nil {
		return err
	}
	said := formWords[h.channel] + " did not leave: " + lowerFirst(why)
	for _, id := range demanded(listed) {
		if it := h.led.item(id); it != nil && it.state != nil {
			if err := decide(ctx, h.tx, it, decision{step: h.m.Step, outcome: "dropped", rule: rule, at: h.now, why: said}); err != nil {
				return err
			}
		}
	}
	return errors.Join(h.takeBack(ctx, rule, said), h.close(ctx))
}

// takeBack has a step taken again that was nothing but a letter or an electronic
// invoice which did not leave: the debtor got nothing.
func (h *handing) takeBack(ctx context.Context, rule, why string) error {
	switch h.channel {
	case policy.Letter:
		if err := h.planner().voidOfLetter(ctx, h.tx, h.m, h.now, why); err != nil {
			return err
		}
	case policy.Peppol:
	default:
		return nil // a call or a text message is not made up for (R58)
	}
	return h.planner().redo(ctx, h.tx, h.m, comeback{rule: rule, why: why})
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}

// slot is the first moment from now at which the channel may be used (R14). Print
// and the network of invoices have no hours.
func (h *handing) slot() time.Time {
	if h.channel != policy.SMS && h.channel != policy.Voice {
		return h.now
	}
	return h.opening(h.now)
}

// hours reads in which hours messages of the kind leave: those of the flow of what
// the form is about, else of its administration.
func (h *handing) hours(ctx context.Context) error {
	h.sending = sendingOf(h.led.adm)
	listed, err := h.tx.MessageInvoices(ctx, []uuid.UUID{h.m.ID})
	if err != nil {
		return fmt.Errorf("load the invoices of message %s: %w", h.m.ID, err)
	}
	for _, l := range listed {
		if it := h.led.item(l.InvoiceID); it != nil {
			h.sending = h.led.follows(it).Flow.Sending.Over(h.sending)
			break
		}
	}
	return nil
}

// opening is the first moment from t at which the channel may be used, on the
// debtor's clock (R14).
func (h *handing) opening(t time.Time) time.Time {
	zone := calendar.Zone(h.led.debtor.Country)
	if zone == nil {
		zone = h.led.zone
	}
	return h.sending.Opening(h.led.days, h.channel, t, zone)
}

func (h *handing) tomorrow() time.Time { return h.today.AddDays(1).At(0, 0, h.led.zone) }

// enoughCalls keeps calls to two a day and three a week (R120).
func (h *handing) enoughCalls(ctx context.Context) (until time.Time, stop bool, err error) {
	made, err := h.tx.CallsSince(ctx, db.CallsSinceParams{DebtorID: h.m.DebtorID, At: h.now.AddDate(0, 0, -7)})
	if err != nil {
		return until, false, fmt.Errorf("count calls: %w", err)
	}
	today := dateIn(h.now, h.led.zone)
	day := 0
	for _, at := range made {
		if dateIn(at, h.led.zone) == today {
			day++
		}
	}
	switch {
	case len(made) >= callsAWeek:
		return until, true, nil
	case day >= callsADay:
		return h.opening(h.tomorrow()), false, nil
	}
	return until, false, nil
}

// full reports whether the administration sent as many messages today as it wants.
func (h *handing) full(ctx context.Context) (bool, error) {
	limit := h.led.carriers[h.channel].DailyLimit
	if limit <= 0 {
		return false, nil
	}
	start := dateIn(h.now, h.led.zone).At(0, 0, h.led.zone)
	n, err := h.tx.SentToday(ctx, db.SentTodayParams{AdministrationID: h.m.AdministrationID, Channel: string(h.channel), SentAt: &start})
	return n >= int64(limit), err
}
