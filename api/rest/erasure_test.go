package rest_test

import "testing"

func TestErasure(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	to := "/debtors/" + ten.DebtorID("noor").String() + "/erasure"
	if status, _ := p.do("GET", to, ""); status != 404 {
		t.Errorf("without a request: %d", status)
	}
	t.Run("R116 restricted while claims are open", func(t *testing.T) {
		status, v := p.do("POST", to, "")
		if status != 200 || v["state"] != "restricted" || v["delete_on"] == nil {
			t.Fatalf("%d %v", status, v)
		}
	})
	if status, _ := p.do("DELETE", to, ""); status != 204 {
		t.Errorf("withdrawn: %d", status)
	}
	if status, _ := p.do("DELETE", to, ""); status != 409 {
		t.Errorf("withdrawn twice: %d", status)
	}
}
