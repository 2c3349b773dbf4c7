package openitems_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/openitems"
)

// book makes a workbook with excelize, a program of others.
func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if _, err := f.NewSheet("Posten"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCellValue("Sheet1", "A1", "Toelichting"); err != nil {
		t.Fatal(err)
	}
	for i, r := range rows {
		at, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow("Posten", at, &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWorkbook(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	data := book(t,
		[]any{"Debiteurnr", "Naam", "Factuurnummer", "Factuurdatum", "Vervaldatum", "Bedrag", "Openstaand"},
		[]any{10, "Bakkerij Zoet", "F1", day(2), day(16), 1210, 999.9999999999999},
		[]any{11, "Jansen", "F2", "03-03-2026", "17-03-2026", "-121,50", -121.5},
		[]any{12, "Precies", "F3", day(2), day(16), 1.005, 1.005},
	)
	l, err := openitems.Read(data, openitems.Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	if got := shorts(l); got != two || problems(l) != "4 amount" {
		t.Errorf("got\n%s\nwant\n%s\nproblems %v", got, two, l.Problems)
	}
	if l.Format != "Excel, sheet Posten" {
		t.Errorf("format %s", l.Format)
	}
	var p *invoicefile.Problem
	if _, err := openitems.Read(data, openitems.Mapping{Sheet: "Blad1"}); !errors.As(err, &p) || p.Code != "sheet" || !strings.Contains(p.Sentence, "Sheet1, Posten") {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

// TestWorkbookBomb: a cell that unpacks to megabytes, and a document type
// inside a part.
func TestWorkbookBomb(t *testing.T) {
	t.Parallel()
	pack := func(sheet func(w *zip.Writer)) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, text := range map[string]string{
			"xl/workbook.xml":            `<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>`,
		} {
			f, _ := w.Create(name)
			_, _ = f.Write([]byte(text))
		}
		sheet(w)
		_ = w.Close()
		return b.Bytes()
	}
	bomb := pack(func(w *zip.Writer) {
		f, _ := w.Create("xl/worksheets/sheet1.xml")
		_, _ = f.Write([]byte("<worksheet><sheetData><row><c><v>"))
		for range 4 {
			_, _ = f.Write(bytes.Repeat([]byte("0"), 1<<20))
		}
	})
	entity := pack(func(w *zip.Writer) {
		f, _ := w.Create("xl/worksheets/sheet1.xml")
		_, _ = f.Write([]byte(`<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>`))
	})
	for name, data := range map[string][]byte{"bomb": bomb, "entity": entity} {
		var p *invoicefile.Problem
		if _, err := openitems.Read(data, openitems.Mapping{}); !errors.As(err, &p) || p.Code != "hostile" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
