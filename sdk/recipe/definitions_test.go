package recipe_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// withFunctions is the sample with functions that its fields call.
func withFunctions(t *testing.T, functions string) (*manifest.Manifest, manifest.Problems) {
	t.Helper()
	text := strings.Replace(sample(t), "recipe:\n", "recipe:\n  functions: |\n    "+strings.ReplaceAll(strings.TrimSpace(functions), "\n", "\n    ")+"\n", 1)
	text = strings.Replace(text, "number: .number\n", "number: .number | shown\n", 1)
	text = strings.Replace(text, "email: .email\n", "email: .email | shown\n", 1)
	m, err := manifest.Parse("connector.yaml", []byte(text))
	problems, ok := errors.AsType[manifest.Problems](err)
	if err != nil && !ok {
		t.Fatal(err)
	}
	return m, problems
}

func TestFunctionMayNameItsParametersAsItLikes(t *testing.T) {
	t.Parallel()
	for name, functions := range map[string]string{
		"a parameter":           "def tagged($id): \"\\($id)\";\ndef shown: tagged(.);",
		"and the variable too":  "def tagged($administration): $administration;\ndef shown: tagged(.) + $administration;",
		"a binding":             "def shown: . as $since | {$since}.since;",
		"a pattern":             "def shown: {a: .} as {a: $id} | $id;",
		"a reduction":           "def shown: reduce . as $page (\"\"; . + $page);",
		"a function in another": "def shown: def now: .; def tagged($id): $id | now; tagged(.);",
	} {
		if _, problems := withFunctions(t, functions); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestMistakeInFunctionsIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, functions, want string }{
		{"not jq", "def one: 1;\ndef shown: if . then;\ndef three: 3;", ":20: recipe.functions: not jq: unexpected"},
		{"an unknown function", "def one: 1;\ndef two: one;\ndef shown: lowercase;", ":21: recipe.functions: the function shown: the function lowercase/0 is not known"},
		{"through another", "def one:\n  nothing;\ndef shown: one;", ":19: recipe.functions: the function one: the function nothing/0 is not known"},
		{"an unknown variable", "def shown: $anybody;", ":19: recipe.functions: the function shown: $anybody is not known here"},
		{"the environment", "def shown: env.HOME;", ":19: recipe.functions: the function shown: env is not allowed here"},
	} {
		_, problems := withFunctions(t, c.functions)
		if len(problems) != 1 || !strings.Contains(problems.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.name, problems, c.want)
		}
	}
	// What is wrong elsewhere is told beside it.
	_, problems := withFunctions(t, "def shown: $write.date;")
	if len(problems) != 2 || !strings.Contains(problems.Error(), "$write is not known here") {
		t.Errorf("a variable that is not known where the function is used: %v", problems)
	}
}
