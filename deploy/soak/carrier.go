package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

// carrier is the provider of text messages, calls, letters and electronic
// invoices. It knows what it took by key, as providers that are asked do.
type carrier struct {
	y     *year
	took  map[string]string // id of the parcel by key
	kinds map[string]sdk.MessageKind
	twice []string // keys that were taken more than once
	calls map[string]int
}

var errCarrier = fault.New(fault.Unavailable, "carrier_down", "The provider of messages is out of reach.")

func (c *carrier) take(w sdk.Write) string {
	if _, ok := c.took[w.Key]; ok {
		c.twice = append(c.twice, w.Key)
	}
	c.took[w.Key] = fmt.Sprintf("%s-%06d", w.Message.Kind, len(c.took)+1)
	c.kinds[c.took[w.Key]] = w.Message.Kind
	return c.took[w.Key]
}

// Deliver implements dunning.Courier.
func (c *carrier) Deliver(_ context.Context, _, _ uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	c.calls[w.Key]++
	name := fmt.Sprintf("carrier %s %d", w.Key, c.calls[w.Key])
	switch {
	case c.y.luck(carrierDown, name, 60):
		return sdk.Outcome{}, errCarrier
	case c.y.luck(carrierLost, "lost "+name, 120):
		return sdk.Outcome{State: sdk.Uncertain}, nil
	case c.y.luck(carrierKept, "kept "+name, 120):
		c.take(w)
		return sdk.Outcome{State: sdk.Uncertain}, nil
	case c.y.luck(carrierNo, "no "+name, 200):
		return sdk.Outcome{State: sdk.Rejected, Message: "refused"}, nil
	}
	return sdk.Outcome{State: sdk.Applied, ExternalID: c.take(w)}, nil
}

// Recall implements dunning.Courier.
func (c *carrier) Recall(_ context.Context, _, _ uuid.UUID, w sdk.Write) (sdk.Outcome, error) {
	if id, ok := c.took[w.Key]; ok {
		return sdk.Outcome{State: sdk.Applied, ExternalID: id}, nil
	}
	return sdk.Outcome{State: sdk.Rejected}, nil
}

// Report implements dunning.Courier.
func (c *carrier) Report(_ context.Context, _, _ uuid.UUID, r sdk.ReportRequest) (sdk.DeliveryReport, error) {
	now := c.y.clock.Now()
	if c.y.luck(carrierBad, "bad "+r.ID, 60) {
		out := sdk.DeliveryReport{State: sdk.Failed, At: now, Reason: "not delivered", BadAddress: c.kinds[r.ID] != sdk.Voice}
		if c.kinds[r.ID] == sdk.PostalLetter {
			out.State = sdk.Returned
		}
		return out, nil
	}
	out := sdk.DeliveryReport{State: sdk.Delivered, At: now, Parts: 1}
	switch c.kinds[r.ID] {
	case sdk.PostalLetter:
		out.PostedOn = c.y.bankDay(date.Of(now.In(c.y.zone)))
	case sdk.Voice:
		out.Answered = sdk.ByPerson
	}
	return out, nil
}
