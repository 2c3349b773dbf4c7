package settings

import (
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// WebhooksModel is GET /settings/webhooks. It posts name, url, all and type
// (repeated) to the same address and shows the secret in the answer, once.
type WebhooksModel struct {
	Frame     component.Frame
	Look      bool
	Endpoints []Endpoint
	Form      EndpointForm
	Secret    *EndpointSecret
}

// WebhookModel is GET /settings/webhooks/{id}: one address with what was sent to
// it. It posts the form to the same address, and to /state (on), /rotate, /test,
// /replay (since, or event) and /remove.
type WebhookModel struct {
	Frame      component.Frame
	Look       bool
	Endpoint   Endpoint
	Form       EndpointForm
	Secret     *EndpointSecret
	Since      component.TextInput // from when to send again
	Deliveries []Delivery
	Pager      component.Pager
}

// EndpointForm says what is sent where.
type EndpointForm struct {
	Error     string
	Name, URL component.TextInput
	All       bool // every event
	Things    []Thing
}

// Thing is what events are about, with what can happen to it.
type Thing struct {
	Name, Label string
	Types       []component.Option
	Chosen      int
}

// EndpointSecret is shown once: after the address was made, or its secret
// replaced.
type EndpointSecret struct {
	Name, Value, Back string
	Rotated           bool // the old one signs too for a day
}

// Endpoint is an address that events go to.
type Endpoint struct {
	ID, Name, URL string
	State         string
	Tone          component.Tone
	On            bool
	Gets          string // which events, in words
	Delivered     int    // in the last day
	Waiting       int
	By            string
	At            string
	// OldUntil is until when the secret before this one signs too, "" without.
	OldUntil string
	Trouble  *EndpointTrouble
}

// EndpointTrouble says what goes wrong, what Voldaan does and what to do.
type EndpointTrouble struct {
	Title, Text, Todo string
	Tone              component.Tone
}

// Delivery is an event on its way to an address.
type Delivery struct {
	Event, Type string // the event's id and type
	State       string
	Tone        component.Tone
	At          time.Time
	When        string // in words
	Detail      string // attempts, answer, next try
	Again       bool   // it was a replay
}

func sentWords(f component.Frame, e Endpoint) string {
	s := f.Number(e.Delivered) + " delivered"
	if e.Waiting > 0 {
		s += ", " + f.Number(e.Waiting) + " on their way"
	}
	return s
}
