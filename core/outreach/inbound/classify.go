package inbound

import (
	"regexp"
	"slices"
	"strings"
)

var (
	statusCode = regexp.MustCompile(`\b([245])\.(\d{1,3})\.(\d{1,3})\b`)
	replyCode  = regexp.MustCompile(`\b([245])\d\d[ \-]`)
)

// report is one recipient's part of a delivery status notification (RFC 3464).
type report struct{ action, status, diagnostic, recipient string }

// kind decides what the report means. The class digit of the status wins over
// the action when they contradict, because senders get the action wrong more
// often. A failure without any code is soft: one sentence of a machine does not
// block an address.
func (r report) kind() Kind {
	action := strings.ToLower(r.action)
	switch r.class() {
	case '5':
		return Hard
	case '4':
		if action == "delayed" {
			return Delayed
		}
		return Soft
	case '2':
		return Delivered
	}
	switch action {
	case "failed":
		return Soft
	case "delayed":
		return Delayed
	case "delivered", "relayed", "expanded":
		return Delivered
	}
	return Unclear
}

// class is the class digit of the status, else that of the diagnostic, else 0.
func (r report) class() byte {
	if m := statusCode.FindStringSubmatch(r.status); m != nil {
		return m[1][0]
	}
	if m := statusCode.FindStringSubmatch(r.diagnostic); m != nil {
		return m[1][0]
	}
	if m := replyCode.FindStringSubmatch(r.diagnostic + " "); m != nil {
		return m[1][0]
	}
	return 0
}

// code is the status to show: the most specific one that was given.
func (r report) code() string {
	status, diagnostic := statusCode.FindString(r.status), statusCode.FindString(r.diagnostic)
	if diagnostic != "" && (status == "" || strings.HasSuffix(status, ".0.0") && status[0] == diagnostic[0]) {
		return diagnostic
	}
	return status
}

// gravity orders reports about the same message: the gravest one counts.
var gravity = []Kind{Unclear, Delivered, Delayed, Soft, Hard}

func gravest(reports []report) (report, bool) {
	if len(reports) == 0 {
		return report{}, false
	}
	return slices.MaxFunc(reports, func(a, b report) int {
		return slices.Index(gravity, a.kind()) - slices.Index(gravity, b.kind())
	}), true
}

// plainNotice reads a bounce that is no multipart/report, as qmail writes them.
func plainNotice(text string) (report, bool) {
	lower := strings.ToLower(text)
	if !slices.ContainsFunc([]string{"qmail-send", "could not be delivered", "couldn't be delivered", "unable to deliver", "undeliverable", "delivery failed", "delivery has failed", "delivery to the following"},
		func(s string) bool { return strings.Contains(lower, s) }) {
		return report{}, false
	}
	r := report{action: "failed", recipient: qmailRecipient(text)}
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); statusCode.MatchString(line) || replyCode.MatchString(line+" ") {
			r.status, r.diagnostic = statusCode.FindString(line), line
			break
		}
	}
	if r.diagnostic == "" && strings.Contains(lower, "no mailbox here by that name") {
		r.status = "5.1.1"
	}
	return r, true
}

var angled = regexp.MustCompile(`(?m)^\s*<([^<>\s]+@[^<>\s]+)>:?\s*$`)

func qmailRecipient(text string) string {
	if m := angled.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
