package odata

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
)

var token = regexp.MustCompile(`^(?:(?:guid|datetime|datetimeoffset|binary)?'(?:[^']|'')*'|[(),]|[^\s(),']+)`)

// lex cuts a filter into literals, names, brackets and commas.
func lex(s string) []string {
	var out []string
	for {
		if s = strings.TrimSpace(s); s == "" {
			return out
		}
		t := token.FindString(s)
		if t == "" {
			t = s
		}
		out = append(out, t)
		s = s[len(t):]
	}
}

var (
	numeric = regexp.MustCompile(`^(-?\d+(?:\.\d+)?)[LMDFlmdf]?$`)
	uuid    = regexp.MustCompile(`^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// literal reads a token as a value; a name is not one.
func literal(t string) (any, bool) {
	switch t {
	case "true", "false":
		return t == "true", true
	case "null":
		return nil, true
	}
	if i := strings.IndexByte(t, '\''); i >= 0 && i < len(t)-1 && strings.HasSuffix(t, "'") {
		text := strings.ReplaceAll(t[i+1:len(t)-1], "''", "'")
		if strings.HasPrefix(t, "datetime") {
			at, ok := parseTime(text)
			return at, ok
		}
		return text, true
	}
	if m := numeric.FindStringSubmatch(t); m != nil {
		return json.Number(m[1]), true
	}
	if uuid.MatchString(t) {
		return t, true
	}
	if at, ok := parseTime(t); ok {
		return at, true
	}
	return nil, false
}

func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.Parse(layout, s); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
