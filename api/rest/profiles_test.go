package rest_test

import "testing"

func TestDebtorProfile(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	noor := "/debtors/" + ten.DebtorID("noor").String()
	if status, v := p.do("PUT", "/segments/vip", `{"name":"vip","title":"VIP","rank":1,"members":0}`); status != 204 {
		t.Fatalf("%d %v", status, v)
	}
	if status, v := p.do("PUT", noor+"/profile", `{"risk":"high","segments":["nobody"],"flow":"","language":"en","form":""}`); status != 422 {
		t.Errorf("a segment that is not there: %d %v", status, v)
	}
	if status, v := p.do("PUT", noor+"/profile", `{"risk":"high","segments":["vip"],"flow":"b2c-nl","language":"en","form":"informal"}`); status != 200 || v["risk"] != "high" || v["flow"] != "b2c-nl" || v["form"] != "informal" {
		t.Fatalf("%d %v", status, v)
	}
	if status, v := p.do("GET", noor+"/profile", ""); status != 200 || v["language"] != "en" || len(v["segments"].([]any)) != 1 {
		t.Errorf("%d %v", status, v)
	}
	for path, want := range map[string]int{"?segment=vip": 1, "?risk=high&owing=true": 1, "?risk=low": 0, "?q=noor": 1, "?segment=gone": 0} {
		if status, v := p.do("GET", "/debtors"+path, ""); status != 200 || len(v["items"].([]any)) != want {
			t.Errorf("%s: %d %v", path, status, v)
		}
	}
	seen, cursor := map[string]bool{}, ""
	for range 10 {
		_, v := p.do("GET", "/debtors?limit=1&cursor="+cursor, "")
		for _, i := range v["items"].([]any) {
			seen[i.(map[string]any)["name"].(string)] = true
		}
		if v["next_cursor"] == nil {
			break
		}
		cursor = v["next_cursor"].(string)
	}
	if _, all := p.do("GET", "/debtors", ""); len(seen) != len(all["items"].([]any)) || len(seen) < 2 {
		t.Errorf("page by page there are %v", seen)
	}
	if status, v := p.do("PUT", noor+"/profile", `{"risk":"","segments":[],"flow":"","language":"","form":""}`); status != 200 || v["risk"] != "" {
		t.Errorf("%d %v", status, v)
	}
}
