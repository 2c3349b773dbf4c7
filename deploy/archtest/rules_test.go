package archtest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/deploy/archtest/testname"
)

var update = flag.Bool("update", false, "write core/README.md anew")

const ruleTable = "../../core/README.md"

// TestRules fails when core/README.md does not say which tests bear which rule,
// or when a test is named after a rule that does not exist.
func TestRules(t *testing.T) {
	t.Parallel()
	rules := readRules(t)
	names, err := testname.Scan("../..")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[int]map[string][]string{}
	for _, n := range names {
		for _, r := range rulesIn(n) {
			if r < 1 || r > len(rules) {
				t.Errorf("%s: %s %s is named after R%d; there are %d rules, in rules.txt", n.Package, n.Func, n.Name, r, len(rules))
				continue
			}
			if tests[r] == nil {
				tests[r] = map[string][]string{}
			}
			tests[r][n.Package] = append(tests[r][n.Package], n.Func)
		}
	}
	want := table(rules, tests)
	if *update {
		if err := os.WriteFile(ruleTable, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(ruleTable)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("core/README.md is not what the tests are named%s; write it anew: go test ./deploy/archtest -run TestRules -update", firstChange(string(got), want))
	}
}

func TestRulesIn(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		test testname.Test
		want []int
	}{
		{testname.Test{Func: "TestGate", Name: "R5 stale data holds"}, []int{5}},
		{testname.Test{Func: "TestMail", Name: "R51 R56: no address"}, []int{51, 56}},
		{testname.Test{Func: "TestMail", Name: "B2C NL on the dates of R94: posted"}, []int{94}},
		{testname.Test{Func: "TestR9DeliveryLogDecides"}, []int{9}},
		{testname.Test{Func: "TestPause_R64"}, []int{64}},
		{testname.Test{Func: "TestR9DeliveryLogDecides", Name: "a part of it"}, nil},
		{testname.Test{Func: "TestEUR40"}, nil},
		{testname.Test{Func: "TestLaw", Name: "EUR40 VR12 R1" + testname.Unknown + " R R1234 r7"}, nil},
	} {
		if got := rulesIn(tc.test); !slices.Equal(got, tc.want) {
			t.Errorf("%+v: %v, want %v", tc.test, got, tc.want)
		}
	}
}

var (
	ruleWord   = regexp.MustCompile(`\bR(\d{1,3})\b`)
	ruleInFunc = regexp.MustCompile(`[a-z0-9_]R(\d{1,3})(?:\D|$)`)
	ruleLine   = regexp.MustCompile(`(?m)^R(\d+)\t(.+)$`)
)

// rulesIn returns the rules that a name carries. The name of a function counts
// for the function, not once more for each of its subtests.
func rulesIn(n testname.Test) (rules []int) {
	in, of := ruleWord, n.Name
	if of == "" {
		in, of = ruleInFunc, n.Func
	}
	for _, m := range in.FindAllStringSubmatch(of, -1) {
		r, _ := strconv.Atoi(m[1])
		rules = append(rules, r)
	}
	return rules
}

// readRules returns the rules, the first at 0, and fails when a number is missing.
func readRules(t *testing.T) (rules []string) {
	t.Helper()
	b, err := os.ReadFile("rules.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range ruleLine.FindAllStringSubmatch(string(b), -1) {
		if m[1] != strconv.Itoa(len(rules)+1) {
			t.Fatalf("rules.txt has R%s where R%d belongs", m[1], len(rules)+1)
		}
		rules = append(rules, m[2])
	}
	return rules
}

func table(rules []string, tests map[int]map[string][]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# core

What Voldaan decides, and what it keeps to. Below are the rules of debtor
management and the tests that are named after them: %d of %d bear one.

A row says that a test is about the rule, not that it proves all of it. To run
what bears a rule: `+"`go test ./core/policy -run '/R5 '`"+`, or by the name of the
test where that carries the number. Tests that need the shared samples are skipped
without them.

This file is written by `+"`go test ./deploy/archtest -run TestRules -update`"+`.

| Rule | What it says | Tests |
|---|---|---|
`, len(tests), len(rules))
	for i, rule := range rules {
		bear := "open"
		if in := tests[i+1]; len(in) > 0 {
			var cells []string
			for _, pkg := range slices.Sorted(maps.Keys(in)) {
				slices.Sort(in[pkg])
				cells = append(cells, fmt.Sprintf("%s: %s", pkg, strings.Join(slices.Compact(in[pkg]), ", ")))
			}
			bear = strings.Join(cells, "; ")
		}
		fmt.Fprintf(&b, "| R%d | %s | %s |\n", i+1, rule, bear)
	}
	return b.String()
}

// firstChange shows the first line that differs.
func firstChange(got, want string) string {
	has, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(has), len(wants)) {
		if has[i] != wants[i] {
			return fmt.Sprintf(" (line %d is %q, not %q)", i+1, has[i], wants[i])
		}
	}
	return ""
}
