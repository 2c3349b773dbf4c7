package wire

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// ToAdministrations translates a list.
func ToAdministrations(list []sdk.Administration) []*pb.Administration {
	out := make([]*pb.Administration, len(list))
	for i, a := range list {
		out[i] = &pb.Administration{
			Id: Text(a.ID), Name: Text(a.Name), Country: Text(a.Country), Currency: Text(string(a.Currency)),
			TimeZone: Text(a.TimeZone), Language: Text(a.Language), ReadOnly: a.ReadOnly, Account: Text(a.Account),
		}
	}
	return out
}

// FromAdministrations returns ErrNoID for an administration without an id.
func FromAdministrations(list []*pb.Administration) ([]sdk.Administration, error) {
	out := make([]sdk.Administration, len(list))
	for i, a := range list {
		if a.GetId() == "" {
			return nil, fmt.Errorf("administration: %w", ErrNoID)
		}
		out[i] = sdk.Administration{
			ID: withoutNUL(a.Id), Name: withoutNUL(a.Name), Country: withoutNUL(a.Country), Currency: money.Currency(withoutNUL(a.Currency)),
			TimeZone: withoutNUL(a.TimeZone), Language: withoutNUL(a.Language), ReadOnly: a.ReadOnly, Account: withoutNUL(a.Account),
		}
	}
	return out, nil
}

// ToDocumentRequest translates a request, without its session.
func ToDocumentRequest(r sdk.DocumentRequest) *pb.DocumentRequest {
	return &pb.DocumentRequest{Administration: r.Administration, Invoice: r.Invoice, Format: toFormat(r.Format)}
}

// FromDocumentRequest is the inverse of ToDocumentRequest. An unknown format is
// left empty.
func FromDocumentRequest(m *pb.DocumentRequest) sdk.DocumentRequest {
	return sdk.DocumentRequest{Administration: m.GetAdministration(), Invoice: m.GetInvoice(), Format: fromFormat(m.GetFormat())}
}

// ToWrite translates a write.
func ToWrite(w sdk.Write) *pb.Write {
	m := &pb.Write{Key: w.Key, Administration: w.Administration}
	if p := w.Payment; p != nil {
		m.Payment = &pb.PaymentWrite{
			Invoice: p.Invoice, Currency: string(p.Amount.Currency), Amount: p.Amount.Minor,
			ValueDate: toDate(p.ValueDate), Reference: Text(p.Reference),
		}
	}
	if n := w.Note; n != nil {
		m.Note = &pb.NoteWrite{PartyId: n.Party, Invoice: n.Invoice, Text: Text(n.Text), Moment: toMillis(n.Moment)}
	}
	if v := w.Message; v != nil {
		m.Message = toMessage(v)
	}
	return m
}

// FromWrite is the inverse of ToWrite. It refuses a write of no known kind and one
// of several.
func FromWrite(m *pb.Write) (sdk.Write, error) {
	w := sdk.Write{Key: m.GetKey(), Administration: m.GetAdministration()}
	kinds := 0
	for _, there := range []bool{m.GetPayment() != nil, m.GetNote() != nil, m.GetMessage() != nil} {
		if there {
			kinds++
		}
	}
	if kinds != 1 {
		return w, errors.New("the write is not one payment, one note or one message; update the connector")
	}
	if v := m.GetMessage(); v != nil {
		message, err := fromMessage(v)
		w.Message = message
		return w, err
	}
	if p := m.GetPayment(); p != nil {
		day, err := fromDate(p.GetValueDate())
		if err != nil {
			return w, fmt.Errorf("value date %w", err)
		}
		w.Payment = &sdk.PaymentWrite{
			Invoice: p.GetInvoice(), Amount: money.Of(p.GetAmount(), money.Currency(p.GetCurrency())),
			ValueDate: day, Reference: p.GetReference(),
		}
		return w, nil
	}
	n := m.GetNote()
	w.Note = &sdk.NoteWrite{Party: n.GetPartyId(), Invoice: n.GetInvoice(), Text: n.GetText(), Moment: fromMillis(n.GetMoment())}
	return w, nil
}

// ToOutcome translates an outcome.
func ToOutcome(o sdk.Outcome) *pb.Outcome {
	return &pb.Outcome{State: toOutcomeState(o.State), ExternalId: Text(o.ExternalID), Message: Text(o.Message)}
}

// FromOutcome takes what is not said for uncertain.
func FromOutcome(m *pb.Outcome) sdk.Outcome {
	return sdk.Outcome{State: fromOutcomeState(m.GetState()), ExternalID: withoutNUL(m.GetExternalId()), Message: withoutNUL(m.GetMessage())}
}

// ToSubscription translates a subscription.
func ToSubscription(s sdk.Subscription) *pb.SubscribeResponse {
	return &pb.SubscribeResponse{Id: Text(s.ID), Secret: s.Secret, Expires: toMillis(s.Expires)}
}

// FromSubscription is the inverse of ToSubscription.
func FromSubscription(m *pb.SubscribeResponse) sdk.Subscription {
	return sdk.Subscription{ID: withoutNUL(m.GetId()), Secret: m.GetSecret(), Expires: fromMillis(m.GetExpires())}
}

// ToHints translates hints.
func ToHints(hints []sdk.Hint) []*pb.Hint {
	out := make([]*pb.Hint, len(hints))
	for i, h := range hints {
		out[i] = &pb.Hint{Administration: Text(h.Administration), Stream: ToStream(h.Stream), Id: Text(h.ID), Event: Text(h.Event), Account: Text(h.Account)}
	}
	return out
}

// FromHints is the inverse of ToHints.
func FromHints(list []*pb.Hint) []sdk.Hint {
	out := make([]sdk.Hint, len(list))
	for i, h := range list {
		out[i] = sdk.Hint{Administration: withoutNUL(h.GetAdministration()), Stream: FromStream(h.GetStream()), ID: withoutNUL(h.GetId()), Event: withoutNUL(h.GetEvent()), Account: withoutNUL(h.GetAccount())}
	}
	return out
}

// ToRevisions translates a list.
func ToRevisions(list []sdk.Revision) []*pb.Revision {
	slab := make([]pb.Revision, len(list))
	out := make([]*pb.Revision, len(list))
	for i, r := range list {
		slab[i].Id, slab[i].Revision = Text(r.ID), Text(r.Revision)
		out[i] = &slab[i]
	}
	return out
}

// FromRevisions appends a list to dst. It returns ErrNoID for an empty id.
func FromRevisions(dst []sdk.Revision, list []*pb.Revision) ([]sdk.Revision, error) {
	for _, r := range list {
		if r.GetId() == "" {
			return dst, fmt.Errorf("revision: %w", ErrNoID)
		}
		dst = append(dst, sdk.Revision{ID: withoutNUL(r.Id), Revision: withoutNUL(r.Revision)})
	}
	return dst, nil
}

// ToHeader translates HTTP headers.
func ToHeader(h http.Header) []*pb.HeaderField {
	out := make([]*pb.HeaderField, 0, len(h))
	for name, values := range h {
		for _, v := range values {
			out = append(out, &pb.HeaderField{Name: Text(name), Value: []byte(v)})
		}
	}
	return out
}

// FromHeader translates HTTP headers.
func FromHeader(list []*pb.HeaderField) http.Header {
	h := make(http.Header, len(list))
	for _, f := range list {
		h.Add(f.GetName(), string(f.GetValue()))
	}
	return h
}
