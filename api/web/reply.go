package web

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/invoice"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
)

// reply answers the debtor of an invoice by e-mail.
func (v *visit) reply() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text := strings.TrimSpace(v.r.FormValue("text"))
	var debtor uuid.UUID
	if err := v.read(func(ctx context.Context, tx store.Tx) error {
		inv, err := tx.Invoice(ctx, id)
		debtor = inv.DebtorID
		return err
	}); err != nil {
		return err
	}
	err = v.Steps.Answer(v.r.Context(), v.member.Tenant, debtor, uuid.NullUUID{UUID: id, Valid: true}, text, v.member.Name)
	if f := fault.Of(err); err != nil && f.Kind != fault.Internal {
		m, err := v.invoiceModel(id)
		if err != nil {
			return err
		}
		m.Reply.Value, m.Reply.Error = text, f.Message
		return v.again(invoice.Show(m))
	}
	if err != nil {
		return err
	}
	return v.done("/invoices/"+id.String(), component.Flash{Tone: component.Green, Text: "Your answer was sent."})
}
