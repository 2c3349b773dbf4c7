package emulator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const templateID = 1

// bookedOnly tells an invoice that a webshop booked from those of the invoicing
// module.
func bookedOnly(v *ledger.Invoice) bool { return strings.HasPrefix(v.Number, "WEB") }

var vatCodes = map[string]string{"21": "HOOG_VERK_21", "9": "LAAG_VERK_9", "0": "GEEN"}

func (c *call) invoice(v *ledger.Invoice) object {
	return object{
		"id": v.No, "invoiceNumber": v.Number, "relationId": v.Contact, "date": v.Date.String(), "termOfPayment": v.Due.DaysSince(v.Date), "reference": or(v.Reference),
		"text": nil, "urlPdfFile": c.pdfURL(v), "totalExcl": number(v.Excl, v.Currency), "vatAmount": number(v.Tax(), v.Currency),
		"totalAmount": number(v.Total, v.Currency), "templateId": templateID, "print": false,
	}
}

func (c *call) listInvoices() error {
	var rows []row
	err := c.view(func(a *ledger.Administration) error {
		for _, v := range a.Invoices {
			if !v.Draft && !bookedOnly(v) {
				rows = append(rows, row{shown: c.invoice(v)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.list(rows, []string{"invoiceNumber", "relationId", "date"})
}

func (c *call) getInvoice() error {
	var body object
	err := c.view(func(a *ledger.Administration) error {
		v := a.InvoiceByNo(c.id())
		if v == nil || v.Draft || bookedOnly(v) {
			return notFound("FACT_003", "Factuur niet gevonden.")
		}
		body = c.invoice(v)
		delete(body, "print")
		items := []object{}
		for _, l := range v.Lines {
			items = append(items, object{
				"quantity": json.Number(l.Quantity), "unitId": nil, "code": nil, "productId": nil, "description": l.Description, "pricePerUnit": number(l.Price, v.Currency),
				"vatCode": vatCodes[l.TaxRate], "vatAmount": number(l.Tax, v.Currency), "ledgerId": turnover, "costCenterId": nil, "discountAmount": nil, "discountPercentage": nil,
			})
		}
		body["items"], body["inExVat"], body["emailTemplateId"] = items, "EX", nil
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, body)
}

func (c *call) listTemplates() error {
	return c.list([]row{{shown: object{"id": templateID, "name": "Standaard", "active": true, "type": "E"}}}, nil)
}

func (c *call) createInvoice() error {
	var in struct {
		RelationID    int64      `json:"relationId"`
		InvoiceNumber string     `json:"invoiceNumber"`
		Date          *date.Date `json:"date"`
		TermOfPayment int        `json:"termOfPayment"`
		TemplateID    int        `json:"templateId"`
		Reference     string     `json:"reference"`
		Items         []struct {
			Quantity     json.Number `json:"quantity"`
			Description  string      `json:"description"`
			PricePerUnit json.Number `json:"pricePerUnit"`
			VatCode      string      `json:"vatCode"`
		} `json:"items"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	switch {
	case in.RelationID == 0:
		return invalid("FACT_001", "relationId", "Relatie ID ontbreekt.")
	case len(in.InvoiceNumber) > 50:
		return invalid("FACT_007", "invoiceNumber", "Factuurnummer is te lang.")
	case in.TemplateID != templateID:
		return invalid("FACT_018", "templateId", "Factuursjabloon niet gevonden.")
	case len(in.Items) == 0:
		return invalid("FACT_019", "items", "Factuuritems ontbreken.")
	}
	v := &ledger.Invoice{Number: in.InvoiceNumber, Contact: in.RelationID, Reference: in.Reference, Date: c.today()}
	if in.Date != nil {
		v.Date = *in.Date
	}
	v.Due = v.Date.AddDays(in.TermOfPayment)
	for _, l := range in.Items {
		price, err := ledger.ParseAmount(l.PricePerUnit.String(), "EUR")
		if err != nil {
			return invalid("ERR_001", "pricePerUnit", err.Error())
		}
		rate := "0"
		for r, code := range vatCodes {
			if code == l.VatCode {
				rate = r
			}
		}
		v.Lines = append(v.Lines, ledger.Line{Description: l.Description, Quantity: cmp.Or(l.Quantity.String(), "1"), Price: price, TaxRate: rate})
	}
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		if t.A.ContactByNo(in.RelationID) == nil {
			return invalid("FACT_002", "relationId", "Relatie niet gevonden.")
		}
		for _, o := range t.A.Invoices {
			if v.Number != "" && o.Number == v.Number {
				return invalid("FACT_101", "invoiceNumber", "Factuurnummer is in gebruik.")
			}
		}
		made, err := t.AddInvoice(v)
		if err == nil {
			made.Credit = made.Total < 0
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, object{"id": v.No, "invoiceNumber": v.Number})
}

func (c *call) today() (d date.Date) {
	_ = c.view(func(a *ledger.Administration) error { d = c.s.Today(a); return nil })
	return d
}

// pdfURL is a link that lives ten minutes and needs no session.
func (c *call) pdfURL(v *ledger.Invoice) string {
	base := strings.TrimSuffix(cmp.Or(c.s.cfg.PublicURL, "http://"+c.r.Host), "/")
	until := c.s.kit.Wall().Add(10 * time.Minute).Unix()
	return fmt.Sprintf("%s/files/%s/%d/%d/%s/%s.pdf", base, c.adm, v.No, until, ledger.Derived(v.UUID, fmt.Sprint("file", until)), v.Number)
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	part := strings.Split(r.PathValue("rest"), "/")
	no, _ := strconv.ParseInt(r.PathValue("no"), 10, 64)
	var pdf []byte
	err := s.View(r.PathValue("adm"), func(a *ledger.Administration) (err error) {
		v := a.InvoiceByNo(no)
		until, _ := strconv.ParseInt(part[0], 10, 64)
		if v == nil || len(part) != 3 || part[1] != ledger.Derived(v.UUID, fmt.Sprint("file", until)) || s.kit.Wall().Unix() >= until {
			return ledger.ErrNotFound
		}
		pdf, err = a.PDF(v)
		return err
	})
	if err != nil {
		http.Error(w, "The file is not there, or no longer.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(pdf)
}
