package rest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/tenant"
)

func TestFlows(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	p = key(t, ten, "settings", tenant.Read, tenant.Write)
	invoice, debtor := ten.Invoice("3").String(), ""
	want := func(status int, method, path, body string) map[string]any {
		t.Helper()
		got, v := p.do(method, path, body)
		if got != status {
			t.Fatalf("%s %s: %d, want %d: %v", method, path, got, status, v)
		}
		return v
	}
	if items := want(200, "GET", "/flows", "")["items"].([]any); len(items) < 12 {
		t.Errorf("%d flows", len(items))
	}
	want(http.StatusConflict, "POST", "/flows", `{"copy_of":"b2b-nl","id":"b2b-nl"}`)
	made := want(201, "POST", "/flows", `{"copy_of":"b2b-nl","id":"ours","title":"Ours"}`)
	if made["draft"] != true || len(made["problems"].([]any)) != 0 {
		t.Errorf("made %v", made)
	}
	draft := want(200, "PUT", "/flows/ours/draft", `{"id":"ours","title":"Ours","debtors":"business","steps":[
		{"id":"invoice","title":"Invoice","from":"issue","offset":0,"channels":["email"],"phase":"sent"},
		{"id":"reminder_1","title":"Reminder","from":"due","offset":3,"channels":["email"],"phase":"reminding","asks":true},
		{"id":"reminder_2","title":"Reminder","from":"due","offset":5,"channels":["email"],"phase":"reminding","asks":true}]}`)
	if len(draft["problems"].([]any)) != 1 {
		t.Errorf("problems %v", draft["problems"])
	}
	want(http.StatusUnprocessableEntity, "POST", "/flows/ours/publish", `{}`)
	want(200, "PUT", "/flows/ours/draft", `{"id":"ours","title":"Ours","debtors":"business","steps":[
		{"id":"invoice","title":"Invoice","from":"issue","offset":0,"channels":["email"],"phase":"sent"},
		{"id":"reminder_1","title":"Reminder","from":"due","offset":3,"channels":["email"],"phase":"reminding","asks":true}]}`)
	want(200, "POST", "/flows/ours/publish", `{"note":"short"}`)
	if items := want(200, "GET", "/flows/ours/versions", "")["items"].([]any); len(items) != 1 {
		t.Errorf("%d versions", len(items))
	}
	want(204, "PUT", "/flow-choices", `{"scope":"invoice","subject":"`+invoice+`","flow":"ours"}`)
	e := want(200, "GET", "/invoices/"+invoice+"/explanation", "")
	if e["flow"] != "ours" || e["chosen"] != "invoice" {
		t.Errorf("explained %v", e)
	}
	want(http.StatusUnprocessableEntity, "PUT", "/flow-choices", `{"scope":"invoice","subject":"`+invoice+`","flow":"nowhere"}`)

	debtor = want(200, "GET", "/invoices/"+invoice, "")["debtor"].(map[string]any)["id"].(string)
	want(204, "PUT", "/segments/vip", `{"name":"vip","title":"VIP","rank":1,"members":0}`)
	want(204, "PUT", "/debtors/"+debtor+"/segments/vip", "")
	want(204, "PUT", "/debtors/"+debtor+"/risk", `{"risk":"high"}`)
	if e := want(200, "GET", "/invoices/"+invoice+"/explanation", ""); len(e["segments"].([]any)) != 1 {
		t.Errorf("segments %v", e["segments"])
	}
	want(204, "DELETE", "/debtors/"+debtor+"/segments/vip", "")

	adm := want(200, "GET", "/invoices/"+invoice, "")["administration"].(map[string]any)["id"].(string)
	want(200, "GET", "/administrations/"+adm+"/sending", "")
	want(http.StatusUnprocessableEntity, "PUT", "/administrations/"+adm+"/sending", `{"minimum_interval":7,"days":[],"hours":{"sms":"06:00-23:00"},"own_holidays_only":false,"approve_cases_days":30,"entry_step":"reminder_1"}`)
	want(200, "PUT", "/administrations/"+adm+"/sending", `{"minimum_interval":9,"days":["mon","tue"],"hours":{"sms":"10:00-18:00"},"own_holidays_only":false,"approve_cases_days":30,"entry_step":"reminder_2"}`)

	run := want(202, "POST", "/rehearsals", `{"administration":"`+adm+`","flow":"ours"}`)
	for range 200 {
		if run = want(200, "GET", "/rehearsals/"+run["id"].(string), ""); run["state"] != "running" {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	report, ok := run["report"].(map[string]any)
	if !ok || report["candidate"].(map[string]any)["wrong"] != float64(0) {
		t.Errorf("rehearsed %v", run)
	}
	if items := want(200, "GET", "/approvals", "")["items"].([]any); len(items) != 0 {
		t.Errorf("approvals %v", items)
	}
}
