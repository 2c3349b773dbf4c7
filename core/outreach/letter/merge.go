package letter

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/sdk/date"
)

// Separator is the sheet between the letters of a batch: it says which one follows,
// so that whoever fills the envelopes can check it.
type Separator struct {
	Place, Of int
	Name      string // who the letter is for
	Address   []string
	Subject   string
	Pages     int
}

// Separate prints a separator.
func Separate(language outreach.Language, creditor string, s Separator, day date.Date) (PDF, error) {
	sheet := newSheet(s.Subject, creditor, string(language), day.At(12, 0, time.UTC))
	sheet.fill(0, 0, pageWidth, 12, paper)
	sheet.font(26, true, black)
	sheet.at(leftEdge, 40, fmt.Sprintf("%d / %d", s.Place, s.Of), 0)
	sheet.font(12, false, black)
	for i, l := range append([]string{s.Name}, s.Address...) {
		sheet.at(leftEdge, 56+float64(i)*6, l, 0)
	}
	sheet.font(10, false, soft)
	sheet.at(leftEdge, 100, s.Subject, rightEdge-leftEdge)
	sheet.at(leftEdge, 107, creditor+" · "+day.String(), 0)
	b, err := sheet.bytes()
	return PDF{Subject: s.Subject, Pages: 1, Bytes: b}, err
}

var (
	anObject  = regexp.MustCompile(`(?m)^(\d+) 0 obj\r?\n?`)
	aRef      = regexp.MustCompile(`\b(\d+) 0 R\b`)
	isPage    = regexp.MustCompile(`/Type\s*/Page\b`)
	isPages   = regexp.MustCompile(`/Type\s*/Pages\b`)
	isCatalog = regexp.MustCompile(`/Type\s*/Catalog\b`)
	aParent   = regexp.MustCompile(`/Parent \d+ 0 R`)
	aMediaBox = regexp.MustCompile(`/MediaBox\s*\[[^\]]*\]`)
)

// errForeign refuses files that this program did not write.
var errForeign = errors.New("this is no letter of ours, so it cannot be put together with others")

// Merge puts letters one after the other into one file, each as it is. It takes
// files of this package only: objects in the open, one table of contents.
func Merge(files ...[]byte) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	const root, pages = 1, 2
	offsets := map[int]int{}
	next := 3
	var kids []string
	write := func(n int, body []byte) {
		offsets[n] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n", n)
		out.Write(body)
		out.WriteString("\nendobj\n")
	}
	for _, file := range files {
		objects, box, err := split(file)
		if err != nil {
			return nil, err
		}
		numbers := map[int]int{}
		for _, o := range objects {
			numbers[o.number] = next
			next++
		}
		for _, o := range objects {
			head := aRef.ReplaceAllFunc(o.head, func(m []byte) []byte {
				n, _ := strconv.Atoi(string(aRef.FindSubmatch(m)[1]))
				if to, ok := numbers[n]; ok {
					return fmt.Appendf(nil, "%d 0 R", to)
				}
				return []byte("null")
			})
			if isPage.Match(o.head) {
				head = aParent.ReplaceAll(aRef.ReplaceAllFunc(o.head, func(m []byte) []byte {
					n, _ := strconv.Atoi(string(aRef.FindSubmatch(m)[1]))
					return fmt.Appendf(nil, "%d 0 R", numbers[n])
				}), fmt.Appendf(nil, "/Parent %d 0 R", pages))
				if !aMediaBox.Match(head) {
					head = bytes.Replace(head, []byte("<<"), append([]byte("<<"), box...), 1)
				}
				kids = append(kids, fmt.Sprintf("%d 0 R", numbers[o.number]))
			}
			write(numbers[o.number], append(head, o.rest...))
		}
	}
	var list bytes.Buffer
	for _, k := range kids {
		list.WriteString(k + " ")
	}
	write(root, fmt.Appendf(nil, "<</Type /Catalog /Pages %d 0 R>>", pages))
	write(pages, fmt.Appendf(nil, "<</Type /Pages /Kids [%s] /Count %d>>", list.String(), len(kids)))
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", next)
	for n := 1; n < next; n++ {
		fmt.Fprintf(&out, "%010d 00000 n \n", offsets[n])
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d /Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", next, root, start)
	return out.Bytes(), nil
}

// object is one of a file; the head is its dictionary, the rest its stream.
type object struct {
	number     int
	head, rest []byte
}

// split takes a file apart by its table of contents; what only holds it together is
// left out.
func split(file []byte) (objects []object, box []byte, _ error) {
	at := bytes.LastIndex(file, []byte("\nxref\n"))
	if at < 0 || !bytes.HasPrefix(file, []byte("%PDF-1.")) {
		return nil, nil, errForeign
	}
	lines := bytes.Split(file[at+1:], []byte("\n"))
	if len(lines) < 3 {
		return nil, nil, errForeign
	}
	var starts []int
	for _, l := range lines[2:] {
		f := bytes.Fields(l)
		if len(f) != 3 {
			break
		}
		if n, err := strconv.Atoi(string(f[0])); err == nil && string(f[2]) == "n" {
			starts = append(starts, n)
		}
	}
	slices.Sort(starts)
	for i, from := range starts {
		to := at
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		if from >= to || to > len(file) {
			return nil, nil, errForeign
		}
		raw := file[from:to]
		m := anObject.FindSubmatchIndex(raw)
		end := bytes.LastIndex(raw, []byte("endobj"))
		if m == nil || m[0] != 0 || end < 0 {
			return nil, nil, errForeign
		}
		n, _ := strconv.Atoi(string(raw[m[2]:m[3]]))
		body := bytes.TrimRight(raw[m[1]:end], "\r\n")
		o := object{number: n, head: body}
		if s := bytes.Index(body, []byte("stream")); s >= 0 {
			o.head, o.rest = body[:s], body[s:]
		}
		switch {
		case isCatalog.Match(o.head):
			continue
		case isPages.Match(o.head):
			box = aMediaBox.Find(o.head)
			continue
		}
		objects = append(objects, o)
	}
	if len(objects) == 0 {
		return nil, nil, errForeign
	}
	return objects, box, nil
}
