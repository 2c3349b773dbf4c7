package chart_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/voldaan/voldaan/api/web/chart"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var aging = []chart.Bar{
	{Label: "Not due", Value: 4120000, Short: "€41.2k", Text: "€41,200.00", Count: 31},
	{Label: "1–30", Name: "1 to 30 days late", Value: 1840050, Short: "€18.4k", Text: "€18,400.50", Count: 17, Href: "/invoices?age=1-30"},
	{Label: "31–60", Value: 620000, Short: "€6.2k", Text: "€6,200.00", Count: 5},
	{Label: "61–90", Value: 0, Short: "€0", Text: "€0.00"},
	{Label: "91–120", Value: 100, Short: "€1", Text: "€1.00", Count: 1},
	{Label: "> 120", Value: -5000, Short: "−€50", Text: "−€50.00", Count: 1},
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]templ.Component{
		"aging":        chart.Aging("age", "Open by days late", aging, chart.English),
		"aging-empty":  chart.Aging("age", "Open by days late", nil, chart.English),
		"funnel":       chart.Funnel("phase", "Invoices by phase", []chart.Bar{{Label: "Sent", Value: 41, Short: "41", Text: "€41,200.00", Count: 41}, {Label: "Reminding", Value: 12, Short: "12", Text: "€9,100.00", Count: 12}, {Label: "Case", Value: 1, Short: "1", Text: "€900.00", Count: 1, Legal: true}}, chart.English),
		"spark":        chart.Spark("open", "Open, 8 weeks", []chart.Bar{{Label: "w1", Value: 10, Text: "€10"}, {Label: "w2", Value: 30, Text: "€30"}, {Label: "w3", Value: 20, Text: "€20"}}, chart.English),
		"spark-flat":   chart.Spark("open", "Open", []chart.Bar{{Label: "w1", Value: 5, Text: "5"}, {Label: "w2", Value: 5, Text: "5"}}, chart.English),
		"spark-single": chart.Spark("open", "Open", []chart.Bar{{Label: "w1", Value: 5, Text: "5"}}, chart.English),
		"hostile":      chart.Funnel("x", "<script>", []chart.Bar{{Label: "<b>&\"", Value: 1, Short: "1", Text: "1", Href: "/a?b=<c>"}}, chart.English),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := c.Render(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".html")
			if *update {
				if err := os.MkdirAll("testdata", 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("%s differs (run with -update when that is meant):\n%s", file, d)
			}
		})
	}
}
