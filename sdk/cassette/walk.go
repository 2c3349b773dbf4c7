package cassette

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"
)

// walk passes every text in a body through a function, with the kind of the field
// that it is in, and returns the body with what came back. Order and numbers stay
// as they are.
func walk(body []byte, h http.Header, each func(kind, string) string) []byte {
	t := bytes.TrimSpace(body)
	media := strings.ToLower(h.Get("Content-Type"))
	switch {
	case len(t) == 0 || !plain(string(body)):
		return body
	case t[0] == '{' || t[0] == '[':
		if out, ok := walkJSON(t, each); ok {
			return out
		}
	case t[0] == '<':
		return walkXML(string(body), each)
	case strings.Contains(media, "form-urlencoded"):
		if q, err := url.ParseQuery(string(t)); err == nil {
			for k, values := range q {
				for i, v := range values {
					values[i] = each(kindOf(k), v)
				}
			}
			return []byte(q.Encode())
		}
	case strings.Contains(media, "csv") || table(string(body)) != 0:
		return walkTable(string(body), each)
	}
	return []byte(each(nothing, string(body)))
}

// walkJSON goes through the tokens of a document, so that its order stays.
func walkJSON(body []byte, each func(kind, string) string) ([]byte, bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var out bytes.Buffer
	ok := jsonValue(dec, &out, nothing, each)
	if _, err := dec.Token(); err == nil {
		return nil, false
	}
	return out.Bytes(), ok
}

func jsonValue(dec *json.Decoder, out *bytes.Buffer, k kind, each func(kind, string) string) bool {
	tok, err := dec.Token()
	if err != nil {
		return false
	}
	switch v := tok.(type) {
	case json.Delim:
		out.WriteString(v.String())
		for n := 0; dec.More(); n++ {
			if n > 0 {
				out.WriteByte(',')
			}
			inner := k
			if v == '{' {
				key, err := dec.Token()
				name, isText := key.(string)
				if err != nil || !isText {
					return false
				}
				inner = kindOf(name)
				out.Write(quote(name))
				out.WriteByte(':')
			}
			if !jsonValue(dec, out, inner, each) {
				return false
			}
		}
		end, err := dec.Token()
		if err != nil {
			return false
		}
		out.WriteString(end.(json.Delim).String())
	case string:
		out.Write(quote(each(k, v)))
	case json.Number:
		text := v.String()
		if (k == phone || k == number || k == iban) && k.says(text) && digits(text) == len(text) {
			if p := each(k, text); json.Valid([]byte(p)) && digits(p) == len(p) && p[0] != '0' {
				text = p
			} else if p != text {
				text = "1" + strings.Repeat("0", len(text)-1)
			}
		}
		out.WriteString(text)
	case bool:
		if v {
			out.WriteString("true")
		} else {
			out.WriteString("false")
		}
	case nil:
		out.WriteString("null")
	}
	return true
}

func quote(s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil {
		return []byte(`""`)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// walkXML goes through the texts and attributes of a document by its tags alone,
// so that all else stays as it is.
func walkXML(s string, each func(kind, string) string) []byte {
	var out strings.Builder
	var stack []string
	top := func() kind {
		if len(stack) == 0 {
			return nothing
		}
		return kindOfElement(stack[len(stack)-1])
	}
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			i = len(s)
		}
		if text := s[:i]; strings.TrimSpace(text) == "" {
			out.WriteString(text)
		} else {
			plain := html.UnescapeString(text)
			if changed := each(top(), plain); changed != plain {
				text = escapeXML(changed)
			}
			out.WriteString(text)
		}
		if s = s[i:]; s == "" {
			break
		}
		if data, ok := strings.CutPrefix(s, "<![CDATA["); ok {
			if end := strings.Index(data, "]]>"); end >= 0 {
				inner := data[:end]
				if t := strings.TrimSpace(inner); strings.HasPrefix(t, "<") {
					inner = string(walkXML(inner, each))
				} else {
					inner = each(top(), inner)
				}
				out.WriteString("<![CDATA[" + inner + "]]>")
				s = data[end+3:]
				continue
			}
		}
		end := strings.IndexByte(s, '>')
		if strings.HasPrefix(s, "<!--") {
			if c := strings.Index(s, "-->"); c >= 0 {
				s = s[c+3:] // a comment is nobody's business
				continue
			}
		}
		if end < 0 {
			out.WriteString(s)
			break
		}
		tag := s[:end+1]
		s = s[end+1:]
		name, _, _ := strings.Cut(strings.Trim(tag, "</> ?!"), " ")
		switch {
		case strings.HasPrefix(tag, "</"):
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
		case strings.HasPrefix(tag, "<?"), strings.HasPrefix(tag, "<!"):
		default:
			tag = attributes(tag, each)
			if !strings.HasSuffix(tag, "/>") {
				stack = append(stack, strings.TrimSpace(name))
			}
		}
		out.WriteString(tag)
	}
	return []byte(out.String())
}

func escapeXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

// attributes passes the values of attributes through a function.
func attributes(tag string, each func(kind, string) string) string {
	var out strings.Builder
	for {
		i := strings.Index(tag, `="`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(tag[i+2:], '"')
		if end < 0 {
			break
		}
		name := tag[:i]
		if sp := strings.LastIndexAny(name, " \t\n"); sp >= 0 {
			name = name[sp+1:]
		}
		value := html.UnescapeString(tag[i+2 : i+2+end])
		if !strings.HasPrefix(name, "xmlns") {
			value = each(kindOf(name), value)
		}
		out.WriteString(tag[:i+2] + escapeXML(value) + `"`)
		tag = tag[i+2+end+1:]
	}
	return out.String() + tag
}

// table returns the separator of a text that is a table with a head, 0 for any
// other text.
func table(s string) byte {
	head, rest, ok := strings.Cut(s, "\n")
	if !ok {
		return 0
	}
	second, _, _ := strings.Cut(rest, "\n")
	for _, sep := range []byte{';', '\t', ',', '|'} {
		if n := strings.Count(head, string(sep)); n >= 2 && strings.Count(second, string(sep)) >= n {
			return sep
		}
	}
	return 0
}

// walkTable goes through the cells of a table, each with the kind of its column.
func walkTable(s string, each func(kind, string) string) []byte {
	sep := table(s)
	if sep == 0 {
		return []byte(each(nothing, s))
	}
	var kinds []kind
	rows := strings.Split(s, "\n")
	for i, row := range rows {
		row, cr := strings.CutSuffix(row, "\r")
		cells := strings.Split(row, string(sep))
		for j, c := range cells {
			bare, quoted := strings.CutPrefix(c, `"`)
			bare = strings.TrimSuffix(bare, `"`)
			if i == 0 {
				kinds = append(kinds, kindOf(bare))
				continue
			}
			k := nothing
			if j < len(kinds) {
				k = kinds[j]
			}
			if bare = each(k, bare); quoted {
				bare = `"` + bare + `"`
			}
			cells[j] = bare
		}
		rows[i] = strings.Join(cells, string(sep))
		if cr {
			rows[i] += "\r"
		}
	}
	return []byte(strings.Join(rows, "\n"))
}
