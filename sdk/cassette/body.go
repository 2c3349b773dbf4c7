package cassette

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Marks of bodies.
const (
	markJSON   = "json"
	markText   = "text"
	markCRLF   = "text crlf"
	markBase64 = "base64"
)

// lines returns the mark of a body and its lines. A JSON document is written out,
// so that it comes back with other white space.
func lines(body []byte) (mark string, out []string) {
	if b, ok := pretty(body); ok {
		return markJSON, strings.Split(string(b), "\n")
	}
	if text := string(body); plain(text) {
		if !strings.Contains(text, "\r") {
			return markText, strings.Split(text, "\n")
		}
		if one := strings.ReplaceAll(text, "\r\n", "\n"); !strings.Contains(one, "\r") && strings.Count(one, "\n") == strings.Count(text, "\r\n") {
			return markCRLF, strings.Split(one, "\n")
		}
	}
	encoded := base64.StdEncoding.EncodeToString(body)
	for len(encoded) > 100 {
		out, encoded = append(out, encoded[:100]), encoded[100:]
	}
	return markBase64, append(out, encoded)
}

// pretty writes a JSON object or list out, and reports whether it was one that
// comes back as the same document.
func pretty(body []byte) ([]byte, bool) {
	t := bytes.TrimSpace(body)
	if len(t) == 0 || t[0] != '{' && t[0] != '[' || !utf8.Valid(t) || !json.Valid(t) {
		return nil, false
	}
	var b bytes.Buffer
	if json.Indent(&b, t, "", "  ") != nil || bytes.ContainsAny(b.Bytes(), "\r\x7f") {
		return nil, false
	}
	return b.Bytes(), true
}

func plain(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\ufeff' {
			return false
		}
	}
	return true
}

// unlines is the inverse of lines.
func unlines(mark string, list []string) ([]byte, error) {
	switch mark {
	case markJSON, markText:
		return []byte(strings.Join(list, "\n")), nil
	case markCRLF:
		return []byte(strings.Join(list, "\r\n")), nil
	case markBase64:
		b, err := base64.StdEncoding.Strict().DecodeString(strings.Join(list, ""))
		if err != nil {
			return nil, fmt.Errorf("a body that is not base64: %w", err)
		}
		return b, nil
	}
	return nil, fmt.Errorf("%q is no mark of a body; expected json, text, text crlf or base64", mark)
}
