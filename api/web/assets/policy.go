package assets

import "strings"

// PagePolicy is the Content-Security-Policy of every page: own files only, no
// inline script or style, no evaluation. formTargets are further origins that a
// form's answer may redirect to ("https://www.mollie.com"), because browsers
// hold redirects to form-action too.
func PagePolicy(formTargets ...string) string {
	form := strings.Join(append([]string{"'self'"}, formTargets...), " ")
	return "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; " +
		"connect-src 'self'; frame-src 'self'; form-action " + form + "; base-uri 'none'; frame-ancestors 'none'"
}

// CopyPolicy is the Content-Security-Policy of the exact copy of a message that
// an invoice page shows in a frame: its own inline styles and nothing else.
const CopyPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'"

// TrialPolicy is that of a message in the editor's frame: as CopyPolicy, and of the
// same origin as the page, so that each new look replaces the one before it.
const TrialPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox allow-same-origin; frame-ancestors 'self'"

// FramedPolicy is that of a page of ours that a page of ours shows in a frame.
func FramedPolicy() string {
	return strings.Replace(PagePolicy(), "frame-ancestors 'none'", "frame-ancestors 'self'", 1)
}
