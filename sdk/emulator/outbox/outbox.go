// Package outbox is what emulators of packages that deliver messages have in
// common: what they were handed, and what becomes of it.
package outbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// Message is one that the package was handed.
type Message struct {
	ID   string `json:"id"`
	Kind string `json:"kind"` // sms, voice, letter or document
	To   string `json:"to"`
	From string `json:"from,omitempty"`
	Text string `json:"text,omitempty"`
	// Reference is the sender's own, where the package takes one.
	Reference string    `json:"reference,omitempty"`
	File      []byte    `json:"file,omitempty"`
	FileName  string    `json:"file_name,omitempty"`
	Callback  string    `json:"callback,omitempty"` // where the sender wants calls
	Parts     int       `json:"parts,omitempty"`
	At        time.Time `json:"at"`
	// State is queued, sent, delivered, failed or returned.
	State    string    `json:"state"`
	Updated  time.Time `json:"updated"`
	Reason   string    `json:"reason,omitempty"`
	Bad      bool      `json:"bad,omitempty"` // the address does not exist
	Keys     string    `json:"keys,omitempty"`
	Answered string    `json:"answered,omitempty"` // person, machine or none
}

// Fate is what becomes of messages to an address.
type Fate struct {
	State    string `json:"state"`
	Reason   string `json:"reason,omitempty"`
	Bad      bool   `json:"bad,omitempty"`
	Keys     string `json:"keys,omitempty"`
	Answered string `json:"answered,omitempty"`
}

type box struct {
	Seq      int             `json:"seq"`
	Messages []Message       `json:"messages"`
	Refused  map[string]bool `json:"refused"` // addresses refused at once
	Fates    map[string]Fate `json:"fates"`   // by address
	Broke    bool            `json:"broke"`   // no credit left
}

// Outbox holds the messages of an emulator.
type Outbox struct {
	kit   *emulator.Kit
	state *emulator.State[box]
	lag   time.Duration
	// Changed is called after the state of a message changed; it may be nil.
	Changed func(Message)
}

// Open reads the outbox of a kit and adds its routes to the control API:
//
//	GET  /_control/messages               all of them
//	POST /_control/messages/{id}          Fate: what becomes of one
//	POST /_control/addresses              {"to", "refused", "fate"}: what becomes of messages to an address
//	POST /_control/credit                 {"broke": true}: refuse everything for want of credit
//
// A message of which nobody decides is delivered after the lag, in the vendor's
// time; never when it is negative.
func Open(k *emulator.Kit, lag time.Duration) (*Outbox, error) {
	state, err := emulator.OpenState(k, "outbox", &box{Refused: map[string]bool{}, Fates: map[string]Fate{}})
	if err != nil {
		return nil, err
	}
	o := &Outbox{kit: k, state: state, lag: lag}
	k.Control("GET /_control/messages", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusOK, o.List(nil))
	})
	k.Control("POST /_control/messages/{id}", func(w http.ResponseWriter, r *http.Request) {
		var f Fate
		if !emulator.ReadControl(w, r, &f) {
			return
		}
		answer(w, o.Settle(r.PathValue("id"), f))
	})
	k.Control("POST /_control/addresses", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			To      string `json:"to"`
			Refused bool   `json:"refused"`
			Fate    *Fate  `json:"fate"`
		}
		if !emulator.ReadControl(w, r, &in) {
			return
		}
		answer(w, o.Destine(in.To, in.Refused, in.Fate))
	})
	k.Control("POST /_control/credit", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Broke bool `json:"broke"`
		}
		if !emulator.ReadControl(w, r, &in) {
			return
		}
		answer(w, o.SetBroke(in.Broke))
	})
	return o, nil
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		emulator.WriteJSON(w, http.StatusNotFound, map[string]string{"error": err.Error()})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Add takes a message; id makes its id of a counter.
func (o *Outbox) Add(m Message, id func(n int) string) (Message, error) {
	err := o.state.Update(func(b *box) error {
		b.Seq++
		m.ID, m.At, m.State = id(b.Seq), o.kit.Now(), cmp.Or(m.State, "queued")
		m.Updated = m.At
		b.Messages = append(b.Messages, m)
		return nil
	})
	return m, err
}

