package openitems

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// epoch is the day with serial 0 in a workbook.
type epoch struct{ day date.Date }

// 1900: serial 1 is 1 January 1900, but 1900 counts as a leap year, so from
// March 1900 on the zero is 30 December 1899.
var (
	epoch1900 = epoch{date.New(1899, time.December, 30)}
	epoch1904 = epoch{date.New(1904, time.January, 1)}
)

// A part of a workbook may not unpack to more than this.
var partLimits = xmldoc.Limits{Bytes: 256 << 20, Depth: 40, Elements: 30_000_000, Text: 1 << 20}

// workbook is an .xlsx file: a zip of XML parts (ECMA-376).
type workbook struct {
	parts   map[string]*zip.File
	strings []string
	days    map[int]bool // cell formats that show a number as a day
	epoch   epoch
}

func openWorkbook(data []byte, m Mapping) ([]table, *invoicefile.Problem) {
	damaged := invoicefile.Problemf("workbook", "The Excel file is damaged or of another kind than .xlsx. Save it once more in Excel, or as CSV.")
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > 10_000 {
		return nil, damaged
	}
	w := &workbook{parts: map[string]*zip.File{}, epoch: epoch1900}
	for _, f := range z.File {
		w.parts[strings.TrimPrefix(f.Name, "/")] = f
	}
	sheets, err := w.sheets()
	if err == nil {
		err = errors.Join(w.readStrings(), w.readStyles())
	}
	if err != nil {
		return nil, workbookProblem(err, damaged)
	}
	var out []table
	var names []string
	for _, s := range sheets {
		names = append(names, s.name)
		if m.Sheet != "" && !strings.EqualFold(m.Sheet, s.name) {
			continue
		}
		t, err := w.sheet(s.part)
		if err != nil {
			return nil, workbookProblem(err, damaged)
		}
		t.format, t.epoch = "Excel, sheet "+s.name, w.epoch
		out = append(out, t)
	}
	if len(out) == 0 {
		if m.Sheet != "" {
			return nil, invoicefile.Problemf("sheet", "The Excel file has no sheet %q; it has %s.", m.Sheet, strings.Join(names, ", "))
		}
		return nil, damaged
	}
	return out, nil
}

func workbookProblem(err error, damaged *invoicefile.Problem) *invoicefile.Problem {
	var p *invoicefile.Problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, xmldoc.ErrHostile):
		return invoicefile.Problemf("hostile", "The Excel file was refused unread: %v.", err)
	}
	return damaged
}

// part opens a part; an absent one is an empty document.
func (w *workbook) part(name string) (*xmldoc.Reader, io.Closer, error) {
	f, ok := w.parts[name]
	if !ok {
		return nil, nil, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, nil, err
	}
	return xmldoc.NewReader(r, partLimits), r, nil
}

// each goes through the children of the root of a part, or of those inside its
// child of a name when deeper is set.
func (w *workbook) each(name, deeper string, visit func(*xmldoc.Node) error) error {
	x, closer, err := w.part(name)
	if err != nil || x == nil {
		return err
	}
	defer closer.Close()
	if _, err := x.Root(); err != nil {
		return err
	}
	for {
		start, more, err := x.Child()
		if err != nil || !more {
			return err
		}
		if deeper != "" {
			if start.Name.Local != deeper {
				if err := x.Skip(); err != nil {
					return err
				}
				continue
			}
			for {
				start, more, err := x.Child()
				if err != nil {
					return err
				}
				if !more {
					break
				}
				n, err := x.Node(start)
				if err != nil {
					return err
				}
				if err := visit(n); err != nil {
					return err
				}
			}
			continue
		}
		n, err := x.Node(start)
		if err != nil {
			return err
		}
		if err := visit(n); err != nil {
			return err
		}
	}
}

type sheetRef struct{ name, part string }

