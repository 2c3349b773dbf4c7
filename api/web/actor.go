package web

import (
	"strings"

	"github.com/voldaan/voldaan/api"
)

// apiActor reports whether a program did it.
func apiActor(by string) bool { return strings.HasPrefix(by, api.ByProgram) }

// actorName is who did something, in words.
func actorName(by string) string {
	if name, ok := strings.CutPrefix(by, api.ByProgram); ok {
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
