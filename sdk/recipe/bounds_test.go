package recipe

import (
	"strings"
	"testing"
	"time"
)

func TestExpressionsHaveBounds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[range(1000000000)] | length":                    "the expression in line 7 takes more than",
		"last(repeat(1))":                                 "the expression in line 7 takes more than 20 million steps",
		`reduce range(60) as $i ("x"; . + .) | length`:    "the expression in line 7 makes a text or a list of more than 8 million parts",
		"reduce range(60) as $i ([1]; . + .) | length":    "the expression in line 7 makes a text or a list of more than 8 million parts",
		`"x" * 1000000000 | length`:                       "the expression in line 7 makes a text or a list of more than 8 million parts",
		"def more: . + . | more; \"x\" | more":            "the expression in line 7 makes",
		"[range(200000)] | map(. + 1) | length":           "",
		`[1 + 2, "a" + "b", 2 * 3, "ab" * 2, null + 1]`:   "",
		`{a: 1} * {b: 2} | .a + .b`:                       "",
		`[.[]? | select(. > 1)] + [1] | map(. * 2) | add`: "",
	} {
		l := &grammar{functions: functions(time.UTC)}
		e, _, err := l.compile(text, 7, nil)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		_, err = e.Eval(t.Context(), &Scope{}, nil)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	l := &grammar{functions: functions(time.UTC)}
	if _, _, err := l.compile(".a += 1", 1, nil); err == nil || !strings.Contains(err.Error(), "+= and *= are not known here") {
		t.Errorf("+=: %v", err)
	}
}
