package registry

import (
	"fmt"
	"strings"
)

// difference is one value that is not the same.
type difference struct {
	path           []string
	before, after  any
	added, removed bool
}

// rule says what a difference at a path weighs; "*" stands for any one name.
type rule struct {
	path  []string
	judge func(d difference, name string) (Weight, string)
}

// byWhat picks the weight and the sentence by what happened; a sentence has a %s
// for the name.
func byWhat(added Weight, addedText string, removed Weight, removedText string) func(difference, string) (Weight, string) {
	return func(d difference, name string) (Weight, string) {
		if d.removed {
			return removed, fmt.Sprintf(removedText, name)
		}
		return added, fmt.Sprintf(addedText, name)
	}
}

// always gives one weight and a sentence with the values before and after.
func always(w Weight, what string) func(difference, string) (Weight, string) {
	return func(d difference, name string) (Weight, string) {
		switch {
		case d.added:
			return w, fmt.Sprintf("%s of %s is new: %s.", what, name, brief(d.after))
		case d.removed:
			return w, fmt.Sprintf("%s of %s is gone.", what, name)
		}
		return w, fmt.Sprintf("%s of %s is %s and was %s.", what, name, brief(d.after), brief(d.before))
	}
}

func brief(v any) string {
	s := []rune(text(v))
	if len(s) > 60 {
		return string(s[:60]) + "..."
	}
	if len(s) == 0 {
		return "empty"
	}
	return string(s)
}

// rules are tried in order. "name" in a rule is the last "*" of its path, or the
// connector.
var rules = []rule{
	{[]string{"version"}, func(difference, string) (Weight, string) { return "", "" }},
	{[]string{"title"}, always(Patch, "The title")},
	{[]string{"summary"}, always(Patch, "The summary")},
	{[]string{"description"}, always(Patch, "The description")},
	{[]string{"website"}, always(Patch, "The website")},
	{[]string{"program"}, always(Patch, "The program's name")},
	{[]string{"publisher"}, always(Major, "The publisher")},
	{[]string{"kind"}, always(Major, "The kind")},
	{[]string{"countries"}, func(d difference, _ string) (Weight, string) {
		if list, _ := d.after.([]any); len(list) > 0 {
			return Major, "It was for every country and is now for " + brief(d.after) + " alone."
		}
		return Minor, "It is now for every country."
	}},
	{[]string{"countries", "*"}, byWhat(Minor, "It is now for %s too.", Major, "It is not for %s any more.")},
	{[]string{"hosts", "*"}, byWhat(Major, "It calls %s too, with the user's credentials.", Minor, "It does not call %s any more.")},
	{[]string{"downloads", "*"}, byWhat(Minor, "It fetches files from %s too, without credentials.", Minor, "It does not fetch files from %s any more.")},
	{[]string{"reads", "*"}, byWhat(Major, "It reads %s too, to which users must agree.", Major, "It does not read %s any more.")},
	{[]string{"writes", "*"}, byWhat(Major, "It writes %s too, to which users must agree.", Major, "It does not write %s any more.")},
	{[]string{"capabilities", "*"}, byWhat(Minor, "It can do %s too.", Major, "It cannot do %s any more.")},
	{[]string{"auth", "*"}, byWhat(Minor, "Users may sign in by %s too.", Major, "Users cannot sign in by %s any more.")},
	{[]string{"auth", "*", "title"}, always(Patch, "The title")},
	{[]string{"auth", "*", "help"}, always(Patch, "The help")},
	{[]string{"auth", "*", "scopes", "*"}, byWhat(Major, "It asks for the scope %s too, so users must sign in again.", Minor, "It does not ask for the scope %s any more.")},
	{[]string{"auth", "*", "type"}, always(Major, "The way to sign in")},
	{[]string{"auth", "*", "authorize_url"}, always(Major, "The address to sign in")},
	{[]string{"auth", "*", "token_url"}, always(Major, "The address for tokens")},
	{[]string{"auth", "*", "secret_field"}, always(Major, "The field with the secret")},
	{[]string{"auth", "*", "user_field"}, always(Major, "The field with the user's name")},
	{[]string{"auth", "*", "app_values", "*"}, byWhat(Major, "The operator must set %s, which the package gives.", Minor, "The operator need not set %s any more.")},
	{[]string{"auth", "*", "*"}, always(Minor, "A setting to sign in")},
	{[]string{"form", "*"}, func(d difference, name string) (Weight, string) {
		field, _ := d.after.(map[string]any)
		switch {
		case d.removed:
			return Major, fmt.Sprintf("The field %s is gone, and with it the answers that users gave.", name)
		case field["required"] == true && text(field["default"]) == "":
			return Major, fmt.Sprintf("The field %s is new and must be filled in.", name)
		}
		return Minor, fmt.Sprintf("The field %s is new.", name)
	}},
	{[]string{"form", "*", "title"}, always(Patch, "The title")},
	{[]string{"form", "*", "help"}, always(Patch, "The help")},
	{[]string{"form", "*", "default"}, always(Minor, "The default")},
	{[]string{"form", "*", "required"}, func(d difference, name string) (Weight, string) {
		if d.after == true {
			return Major, fmt.Sprintf("The field %s must now be filled in.", name)
		}
		return Minor, fmt.Sprintf("The field %s may now be left empty.", name)
	}},
	{[]string{"form", "*", "choices", "*"}, byWhat(Minor, "There is a new choice %s.", Major, "The choice %s is gone.")},
	{[]string{"form", "*", "choices", "*", "title"}, always(Patch, "The title")},
	{[]string{"form", "*", "*"}, always(Major, "What is asked")},
	{[]string{"limits", "*"}, byWhat(Minor, "There is a limit %s.", Minor, "The limit %s is gone.")},
	{[]string{"webhook_lag"}, always(Minor, "The time within which the package calls us")},
	{[]string{"recipe"}, func(d difference, _ string) (Weight, string) {
		if d.removed {
			return Patch, "It is a program now and no manifest alone."
		}
		return Patch, "It is a manifest alone now and no program."
	}},
	{[]string{"recipe", "pull", "*"}, byWhat(Minor, "It has a new source of records, %s.", Major, "The source of records %s is gone.")},
	{[]string{"recipe", "writes", "*"}, byWhat(Minor, "It knows how to write %s.", Major, "It does not know how to write %s any more.")},
}

// judge returns what the difference weighs, and nothing when it is none.
func (d difference) judge() (Weight, string) {
	for _, r := range rules {
		if name, ok := d.matches(r.path); ok {
			return r.judge(d, name)
		}
	}
	if d.path[0] == "auth" {
		if strings.Contains(text(d.after), "://") {
			return always(Major, "An address to sign in")(d, d.path[1])
		}
		return always(Minor, "A setting to sign in")(d, d.path[1])
	}
	if len(d.path) > 1 {
		return Patch, "How it works has changed."
	}
	if d.removed {
		return Major, fmt.Sprintf("%s is gone.", d.path[0])
	}
	return Minor, fmt.Sprintf("%s is new or differs.", d.path[0])
}

func (d difference) matches(pattern []string) (name string, ok bool) {
	if len(pattern) != len(d.path) {
		return "", false
	}
	name = "the connector"
	for i, p := range pattern {
		if p == "*" {
			name = d.path[i]
		} else if p != d.path[i] {
			return "", false
		}
	}
	return name, true
}
