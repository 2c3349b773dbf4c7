package recipe_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/connector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m, err := manifest.Parse("connector.yaml", []byte(sample(t)))
	if err != nil {
		t.Fatal(err)
	}
	r := m.Recipe
	if r == nil || len(r.Pull) != 2 || r.Pull[0].Name != "customers" || r.Pull[1].Value.Only == nil || r.Pull[1].Value.Stream() != "invoices" || r.TimeZone.String() != "Europe/Amsterdam" {
		t.Errorf("read %+v", r)
	}
}

func TestProblemsNameLineAndExpectation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, want string }{
		{"typo in a key", "      each: .data\n      since", "      eech: .data\n      since", `:40: recipe.pull.customers.eech: unknown field; did you mean each?`},
		{"not jq", "each: .payments\n", "each: .payments[\n", `:68: recipe.pull.invoices.payment.each: not jq: it ends too early, in .payments[`},
		{"a word instead of jq", "number: .number", "number: invoice_number", `the function invoice_number/0 is not known; a text needs quotes, a field a dot`},
		{"near function", "issued: .date | day\n", "issued: .date | dayy\n", `did you mean day?`},
		{"variable elsewhere", "issued: .date | day\n", "issued: $write.date\n", `$write is not known here; known are $administration`},
		{"form field", "$form.region", "$form.regoin", `recipe.base: $form.regoin is not known; did you mean region?`},
		{"secret form field", "$form.region", "$form.api_token", `the host adds credentials, a recipe never sees them`},
		{"lookup", "with: {customers: .customer_id}", "with: {customer: .customer_id}", `"customer" is not a lookup; did you mean customers?`},
		{"with that is not there", "$with.customers.term", "$with.customer.term", `$with.customer is not known; did you mean customers?`},
		{"status table", "cancelled: void", "cancelled: voided", `"voided" is not one of draft, open, paid, void, uncollectible; did you mean void?`},
		{"required field", "        currency: .currency\n        total", "        total", `:57: recipe.pull.invoices.invoice.currency: is missing; a record of invoice needs it`},
		{"environment", "number: .number", "number: env.HOME", `env is not allowed here`},
		{"clock", "number: .number", "number: now", `now is not allowed here; use $now`},
		{"input", "number: .number", "number: input", `input is not allowed here`},
		{"unclosed", "DELETE /companies/{{ $administration }}/webhooks/{{ $id }}", "DELETE /companies/{{ $administration", `{{ without }}`},
		{"method", "request: POST /companies/{{ $administration }}/webhooks", "request: SEND /companies", `expected a method and a path or URL`},
		{"host", "https://{{ $form.region // \"eu\" }}.acme.example/v2", "https://api.acme.test/v2", `the host api.acme.test is not among hosts`},
		{"plain http", "https://{{ $form.region // \"eu\" }}.acme.example/v2", "http://api.acme.example/v2", `expected an https URL`},
		{"capability without", "  webhook:\n    signature: {scheme: hmac-sha256, header: X-Acme-Signature}\n    hint: {administration: .company_id, stream: invoices, id: .invoice_id, event: .id}\n", "", `recipe.webhook: is missing; capabilities has webhooks`},
		{"without capability", "capabilities: [documents,", "capabilities: [", `recipe.documents: capabilities does not have documents`},
		{"no targeted read", "      only: {request: 'GET /companies/{{ $administration }}/invoices/{{ $id }}', each: '[.]'}\n", "", `no source with invoice says how to read given invoices`},
		{"write without look", "      look:\n        request: GET /companies/{{ $administration }}/invoices/{{ $write.invoice }}\n        found: first(.payments[] | select(.reference == $write.key) | .id)\n", "", `expected either look or idempotent: true`},
		{"paging", "paging: {by: token,", "paging: {by: tokens,", `"tokens" is not one of page, offset, token, last, url, link; did you mean token?`},
		{"per", "    invoices:\n      request", "    invoices:\n      per: customer\n      request", `"customer" is not a source under pull; did you mean customers?`},
		{"duration", "overlap: 5m}\n      party", "overlap: soon}\n      party", `expected a time such as 30s, 5m or 24h, found "soon"`},
		{"time zone", "Europe/Amsterdam", "Europe/Amsterdm", `is not a time zone such as Europe/Amsterdam`},
		{"common calls unsigned", "    signature: {scheme: hmac-sha256, header: X-Acme-Signature}\n    hint: {", "    signature: {scheme: none}\n    hint: {account: .company_id, ", `recipe.webhook.hint.account: expected a signature`},
		{"common calls and answers", "    hint: {administration: .company_id", "    hint: {account: .company_id, administration: $form.region", `$form is used under webhook; it is not known for which connection`},
		{"program too", "recipe:\n", "program: acme\nrecipe:\n", `recipe and program exclude each other`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(sample(t), c.old, c.new, 1)
			if text == sample(t) {
				t.Fatalf("the sample has no %q", c.old)
			}
			_, err := manifest.Parse("connector.yaml", []byte(text))
			if err == nil && c.want != "" || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("\n got %v\nwant %s", err, c.want)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(sample(f))
	f.Add("recipe: {pull: {a: {request: GET /, invoice: {id: .}}}}")
	f.Add("recipe: {base: '{{', errors: [{status: [1]}], functions: 'def f: f; f'}")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := manifest.Parse("c.yaml", []byte(text))
		if (m == nil) == (err == nil) {
			t.Fatalf("neither a manifest nor an error: %v, %v", m, err)
		}
		if problems, ok := errors.AsType[manifest.Problems](err); err != nil && (!ok || len(problems) == 0) {
			t.Fatalf("an error without problems: %v", err)
		}
	})
}
