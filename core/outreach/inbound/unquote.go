package inbound

import (
	"regexp"
	"strings"
)

var (
	// attribution is the line mail programs put above a quoted message.
	attribution = regexp.MustCompile(`(?i)^(on\b.{6,200}\bwrote|op\b.{6,200}\bschreef\b.*|am\b.{6,200}\bschrieb\b.*|le\b.{6,200}\ba écrit)\s*:\s*$`)
	separator   = regexp.MustCompile(`(?i)^\s*-{2,}\s*(original message|oorspronkelijk bericht|ursprüngliche nachricht|message d'origine|forwarded message|doorgestuurd bericht)\s*-{2,}\s*$`)
	senderLine  = regexp.MustCompile(`(?i)^\s*\*?(from|van|von|de)\s?:\*?\s+\S`)
	sentLine    = regexp.MustCompile(`(?i)^\s*\*?(sent|date|verzonden|datum|gesendet|envoyé|aan|to|an|à)\s?:\*?\s+\S`)
	signature   = regexp.MustCompile(`^-- ?$`)
	rule        = regexp.MustCompile(`^\s*_{10,}\s*$`)
)

// maxLines is how much of a text is looked at for display; a person writes less.
const maxLines = 4000

// Unquote returns what the writer added: without quoted lines, without the
// quoted message below a reply, without the signature. When nothing would be
// left it returns the whole text, so that a reply never shows empty.
func Unquote(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	lines = lines[:min(len(lines), maxLines)]
	end := len(lines)
	for i := range lines {
		if cuts(lines, i) {
			end = i
			break
		}
	}
	var kept []string
	for i := 0; i < end; i++ {
		if strings.HasPrefix(strings.TrimLeft(lines[i], " \t"), ">") {
			continue
		}
		kept = append(kept, strings.TrimRight(lines[i], " \t"))
	}
	out := strings.TrimSpace(blank.ReplaceAllString(strings.Join(kept, "\n"), "\n\n"))
	if out == "" {
		return strings.TrimSpace(text)
	}
	return out
}

var blank = regexp.MustCompile(`\n{3,}`)

// cuts reports whether everything from line i on is quoted or a signature.
func cuts(lines []string, i int) bool {
	line := lines[i]
	if signature.MatchString(line) || separator.MatchString(line) {
		return true
	}
	joined := line
	for n := 1; n <= 2; n++ {
		if attribution.MatchString(strings.TrimSpace(joined)) {
			// Answers between quoted lines stay: cut only when no own text follows.
			return !ownTextAfter(lines, i+n)
		}
		if i+n >= len(lines) {
			break
		}
		joined += " " + strings.TrimSpace(lines[i+n])
	}
	if rule.MatchString(line) && i+1 < len(lines) {
		return senderLine.MatchString(lines[i+1]) || i+2 < len(lines) && senderLine.MatchString(lines[i+2])
	}
	if senderLine.MatchString(line) {
		for _, next := range lines[i+1 : min(i+4, len(lines))] {
			if sentLine.MatchString(next) {
				return true
			}
		}
	}
	return false
}

// ownTextAfter reports whether quoted lines follow that have text of the writer
// after them.
func ownTextAfter(lines []string, from int) bool {
	quoted := false
	for _, l := range lines[min(from, len(lines)):] {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, ">"):
			quoted = true
		case signature.MatchString(l):
			return false
		case l != "" && quoted:
			return true
		}
	}
	return false
}
