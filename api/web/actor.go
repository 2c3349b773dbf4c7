package web

import "strings"

// apiPrefix marks what a program did over the API; the rest is the name of its
// key.
const apiPrefix = "api:"

func apiActor(by string) bool { return strings.HasPrefix(by, apiPrefix) }

// actorName is who did something, in words.
func actorName(by string) string {
	if name, ok := strings.CutPrefix(by, apiPrefix); ok {
		return "the program " + name
	}
	switch by {
	case "":
		return "Voldaan"
	case "voldaan":
		return "Voldaan"
	case "debtor":
		return "the debtor"
	}
	return by
}
