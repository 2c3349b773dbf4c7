package manifest

import (
	"slices"

	"github.com/voldaan/voldaan/sdk"
)

// senders are the capabilities to deliver messages, by their form.
var senders = map[sdk.MessageKind]Capability{
	sdk.SMS: SendSMS, sdk.Voice: SendVoice, sdk.PostalLetter: SendLetter, sdk.ElectronicFile: SendDocument,
}

// Sends is the capability that a form of message takes.
func Sends(k sdk.MessageKind) Capability {
	if c, ok := senders[k]; ok {
		return c
	}
	return Capability("send_" + string(k)) // which no connector has
}

// Delivers lists the forms of message that the connector delivers.
func (m *Manifest) Delivers() (out []sdk.MessageKind) {
	for _, k := range []sdk.MessageKind{sdk.SMS, sdk.Voice, sdk.PostalLetter, sdk.ElectronicFile} {
		if m.Has(senders[k]) {
			out = append(out, k)
		}
	}
	return out
}

// messages checks what a connector that delivers messages says of itself.
func (r *reader) messages(o *object, m *Manifest) {
	if (len(m.Delivers()) > 0) != slices.Contains(m.Writes, DataMessages) {
		r.fail(o.node, "writes", "messages and one of the capabilities send_sms, send_voice, send_letter and send_document go together")
	}
}