// Refused reports whether messages to an address are refused at once.
func (o *Outbox) Refused(to string) (refused bool) {
	o.state.View(func(b *box) { refused = b.Refused[to] })
	return refused
}

// Broke reports whether there is no credit left.
func (o *Outbox) Broke() (broke bool) {
	o.state.View(func(b *box) { broke = b.Broke })
	return broke
}

// SetBroke takes the credit away, or gives it back.
func (o *Outbox) SetBroke(broke bool) error {
	return o.state.Update(func(b *box) error { b.Broke = broke; return nil })
}

// Destine decides what becomes of messages to an address; nil leaves it to time.
func (o *Outbox) Destine(to string, refused bool, f *Fate) error {
	return o.state.Update(func(b *box) error {
		delete(b.Fates, to)
		if b.Refused[to] = refused; f != nil {
			b.Fates[to] = *f
		}
		return nil
	})
}

// ErrUnknown says that there is no such message.
var ErrUnknown = errors.New("there is no such message")

// Settle decides what becomes of one message.
func (o *Outbox) Settle(id string, f Fate) error {
	var changed Message
	err := o.state.Update(func(b *box) error {
		i := slices.IndexFunc(b.Messages, func(m Message) bool { return m.ID == id })
		if i < 0 {
			return fmt.Errorf("%w: %s", ErrUnknown, id)
		}
		b.Messages[i].meet(f, o.kit.Now())
		changed = b.Messages[i]
		return nil
	})
	if err == nil && o.Changed != nil {
		o.Changed(changed)
	}
	return err
}

func (m *Message) meet(f Fate, at time.Time) {
	m.State, m.Reason, m.Bad, m.Keys, m.Answered, m.Updated = f.State, f.Reason, f.Bad, f.Keys, f.Answered, at
}

// Tick lets time do its work: what was queued long enough ago arrives, or meets
// the fate of its address.
func (o *Outbox) Tick() {
	if o.lag < 0 {
		return
	}
	var changed []Message
	now := o.kit.Now()
	due := func(m Message) bool { return m.State == "queued" && !now.Before(m.At.Add(o.lag)) }
	any := false
	o.state.View(func(b *box) { any = slices.ContainsFunc(b.Messages, due) })
	if !any {
		return
	}
	err := o.state.Update(func(b *box) error {
		for i := range b.Messages {
			m := &b.Messages[i]
			if !due(*m) {
				continue
			}
			f, ok := b.Fates[m.To]
			if !ok {
				f = Fate{State: "delivered", Answered: map[string]string{"voice": "person"}[m.Kind]}
			}
			m.meet(f, now)
			changed = append(changed, *m)
		}
		return nil
	})
	if err != nil {
		o.kit.Log().Error("keep the outbox", "error", err)
		return
	}
	for _, m := range changed {
		if o.Changed != nil {
			o.Changed(m)
		}
	}
}

// List returns the messages that fit, newest first.
func (o *Outbox) List(fits func(Message) bool) []Message {
	o.Tick()
	out := []Message{}
	o.state.View(func(b *box) {
		for _, m := range slices.Backward(b.Messages) {
			if fits == nil || fits(m) {
				out = append(out, m)
			}
		}
	})
	return out
}

// Get returns a message.
func (o *Outbox) Get(id string) (Message, bool) {
	list := o.List(func(m Message) bool { return m.ID == id })
	if len(list) == 0 {
		return Message{}, false
	}
	return list[0], true
}

// Hex makes an id of a counter: a prefix and digits that look like a hash.
func Hex(prefix string, length int) func(int) string {
	return func(n int) string {
		x := uint64(n)*0x9E3779B97F4A7C15 + 0x1234567
		s := ""
		for len(s) < length {
			x ^= x >> 29
			x *= 0xBF58476D1CE4E5B9
			s += fmt.Sprintf("%016x", x)
		}
		return prefix + s[:length]
	}
}

// UUID makes an id of a counter in the form of a UUID.
func UUID(n int) string {
	h := Hex("", 32)(n)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

// Segments counts roughly what a text message takes: exact for plain letters, and
// for a text with a character outside Latin-1.
func Segments(text string) int {
	n, alone, part := 0, 160, 153
	for _, r := range text {
		if n++; r > 0xff {
			alone, part = 70, 67
		}
	}
	if n <= alone {
		return 1
	}
	return (n + part - 1) / part
}
