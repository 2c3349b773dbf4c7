package recipe

import (
	"fmt"
	"reflect"
	"strings"
)

// langPart is a struct of the language, for its documentation.
type langPart struct {
	name string
	t    reflect.Type
	doc  string
}

var langParts = []langPart{
	{"recipe", reflect.TypeFor[Recipe](), "The block itself."},
	{"request", reflect.TypeFor[Call](), "One HTTP request. Wherever the table says *request*, these keys stand there directly."},
	{"fetch", reflect.TypeFor[Fetch](), "A request for a list of items. Its keys stand there directly too."},
	{"paging", reflect.TypeFor[Paging](), "How to get from page to page. A page that comes twice, and pages without an end, are errors."},
	{"rule", reflect.TypeFor[Rule](), "What an answer means."},
	{"value", reflect.TypeFor[Value](), "A fact asked for once per call."},
	{"lookup", reflect.TypeFor[Lookup](), "Records found by a key."},
	{"check", reflect.TypeFor[Check](), "Proof of the connection."},
	{"administrations", reflect.TypeFor[Administrations](), "The sets of books."},
	{"source", reflect.TypeFor[Source](), "A source of records, under `pull`."},
	{"list", reflect.TypeFor[List](), "Ids with revisions."},
	{"since", reflect.TypeFor[Progress](), "Reading only what changed."},
	{"only", reflect.TypeFor[Only](), "Reading given invoices. Without a request it is the source's own; without `each` the source's."},
	{"sweep", reflect.TypeFor[Sweep](), "All ids, to find deletions."},
	{"document", reflect.TypeFor[Document](), "A file of an invoice."},
	{"step", reflect.TypeFor[Step](), "A request whose answer later ones use."},
	{"writes", reflect.TypeFor[Writes](), "What can be written."},
	{"write", reflect.TypeFor[WriteBack](), "One kind of write. Without rules: 2xx is applied; 401, 403 and 429 happened before anything was done; other 4xx are rejected; 5xx and no answer are uncertain, and the host looks before it tries again."},
	{"report", reflect.TypeFor[ReportBack](), "What became of the message `$id`. It is asked after a call of the package, and from time to time until the state is final."},
	{"look", reflect.TypeFor[LookUp](), "Finding what is there already."},
	{"credit", reflect.TypeFor[Credit](), "Reports of an agency on companies."},
	{"find", reflect.TypeFor[CompanySearch](), "Finding companies, the best fit first."},
	{"credit report", reflect.TypeFor[CreditBack](), "The report on the company `$id`, asked once for each `$company.key`. A 404 means that there is none, and that nothing was charged."},
	{"webhook", reflect.TypeFor[Webhook](), "Calls of the package."},
	{"signature", reflect.TypeFor[Signature](), "Proof that a call is the package's. The secret is the connection's."},
	{"handshake", reflect.TypeFor[Handshake](), "Calls that only ask whether we are there."},
	{"subscriptions", reflect.TypeFor[Subscriptions](), "Asking for calls."},
	{"subscribe", reflect.TypeFor[SubscribeCall](), "The request that asks."},
	{"renew", reflect.TypeFor[RenewCall](), "The request that prolongs."},
}

// recordDocs are the kinds of record in the order of the documentation.
var recordDocs = []struct{ kind, doc string }{
	{"party", "Someone who owes or may owe."}, {"invoice", "A sales invoice or credit note."}, {"payment", "Money received."},
	{"gone", "A record that was deleted."}, {"administration", "A set of books."}, {"hint", "What a call is about."}, {"report", "What became of a message."},
	{"company", "One that an agency knows."}, {"credit_report", "What an agency says of a company."}, {"fact", "One thing that it tells."},
}

// Reference returns the tables of all keys, variables, functions and fields as
// Markdown.
func Reference() string {
	var b strings.Builder
	for _, p := range langParts {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n| key | takes | what for |\n|---|---|---|\n", p.name, p.doc)
		rows(&b, p.t)
	}
	b.WriteString("\n### mapping\n\nA record, field by field. A field is a jq expression on the item, or a table: `{of: .state, is: {late: open, paid: paid}, otherwise: open}`; a value that is not in a table without `otherwise` makes the record unreadable. A field with a few known words takes such a word as it is: `kind: business`.\n\n| key | takes | what for |\n|---|---|---|\n")
	b.WriteString("| `each` | jq | The list of records in an item; the item is one when left out. The dot is then the element, `$item` the item. |\n")
	b.WriteString("| `when` | jq | Whether there is a record. |\n| `like` | text | Take the fields that are not given here from the same mapping of that source. |\n")
	for _, r := range recordDocs {
		fmt.Fprintf(&b, "\n#### %s\n\n%s\n\n| field | takes | |\n|---|---|---|\n", r.kind, r.doc)
		for _, d := range Fields[r.kind] {
			fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", d.Name, star(d.Must), d.kind(), d.Doc)
		}
	}
	b.WriteString("\n### Variables\n\n| variable | where | what |\n|---|---|---|\n")
	for _, v := range Variables {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", v.Name, v.Where, v.Doc)
	}
	b.WriteString("\n### Functions\n\nBeside those of jq. Not there: `input`, `env`, `now`, `debug`, `limit`, `import` and what else reaches outside.\n\n| function | what |\n|---|---|\n")
	for _, f := range Functions() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(f.Usage, "|", `\|`), f.Doc)
	}
	return b.String()
}

func star(must bool) string {
	if must {
		return " *"
	}
	return ""
}

func rows(b *strings.Builder, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		key, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		if key == ",inline" {
			fmt.Fprintf(b, "| … | *%s* | |\n", map[string]string{"Call": "request", "Fetch": "fetch"}[f.Type.Name()])
			continue
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", key, star(f.Tag.Get("must") == "yes"), kindOf(f), strings.ReplaceAll(f.Tag.Get("doc"), "|", `\|`))
	}
}
