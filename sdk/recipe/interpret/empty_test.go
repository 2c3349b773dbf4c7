package interpret_test

import (
	"net/http"
	"strings"
	"testing"
)

// An answer without content is not a set of books in which the invoice is missing.
func TestEmptyAnswerIsNoRecord(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{"null": "null", "an empty object": "{}", "an empty list": "[]", "an empty text": `""`} {
		b := open(t, `pull:
  invoices:
    request: GET /invoices
    only: {request: 'GET /invoices/{{ $id }}', each: '[.]'}`+anInvoice, func(w http.ResponseWriter, _ *http.Request) { say(w, answer) })
		_, err := b.pull(nil, "7")
		if err == nil || !strings.Contains(err.Error(), "where the source invoices must have a record of invoices") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
