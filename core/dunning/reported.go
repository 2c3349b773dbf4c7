package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/outreach/voice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// report asks the provider what became of a form, and acts on the answer.
func (h *handing) report(ctx, caller context.Context) error {
	r, err := h.d.Courier.Report(caller, h.tx.Tenant, h.m.ConnectionID.UUID, sdk.ReportRequest{Administration: h.m.Account, Kind: kindOf[h.channel], ID: h.m.ExternalID})
	if err != nil || r.State == "" {
		return h.later(ctx)
	}
	was := sdk.DeliveryState(h.m.Delivery)
	if h.channel == policy.Letter && r.State != sdk.Returned && r.State != sdk.Failed && !r.PostedOn.IsZero() && h.m.PostedOn.IsZero() {
		if err := h.planner().posted(ctx, h.tx, h.m, r.PostedOn, h.now); err != nil {
			return err
		}
		if err := h.note(ctx, h.tx, "posted", "on "+r.PostedOn.String(), "provider"); err != nil {
			return err
		}
		if was = "posted"; r.State == sdk.Underway {
			h.m.Delivery = "posted"
		}
	}
	if err := h.keepReport(ctx, r, was); err != nil {
		return err
	}
	if !r.State.Final() {
		return h.later(ctx)
	}
	switch {
	case r.State == sdk.Delivered && h.channel == policy.Voice:
		err = h.answered(ctx, r)
	case r.State != sdk.Delivered:
		err = h.undelivered(ctx, r)
	}
	h.m.Delivery = string(r.State)
	if err == nil && h.unanswered() && !r.BadAddress {
		return h.again(ctx, callAgain, "The call is made again")
	}
	return errors.Join(err, h.close(ctx))
}

func (h *handing) planner() Planner { return Planner{Real: h.Real} }

// keepReport stores what a report says; a state that is not news leaves no event.
func (h *handing) keepReport(ctx context.Context, r sdk.DeliveryReport, was sdk.DeliveryState) error {
	state := string(r.State)
	if was == "posted" && r.State == sdk.Underway {
		state = "posted"
	}
	facts := map[string]any{"reported": r.State, "reported_at": r.At}
	if r.Reason != "" {
		facts["reason"] = r.Reason
	}
	if r.Answered != "" {
		facts["answered"] = r.Answered
	}
	if r.Keys != "" {
		facts["keys"] = r.Keys
	}
	proof, err := json.Marshal(facts)
	if err != nil {
		return err
	}
	p := db.MarkDeliveryParams{ID: h.m.ID, Delivery: state, Evidence: proof, Parts: int32(r.Parts)}
	if r.Price != nil {
		currency := string(r.Price.Currency)
		p.PriceMinor, p.PriceCurrency = &r.Price.Minor, &currency
	}
	if err := h.tx.MarkDelivery(ctx, p); err != nil {
		return fmt.Errorf("record what became of a message: %w", err)
	}
	if r.State == was || state == string(was) {
		return nil
	}
	detail := r.Reason
	if r.Answered != "" {
		detail = strings.TrimSpace(detail + " answered by " + string(r.Answered))
	}
	if r.Keys != "" {
		detail += ", pressed " + r.Keys
	}
	return h.note(ctx, h.tx, string(r.State), detail, "provider")
}

// later asks again, less and less often, and for four weeks at most.
func (h *handing) later(ctx context.Context) error {
	sent := h.now
	if h.m.SentAt != nil {
		sent = *h.m.SentAt
	}
	wait := 24 * time.Hour
	switch age := h.now.Sub(sent); {
	case age > 28*24*time.Hour:
		return h.close(ctx)
	case age < 10*time.Minute:
		wait = time.Minute
	case age < 2*time.Hour:
		wait = 15 * time.Minute
	case age < 48*time.Hour:
		wait = 3 * time.Hour
	}
	return h.again(ctx, wait, "Its provider is asked what became of it")
}

