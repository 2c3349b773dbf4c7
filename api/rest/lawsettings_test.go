package rest_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/tenant"
)

func TestLawSettings(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	path := "/administrations/" + ten.Administration.String() + "/law-settings"
	status, v := p.do("GET", path, "")
	if status != 200 || v["law"] != "NL" || v["country"] != "" || v["known"] != true || v["due_agreed"] != nil || len(v["rulings"].([]any)) < 3 {
		t.Fatal(status, v)
	}
	if status, v = p.do("GET", "/administrations/"+uuid.NewString()+"/law-settings", ""); status != 404 {
		t.Error(status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"BE","due_agreed":true,"costs_clause":true,"agreed_rate_business":"","agreed_rate_consumer":"30","invoice_notices":false,"supplies":""}`); status != 422 || v["code"] != "law_agreed_rate_consumer" {
		t.Error(status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"XX","costs_clause":false,"agreed_rate_business":"","agreed_rate_consumer":"","invoice_notices":false,"supplies":""}`); status != 422 || v["code"] != "law_country" {
		t.Error(status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"GB","costs_clause":false,"agreed_rate_business":"","agreed_rate_consumer":"","invoice_notices":false,"supplies":""}`); status != 200 || v["law"] != "GB" {
		t.Error("R123 a law that counts in another currency", status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"DE","costs_clause":false,"agreed_rate_business":"","agreed_rate_consumer":"","invoice_notices":false,"supplies":"","reminder_fee":"2,5"}`); status != 200 || v["reminder_fee"] != "2.50" {
		t.Error(status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"DE","costs_clause":false,"agreed_rate_business":"","agreed_rate_consumer":"","invoice_notices":false,"supplies":"","reminder_fee":"51"}`); status != 422 || v["code"] != "law_reminder_fee" {
		t.Error(status, v)
	}
	if status, v = p.do("PUT", path, `{"country":"be","due_agreed":true,"costs_clause":true,"agreed_rate_business":"12,5","agreed_rate_consumer":"8","invoice_notices":false,"supplies":"bread"}`); status != 200 || v["law"] != "BE" || v["agreed_rate_business"] != "12.5" || v["due_agreed"] != true || v["supplies"] != "bread" {
		t.Error(status, v)
	}
	t.Run("R124 only an owner edits the law and the terms", func(t *testing.T) {
		ten.Member("collector-law@example.test", tenant.Collector)
		ten.Client().Do("PUT", rest.Prefix+"/v1"+path, `{"country":"","costs_clause":false,"agreed_rate_business":"","agreed_rate_consumer":"","invoice_notices":false,"supplies":""}`,
			map[string]string{"Content-Type": "application/json", "Cookie": session(t, ten, "collector-law@example.test")}).Has(t, http.StatusForbidden, "owners_only")
	})
}
