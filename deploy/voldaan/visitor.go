package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/voldaan/voldaan/core/outreach/mailsink"
)

// visitor is a debtor in the portal.
type visitor struct {
	client *http.Client
	base   string
}

var portalLink = regexp.MustCompile(`https?://\S+/p/[A-Za-z0-9_-]{20,}`)

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// codePatience is how long a debtor waits for the code.
const codePatience = 5 * time.Second

// visit enters the portal by the link of a message, with the code that comes.
func (p *player) visit(a *part, m *mailsink.Message) (*visitor, error) {
	text, err := p.text(m.ID)
	if err != nil {
		return nil, err
	}
	link := portalLink.FindString(text)
	if !strings.HasPrefix(link, p.hub) {
		return nil, fmt.Errorf("the link %q in the message does not lead to %s", link, p.hub)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{client: &http.Client{Jar: jar, Timeout: 10 * time.Second}, base: link}
	before, err := p.count(a.contact.Email)
	if err != nil {
		return nil, err
	}
	asked, err := v.post("/code", nil)
	if err == nil && asked.StatusCode >= 400 {
		err = fmt.Errorf("the portal sends no code: %s", asked.Status)
	}
	if err != nil {
		return nil, err
	}
	code, err := p.code(a, before)
	if err != nil {
		return nil, err
	}
	res, err := v.post("/verify", url.Values{"code": {code}})
	if err == nil && res.StatusCode >= 400 {
		err = fmt.Errorf("the code was refused: %s", res.Status)
	}
	return v, err
}

// code waits for one more mail than there were and reads the code in it.
func (p *player) code(a *part, before int) (string, error) {
	for end := time.Now().Add(codePatience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		n, err := p.count(a.contact.Email)
		if err != nil {
			return "", err
		}
		if n <= before {
			continue
		}
		text, err := p.newest(a.contact.Email, func(s string) bool { return sixDigits.MatchString(s) && !strings.Contains(s, a.numbers[0]) })
		if code := sixDigits.FindString(text); code != "" || err != nil {
			return code, err
		}
	}
	return "", errors.New("the code did not come")
}

func (v *visitor) post(path string, form url.Values) (*http.Response, error) {
	req, err := http.NewRequest(http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.client.Do(req)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, res.Body)
	return res, res.Body.Close()
}

// get reads a page of the portal.
func (v *visitor) get(path string) (string, error) {
	res, err := v.client.Get(v.base + path)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	page, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("the portal answers %s", res.Status)
	}
	return string(page), err
}
