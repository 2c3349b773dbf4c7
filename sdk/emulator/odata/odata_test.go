package odata_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator/odata"
)

func row() odata.Row {
	return odata.Row{
		"ID": "5f0c2c1e-0000-4000-8000-00000000000A", "Code": "              1001", "Name": "Bakkerij 't Hoekje", "Amount": json.Number("121.50"), "Timestamp": int64(900),
		"Status": 20, "Paid": false, "Email": nil, "Modified": time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
}

func TestFilter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "true", "Timestamp gt 899L": "true", "Timestamp gt 900L": "false",
		"ID eq guid'5f0c2c1e-0000-4000-8000-00000000000a'":            "true",
		"ID eq 5f0c2c1e-0000-4000-8000-00000000000a":                  "true",
		"Modified gt datetime'2026-03-02T08:59:59'":                   "true",
		"Modified ge 2026-03-02T09:00:00Z and Modified lt 2026-03-02": "false",
		"Amount eq 121.5M":              "true",
		"Name eq 'Bakkerij ''t Hoekje'": "true",
		"trim(Code) eq '1001'":          "true",
		"Code eq '1001'":                "false",
		"substringof('hoek',Name) and not startswith(Name,'x')": "true",
		"contains(Name,'zzz')":                                "false",
		"Email eq null and Paid eq false":                     "true",
		"Email ne null":                                       "false",
		"Status eq 10 or (Status eq 20 and Timestamp le 900)": "true",
		"(Status eq 10 or Status eq 20) and Paid eq true":     "false",
		"Nope eq 1":               `no property "Nope" exists`,
		"Amount eq 'x'":           "a number is compared with x",
		"(Status eq 20":           "a bracket is not closed",
		"Status eq":               "the filter ends too soon",
		"Status eq 20 20":         `unexpected "20" in the filter`,
		"geo.distance(Code) eq 1": "no function geo.distance of 1 arguments",
		"Status eq 20 and Modified gt datetime'2026-01-01T00:00:00' and Paid eq true": "false",
	} {
		f, err := odata.ParseFilter(text)
		got := ""
		if err == nil {
			var ok bool
			ok, err = f.Pass(row())
			got = fmt.Sprint(ok)
		}
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestSortAndSelect(t *testing.T) {
	t.Parallel()
	rows := []odata.Row{{"N": 2, "S": "b"}, {"N": 1, "S": "b"}, {"N": 3, "S": "a"}, {"N": 4, "S": nil}}
	if err := odata.Sort(rows, "S,N desc"); err != nil || fmt.Sprint(rows) != "[map[N:4 S:<nil>] map[N:3 S:a] map[N:2 S:b] map[N:1 S:b]]" {
		t.Errorf("%v %v", rows, err)
	}
	if odata.Sort(rows, "X") == nil {
		t.Error("an unknown field was sorted by")
	}
	r, err := odata.Select(rows[1], "N, S")
	if err != nil || len(r) != 2 {
		t.Errorf("%v %v", r, err)
	}
	if _, err := odata.Select(rows[1], "X"); err == nil {
		t.Error("an unknown field was selected")
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("0('")
	f.Add("substringof('a',Name) and (Status eq 20L or not Paid)")
	f.Fuzz(func(_ *testing.T, text string) {
		if p, err := odata.ParseFilter(text); err == nil {
			_, _ = p.Pass(row())
		}
	})
}
