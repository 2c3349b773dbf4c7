package outbox

import (
	"github.com/voldaan/voldaan/sdk"
)

// Played lets the conformance kit look into an outbox and decide; it has the
// methods of conformance.Outbox.
type Played struct {
	Box *Outbox
	// Calls makes the call of the package about a message, signed; nil when it does
	// not call.
	Calls func(m Message, address string) (sdk.WebhookCall, []byte)
	// Late says that a bad address is found out after the message was taken.
	Late bool
}

// Sent counts the messages.
func (p Played) Sent() (int, error) { return len(p.Box.List(nil)), nil }

// Refuse makes an address a bad one.
func (p Played) Refuse(to string) error {
	if p.Late {
		p.Box.lag = 0
		return p.Box.Destine(to, false, &Fate{State: "failed", Reason: "unknown address", Bad: true, Answered: "none"})
	}
	return p.Box.Destine(to, true, nil)
}

// Settle decides what becomes of a message.
func (p Played) Settle(id string, state sdk.DeliveryState) error {
	f := Fate{State: string(state), Answered: "person"}
	if state == sdk.Failed {
		f.Reason, f.Answered = "not reachable", "none"
	}
	return p.Box.Settle(id, f)
}

// Spend takes the credit away, or gives it back.
func (p Played) Spend(broke bool) error { return p.Box.SetBroke(broke) }

// Call is how the package calls.
func (p Played) Call(id, address string) (sdk.WebhookCall, []byte, bool) {
	m, ok := p.Box.Get(id)
	if !ok || p.Calls == nil {
		return sdk.WebhookCall{}, nil, false
	}
	call, secret := p.Calls(m, address)
	return call, secret, true
}
