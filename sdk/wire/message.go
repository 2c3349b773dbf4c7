package wire

import (
	"errors"
	"fmt"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

var messageKinds = map[sdk.MessageKind]pb.MessageKind{
	sdk.SMS: pb.MessageKind_MESSAGE_KIND_SMS, sdk.Voice: pb.MessageKind_MESSAGE_KIND_VOICE,
	sdk.PostalLetter: pb.MessageKind_MESSAGE_KIND_LETTER, sdk.ElectronicFile: pb.MessageKind_MESSAGE_KIND_DOCUMENT,
}

var deliveryStates = map[sdk.DeliveryState]pb.DeliveryState{
	sdk.Accepted: pb.DeliveryState_DELIVERY_STATE_ACCEPTED, sdk.Underway: pb.DeliveryState_DELIVERY_STATE_SENT,
	sdk.Delivered: pb.DeliveryState_DELIVERY_STATE_DELIVERED, sdk.Failed: pb.DeliveryState_DELIVERY_STATE_FAILED,
	sdk.Returned: pb.DeliveryState_DELIVERY_STATE_RETURNED,
}

func fromMessageKind(k pb.MessageKind) sdk.MessageKind {
	for kind, m := range messageKinds {
		if m == k {
			return kind
		}
	}
	return ""
}

func toMessage(v *sdk.MessageWrite) *pb.MessageWrite {
	m := &pb.MessageWrite{
		Kind: messageKinds[v.Kind], To: Text(v.To), From: Text(v.From), Text: Text(v.Text), Language: Text(v.Language), Thanks: Text(v.Thanks),
		Name: Text(v.Name), FileName: Text(v.FileName), Content: v.Content, ReportUrl: Text(v.ReportURL), Moment: toMillis(v.Moment),
	}
	for _, c := range v.Choices {
		m.Choices = append(m.Choices, &pb.Choice{Key: Text(c.Key), Text: Text(c.Text)})
	}
	if a := v.Address; a != (sdk.Address{}) {
		m.Address = &pb.Address{Line1: Text(a.Line1), Line2: Text(a.Line2), PostalCode: Text(a.PostalCode), City: Text(a.City), Country: Text(a.Country)}
	}
	return m
}

func fromMessage(m *pb.MessageWrite) (*sdk.MessageWrite, error) {
	v := &sdk.MessageWrite{
		Kind: fromMessageKind(m.GetKind()), To: m.GetTo(), From: m.GetFrom(), Text: m.GetText(), Language: m.GetLanguage(), Thanks: m.GetThanks(),
		Name: m.GetName(), FileName: m.GetFileName(), Content: m.GetContent(), ReportURL: m.GetReportUrl(), Moment: fromMillis(m.GetMoment()),
	}
	if v.Kind == "" {
		return nil, errors.New("the message is of no known kind; update the connector")
	}
	for _, c := range m.GetChoices() {
		v.Choices = append(v.Choices, sdk.KeyChoice{Key: c.GetKey(), Text: c.GetText()})
	}
	if a := m.GetAddress(); a != nil {
		v.Address = sdk.Address{Line1: a.GetLine1(), Line2: a.GetLine2(), PostalCode: a.GetPostalCode(), City: a.GetCity(), Country: a.GetCountry()}
	}
	return v, nil
}

// ToReportRequest translates a request, without its session.
func ToReportRequest(r sdk.ReportRequest) *pb.ReportRequest {
	return &pb.ReportRequest{Administration: r.Administration, Kind: messageKinds[r.Kind], Id: Text(r.ID)}
}

// FromReportRequest is the inverse of ToReportRequest.
func FromReportRequest(m *pb.ReportRequest) sdk.ReportRequest {
	return sdk.ReportRequest{Administration: m.GetAdministration(), Kind: fromMessageKind(m.GetKind()), ID: m.GetId()}
}

// ToReport translates a report.
func ToReport(r sdk.DeliveryReport) *pb.DeliveryReport {
	m := &pb.DeliveryReport{
		State: deliveryStates[r.State], At: toMillis(r.At), Reason: Text(r.Reason), BadAddress: r.BadAddress,
		Parts: int32(min(max(r.Parts, 0), 1<<20)), Answered: Text(string(r.Answered)), Keys: Text(r.Keys), PostedOn: toDate(r.PostedOn),
	}
	if p := r.Price; p != nil {
		m.Currency, m.Price = Text(string(p.Currency)), &p.Minor
	}
	return m
}

// FromReport refuses a report in a currency or with a day that does not exist.
func FromReport(m *pb.DeliveryReport) (sdk.DeliveryReport, error) {
	r := sdk.DeliveryReport{
		At: fromMillis(m.GetAt()), Reason: withoutNUL(m.GetReason()), BadAddress: m.GetBadAddress(), Parts: int(m.GetParts()),
		Answered: sdk.Answered(withoutNUL(m.GetAnswered())), Keys: withoutNUL(m.GetKeys()),
	}
	for state, known := range deliveryStates {
		if known == m.GetState() {
			r.State = state
		}
	}
	if m != nil && m.Price != nil {
		c := money.Currency(m.GetCurrency())
		if _, err := c.Exponent(); err != nil {
			return r, err
		}
		price := money.Of(m.GetPrice(), c)
		r.Price = &price
	}
	day, err := fromDate(m.GetPostedOn())
	if err != nil {
		return r, fmt.Errorf("day of posting: %w", err)
	}
	r.PostedOn = day
	return r, nil
}
