package budget

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// defaultWait is how long a 429 without Retry-After blocks.
const defaultWait = 5 * time.Second

// maxWait bounds what a server may ask for.
const maxWait = 25 * time.Hour

// moment is the number from which on a header speaks of seconds since 1970 and
// not of a number of seconds to wait.
const moment = 1e9

// RetryAfter returns how long an answer asks to wait: its Retry-After header on
// a 429 or 503 (RFC 9110, section 10.2.3; some packages put seconds since 1970
// there), or 5 seconds for a bare 429.
func RetryAfter(status int, header http.Header, now time.Time) (time.Duration, bool) {
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return 0, false
	}
	v := strings.TrimSpace(header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(v, 64); err == nil && seconds >= 0 {
		if seconds > moment {
			seconds -= float64(served(header, now).Unix())
		}
		return clamp(seconds), true
	}
	if at, err := http.ParseTime(v); err == nil {
		return clamp(at.Sub(served(header, now)).Seconds()), true
	}
	return defaultWait, status == http.StatusTooManyRequests
}

// remainder is what the headers say is left of which limit (0 when not said).
type remainder struct{ limit, remaining int }

// remaining reads RateLimit-Remaining and its relatives. The reset is a number
// of seconds or a moment; a moment is taken against the answer's own Date, so
// that clocks need not agree.
func remaining(header http.Header, now time.Time) (remainder, time.Duration, bool) {
	for _, prefix := range []string{"RateLimit-", "X-RateLimit-", "X-Rate-Limit-"} {
		left, err := strconv.Atoi(header.Get(prefix + "Remaining"))
		if err != nil || left < 0 {
			continue
		}
		r := remainder{remaining: left}
		r.limit, _ = strconv.Atoi(header.Get(prefix + "Limit"))
		reset, err := strconv.ParseFloat(header.Get(prefix+"Reset"), 64)
		if err != nil || reset < 0 {
			return r, 0, true
		}
		if reset > moment {
			return r, clamp(reset - float64(served(header, now).Unix())), true
		}
		return r, clamp(reset), true
	}
	return remainder{}, 0, false
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
