package outreach

import (
	"fmt"
	"strings"
)

// blocks reads a rendered body: paragraphs apart by a blank line, **strong**
// text, and lines of the form "::name" that stand for a block.
func (v *view) blocks(body string) ([]Block, error) {
	var out []Block
	for _, part := range strings.Split(body, "\n\n") {
		part = strings.TrimSpace(part)
		name, directive := strings.CutPrefix(part, "::")
		switch {
		case part == "":
		case directive:
			made, err := v.directive(name)
			if err != nil {
				return nil, err
			}
			out = append(out, made...)
		default:
			out = append(out, Paragraph{runs(strings.Join(strings.FieldsFunc(part, isBreak), " "))})
		}
	}
	return out, nil
}

// isBreak reports white space that a paragraph may be broken at; a no-break
// space stays.
func isBreak(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }

func runs(text string) []Run {
	var out []Run
	for i, piece := range strings.Split(text, "**") {
		if piece != "" {
			out = append(out, Run{piece, i%2 == 1})
		}
	}
	return out
}

func (v *view) directive(name string) ([]Block, error) {
	switch name {
	case "items":
		return append([]Block{v.items()}, v.exchange()...), nil
	case "apart":
		return v.apart(), nil
	case "announced":
		if len(v.c.Announced) == 0 {
			return nil, nil
		}
		t := Table{Title: v.w.Label("announced_title"), Columns: []string{v.w.Label("description"), v.w.Label("amount")}}
		for _, ch := range v.c.Announced {
			t.Rows = append(t.Rows, v.charge(ch))
		}
		return []Block{t}, nil
	case "plan":
		return v.plan(), nil
	case "instalment":
		return v.instalment(), nil
	case "pay":
		if v.c.PayURL == "" {
			return nil, nil
		}
		return []Block{Button{fmt.Sprintf(v.w.Label("pay_button"), v.Total()), v.c.PayURL}}, nil
	case "bank":
		return v.bank(), nil
	case "links":
		return v.links(), nil
	case "notice":
		if v.c.Notice == nil {
			return nil, nil
		}
		return []Block{Box{v.c.Notice.Heading, v.c.Notice.Paragraphs}}, nil
	case "debit":
		return v.debit(), nil
	case "law":
		return v.law(), nil
	case "code":
		return []Block{CodeBlock{v.c.Code.Value}}, nil
	}
	return nil, fmt.Errorf("there is no block %q", name)
}

// exchange tells the rate behind amounts that were converted (R123).
func (v *view) exchange() []Block {
	if v.c.Exchange == nil {
		return nil
	}
	return []Block{Paragraph{runs(v.w.Exchange(*v.c.Exchange))}}
}

// law places the protected sentences, if there are any.
func (v *view) law() []Block {
	if len(v.c.Law) == 0 {
		return nil
	}
	return []Block{Box{Paragraphs: v.c.Law}}
}

func (v *view) bank() []Block {
	if v.c.Creditor.IBAN == "" || len(v.totals) == 0 {
		return nil
	}
	holder := v.c.Creditor.Holder
	if holder == "" {
		holder = v.c.Creditor.Name
	}
	rows := []Fact{
		{Label: v.w.Label("amount"), Value: v.Total()},
		{Label: v.w.Label("iban"), Value: groups(v.c.Creditor.IBAN)},
		{Label: v.w.Label("holder"), Value: holder},
	}
	if v.c.Reference != "" {
		rows = append(rows, Fact{Label: v.w.Label("reference"), Value: v.c.Reference})
	}
	return []Block{Facts{Title: v.w.Label("bank_title"), Rows: rows}}
}

func (v *view) links() []Block {
	var rows []Fact
	for _, l := range []struct{ key, url string }{{"portal_link", v.c.PortalURL}, {"plan_link", v.c.PlanURL}} {
		if l.url != "" {
			rows = append(rows, Fact{Label: v.w.Label(l.key), Value: l.url, URL: l.url})
		}
	}
	if rows == nil {
		return nil
	}
	return []Block{Facts{Rows: rows}}
}

// groups writes an IBAN in groups of four.
func groups(iban string) string {
	iban = strings.ReplaceAll(iban, " ", "")
	var b strings.Builder
	for i, r := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteString(nbsp)
		}
		b.WriteRune(r)
	}
	return b.String()
}
