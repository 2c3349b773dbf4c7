package inbound

import (
	"strings"

	"golang.org/x/net/html"
)

// htmlText returns the text of an HTML mail with a line per block. With own set
// it leaves out what mail programs mark as quoted.
func htmlText(source string, own bool) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(source))
	hidden, depth := 0, 0 // depth counts open elements inside a hidden one
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tidy(out.String())
		case html.TextToken:
			if hidden == 0 {
				out.Write(z.Text())
			}
		case html.StartTagToken:
			name, attrs := tag(z)
			switch {
			case hidden > 0:
				if !void[name] {
					depth++
				}
			case name == "script" || name == "style" || name == "head" || name == "title" || own && quoted(name, attrs):
				hidden, depth = 1, 1
			case breaks[name]:
				out.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := tag(z); hidden == 0 && breaks[name] {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			name, _ := tag(z)
			if hidden > 0 {
				if depth--; depth <= 0 {
					hidden = 0
				}
			} else if breaks[name] {
				out.WriteByte('\n')
			}
		}
	}
}

var breaks = map[string]bool{"br": true, "p": true, "div": true, "tr": true, "li": true, "h1": true, "h2": true, "h3": true, "table": true, "blockquote": true}

var void = map[string]bool{"br": true, "img": true, "hr": true, "meta": true, "link": true, "input": true, "col": true, "area": true, "base": true, "wbr": true}

func tag(z *html.Tokenizer) (string, map[string]string) {
	name, more := z.TagName()
	attrs := map[string]string{}
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		attrs[string(k)] = string(v)
	}
	return string(name), attrs
}

func quoted(name string, attrs map[string]string) bool {
	return name == "blockquote" || strings.Contains(attrs["class"], "gmail_quote") || attrs["id"] == "appendonsend" || attrs["id"] == "divRplyFwdMsg"
}

// tidy decodes what the tokenizer left and drops runs of empty lines.
func tidy(s string) string {
	s = strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " ")
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimSpace(blank.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}
