package interpret

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// refusal is an answer that is not what was asked for.
type refusal struct {
	meaning recipe.Meaning
	status  int
	// ruled is set when a rule of the recipe gave the meaning.
	ruled bool
	err   error
}

// Error says it for people.
func (f *refusal) Error() string { return f.err.Error() }

// Unwrap leads to the fault that the host knows.
func (f *refusal) Unwrap() error { return f.err }

// judge decodes an answer and finds out what it means.
func (r *run) judge(c *recipe.Call, sc *recipe.Scope, a *answer) (*answer, error) {
	good := a.status >= 200 && a.status < 300
	value, broken := a.decode(c)
	a.value = value
	local := *sc
	a.into(&local)
	for _, rules := range [][]recipe.Rule{c.Errors, r.c.r.Errors} {
		for i := range rules {
			rule := &rules[i]
			fits, err := r.fits(rule, &local, a, good)
			if err != nil {
				return nil, err
			}
			if fits {
				return r.ruled(rule, &local, a, broken)
			}
		}
	}
	if good {
		if broken != nil {
			return nil, fmt.Errorf("the answer of %s cannot be read: %w", r.c.title, broken)
		}
		return a, nil
	}
	words, err := r.words(r.c.r.ErrorMessage, &local, a)
	if err != nil {
		return nil, err
	}
	return nil, r.refuse(usual(a.status), a, words, "", r.wait(a, defaultWait(a.status)), false)
}

func (r *run) fits(rule *recipe.Rule, sc *recipe.Scope, a *answer, good bool) (bool, error) {
	if len(rule.Status) > 0 && !slices.ContainsFunc(rule.Status, func(c recipe.Class) bool { return c.Fits(a.status) }) {
		return false, nil
	}
	if rule.When == nil {
		return len(rule.Status) > 0 || !good, nil
	}
	if a.value == nil && good {
		return r.holds(rule.When, sc, nil)
	}
	ok, err := r.holds(rule.When, sc, a.value)
	if err != nil && r.think.Err() == nil {
		return false, nil // a body of another shape is not what the rule is for
	}
	return ok, err
}

func (r *run) ruled(rule *recipe.Rule, sc *recipe.Scope, a *answer, broken error) (*answer, error) {
	switch rule.Is {
	case recipe.MeansOK:
		if broken != nil {
			return nil, fmt.Errorf("the answer of %s cannot be read: %w", r.c.title, broken)
		}
		return a, nil
	case recipe.MeansEmpty:
		a.empty, a.value = true, nil
		return a, nil
	case recipe.MeansApplied:
		a.applied = true
		return a, nil
	}
	message := ""
	if rule.Message != nil {
		var err error
		if message, err = r.text(rule.Message, sc, a.value); err != nil {
			return nil, err
		}
	}
	words, err := r.words(r.c.r.ErrorMessage, sc, a)
	if err != nil {
		return nil, err
	}
	wait := rule.Wait
	if wait == 0 {
		wait = defaultWait(a.status)
	}
	if rule.After != nil {
		if v, err := r.eval(rule.After, sc, a.value); err == nil {
			if text, ok := recipe.TextOf(v); ok {
				if s, err := strconv.ParseFloat(text, 64); err == nil {
					wait = bounded(time.Duration(s * float64(time.Second)))
				}
			}
		}
	}
	return nil, r.refuse(rule.Is, a, words, message, r.wait(a, wait), true)
}

func usual(status int) recipe.Meaning {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return recipe.MeansAuth
	case status == http.StatusNotFound, status == http.StatusGone:
		return recipe.MeansGone
	case status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status >= 500:
		return recipe.MeansWait
	case status < 400:
		return recipe.MeansPassing
	}
	return recipe.MeansInvalid
}

func defaultWait(status int) time.Duration {
	if status == http.StatusTooManyRequests {
		return 30 * time.Second
	}
	return time.Minute
}

