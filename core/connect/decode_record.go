package connect

import (
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/protobuf/encoding/protowire"
)

// wireType is the type that each field below has; any other is passed over.
const (
	varint = protowire.VarintType
	length = protowire.BytesType
)

func (d *reader) invoice(m *pb.Invoice) {
	m.Id, m.Revision, m.PartyId, m.Number, m.Kind, m.Status, m.Issued, m.Due, m.Currency = "", "", "", "", 0, 0, 0, 0, ""
	m.Total, m.Open, m.Reference, m.PaymentReference, m.Sent, m.Credits, m.Document, m.Url, m.Hold = 0, 0, "", "", 0, "", false, "", 0
	for d.more() {
		n, kind := d.tag()
		switch {
		case n == 1 && kind == length:
			m.Id = d.text()
		case n == 2 && kind == length:
			m.Revision = d.text()
		case n == 3 && kind == length:
			m.PartyId = d.text()
		case n == 4 && kind == length:
			m.Number = d.text()
		case n == 5 && kind == varint:
			m.Kind = pb.InvoiceKind(d.varint())
		case n == 6 && kind == varint:
			m.Status = pb.InvoiceStatus(d.varint())
		case n == 7 && kind == varint:
			m.Issued = int32(d.varint())
		case n == 8 && kind == varint:
			m.Due = int32(d.varint())
		case n == 9 && kind == length:
			m.Currency = d.text()
		case n == 10 && kind == varint:
			m.Total = d.zigzag()
		case n == 11 && kind == varint:
			m.Open = d.zigzag()
		case n == 12 && kind == length:
			m.Reference = d.text()
		case n == 13 && kind == length:
			m.PaymentReference = d.text()
		case n == 14 && kind == varint:
			m.Sent = int64(d.varint())
		case n == 15 && kind == length:
			m.Credits = d.text()
		case n == 16 && kind == varint:
			m.Document = d.varint() != 0
		case n == 17 && kind == length:
			m.Url = d.text()
		case n == 18 && kind == varint:
			m.Hold = pb.InvoiceHold(d.varint())
		default:
			d.skip(n, kind)
		}
	}
}

func (d *reader) payment(m *pb.Payment) {
	m.Id, m.Revision, m.PartyId, m.InvoiceId, m.Currency, m.Amount, m.ValueDate, m.Reference, m.CreditNote = "", "", "", "", "", 0, 0, "", ""
	for d.more() {
		n, kind := d.tag()
		switch {
		case n == 1 && kind == length:
			m.Id = d.text()
		case n == 2 && kind == length:
			m.Revision = d.text()
		case n == 3 && kind == length:
			m.PartyId = d.text()
		case n == 4 && kind == length:
			m.InvoiceId = d.text()
		case n == 5 && kind == length:
			m.Currency = d.text()
		case n == 6 && kind == varint:
			m.Amount = d.zigzag()
		case n == 7 && kind == varint:
			m.ValueDate = int32(d.varint())
		case n == 8 && kind == length:
			m.Reference = d.text()
		case n == 9 && kind == length:
			m.CreditNote = d.text()
		default:
			d.skip(n, kind)
		}
	}
}

func (d *reader) party(m *pb.Party) {
	m.Id, m.Revision, m.Name, m.Kind, m.Attention, m.Email, m.Phone, m.Language, m.Iban = "", "", "", 0, "", "", "", "", ""
	m.VatNumber, m.Registration, m.Url, m.Address, m.Owner = "", "", "", nil, nil
	for d.more() {
		n, kind := d.tag()
		if kind != length {
			if n == 4 && kind == varint {
				m.Kind = pb.PartyKind(d.varint())
			} else {
				d.skip(n, kind)
			}
			continue
		}
		switch n {
		case 1:
			m.Id = d.text()
		case 2:
			m.Revision = d.text()
		case 3:
			m.Name = d.text()
		case 5:
			m.Attention = d.text()
		case 6:
			m.Email = d.text()
		case 7:
			m.Phone = d.text()
		case 8:
			if m.Address == nil {
				m.Address = &pb.Address{}
			}
			a := m.Address
			d.texts(&a.Line1, &a.Line2, &a.PostalCode, &a.City, &a.Country)
		case 9:
			m.Language = d.text()
		case 10:
			m.Iban = d.text()
		case 11:
			m.VatNumber = d.text()
		case 12:
			m.Registration = d.text()
		case 13:
			m.Url = d.text()
		case 14:
			if m.Owner == nil {
				m.Owner = &pb.Person{}
			}
			d.texts(&m.Owner.Id, &m.Owner.Name, &m.Owner.Email)
		default:
			d.skip(n, kind)
		}
	}
}

// texts reads a message whose fields are texts, numbered from 1.
func (d *reader) texts(fields ...*string) {
	in := reader{s: d.bytes()}
	for in.more() {
		n, kind := in.tag()
		if kind == length && int(n) <= len(fields) {
			*fields[n-1] = in.text()
		} else {
			in.skip(n, kind)
		}
	}
	d.bad = d.bad || in.bad
}
