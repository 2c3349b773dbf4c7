package rest_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

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
	if s := do(200, "GET", "/step-trial", ""); s["share"] != 0.0 {
		t.Errorf("measured by default: %v", s)
	}
	do(204, "PUT", "/step-trial", `{"share":5,"days":4}`)
	do(422, "PUT", "/step-trial", `{"share":30,"days":4}`)
	if s := do(200, "GET", "/step-trial", ""); s["share"] != 5.0 || s["days"] != 4.0 {
		t.Errorf("%v", s)
	}
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
	consumer := debtor
	debtor = "/debtors/" + ten.DebtorID("koster").String()
	do(409, "POST", debtor+"/credit-companies", "")
	ten.Services.Credit.Agency = bureau{}
	do(422, "POST", consumer+"/credit-companies", "")
	found := do(200, "POST", debtor+"/credit-companies", "")["items"].([]any)
	if len(found) != 1 || found[0].(map[string]any)["price"].(map[string]any)["minor"] != 450.0 {
		t.Fatalf("%v", found)
	}
	do(409, "POST", debtor+"/credit-reports", `{"company":"NL-1","price":{"minor":1,"currency":"EUR"}}`)
	if q := do(200, "POST", debtor+"/credit-reports", `{"company":"NL-1","price":{"minor":450,"currency":"EUR"}}`); q["state"] != "kept" || q["report_id"] == nil {
		t.Errorf("%v", q)
	}
	if c := do(200, "GET", debtor+"/credit", ""); c["report"].(map[string]any)["insolvent"] != true || c["risk"] != "high" || c["risk_why"] == "" {
		t.Errorf("%v", c)
	}
	if list := do(200, "GET", debtor+"/credit-reports", "")["items"].([]any); len(list) != 1 {
		t.Errorf("%v", list)
	}
	if s := do(200, "GET", "/credit-settings", ""); s["high_below"] != 30.0 || s["natural_persons"] != false {
		t.Errorf("%v", s)
	}
	do(204, "PUT", "/credit-settings", `{"natural_persons":false,"risk_from_score":false,"high_below":30,"low_from":85}`)
	if c := do(200, "GET", debtor+"/credit", ""); c["risk"] != nil {
		t.Errorf("the risk is still %v", c["risk"])
	}
}

// bureau is an agency that reports an insolvency.
type bureau struct{}

var bureauID = uuid.New()

func (bureau) Connection(context.Context, uuid.UUID) (uuid.UUID, string, bool, error) {
	return bureauID, "Bureau", true, nil
}

func (bureau) Companies(context.Context, uuid.UUID, uuid.UUID, sdk.CompanyQuery) ([]sdk.Company, error) {
	price := money.EUR(450)
	return []sdk.Company{{ID: "NL-1", Name: "Koster", Price: &price}}, nil
}

func (bureau) CreditReport(context.Context, uuid.UUID, uuid.UUID, sdk.CreditRequest) (sdk.CreditReport, bool, error) {
	return sdk.CreditReport{ID: "R", Name: "Koster", On: date.MustParse("2026-01-02"), Insolvent: true, Status: sdk.CompanyInsolvent}, true, nil
}
