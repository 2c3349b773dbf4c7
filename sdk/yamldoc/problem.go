package yamldoc

import (
	"fmt"
	"strings"
)

// Problem is one mistake in a file.
type Problem struct {
	File string
	Line int
	// Path leads to the value, as in auth[0].token_url.
	Path string
	// Message says what was found and what was expected.
	Message string
}

// Error returns "file:line: path: message".
func (p Problem) Error() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Path, p.Message)
}

// Problems are all mistakes that were found, in the order of the file.
type Problems []Problem

// Error returns one line per problem.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, v := range p {
		lines[i] = v.Error()
	}
	return strings.Join(lines, "\n")
}