func (w *workbook) sheets() ([]sheetRef, error) {
	targets := map[string]string{}
	err := w.each("xl/_rels/workbook.xml.rels", "", func(n *xmldoc.Node) error {
		target := n.Attribute("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join("xl", target)
		}
		targets[n.Attribute("Id")] = strings.TrimPrefix(target, "/")
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []sheetRef
	err = w.each("xl/workbook.xml", "", func(n *xmldoc.Node) error {
		switch n.Name {
		case "workbookPr":
			if v := n.Attribute("date1904"); v == "1" || v == "true" {
				w.epoch = epoch1904
			}
		case "sheets":
			for _, s := range n.All("sheet") {
				for _, a := range s.Attr {
					// r:id, which Attribute would mix up with sheetId's like.
					if a.Name.Local == "id" && targets[a.Value] != "" {
						out = append(out, sheetRef{name: invoicefile.Clean(s.Attribute("name"), 100), part: targets[a.Value]})
					}
				}
			}
		}
		return nil
	})
	return out, err
}

func (w *workbook) readStrings() error {
	return w.each("xl/sharedStrings.xml", "", func(n *xmldoc.Node) error {
		if n.Name == "si" {
			w.strings = append(w.strings, richText(n))
		}
		return nil
	})
}

// richText joins the runs of a text, without the phonetic ones.
func richText(n *xmldoc.Node) string {
	text := n.Get("t")
	for _, run := range n.All("r/t") {
		text += run.Text
	}
	return text
}

var (
	dayFormat = regexp.MustCompile(`[ymd]`)
	quoted    = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.`) // literal text, colours and escapes in a format
)

// readStyles finds the cell formats that show a day: the built-in ones 14 to 22
// and 45 to 47, and own ones with letters of a date outside quotes.
func (w *workbook) readStyles() error {
	w.days = map[int]bool{}
	own := map[string]bool{}
	return w.each("xl/styles.xml", "", func(n *xmldoc.Node) error {
		switch n.Name {
		case "numFmts":
			for _, f := range n.All("numFmt") {
				code := quoted.ReplaceAllString(strings.ToLower(f.Attribute("formatCode")), "")
				own[f.Attribute("numFmtId")] = dayFormat.MatchString(strings.ReplaceAll(code, "general", ""))
			}
		case "cellXfs":
			for i, x := range n.All("xf") {
				id, _ := strconv.Atoi(x.Attribute("numFmtId"))
				w.days[i] = own[x.Attribute("numFmtId")] || id >= 14 && id <= 22 || id >= 45 && id <= 47
			}
		}
		return nil
	})
}

func (w *workbook) sheet(part string) (table, error) {
	var t table
	err := w.each(part, "sheetData", func(n *xmldoc.Node) error {
		if len(t.rows) >= maxRows {
			return invoicefile.Problemf("size", "The list has more than %d rows. Split it.", maxRows)
		}
		r := row{number: len(t.rows) + 1}
		if v, err := strconv.Atoi(n.Attribute("r")); err == nil {
			r.number = v
		}
		for _, c := range n.All("c") {
			i := len(r.cells)
			if ref := c.Attribute("r"); ref != "" {
				i = column(ref)
			}
			if i < 0 || i >= maxColumns {
				continue
			}
			for len(r.cells) <= i {
				r.cells = append(r.cells, cell{})
			}
			r.cells[i] = w.value(c)
		}
		t.rows = append(t.rows, r)
		return nil
	})
	return t, err
}

// value reads a cell: shared or inline text, a number, or the result of a
// formula.
func (w *workbook) value(c *xmldoc.Node) cell {
	v := c.Get("v")
	switch c.Attribute("t") {
	case "s":
		i, err := strconv.Atoi(v)
		if err != nil || i < 0 || i >= len(w.strings) {
			return cell{}
		}
		return cell{text: invoicefile.Clean(w.strings[i], maxCell)}
	case "inlineStr":
		return cell{text: invoicefile.Clean(richText(c.Child("is")), maxCell)}
	case "str", "e", "b":
		return cell{text: invoicefile.Clean(v, maxCell)}
	case "d":
		return cell{text: invoicefile.Clean(v[:min(len(v), 10)], maxCell)}
	}
	style, _ := strconv.Atoi(c.Attribute("s"))
	return cell{text: v, number: v != "", day: v != "" && w.days[style]}
}

// column returns the index of "AB12", -1 for nonsense.
func column(ref string) int {
	n := 0
	for _, r := range ref {
		if r < 'A' || r > 'Z' {
			break
		}
		if n = n*26 + int(r-'A') + 1; n > 20_000 {
			return -1
		}
	}
	return n - 1
}
