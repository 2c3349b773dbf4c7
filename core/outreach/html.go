package outreach

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"sync"
)

//go:embed templates/message.html.tmpl
var htmlSource string

var htmlTemplate = sync.OnceValues(func() (*template.Template, error) {
	return template.New("message").Funcs(template.FuncMap{
		"kind": kind,
		"font": func() template.CSS {
			return "font-family:'Source Sans 3','Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
		},
		// Outlook ignores max-width; it gets a table of a fixed width around the sheet.
		"msoOpen": func() template.HTML {
			return `<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->`
		},
		"msoClose": func() template.HTML { return `<!--[if mso]></td></tr></table><![endif]-->` },
		"whole":    whole,
		// span is how many columns a label takes so that the amounts end at the
		// right edge.
		"span": func(columns, amounts []string) int { return max(len(columns)-len(amounts), 1) },
	}).Parse(htmlSource)
})

// numbered is a number with hyphens, as an invoice or a case has.
var numbered = regexp.MustCompile(`[0-9A-Za-z]+(?:-[0-9A-Za-z]+)+`)

// whole keeps such numbers on one line: half a number reads as another one.
func whole(text string) template.HTML {
	return template.HTML(numbered.ReplaceAllStringFunc(template.HTMLEscapeString(text), func(n string) string {
		if !strings.ContainsAny(n, "0123456789") || len(n) > 24 {
			return n
		}
		return `<span style="white-space:nowrap">` + n + `</span>`
	}))
}

// kind names a block for the template.
func kind(b Block) string {
	switch b.(type) {
	case Paragraph:
		return "paragraph"
	case Table:
		return "table"
	case Button:
		return "button"
	case Facts:
		return "facts"
	case Box:
		return "box"
	case CodeBlock:
		return "code"
	}
	return ""
}

func htmlOf(c Content, d Document, w *Words) (string, error) {
	t, err := htmlTemplate()
	if err != nil {
		return "", err
	}
	accent, ink := c.Creditor.Accent()
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{
		"D": d, "Creditor": c.Creditor, "Accent": accent, "Ink": ink,
		"SentBy": fmt.Sprintf(w.Label("sent_by"), c.Creditor.Name), "Genuine": w.Label("genuine"), "GenuineURL": c.GenuineURL,
		"Stop": w.Label("stop"), "StopURL": c.StopURL,
	})
	return b.String(), err
}
