package rest_test

import "testing"

func TestCaseList(t *testing.T) {
	t.Parallel()
	_, p := open(t)
	for _, path := range []string{"/cases", "/cases?closed=true&limit=1"} {
		if status, v := p.do("GET", path, ""); status != 200 || v["items"] == nil {
			t.Errorf("%s: %d %v", path, status, v)
		}
	}
	if status, _ := p.do("GET", "/cases?cursor=nonsense", ""); status != 422 {
		t.Errorf("a cursor of nothing: %d", status)
	}
}
