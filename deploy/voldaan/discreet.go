package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// ours are the parts that know about debtors and must not tell: the log of who
// plays the world outside is no concern of theirs.
var ours = []string{"hub.log", "worker.log", "postgres.log", "temporal.log"}

var portalPath = regexp.MustCompile(`/p/[A-Za-z0-9_-]{20,}`)

// indiscretions are what the logs tell that is nobody's concern: names and
// addresses of people, account numbers, tokens, passwords and keys.
func indiscretions(dir string) (out []string, err error) {
	for _, name := range ours {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for what, secrets := range private() {
			for _, s := range secrets {
				if s != "" && bytes.Contains(raw, []byte(s)) {
					out = append(out, fmt.Sprintf("%s holds %s", name, what))
					break
				}
			}
		}
		if portalPath.Match(raw) {
			out = append(out, name+" holds the token of a portal link")
		}
	}
	return out, nil
}

// private is what the story knows of people and of secrets, by kind.
func private() map[string][]string {
	p := map[string][]string{
		"an account number": {creditor.IBAN}, "a password": {demoPassword}, "a key": {demoMollieKey, demoToken, demoClient.Secret},
		"an e-mail address": {creditor.Email, demoEmail},
	}
	for _, a := range cast {
		c := a.contact
		p["a debtor's name"] = append(p["a debtor's name"], c.CompanyName, c.LastName)
		p["a debtor's address"] = append(p["a debtor's address"], c.Address, c.Zipcode)
		p["an e-mail address"] = append(p["an e-mail address"], c.Email, strings.ToUpper(c.Email))
	}
	return p
}
