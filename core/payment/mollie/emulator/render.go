package emulator

import (
	"encoding/json"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }

func amount(a money.Amount) object {
	return object{"currency": string(a.Currency), "value": a.Decimal()}
}

func (p *payment) of(minor int64) object { return amount(money.Of(minor, p.Amount.Currency)) }

func orNull(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	return raw
}

func orText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func documentation() object { return link("https://docs.mollie.com/reference", "text/html") }

// render draws a payment; base is the public address of the emulator.
func (t *till) render(p *payment, base string) object {
	self := base + "/v2/payments/" + p.ID
	links := object{
		"self": link(self, hal), "dashboard": link("https://my.mollie.com/dashboard/org_12345678/payments/"+p.ID, "text/html"), "documentation": documentation(),
	}
	page := base + "/checkout/" + p.Token
	if p.Status == "open" {
		links["checkout"] = link(page, "text/html")
	}
	if p.Method == "banktransfer" {
		links["status"] = link(page, "text/html")
	}
	if p.Mode == "test" && p.Status == "paid" {
		links["changePaymentState"] = link(page, "text/html")
	}
	o := object{
		"resource": "payment", "id": p.ID, "mode": p.Mode, "createdAt": at(p.CreatedAt), "amount": amount(p.Amount), "description": p.Description,
		"metadata": orNull(p.Metadata), "status": p.Status, "profileId": p.Profile, "sequenceType": p.Sequence,
		"redirectUrl": orText(p.RedirectURL), "_links": links,
	}
	t.linkMandate(p, o, links, base)
	for name, v := range map[string]string{"method": p.Method, "cancelUrl": p.CancelURL, "webhookUrl": p.WebhookURL, "locale": p.Locale, "dueDate": p.DueDate.String()} {
		if v != "" {
			o[name] = v
		}
	}
	for name, v := range map[string]time.Time{"authorizedAt": p.AuthorizedAt, "paidAt": p.PaidAt, "canceledAt": p.CanceledAt, "expiredAt": p.ExpiredAt, "failedAt": p.FailedAt} {
		if !v.IsZero() {
			o[name] = at(v)
		}
	}
	if !p.final() {
		o["isCancelable"] = p.cancelable()
		if !p.ExpiresAt.IsZero() && p.Status != "pending" {
			o["expiresAt"] = at(p.ExpiresAt)
		}
	}
	if p.Manual {
		o["captureMode"] = "manual"
	}
	if len(p.Details) > 0 {
		o["details"] = p.Details
	}
	if p.Status == "paid" {
		refunded := t.refunded(p)
		o["amountRefunded"], o["amountRemaining"] = p.of(refunded), p.of(p.Amount.Minor-refunded)
		if refunded > 0 {
			links["refunds"] = link(self+"/refunds", hal)
		}
	}
	if n := t.chargedBack(p); n > 0 {
		o["amountChargedBack"] = p.of(n)
		links["chargebacks"] = link(self+"/chargebacks", hal)
	}
	return o
}

func (r *refund) render(p *payment, base string) object {
	self := base + "/v2/payments/" + p.ID
	return object{
		"resource": "refund", "id": r.ID, "mode": p.Mode, "description": r.Description, "amount": amount(r.Amount), "metadata": orNull(r.Metadata),
		"status": r.Status, "paymentId": p.ID, "createdAt": at(r.CreatedAt),
		"_links": object{"self": link(self+"/refunds/"+r.ID, hal), "payment": link(self, hal), "documentation": documentation()},
	}
}

func (c *chargeback) render(p *payment, base string) object {
	self := base + "/v2/payments/" + p.ID
	o := object{
		"resource": "chargeback", "id": c.ID, "amount": amount(c.Amount), "paymentId": p.ID, "createdAt": at(c.CreatedAt), "reversedAt": nil,
		"_links": object{"self": link(self+"/chargebacks/"+c.ID, hal), "payment": link(self, hal), "documentation": documentation()},
	}
	if c.Code != "" {
		o["reason"] = object{"code": c.Code, "description": c.Reason}
	}
	if !c.ReversedAt.IsZero() {
		o["reversedAt"] = at(c.ReversedAt)
	}
	return o
}