// answered acts on what was pressed in a call (R120): whoever pressed was not
// verified, so a key asks a person to look and changes no claim.
func (h *handing) answered(ctx context.Context, r sdk.DeliveryReport) error {
	if r.Keys == "" || r.Answered == sdk.ByMachine { // a tone of a voicemail is nobody's answer
		return nil
	}
	listed, err := h.tx.MessageInvoices(ctx, []uuid.UUID{h.m.ID})
	if err != nil {
		return fmt.Errorf("load the invoices of message %s: %w", h.m.ID, err)
	}
	invoices := demanded(listed)
	said := ""
	switch voice.Choice(r.Keys[len(r.Keys)-1:]) {
	case voice.Settled:
		said = "Pressed 1 in a call: says that it was dealt with."
		for _, id := range invoices {
			if _, err := h.planner().Hold(ctx, h.tx, HoldRequest{Scope: OfInvoice, ID: id, Reason: receivable.PaymentAsked, Until: h.led.days.Add(h.today, replyDays).At(9, 0, h.led.zone),
				Note: "pressed 1 in a call", By: "debtor"}); err != nil {
				return err
			}
		}
		if err := addTask(ctx, h.tx, h.led, "says_paid", h.m.DebtorID, "A debtor says that it was paid", said, h.now); err != nil {
			return err
		}
	case voice.CallBack:
		said = "Pressed 2 in a call: wants to be called back."
		if err := addTask(ctx, h.tx, h.led, "call_back", h.m.DebtorID, "Call a debtor back", said, h.now); err != nil {
			return err
		}
		if err := h.planner().HoldForReply(ctx, h.tx, h.m.DebtorID, h.m.AdministrationID); err != nil {
			return err
		}
	case voice.Link:
		said = "Pressed 3 in a call: wants the link by text message."
		if err := h.sendLink(ctx, listed); err != nil {
			return err
		}
	default:
		return nil
	}
	about := uuid.NullUUID{}
	if len(invoices) == 1 {
		about = nullID(invoices[0])
	}
	if err := h.tx.AddCorrespondence(ctx, db.AddCorrespondenceParams{
		ID: uuid.NewSHA1(h.m.ID, []byte("keys")), TenantID: h.tx.Tenant, DebtorID: h.m.DebtorID, InvoiceID: about, Direction: "in", Channel: "voice",
		Author: h.m.Recipient, Subject: "Call", Body: said, HeaderID: "keys:" + h.m.ID.String(), At: h.now,
	}); err != nil {
		return fmt.Errorf("file what was pressed: %w", err)
	}
	return nil
}

// sendLink sends the page's address to the phone that was called, once.
func (h *handing) sendLink(ctx context.Context, listed []db.MessageInvoice) error {
	if h.led.number(policy.SMS) == "" {
		return addTask(ctx, h.tx, h.led, "call_back", h.m.DebtorID, "Send a debtor the link", "Asked in a call for the link by text message, but there is no mobile number for that.", h.now)
	}
	if _, ok := h.led.carrier(policy.SMS); !ok {
		return addTask(ctx, h.tx, h.led, "call_back", h.m.DebtorID, "Send a debtor the link", "Asked in a call for the link by text message, but no provider carries text messages.", h.now)
	}
	o := &outgoing{word: &Word{Debtor: h.m.DebtorID, Step: "link", Key: h.m.ID.String()}, step: policy.Step{ID: "link"}, channels: []policy.Channel{policy.SMS},
		parts: parts{notDemanded: map[*item]string{}}, own: map[*item]policy.Advance{}, token: newToken()}
	for _, id := range demanded(listed) {
		if it := h.led.item(id); it != nil {
			o.parts.demanded = append(o.parts.demanded, it)
		}
	}
	o.content = h.led.content(policy.Step{}, o.parts, h.today)
	o.content.PortalURL = h.Links.Portal(o.token)
	if err := h.writeForms(o); err != nil {
		return err
	}
	return h.queue(ctx, o)
}

// undelivered acts on a form that did not arrive.
func (h *handing) undelivered(ctx context.Context, r sdk.DeliveryReport) error {
	if h.channel == policy.Letter && (r.State == sdk.Returned || r.BadAddress) {
		return h.planner().returned(ctx, h.tx, h.m, h.led, r.Reason, h.now)
	}
	if r.BadAddress {
		if err := blockAddress(ctx, h.tx, h.led.debtor, string(h.channel), h.m.Recipient, r.Reason, h.now); err != nil {
			return err
		}
		h.led.blocked[string(h.channel)+"/"+h.m.Recipient] = true
	}
	if h.channel == policy.Voice && !r.BadAddress && h.unansweredAfter() {
		return nil
	}
	return h.otherWay(ctx, r.BadAddress)
}

func (h *handing) unansweredAfter() bool {
	m := h.m
	m.Delivery = string(sdk.Failed)
	return (&handing{fence: h.fence, m: m, channel: h.channel}).unanswered()
}

// otherWay takes a step again that went out by nothing but this form: once, by
// what is left (R51-R53). A step by telephone alone is not replaced (R58).
func (h *handing) otherWay(ctx context.Context, _ bool) error {
	switch h.channel {
	case policy.SMS, policy.Voice:
		return nil
	case policy.Peppol:
		// The network refuses this receiver: the next invoice would fare no better.
		if err := blockAddress(ctx, h.tx, h.led.debtor, "peppol", h.m.Recipient, "not delivered over Peppol", h.now); err != nil {
			return err
		}
	case policy.Letter:
		if err := h.planner().voidOfLetter(ctx, h.tx, h.m, h.now, "The letter was never posted."); err != nil {
			return err
		}
	}
	return h.planner().redo(ctx, h.tx, h.m, comeback{rule: "R51", why: formWords[h.channel] + " did not arrive. The step is taken again by another way."})
}
