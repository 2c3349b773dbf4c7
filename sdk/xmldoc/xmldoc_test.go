package xmldoc_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/xmldoc"
)

func read(text string, l xmldoc.Limits) (*xmldoc.Node, error) {
	x := xmldoc.NewReader(strings.NewReader(text), l)
	start, err := x.Root()
	if err != nil {
		return nil, err
	}
	n, err := x.Node(start)
	if err != nil {
		return nil, err
	}
	return n, x.End()
}

func TestNode(t *testing.T) {
	t.Parallel()
	n, err := read(`<?xml version="1.0"?><a:A xmlns:a="urn:x"><!-- c --><B k="v">1<![CDATA[<2>]]></B><C><D>3</D></C><C><D>4</D></C></a:A>`, xmldoc.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if n.Name != "A" || n.Space != "urn:x" || n.Get("B") != "1<2>" || n.Child("B").Attribute("k") != "v" {
		t.Errorf("%+v", n)
	}
	if n.Get("X/Y", "C/D") != "3" || len(n.All("C/D")) != 2 || n.Child("X/Y") != nil || n.Child("X").Attribute("k") != "" {
		t.Errorf("paths: %q", n.Get("X/Y", "C/D"))
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	wide := func(s string, little bool) string {
		var b strings.Builder
		for _, r := range s {
			if little {
				b.WriteByte(byte(r))
				b.WriteByte(byte(r >> 8))
			} else {
				b.WriteByte(byte(r >> 8))
				b.WriteByte(byte(r))
			}
		}
		return b.String()
	}
	utf16 := `<?xml version="1.0" encoding="UTF-16"?><A>€ë</A>`
	for name, text := range map[string]string{
		"utf-8":             "<A>€ë</A>",
		"utf-8 mark":        "\xef\xbb\xbf<A>€ë</A>",
		"utf-16le mark":     "\xff\xfe" + wide(utf16, true),
		"utf-16be mark":     "\xfe\xff" + wide(utf16, false),
		"utf-16le bare":     wide(utf16, true),
		"utf-16be bare":     wide(utf16, false),
		"windows-1252":      "<?xml version='1.0' encoding='windows-1252'?><A>\x80\xeb</A>",
		"iso-8859-15":       "<?xml version='1.0' encoding='ISO-8859-15'?><A>\xa4\xeb</A>",
		"latin 1 that lies": "<?xml version='1.0' encoding='ISO-8859-1'?><A>\x80\xeb</A>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n, err := read(text, xmldoc.Limits{})
			if err != nil || n.Text != "€ë" {
				t.Errorf("%v %v", n, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	bomb := `<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><A>&b;</A>`
	tests := map[string]struct {
		text   string
		limits xmldoc.Limits
		want   error
		says   string
	}{
		"entity bomb":           {bomb, xmldoc.Limits{}, xmldoc.ErrHostile, "document type"},
		"external entity":       {`<!DOCTYPE A SYSTEM "file:///etc/passwd"><A/>`, xmldoc.Limits{}, xmldoc.ErrHostile, "document type"},
		"undefined entity":      {`<A>&xxe;</A>`, xmldoc.Limits{}, xmldoc.ErrHostile, "entity"},
		"stylesheet":            {`<?xml-stylesheet href="x"?><A/>`, xmldoc.Limits{}, xmldoc.ErrHostile, "processing instruction"},
		"too deep":              {strings.Repeat("<A>", 65), xmldoc.Limits{}, xmldoc.ErrHostile, "deeper than 64"},
		"too many":              {"<A>" + strings.Repeat("<B/>", 11) + "</A>", xmldoc.Limits{Elements: 10}, xmldoc.ErrHostile, "more than 10"},
		"too large":             {"<A>" + strings.Repeat(" ", 2<<20) + "</A>", xmldoc.Limits{Bytes: 1 << 20}, xmldoc.ErrHostile, "larger than 1 MiB"},
		"too long a text":       {"<A>" + strings.Repeat("x", 2<<20) + "</A>", xmldoc.Limits{Text: 1 << 20}, xmldoc.ErrHostile, "text of A"},
		"breaks off":            {"<A><B>", xmldoc.Limits{}, xmldoc.ErrSyntax, "breaks off"},
		"wrong end":             {"<A><B></A></B>", xmldoc.Limits{}, xmldoc.ErrSyntax, "line 1"},
		"second root":           {"<A/><B>", xmldoc.Limits{}, xmldoc.ErrSyntax, "breaks off"},
		"empty":                 {"", xmldoc.Limits{}, xmldoc.ErrSyntax, "empty"},
		"only text":             {"hello", xmldoc.Limits{}, xmldoc.ErrSyntax, "text before its root"},
		"text before the root":  {"%PDF-1.7\n<A/>", xmldoc.Limits{}, xmldoc.ErrSyntax, "text before its root"},
		"unknown encoding":      {"<?xml version='1.0' encoding='EBCDIC'?><A/>", xmldoc.Limits{}, xmldoc.ErrSyntax, "encoding"},
		"bytes that are no UTF": {"<A>\xff\xff</A>", xmldoc.Limits{}, xmldoc.ErrSyntax, "UTF-8"},
		"zero byte":             {"<A>\x00</A>", xmldoc.Limits{}, xmldoc.ErrSyntax, "line 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := read(tt.text, tt.limits)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("got %v, want %v saying %q", err, tt.want, tt.says)
			}
		})
	}
}

func TestSkip(t *testing.T) {
	t.Parallel()
	x := xmldoc.NewReader(strings.NewReader("<A><B><C/><C/></B><D>1</D></A>"), xmldoc.Limits{})
	if _, err := x.Root(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for {
		start, more, err := x.Child()
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		names = append(names, start.Name.Local)
		if err := x.Skip(); err != nil {
			t.Fatal(err)
		}
	}
	if err := x.End(); err != nil || strings.Join(names, " ") != "B D" {
		t.Errorf("%v %v", names, err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("<A b='c'>&amp;<B/></A>")
	f.Add("\xff\xfe<\x00A\x00/\x00>\x00")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := read(text, xmldoc.Limits{Bytes: 1 << 16, Depth: 8, Elements: 100, Text: 1 << 12})
		if err == nil && n == nil {
			t.Error("neither a document nor an error")
		}
		if err != nil && !errors.Is(err, xmldoc.ErrHostile) && !errors.Is(err, xmldoc.ErrSyntax) {
			t.Errorf("an error of neither kind: %v", err)
		}
	})
}