// refuse puts a refusal into words; message, when there is one, replaces ours.
func (r *run) refuse(m recipe.Meaning, a *answer, words, message string, wait time.Duration, ruled bool) error {
	title := r.c.title
	say := func(ours string) string {
		if message != "" {
			return message
		}
		return ours
	}
	var err error
	switch m {
	case recipe.MeansAuth:
		if a.status == http.StatusForbidden {
			err = fmt.Errorf("%w: %s", sdk.ErrAuth, say("the access to "+title+" does not cover this"+words+"; connect again and allow what is asked for"))
		} else {
			err = fmt.Errorf("%w: %s", sdk.ErrAuth, say(title+" does not accept the access any more"+words+"; connect "+title+" again"))
		}
	case recipe.MeansGone:
		err = fmt.Errorf("%w: %s", sdk.ErrGone, say("not found in "+title+words))
	case recipe.MeansResync:
		err = fmt.Errorf("%w: %s", sdk.ErrResync, say(title+" cannot tell any more what changed"+words))
	case recipe.MeansWait:
		why := title + " asks to slow down"
		if a.status != http.StatusTooManyRequests {
			why = fmt.Sprintf("%s is out of order (%d)", title, a.status)
		}
		err = &sdk.RetryAfter{Wait: wait, Why: say(why)}
	case recipe.MeansPassing, recipe.MeansUncertain:
		ours := fmt.Sprintf("unexpected answer of %s (%d)%s", title, a.status, words)
		if a.status >= 300 && a.status < 400 {
			ours = fmt.Sprintf("answer of %s: it sent us elsewhere (%d)", title, a.status)
		}
		err = errors.New(say(ours))
	default:
		err = fmt.Errorf("%w: %s", sdk.ErrInvalid, say(fmt.Sprintf("%s refused (%d)%s", title, a.status, words)))
	}
	return &refusal{meaning: m, status: a.status, ruled: ruled, err: err}
}

// wait reads Retry-After: seconds, a date, or seconds since 1970, up to an hour.
func (r *run) wait(a *answer, otherwise time.Duration) time.Duration {
	text := strings.TrimSpace(a.header.Get("Retry-After"))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n > 1_000_000_000 {
			return bounded(time.Unix(n, 0).Sub(r.c.now()))
		}
		return bounded(time.Duration(n) * time.Second)
	}
	if t, err := http.ParseTime(text); err == nil {
		return bounded(t.Sub(r.c.now()))
	}
	return otherwise
}

func bounded(d time.Duration) time.Duration { return min(max(d, time.Second), time.Hour) }

// words finds the package's own words, as ": words".
func (r *run) words(e *recipe.Expr, sc *recipe.Scope, a *answer) (string, error) {
	if e != nil {
		text, err := r.text(e, sc, a.value)
		if err != nil && r.think.Err() != nil {
			return "", err
		}
		if err == nil && text != "" {
			return ": " + text, nil
		}
	}
	if text := recipe.Clean(search(a.value, 0)); text != "" {
		return ": " + text, nil
	}
	return "", nil
}

// wordy are the keys under which packages put their words, the likeliest first.
var wordy = []string{
	"message", "Message", "error_description", "detail", "Detail", "error", "Error", "errors", "Errors", "title", "Title",
	"faultstring", "Fault", "Envelope", "Body", "value", "Reason", "Text", "#text", "ErrorInformation", "ErrorMsg", "LastErrorDescription", "exception",
}

// search looks for words in a body of any shape.
func search(v any, depth int) string {
	if depth > 6 {
		return ""
	}
	switch v := v.(type) {
	case string:
		if depth > 0 {
			return v
		}
	case []any:
		var parts []string
		for _, e := range v[:min(len(v), 5)] {
			if s := search(e, depth+1); s != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		for _, key := range wordy {
			if s := search(v[key], depth+1); s != "" {
				return s
			}
		}
		if depth > 0 {
			return byField(v)
		}
	}
	return ""
}

// byField reads {"price": ["is too high"]}.
func byField(m map[string]any) string {
	var parts []string
	for key, v := range m {
		list, ok := v.([]any)
		if !ok || len(m) > 20 {
			return ""
		}
		var texts []string
		for _, e := range list {
			s, ok := e.(string)
			if !ok {
				return ""
			}
			texts = append(texts, s)
		}
		parts = append(parts, key+" "+strings.Join(texts, ", "))
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}
