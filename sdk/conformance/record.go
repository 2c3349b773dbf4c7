package conformance

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// records changes the list of records that an answer in JSON holds; it leaves
// any other answer as it is.
func (a *answer) records(change func([]any) []any) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(a.body))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return
	}
	list, put := largest(&v)
	if len(list) < 2 {
		return
	}
	put(change(list))
	if b, err := json.Marshal(v); err == nil {
		a.body = b
	}
}

// lists reports whether an answer holds a list of at least two records.
func (a *answer) lists() bool {
	n := 0
	b := answer{body: a.body}
	b.records(func(l []any) []any { n = len(l); return l })
	return n >= 2
}

// largest finds the longest list of objects, the outermost first, and how to put
// another in its place.
func largest(v *any) (list []any, put func([]any)) {
	switch x := (*v).(type) {
	case []any:
		if len(x) > 0 {
			if _, ok := x[0].(map[string]any); ok {
				return x, func(l []any) { *v = l }
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(x)) {
			child := x[k]
			if l, p := largest(&child); len(l) > len(list) {
				list = l
				put = func(l []any) {
					p(l)
					x[k] = child
				}
			}
		}
	}
	return list, put
}

func shuffle(list []any) []any {
	out := slices.Clone(list)
	slices.Reverse(out)
	return append(out, list[0], list[len(list)/2])
}

func unknownFields(list []any) []any {
	for _, r := range list {
		if m, ok := r.(map[string]any); ok {
			m["zz_not_documented"] = map[string]any{"a": []any{1, nil, "x"}}
			m["zz_other"] = nil
		}
	}
	return list
}

// nullField takes the value of the n-th of the fields of one record.
func nullField(n int) func([]any) []any {
	return func(list []any) []any {
		r, ok := list[len(list)/2].(map[string]any)
		if !ok {
			return list
		}
		keys := fieldsOf(r)
		if len(keys) > nullFields {
			n = n * len(keys) / nullFields
		}
		if n < len(keys) {
			r[keys[n]] = nil
		}
		return list
	}
}

// fieldsOf returns the fields that have a value, but for the id: a record without
// one is another matter.
func fieldsOf(r map[string]any) (keys []string) {
	for _, k := range slices.Sorted(maps.Keys(r)) {
		if r[k] != nil && !strings.EqualFold(k, "id") && k != "__metadata" {
			keys = append(keys, k)
		}
	}
	return keys
}

func hugeText(list []any) []any {
	r, ok := list[len(list)/2].(map[string]any)
	if !ok {
		return list
	}
	for _, k := range slices.Sorted(maps.Keys(r)) {
		if s, ok := r[k].(string); ok && words(s) {
			r[k] = s + strings.Repeat(" en zo voort", 200<<10/12)
			return list
		}
	}
	return list
}

// words reports whether a text is written by people: letters and a space.
func words(s string) bool {
	return strings.Contains(s, " ") && !strings.ContainsAny(s, ":/") && strings.ContainsFunc(s, unicode.IsLetter)
}
