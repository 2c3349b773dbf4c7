package rest_test

import "testing"

// TestInsightAndCredit asks for the figures of a day, sets a limit that is passed
// and reads what came of it.
func TestInsightAndCredit(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	do := func(code int, method, path, body string) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		if status != code {
			t.Fatalf("%s %s: %d, want %d: %v", method, path, status, code, v)
		}
		return v
	}
	now := do(200, "GET", "/insight", "")
	if aging, _ := now["aging"].([]any); len(aging) != 7 || now["ar_net"] == nil || now["currency"] != "EUR" {
		t.Errorf("%v", now)
	}
	if then := do(200, "GET", "/insight?as_of=2020-01-01&administration="+ten.Administration.String(), ""); then["ar_gross"].(map[string]any)["minor"] != 0.0 {
		t.Errorf("%v", then)
	}
	do(422, "GET", "/insight?as_of=2099-01-01", "")
	debtor := "/debtors/" + ten.DebtorID("noor").String()
	if c := do(200, "GET", debtor+"/credit", ""); c["over_limit"] != false || len(c["limits"].([]any)) != 0 {
		t.Errorf("%v", c)
	}
	do(204, "PUT", debtor+"/credit/own", `{"minor":1,"currency":"EUR"}`)
	if c := do(200, "GET", debtor+"/credit", ""); c["over_limit"] != true {
		t.Errorf("%v", c)
	}
	if a := do(200, "GET", "/credit-alerts", ""); len(a["items"].([]any)) != 1 {
		t.Errorf("%v", a)
	}
	do(204, "PUT", debtor+"/credit/own", `{"currency":"EUR"}`)
	if c := do(200, "GET", debtor+"/credit", ""); c["over_limit"] != false {
		t.Errorf("%v", c)
	}
	do(200, "GET", "/late-payers", "")
	do(409, "POST", debtor+"/credit-reports", "")
}
