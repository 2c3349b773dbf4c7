package rest_test

import (
	"testing"

	"github.com/google/uuid"
)

func TestBailiffs(t *testing.T) {
	t.Parallel()
	t.Run("R110 a bailiff is kept with its terms, and a collector shows whether it is registered", func(t *testing.T) {
		t.Parallel()
		_, p := open(t)
		id := uuid.NewString()
		status, v := p.do("PUT", "/bailiffs/"+id, `{"name":"Incasso Zonder Risico","kind":"collector","country":"NL","no_cure_no_pay":true,"fee_bp":1500,"terms":"Within a year.","pays_to":"bailiff",
			"register_number":"","transport":"sftp","email":"","endpoint":"sftp.example.test","folder":"in","username":"voldaan","host_key":"SHA256:abc","standard":true}`)
		if status != 200 || v["registered"] != false || v["public_key"] == nil || v["terms_text"] != "No cure, no pay: paid only from what it brings in. Keeps 15% of what comes in. Within a year." {
			t.Fatalf("%d %v", status, v)
		}
		if status, v := p.do("PUT", "/bailiffs/"+uuid.NewString(), `{"name":"X","kind":"bailiff","country":"NL","no_cure_no_pay":false,"fee_bp":0,"terms":"","pays_to":"creditor","register_number":"","transport":"email","email":"nobody","endpoint":"","folder":"","username":"","host_key":"","standard":false}`); status != 422 {
			t.Errorf("%d %v", status, v)
		}
		if status, _ := p.do("GET", "/cases", ""); status != 200 {
			t.Errorf("the list of cases: %d", status)
		}
		if status, _ := p.do("DELETE", "/bailiffs/"+id, ""); status != 204 {
			t.Errorf("the removal: %d", status)
		}
	})
}
