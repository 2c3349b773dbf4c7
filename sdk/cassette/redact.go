package cassette

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Redactor replaces what is somebody's by pseudonyms: the same original always by
// the same one, within one cassette. Amounts, dates and ids stay.
type Redactor struct {
	secrets []string
	known   map[string]string // pseudonym by original
	fakes   map[string]bool
	places  map[string]bool // cities of one word, which are nobody's by themselves
	counts  map[kind]int
	all     *strings.Replacer // of originals within longer texts
}

// NewRedactor returns a redactor that knows the secrets of the connection, which
// must not show up wherever they are.
func NewRedactor(secrets ...string) *Redactor {
	r := &Redactor{known: map[string]string{}, fakes: map[string]bool{}, places: map[string]bool{}, counts: map[kind]int{}}
	for _, s := range secrets {
		if len(s) >= 4 {
			r.secrets = append(r.secrets, s)
			r.name(secret, s)
		}
	}
	return r
}

// Redact changes a cassette in place.
func (r *Redactor) Redact(c *Cassette) {
	// What is whose is learnt from the answers first, for names turn up in requests
	// and in texts too.
	for i := range c.Exchanges {
		e := &c.Exchanges[i]
		e.Header, e.AnswerHeader = keep(e.Header, asks), keep(e.AnswerHeader, answers)
		walk(e.Answer, e.AnswerHeader, func(k kind, v string) string {
			if k != nothing && k.says(v) {
				r.name(k, v)
			}
			r.detect(v)
			return v
		})
	}
	r.index()
	var sums []string // of answers, before and after
	for i := range c.Exchanges {
		e := &c.Exchanges[i]
		before := e.Answer
		e.URL = r.url(e.URL)
		e.Body = r.body(e.Body, e.Header, 0)
		e.Answer = r.body(e.Answer, e.AnswerHeader, e.Status)
		if short, ok := shorten(e.Answer); ok {
			e.Shortened, e.Answer = len(e.Answer), short
		}
		if !bytes.Equal(before, e.Answer) {
			sums = append(sums, sum(before), sum(e.Answer))
		}
		for _, h := range []http.Header{e.Header, e.AnswerHeader} {
			for _, values := range h {
				for i, v := range values {
					values[i] = r.text(v)
				}
			}
		}
		for name, to := range map[string]func(string) string{"Location": r.url} {
			if v := e.AnswerHeader.Get(name); v != "" {
				e.AnswerHeader.Set(name, to(v))
			}
		}
	}
	// What states the hash of a file states that of the file as it is now.
	if follow := strings.NewReplacer(sums...); len(sums) > 0 {
		for i := range c.Exchanges {
			e := &c.Exchanges[i]
			e.URL, e.Body, e.Answer = follow.Replace(e.URL), []byte(follow.Replace(string(e.Body))), []byte(follow.Replace(string(e.Answer)))
		}
	}
	for k, v := range c.Config {
		if kind := kindOf(k); kind != nothing && kind.says(v) {
			c.Config[k] = r.name(kind, v)
		} else {
			c.Config[k] = r.text(v)
		}
	}
	c.Administration = r.text(c.Administration)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

// Originals returns what was replaced, for a last look at what is about to be
// written. Short texts are left out: they are anywhere.
func (r *Redactor) Originals() (out []string) {
	for o, p := range r.known {
		if o = strings.TrimSpace(o); len(o) >= 6 && o != p && !r.places[o] && !contains(filler, strings.ToLower(o)) {
			out = append(out, o)
		}
	}
	slices.Sort(out)
	return out
}

// Leaks returns how many of the originals are in a text, and the secrets by all
// means. It does not return them.
func (r *Redactor) Leaks(data []byte) (n int) {
	text := string(data)
	for _, o := range append(r.Originals(), r.secrets...) {
		if strings.Contains(text, o) {
			n++
		}
	}
	return n
}

// name returns the pseudonym of an original.
func (r *Redactor) name(k kind, original string) string {
	original = strings.TrimSpace(original)
	if p, ok := r.known[original]; ok {
		return p
	}
	if k == city && !strings.Contains(original, " ") {
		r.places[original] = true
	}
	r.counts[k]++
	p := fake(k, original, r.counts[k])
	r.known[original], r.fakes[p] = p, true
	return p
}

var (
	emails  = regexp.MustCompile(`[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)
	ibans   = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){2,7}(?: ?[A-Z0-9]{1,4})?\b`)
	phones  = regexp.MustCompile(`\+\d{2}[ \d()-]{7,14}\d|\b0\d{1,3}[ -]\d{2,3}[ \d-]{3,8}\d\b`)
	tickets = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+`)
)

// detect finds what gives itself away by its form.
func (r *Redactor) detect(s string) {
	for _, v := range emails.FindAllString(s, -1) {
		r.name(email, v)
	}
	for _, v := range ibans.FindAllString(s, -1) {
		if isIBAN(v) {
			r.name(iban, v)
		}
	}
	for _, v := range phones.FindAllString(s, -1) {
		if isPhone(v) {
			r.name(phone, v)
		}
	}
	for _, v := range tickets.FindAllString(s, -1) {
		r.name(secret, v)
	}
}

// index gets ready to find originals within texts, the longest first.
func (r *Redactor) index() {
	var list []string
	for o := range r.known {
		if distinct(o) && !r.places[o] || slices.Contains(r.secrets, o) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, o := range list {
		pairs = append(pairs, o, r.known[o])
	}
	r.all = strings.NewReplacer(pairs...)
}

// distinct reports whether a text can be told from ordinary words and codes when
// it is part of a longer one.
func distinct(s string) bool {
	return len(s) >= 5 && (strings.ContainsAny(s, " @") || digits(s) >= 5 || strings.ToLower(s) != s)
}

// text replaces what is known, and what gives itself away, within a text.
func (r *Redactor) text(s string) string {
	if p, ok := r.known[strings.TrimSpace(s)]; ok {
		return p
	}
	r.detect(s)
	s = r.all.Replace(s)
	s = emails.ReplaceAllStringFunc(s, func(v string) string {
		if strings.HasSuffix(v, "@voorbeeld.example") {
			return v
		}
		return r.name(email, v)
	})
	s = ibans.ReplaceAllStringFunc(s, func(v string) string {
		if r.fakes[v] || !isIBAN(v) {
			return v
		}
		return r.name(iban, v)
	})
	s = phones.ReplaceAllStringFunc(s, func(v string) string {
		if r.fakes[v] || !isPhone(v) {
			return v
		}
		return r.name(phone, v)
	})
	return tickets.ReplaceAllStringFunc(s, func(v string) string { return r.name(secret, v) })
}

// isPhone tells a telephone number from a date and from a piece of an id.
func isPhone(s string) bool {
	n := digits(s)
	return s[0] == '+' && n >= 9 || n == 10 || n == 11
}

func (r *Redactor) url(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return r.text(address)
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, p := range parts {
		if plain, err := url.PathUnescape(p); err == nil {
			if changed := r.text(plain); changed != plain {
				parts[i] = url.PathEscape(changed)
			}
		}
	}
	if path := strings.Join(parts, "/"); path != u.EscapedPath() {
		if plain, err := url.PathUnescape(path); err == nil {
			u.Path, u.RawPath = plain, path
		}
	}
	if u.RawQuery != "" {
		q := u.Query()
		changed := false
		for key, values := range q {
			for i, v := range values {
				p := r.text(v)
				if k := kindOf(key); k != nothing && k != words && k.says(v) {
					p = r.name(k, v)
				}
				values[i], changed = p, changed || p != v
			}
		}
		if changed {
			u.RawQuery = q.Encode()
		}
	}
	return u.String()
}

// body replaces what is in a body. Of requests only what is known: names of
// fields that a connector asks for are no names of people.
func (r *Redactor) body(body []byte, h http.Header, status int) []byte {
	return walk(body, h, func(k kind, v string) string {
		if p, ok := pdfInText(v); ok {
			return p
		}
		switch {
		case status == 0 && k != secret, k == nothing, !k.says(v):
		case k == words && status >= 400: // what went wrong, in words that connectors look for
		case k == words:
			return r.text(r.name(k, v))
		default:
			return r.name(k, v)
		}
		return r.text(v)
	})
}

// nothingPDF is a PDF of one empty page.
const nothingPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// shorten puts an empty file of the same kind in place of a binary one, which may
// show anything.
func shorten(body []byte) ([]byte, bool) {
	switch text := string(body); {
	case strings.HasPrefix(text, "%PDF-"):
		return []byte(nothingPDF), text != nothingPDF
	case len(body) == 0 || plain(text):
		return nil, false
	default:
		return body[:min(8, len(body))], len(body) > 8
	}
}

// pdfInText finds a PDF that travels in a field.
func pdfInText(v string) (string, bool) {
	if !strings.HasPrefix(v, "JVBERi0") {
		return "", false
	}
	return base64.StdEncoding.EncodeToString([]byte(nothingPDF)), true
}

// String counts what was replaced, and shows nothing of it.
func (r *Redactor) String() string {
	n := 0
	for _, c := range r.counts {
		n += c
	}
	return fmt.Sprintf("%d pseudonyms", n)
}
