package component

// SearchModel is the answer to what was typed in the palette.
type SearchModel struct {
	Frame  Frame
	Query  string
	Groups []SearchGroup // empty when nothing was found
}

// SearchGroup is one kind of thing that was found: invoices, debtors, pages.
type SearchGroup struct {
	Title string
	Hits  []SearchHit
}

// SearchHit leads to one page.
type SearchHit struct {
	Href, Icon string
	Reference  string // written in mono, may be ""
	Text       string
	Aside      string // an amount or a phase
}

var startGroups = []SearchGroup{
	{Title: "Go to", Hits: func() []SearchHit {
		var hits []SearchHit
		for _, p := range places {
			hits = append(hits, SearchHit{Href: p.href, Icon: p.icon, Text: p.label})
		}
		return hits
	}()},
	{Title: "Do", Hits: []SearchHit{
		{Href: "/bank#upload", Icon: "upload", Text: "Upload a bank statement"},
		{Href: "/invoices?tab=attention", Icon: "triangle-alert", Text: "See invoices that need you"},
		{Href: "/marketplace", Icon: "plug", Text: "Connect an accounting package"},
	}},
}
