package recipe_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/recipe"
)

var update = flag.Bool("update", false, "write README.md and connector.schema.json anew")

// TestReference keeps the page in step with the language.
func TestReference(t *testing.T) {
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(sample(t), "\nrecipe:\n")
	text := between(t, string(b), "example", "```yaml\nrecipe:\n"+block+"```\n")
	text = between(t, text, "reference", recipe.Reference())
	if text == string(b) {
		return
	}
	if !*update {
		t.Fatal("README.md is stale; run go test ./sdk/recipe -update")
	}
	if err := os.WriteFile("README.md", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func between(t *testing.T, text, mark, content string) string {
	t.Helper()
	head, rest, ok := strings.Cut(text, "<!-- "+mark+" -->\n")
	_, tail, ok2 := strings.Cut(rest, "<!-- /"+mark+" -->")
	if !ok || !ok2 {
		t.Fatalf("README.md has no %s", mark)
	}
	return head + "<!-- " + mark + " -->\n" + content + "<!-- /" + mark + " -->" + tail
}

// TestSchema keeps the schema in step with the language and holds the example
// against it.
func TestSchema(t *testing.T) {
	want := manifest.SchemaJSON()
	b, err := os.ReadFile("connector.schema.json")
	if string(b) == string(want) {
		return
	}
	if !*update {
		t.Fatalf("connector.schema.json is stale; run go test ./sdk/recipe -update (%v)", err)
	}
	if err := os.WriteFile("connector.schema.json", want, 0o644); err != nil {
		t.Fatal(err)
	}
}
