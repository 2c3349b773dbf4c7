package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/emulator/contract"
)

const document = `
openapi: 3.1.0
paths:
  /{adm}/things/{id}{format}:
    get:
      responses:
        '200':
          content:
            application/json:
              schema: {$ref: '#/components/schemas/thing'}
              examples:
                One: {value: {id: '1', state: open, total: '1.0', on: '2026-01-02'}}
        '404': {$ref: '#/components/responses/missing'}
  /{adm}/things/special{format}:
    get:
      responses:
        '204': {description: nothing}
components:
  responses:
    missing:
      content:
        application/json:
          schema: {type: object, required: [error]}
  schemas:
    thing:
      type: object
      unevaluatedProperties: false
      required: [id]
      allOf:
        - {type: object, properties: {extra: {type: [string, 'null']}}}
      properties:
        id: {type: [string, integer], pattern: '^\d+$'}
        state: {enum: [open, paid]}
        total: {oneOf: [{type: string, pattern: '^-?\d+\.\d+$'}, {type: number}, {type: 'null'}]}
        on: {type: string, format: date}
        lines: {type: array, items: {type: object, required: [n]}}
`

func open(t *testing.T) *contract.Document {
	t.Helper()
	file := filepath.Join(t.TempDir(), "api.yaml")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := contract.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCheck(t *testing.T) {
	t.Parallel()
	d := open(t)
	for _, tc := range []struct{ name, path, body, want string }{
		{"clean", "/1/things/2.json", `{"id":"2","state":"paid","total":"1.0","on":"2026-01-02","extra":null,"lines":[{"n":1}]}`, ""},
		{"missing field", "/1/things/2", `{"state":"paid"}`, "lacks id"},
		{"wrong type", "/1/things/2.json", `{"id":true}`, "is a boolean"},
		{"pattern", "/1/things/2.json", `{"id":"x"}`, "does not match"},
		{"enumeration", "/1/things/2.json", `{"id":"2","state":"lost"}`, "not one of"},
		{"no form fits", "/1/things/2.json", `{"id":"2","total":"1"}`, "fits none"},
		{"date", "/1/things/2.json", `{"id":"2","on":"02-01-2026"}`, "is not a date"},
		{"unknown field", "/1/things/2.json", `{"id":"2","colour":"red"}`, "not documented"},
		{"inside a list", "/1/things/2.json", `{"id":"2","lines":[{"n":1},{}]}`, "$.lines[1] lacks n"},
		{"no JSON", "/1/things/2.json", `{`, "not JSON"},
		{"unknown path", "/1/others/2.json", `{}`, "not in the contract"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(d.Check("GET", tc.path, 200, "application/json; charset=utf-8", []byte(tc.body)), "\n")
			if tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if got := d.Check("GET", "/1/things/2", 500, "application/json", nil); len(got) != 1 || !strings.Contains(got[0], "may not answer 500") {
		t.Errorf("undocumented status: %q", got)
	}
	if got := d.Check("GET", "/1/things/2", 404, "application/json", []byte(`{}`)); len(got) != 1 || !strings.Contains(got[0], "lacks error") {
		t.Errorf("shared answer: %q", got)
	}
	if got := d.Template("/1/things/special.json"); got != "/{adm}/things/special{format}" {
		t.Errorf("the literal path does not win: %q", got)
	}
}

func TestAbsentAndExamples(t *testing.T) {
	t.Parallel()
	d := open(t)
	absent, err := d.Absent("GET", "/1/things/2", 200, "application/json", []byte(`{"id":"2","on":"2026-01-02"}`))
	if err != nil || strings.Join(absent, " ") != "extra lines state total" {
		t.Errorf("absent %q, %v", absent, err)
	}
	examples := d.Examples("GET", "/{adm}/things/{id}{format}", 200)
	if len(examples) != 1 {
		t.Fatalf("%d examples", len(examples))
	}
	if got := d.Check("GET", "/1/things/1", 200, "application/json", examples[0]); got != nil {
		t.Errorf("the document's own example: %q", got)
	}
}
