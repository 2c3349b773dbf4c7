package rest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/tenant"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	const path = "/texts/promise_noted?language=en"
	words := func(v map[string]any, change func(body string) string) string {
		b, err := json.Marshal(map[string]any{"subject": v["subject"], "body": change(v["body"].(string))})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	status, all := p.do("GET", "/texts", "")
	if status != 200 || len(all["items"].([]any)) < 30 {
		t.Fatal(status, all)
	}
	status, v := p.do("GET", path, "")
	if status != 200 || v["version"] != 0.0 || v["body"] != v["shipped"].(map[string]any)["body"] || len(v["blocks"].([]any)) != 2 || len(v["versions"].([]any)) != 0 {
		t.Fatal(status, v)
	}
	t.Run("what is refused says all that is missing", func(t *testing.T) {
		status, v := p.do("PUT", path, `{"subject":"","body":"Pay at www.x.nl\n\n::items"}`)
		if said := v["detail"].(string); status != 422 || v["code"] != "text_invalid" || !strings.Contains(said, "The subject is missing.") || !strings.Contains(said, "::links is missing") || !strings.Contains(said, "www.x.nl") {
			t.Error(status, v)
		}
	})
	hello := func(body string) string { return "Good of you to call.\n\n" + body }
	t.Run("words are tried on an invoice and on an example", func(t *testing.T) {
		_, found := p.do("GET", "/invoices?limit=1", "")
		id := found["items"].([]any)[0].(map[string]any)["id"].(string)
		for _, about := range []string{`"invoice":"` + id + `"`, `"consumer":true`} {
			status, out := p.do("POST", "/texts/promise_noted/preview?language=en", strings.TrimSuffix(words(v, hello), "}")+","+about+"}")
			if status != 200 || !strings.Contains(out["text"].(string), "Good of you to call.") || !strings.Contains(out["html"].(string), "<") {
				t.Fatal(status, out)
			}
			if m := out["text_message"].(map[string]any); m["encoding"] != "GSM-7" || m["segments"].(float64) < 1 || m["units"].(float64) < 40 {
				t.Error(m)
			}
			if c := out["call"].(map[string]any); len(c["choices"].([]any)) != 3 {
				t.Error(c)
			}
		}
	})
	t.Run("R118 versions are kept, and come back", func(t *testing.T) {
		for _, change := range []func(string) string{hello, func(b string) string { return "Thank you.\n\n" + b }} {
			if status, out := p.do("PUT", path, words(v, change)); status != 204 {
				t.Fatal(status, out)
			}
		}
		if status, out := p.do("POST", "/texts/promise_noted/restore?language=en", `{"version":1}`); status != 204 {
			t.Fatal(status, out)
		}
		if status, out := p.do("POST", "/texts/promise_noted/restore?language=en", `{"version":7}`); status != 404 {
			t.Error(status, out)
		}
		_, now := p.do("GET", path, "")
		if !strings.HasPrefix(now["body"].(string), "Good of you") || now["version"] != 3.0 || len(now["versions"].([]any)) != 3 {
			t.Error(now)
		}
		_, all := p.do("GET", "/texts", "")
		for _, each := range all["items"].([]any) {
			item := each.(map[string]any)
			if n := len(item["changed"].([]any)); (item["step"] == "promise_noted") != (n == 1) {
				t.Error(item)
			}
		}
		if status, out := p.do("DELETE", path, ""); status != 204 {
			t.Fatal(status, out)
		}
		if _, now := p.do("GET", path, ""); now["version"] != 0.0 || now["body"] != v["body"] || len(now["versions"].([]any)) != 4 {
			t.Error(now)
		}
	})
	t.Run("what debtors trust by its words stays", func(t *testing.T) {
		if status, out := p.do("PUT", "/texts/portal_code?language=en", `{"subject":"x","body":"::code"}`); status != 422 {
			t.Error(status, out)
		}
		if _, out := p.do("GET", "/texts/portal_code?language=en", ""); out["fixed"] == "" {
			t.Error(out)
		}
		if status, out := p.do("GET", "/texts/nothing?language=en", ""); status != 404 {
			t.Error(status, out)
		}
	})
	t.Run("R119 a text message says no more than others may read", func(t *testing.T) {
		if status, out := p.do("PUT", "/texts/sms?language=en", `{"subject":"","body":"{creditor}: your debt is at {link}"}`); status != 422 || !strings.Contains(out["detail"].(string), "R119") {
			t.Error(status, out)
		}
		if status, out := p.do("PUT", "/texts/sms?language=en", `{"subject":"","body":"Hello from {creditor}{reference}: {link}"}`); status != 204 {
			t.Error(status, out)
		}
	})
	t.Run("R124 only an owner changes words", func(t *testing.T) {
		ten.Member("collector-text@example.test", tenant.Collector)
		ten.Client().Do("PUT", rest.Prefix+"/v1"+path, words(v, hello), map[string]string{"Content-Type": "application/json", "Cookie": session(t, ten, "collector-text@example.test")}).Has(t, http.StatusForbidden, "owners_only")
	})
}
