package rest_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/sdk/date"
)

// numbers are the cases of a list, by their number.
func numbers(v map[string]any) (out []string) {
	items, _ := v["items"].([]any)
	for _, i := range items {
		out = append(out, i.(map[string]any)["number"].(string))
	}
	return out
}

func TestCaseList(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	var all []string
	ids := map[string]uuid.UUID{}
	for _, one := range [][2]string{{"Jansen Bouw", "A-1"}, {"Bakker & Zn", "A-2"}, {"Jansen Verhuur", "A-3"}} {
		id, _ := ten.Case(apitest.Claim(one[0], one[1], 100_000))
		ids[one[0]] = id
		status, v := p.do("GET", "/cases/"+id.String(), "")
		if status != 200 {
			t.Fatalf("%d %v", status, v)
		}
		all = append([]string{v["number"].(string)}, all...) // the newest first
		ten.Advance(60e9)
	}
	watched := ids["Bakker & Zn"]
	if err := ten.Services.Cases.Watch(t.Context(), ten.ID, watched, date.Of(ten.Now()).AddDays(40), "No income", "test"); err != nil {
		t.Fatal(err)
	}
	if err := ten.Services.Cases.End(t.Context(), ten.ID, ids["Jansen Verhuur"], "Not worth it", "test"); err != nil {
		t.Fatal(err)
	}
	_, one := p.do("GET", "/cases/"+watched.String(), "")
	for query, want := range map[string][]string{
		"":                                    {all[1], all[2]},
		"closed=true":                         {all[0]},
		"state=monitored":                     {all[1]},
		"state=closed,open":                   {all[0], all[2]},
		"state=bailiff":                       nil,
		"debtor=" + one["debtor"].(string):    {all[1]},
		"debtor=" + uuid.NewString():          nil,
		"search=JANSEN":                       {all[2]},
		"search=jansen&state=open,closed":     {all[0], all[2]},
		"search=" + strings.ToLower(all[1]):   {all[1]},
		"search=a-2":                          {all[1]},
		"search=" + url.QueryEscape("100%_"):  nil,
		"search=" + url.QueryEscape("er & Z"): {all[1]},
	} {
		if status, v := p.do("GET", "/cases?"+query, ""); status != 200 || !slices.Equal(numbers(v), want) {
			t.Errorf("%q: %d %v, want %v", query, status, numbers(v), want)
		}
	}
	t.Run("pages hold every case once, with the filter", func(t *testing.T) {
		var seen []string
		cursor := ""
		for range 5 {
			status, v := p.do("GET", "/cases?state=open,monitored,closed&limit=1&cursor="+url.QueryEscape(cursor), "")
			if status != 200 {
				t.Fatalf("%d %v", status, v)
			}
			seen = append(seen, numbers(v)...)
			if cursor, _ = v["next_cursor"].(string); cursor == "" {
				break
			}
		}
		if !slices.Equal(seen, all) {
			t.Errorf("the pages hold %v, not %v", seen, all)
		}
	})
	for _, bad := range []string{"cursor=nonsense", "state=lost", "debtor=nobody"} {
		if status, _ := p.do("GET", "/cases?"+bad, ""); status != 422 {
			t.Errorf("%s: %d", bad, status)
		}
	}
	t.Run("another organisation sees none of them", func(t *testing.T) {
		other := key(t, ten.Bench.Tenant("other"), "erp", "read")
		if status, v := other.do("GET", "/cases?state=open,monitored,closed", ""); status != 200 || len(numbers(v)) != 0 {
			t.Errorf("%d %v", status, v)
		}
	})
}
