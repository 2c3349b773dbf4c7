package dunning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/matter"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/outreach/voice"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

// Delivery is the kind of matter that hands a form of a message to its provider
// and follows what becomes of it; its id is the message's.
const Delivery matter.Kind = "delivery"

// form is a form of a message that a provider carries.
type form struct {
	channel   policy.Channel
	id        uuid.UUID
	recipient string
	text      string // as it is read, heard, or described
	version   string
	parts     int
	write     sdk.MessageWrite // without its file
	file      []byte
	fileName  string
}

// carriedOnly are the channels that go by a provider and no other way.
var carriedOnly = []policy.Channel{policy.SMS, policy.Voice, policy.Peppol}

// writeForms makes the forms of a message that providers carry. All of them point
// to the same page by the same link.
func (f *fence) writeForms(o *outgoing) error {
	o.forms = nil
	for _, ch := range carriedOnly {
		if !o.by(ch) {
			continue
		}
		made := form{channel: ch, id: f.key(o, ch).id(), write: sdk.MessageWrite{Kind: kindOf[ch], Language: string(o.content.Language)}}
		var err error
		switch ch {
		case policy.SMS:
			err = f.writeSMS(o, &made)
		case policy.Voice:
			err = f.writeCall(o, &made)
		case policy.Peppol:
			made.recipient, made.file, made.fileName = f.led.participant(), o.ubl, "invoice.xml"
			made.text, made.version = "The invoice as an electronic document.", "ubl"
			made.write.To, made.write.From, made.write.FileName = made.recipient, f.led.carriers[ch].Sender, made.fileName
		}
		if err != nil {
			return err
		}
		o.forms = append(o.forms, made)
	}
	return nil
}

func (f *fence) writeSMS(o *outgoing, made *form) error {
	text, err := outreach.Discreet(o.content)
	if err != nil {
		return fmt.Errorf("write the text message: %w", err)
	}
	made.text, made.version = sms.Plain(text), o.content.Wording(outreach.TextMessage)
	if err := sms.CheckOpen(made.text, sms.Plain(o.content.Creditor.Name), sms.Plain(o.content.Reference)); err != nil {
		return err
	}
	made.recipient, made.parts = f.led.number(policy.SMS), sms.Measure(made.text).Segments
	made.write.To, made.write.Text = made.recipient, made.text
	if made.write.From = f.led.carriers[policy.SMS].Sender; made.write.From == "" {
		made.write.From = sms.Sender(o.content.Creditor.Name)
	}
	return nil
}

func (f *fence) writeCall(o *outgoing, made *form) error {
	script, err := voice.Write(o.content)
	if err != nil {
		return err
	}
	made.recipient, made.text, made.version = f.led.number(policy.Voice), script.Whole(), o.content.Wording(outreach.Call)
	made.write.To, made.write.From, made.write.Text = made.recipient, f.led.carriers[policy.Voice].Sender, script.Text
	made.write.Language, made.write.Thanks = script.Language, script.Thanks
	for _, k := range script.Keys {
		made.write.Choices = append(made.write.Choices, sdk.KeyChoice{Key: string(k.Choice), Text: k.Text})
	}
	return nil
}

// queue stores the forms that providers carry, to be handed over once this
// transaction is done: each by itself, so that one provider out of order delays
// nothing else (I2).
func (f *fence) queue(ctx context.Context, o *outgoing) error {
	for _, made := range o.forms {
		err := f.keep(ctx, f.tx, o, f.key(o, made.channel), db.DraftMessageParams{
			ID: made.id, Template: made.version, Recipient: made.recipient, Subject: o.message.Subject, BodyText: made.text, HeaderID: string(made.channel) + ":" + made.id.String(),
		})
		if errors.Is(err, errLeft) {
			continue // it left in an earlier attempt at this very message
		}
		if err != nil {
			return err
		}
		if made.file != nil {
			if err := f.file(ctx, made.id, Electronic, made.fileName, made.file); err != nil {
				return err
			}
		}
		if err := f.consign(ctx, made.channel, made.id, made.write, made.parts); err != nil {
			return err
		}
	}
	if len(o.forms) > 0 && !o.by(policy.Email) && !o.by(policy.Letter) {
		return f.access(ctx, f.tx, o)
	}
	return nil
}

// consign says who carries a stored form, and has it handed over.
func (f *fence) consign(ctx context.Context, ch policy.Channel, message uuid.UUID, w sdk.MessageWrite, parts int) error {
	carrier, ok := f.led.carrier(ch)
	if !ok {
		return fmt.Errorf("no provider carries %s", ch)
	}
	raw, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if err := f.tx.AddressForm(ctx, db.AddressFormParams{ID: message, ConnectionID: carrier.ConnectionID, Account: carrier.Account, Form: raw, Parts: int32(parts)}); err != nil {
		return fmt.Errorf("address a form: %w", err)
	}
	return matter.Set(ctx, f.tx, matter.Item{Kind: Delivery, ID: message, At: f.now, Why: formWords[ch] + " is handed to its provider"})
}

var formWords = map[policy.Channel]string{
	policy.SMS: "A text message", policy.Voice: "A call", policy.Letter: "A letter", policy.Peppol: "An electronic invoice", policy.Email: "An e-mail",
}

// ways lists the forms of a message in words.
func (o *outgoing) ways() string {
	var out []string
	for _, w := range []struct {
		ch   policy.Channel
		word string
	}{{policy.Email, "by e-mail"}, {policy.Letter, "letter"}, {policy.Peppol, "Peppol"}, {policy.SMS, "text message"}, {policy.Voice, "call"}} {
		if !o.by(w.ch) {
			continue
		}
		if len(out) == 0 && w.ch != policy.Email {
			w.word = "by " + w.word
		}
		out = append(out, w.word)
	}
	return join(out)
}

func join(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		s := words[0]
		for _, w := range words[1 : n-1] {
			s += ", " + w
		}
		return s + " and " + words[n-1]
	}
}

// formIDs are the ids of all forms of a message.
func (o *outgoing) formIDs() []uuid.UUID {
	out := []uuid.UUID{o.mail, o.paper}
	for _, made := range o.forms {
		out = append(out, made.id)
	}
	return out
}
