package inbound

import "strings"

// reportsOf reads the per-recipient groups of a message/delivery-status part.
// Groups are apart by blank lines; the first one is about the message. What
// does not look like a field is skipped.
func reportsOf(body string) []report {
	var out []report
	for _, g := range groups(body) {
		r := report{
			action: g["action"], status: g["status"],
			diagnostic: typed(g["diagnostic-code"]), recipient: typed(g["final-recipient"]),
		}
		if r.recipient == "" {
			r.recipient = typed(g["original-recipient"])
		}
		if r.action != "" || r.status != "" {
			out = append(out, r)
		}
	}
	return out
}

func groups(body string) []map[string]string {
	var out []map[string]string
	var group map[string]string
	last := ""
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n", "\n"), "\n") {
		if strings.TrimSpace(line) == "" {
			group, last = nil, ""
			continue
		}
		if (line[0] == ' ' || line[0] == '\t') && last != "" {
			group[last] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			last = ""
			continue
		}
		if group == nil {
			group = map[string]string{}
			out = append(out, group)
		}
		last = strings.ToLower(strings.TrimSpace(name))
		if _, twice := group[last]; twice {
			last = ""
			continue
		}
		group[last] = strings.TrimSpace(value)
	}
	return out
}

// typed drops the type of a typed field, as "rfc822;" or "smtp;".
func typed(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		return strings.TrimSpace(rest)
	}
	return value
}
