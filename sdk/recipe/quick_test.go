package recipe

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/itchyny/gojq"
)

// TestQuickIsWhatJQGives compares the short way with the machine of jq.
func TestQuickIsWhatJQGives(t *testing.T) {
	t.Parallel()
	inputs := []any{
		nil, "text", map[string]any{}, []any{1},
		map[string]any{"a": map[string]any{"b": "x", "c d": false}, "n": nil, "z": 0, "s": "x", "t": true, "l": []any{"", " ", "y"}},
	}
	for _, text := range []string{
		".", ".a", ".a.b", `.a."c d"`, `."a"."b"`, ".n.b", ".s.b", `"lit"`, "3", "null", "true", ".a | .b", ".n // .s", `.a."c d" // "d"`, ".s.q // .s", ".a.b == .s",
		".z == 0", ".s != .a.b", ".t and .n", ".n or .s", ".t and .s.q", "not", ".n | not", "$since", "$form.x", "($form | .x) // .s",
		"[.s, .n, .a.b]", "[.l]", "[.a.b, .s] | first_text", ".l | first_text", "if .t then .s else .n end", "if .n then 1 elif .s then 2 else 3 end", "if .n then 1 end",
		"own", "own | .b", "[own, .s]", "times(.z; 2)", "(.a).b", "[.s.q]", "if .s.q then 1 else 2 end",
	} {
		l := &grammar{functions: functions(time.UTC)}
		l.parseDefs("def own: .a // .s;", func(_ int, problem string) { t.Fatal(problem) })
		e, _, err := l.compile(text, 1, []Var{VarForm, VarSince})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if e.quick == nil {
			t.Errorf("%s goes the long way", text)
			continue
		}
		q, err := gojq.Parse("def own: .a // .s; " + text)
		if err != nil {
			t.Fatal(err)
		}
		options := []gojq.CompilerOption{gojq.WithVariables([]string{"$form", "$since"})}
		for _, f := range l.functions {
			options = append(options, gojq.WithFunction(f.name, f.min, f.max, f.call))
		}
		code, err := gojq.Compile(q, options...)
		if err != nil {
			t.Fatal(err)
		}
		var s Scope
		s[VarForm], s[VarSince] = map[string]any{"x": "f"}, "2026"
		for _, in := range inputs {
			got, gotErr := e.Eval(context.Background(), &s, in)
			want, _ := code.Run(in, s[VarForm], s[VarSince]).Next()
			wantErr, failed := want.(error)
			if failed != (gotErr != nil) || !failed && fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s on %v: %v, %v; jq gives %v, %v", text, in, got, gotErr, want, wantErr)
			}
		}
	}
}
