package ledger

import (
	"bytes"

	"github.com/go-pdf/fpdf"
)

// PDF draws an invoice on one page of A4, the same bytes for the same invoice.
func (a *Administration) PDF(v *Invoice) ([]byte, error) {
	f := fpdf.New("P", "mm", "A4", "")
	f.SetCreationDate(v.Modified)
	f.SetModificationDate(v.Modified)
	f.SetCatalogSort(true)
	text := f.UnicodeTranslatorFromDescriptor("")
	f.AddPage()
	line := func(size float64, style, s string) {
		f.SetFont("Helvetica", style, size)
		f.CellFormat(0, size*0.5, text(s), "", 1, "L", false, 0, "")
	}
	line(16, "B", a.Seed.Name)
	line(10, "", a.Seed.Address+"  "+a.Seed.Zipcode+" "+a.Seed.City)
	f.Ln(14)
	if c := a.ContactByNo(v.Contact); c != nil {
		line(11, "", c.Name())
		line(11, "", c.Fields.Address)
		line(11, "", c.Fields.Zipcode+" "+c.Fields.City)
	}
	f.Ln(14)
	title := "Invoice "
	if v.Credit {
		title = "Credit note "
	}
	line(15, "B", title+v.Number)
	line(10, "", "Date "+v.Date.String()+"   Due "+v.Due.String()+"   "+v.Reference)
	f.Ln(8)
	for _, l := range v.Lines {
		f.SetFont("Helvetica", "", 10)
		f.CellFormat(130, 6, text(l.Quantity+" x "+l.Description), "", 0, "L", false, 0, "")
		f.CellFormat(0, 6, Decimal(l.Excl, v.Currency), "", 1, "R", false, 0, "")
	}
	f.Ln(4)
	line(10, "", "VAT "+v.Currency+" "+Decimal(v.Tax(), v.Currency))
	line(12, "B", "Total "+v.Currency+" "+Decimal(v.Total, v.Currency))
	line(10, "", a.Seed.IBAN)
	var b bytes.Buffer
	err := f.Output(&b)
	return b.Bytes(), err
}
