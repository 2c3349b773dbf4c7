package gallery_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/voldaan/voldaan/api/web/gallery"
)

// rendered is one rendered exhibit with what the tests below ask of it.
type rendered struct {
	ids     map[string]int
	labels  map[string]bool // ids that a <label for> names
	nodes   []*html.Node
	lang    string
	heads   int // of level one
	mains   int
	wrapped map[*html.Node]bool // inputs inside a label
}

func parse(t *testing.T, e gallery.Exhibit) rendered {
	t.Helper()
	var buf bytes.Buffer
	if err := e.View.Render(t.Context(), &buf); err != nil {
		t.Fatal(err)
	}
	root, err := html.Parse(&buf)
	if err != nil {
		t.Fatal(err)
	}
	p := rendered{ids: map[string]int{}, labels: map[string]bool{}, wrapped: map[*html.Node]bool{}}
	var walk func(n *html.Node, inLabel bool)
	walk = func(n *html.Node, inLabel bool) {
		if n.Type == html.ElementNode {
			p.nodes = append(p.nodes, n)
			if id := attr(n, "id"); id != "" {
				p.ids[id]++
			}
			switch n.Data {
			case "html":
				p.lang = attr(n, "lang")
			case "h1":
				p.heads++
			case "main":
				p.mains++
			case "label":
				p.labels[attr(n, "for")] = true
				inLabel = true
			case "input", "select", "textarea":
				p.wrapped[n] = inLabel
			}
		}
		for c := range n.ChildNodes() {
			walk(c, inLabel)
		}
	}
	walk(root, false)
	return p
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// TestMarkup proves of every page in every state what needs no browser.
func TestMarkup(t *testing.T) {
	t.Parallel()
	for _, e := range gallery.Exhibits() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			p := parse(t, e)
			if p.lang == "" || p.heads != 1 || p.mains != 1 {
				t.Errorf("lang %q, %d h1, %d main; a page has one of each", p.lang, p.heads, p.mains)
			}
			for id, n := range p.ids {
				if n > 1 {
					t.Errorf("id %s is there %d times", id, n)
				}
			}
			for _, n := range p.nodes {
				checkPolicy(t, n)
				checkForm(t, p, n)
				if attr(n, "class") == "crumbs" && n.LastChild != nil && n.LastChild.Data == "svg" {
					t.Error("the way up leads to nothing")
				}
				for _, key := range []string{"aria-labelledby", "aria-describedby", "popovertarget"} {
					for id := range strings.FieldsSeq(attr(n, key)) {
						if p.ids[id] == 0 {
							t.Errorf("<%s %s> names %s, which is not on the page", n.Data, key, id)
						}
					}
				}
			}
		})
	}
}

// checkPolicy refuses what the Content-Security-Policy would block.
func checkPolicy(t *testing.T, n *html.Node) {
	t.Helper()
	if has(n, "style") || n.Data == "style" {
		t.Errorf("<%s> has an inline style", n.Data)
	}
	if n.Data == "script" && n.FirstChild != nil {
		t.Error("inline script")
	}
	for _, a := range n.Attr {
		if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") || strings.HasPrefix(a.Val, "javascript:") {
			t.Errorf("<%s %s> runs a script", n.Data, a.Key)
		}
		if a.Key == "hx-trigger" && strings.Contains(a.Val, "[") {
			t.Errorf("the filter of %q would be evaluated", a.Val)
		}
	}
}

// asks are the addresses of forms that change nothing.
var asks = []string{
	"/search", "/p/7Hk2/plan", "/invoices", "/debtors", "/plans", "/promises", "/disputes", "/paid-claims", "/legal-stops", "/approvals", "/cases", "/marketplace", "/genuine", "/insight", "/settings/messages", "/gallery/message",
}

// checkForm refuses inputs without a name for everyone, buttons that do not say
// what they are, and forms that change something by GET.
func checkForm(t *testing.T, p rendered, n *html.Node) {
	t.Helper()
	switch n.Data {
	case "input", "select", "textarea":
		if attr(n, "type") != "hidden" && attr(n, "aria-label") == "" && !p.labels[attr(n, "id")] && !p.wrapped[n] {
			t.Errorf("<%s name=%s> has no label", n.Data, attr(n, "name"))
		}
	case "button":
		if attr(n, "type") == "" {
			t.Error("a button without a type")
		}
	case "form":
		switch attr(n, "method") {
		case "post":
		case "get":
			if a := attr(n, "action"); !slices.Contains(asks, a) {
				t.Errorf("form to %s by GET", a)
			}
		default:
			t.Errorf("form to %s without a method", attr(n, "action"))
		}
	}
}

// TestPortalDoorTellsNothing holds R112: before the code only the creditor, the
// reference and the form are shown.
func TestPortalDoorTellsNothing(t *testing.T) {
	t.Parallel()
	for _, e := range gallery.Exhibits() {
		if !strings.HasPrefix(e.Name, "portal-door") {
			continue
		}
		t.Run("R112 "+e.Name, func(t *testing.T) {
			t.Parallel()
			var buf bytes.Buffer
			if err := e.View.Render(t.Context(), &buf); err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"€", "EUR", "@", "Gouden Aar", "Noor", "Yilmaz", "2026-0", "herinnering", "reminder", "factuur", "invoice", "rekening"} {
				if strings.Contains(strings.ToLower(buf.String()), strings.ToLower(secret)) {
					t.Errorf("the door tells %q", secret)
				}
			}
			if !strings.Contains(buf.String(), "7HK2-9QXM") {
				t.Error("the door does not show the reference")
			}
		})
	}
}

// TestPeppolStep holds that the preview of a step over Peppol says what goes where,
// and what happens when the file is not right.
func TestPeppolStep(t *testing.T) {
	t.Parallel()
	for _, e := range gallery.Exhibits() {
		if e.Name != "invoice-step-peppol" && e.Name != "invoice-step" {
			continue
		}
		var buf bytes.Buffer
		if err := e.View.Render(t.Context(), &buf); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Over Peppol", "0106:12345678", "the electronic invoice (UBL) of the books", "you get a task that says what to mend"} {
			if got := strings.Contains(buf.String(), want); got != (e.Name == "invoice-step-peppol") {
				t.Errorf("%s: says %q is %t", e.Name, want, got)
			}
		}
	}
}
