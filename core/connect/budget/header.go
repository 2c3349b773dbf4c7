package budget

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// defaultWait is how long a 429 without Retry-After blocks.
const defaultWait = 5 * time.Second

// maxWait bounds what a server may ask for.
const maxWait = 25 * time.Hour

// Numbers from these on are moments, in seconds and in milliseconds since 1970,
// and not seconds to wait.
const (
	seconds1970 = 1e9
	millis1970  = 1e12
)

// RetryAfter returns how long an answer asks to wait: its Retry-After header on
// a 429 or 503 (RFC 9110, section 10.2.3; some packages put seconds since 1970
// there), or 5 seconds for a bare 429.
func RetryAfter(status int, header http.Header, now time.Time) (time.Duration, bool) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0, false
	}
	if wait, ok := until(header.Get("Retry-After"), header, now); ok {
		return wait, true
	}
	return defaultWait, status == http.StatusTooManyRequests
}

// until reads a header that says when: in seconds, or at a moment. A moment is
// taken against the answer's own Date, so that clocks need not agree.
func until(v string, header http.Header, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if n, err := strconv.ParseFloat(v, 64); err == nil && n >= 0 {
		switch {
		case n > millis1970:
			n = n/1000 - float64(served(header, now).Unix())
		case n > seconds1970:
			n -= float64(served(header, now).Unix())
		}
		return clamp(n), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return clamp(at.Sub(served(header, now)).Seconds()), true
	}
	if at, err := time.Parse(time.RFC3339, v); err == nil {
		return clamp(at.Sub(served(header, now)).Seconds()), true
	}
	return 0, false
}

// told is what an answer says of a limit: its size and when its window ends, 0
// where it does not say, and how much is left.
type told struct {
	limit, remaining int
	reset            time.Duration
}

// read returns what headers tell about the limits, by index. Those with headers
// of their own are told by them, also of another size; the conventional headers
// speak of the only other one, or of the one whose size they name.
func read(limits []manifest.Limit, header http.Header, now time.Time) map[int]told {
	var out map[int]told
	note := func(i int, t told) {
		if out == nil {
			out = map[int]told{}
		}
		out[i] = t
	}
	for i, l := range limits {
		if t, ok := own(l.Headers, header, now); ok {
			note(i, t)
		}
	}
	t, ok := conventional(header, now)
	if !ok {
		return out
	}
	found := -1
	for i, l := range limits {
		if _, known := out[i]; known || l.Requests == 0 || l.Headers != (manifest.LimitHeaders{}) || t.limit > 0 && l.Requests != t.limit {
			continue
		}
		if found >= 0 {
			return out
		}
		found = i
	}
	if found >= 0 {
		note(found, t)
	}
	return out
}

var usage = regexp.MustCompile(`(\d+)\s*/\s*(\d+)`)

func own(names manifest.LimitHeaders, header http.Header, now time.Time) (told, bool) {
	if names.Usage != "" {
		if m := usage.FindStringSubmatch(header.Get(names.Usage)); m != nil {
			used, _ := strconv.Atoi(m[1])
			limit, _ := strconv.Atoi(m[2])
			return told{limit: limit, remaining: max(limit-used, 0)}, limit > 0
		}
	}
	if names.Remaining == "" {
		return told{}, false
	}
	return triple(header.Get(names.Limit), header.Get(names.Remaining), header.Get(names.Reset), header, now)
}

func triple(limit, remaining, reset string, header http.Header, now time.Time) (told, bool) {
	left, err := strconv.Atoi(strings.TrimSpace(remaining))
	if err != nil || left < 0 {
		return told{}, false
	}
	t := told{remaining: left}
	if n, err := strconv.Atoi(strings.TrimSpace(limit)); err == nil && n > 0 {
		t.limit = n
	}
	t.reset, _ = until(reset, header, now)
	return t, true
}

var (
	draftLeft  = regexp.MustCompile(`\b(?:r|remaining)=(\d+)`)
	draftReset = regexp.MustCompile(`\b(?:t|reset)=(\d+)`)
	draftLimit = regexp.MustCompile(`\blimit=(\d+)`)
)

// conventional reads RateLimit (draft-ietf-httpapi-ratelimit-headers),
// RateLimit-Remaining and its relatives.
func conventional(header http.Header, now time.Time) (told, bool) {
	if v := header.Get("RateLimit"); v != "" {
		first := func(r *regexp.Regexp) string {
			if m := r.FindStringSubmatch(v); m != nil {
				return m[1]
			}
			return ""
		}
		if t, ok := triple(first(draftLimit), first(draftLeft), first(draftReset), header, now); ok {
			return t, true
		}
	}
	for _, prefix := range []string{"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"} {
		if t, ok := triple(header.Get(prefix+"Limit"), header.Get(prefix+"Remaining"), header.Get(prefix+"Reset"), header, now); ok {
			return t, true
		}
	}
	return told{}, false
}

// served is when the answer was made.
func served(header http.Header, now time.Time) time.Time {
	if t, err := http.ParseTime(header.Get("Date")); err == nil {
		return t
	}
	return now
}

func clamp(seconds float64) time.Duration {
	return time.Duration(min(max(seconds, 0), maxWait.Seconds()) * float64(time.Second))
}
