package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var proofIn = regexp.MustCompile(`/e/[A-Za-z0-9_-]+`)

func TestPortalContact(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	c := enter(t, ten, token)
	t.Run("R60 an address is proved by its link, and by nothing less", func(t *testing.T) {
		c.Post("/p/"+token+"/contact", url.Values{"email": {"noor"}}).Has(t, 422, "not an e-mail address")
		before := len(ten.Sent())
		c.Post("/p/"+token+"/contact", url.Values{"email": {"new@debtor.example"}}).Has(t, 200, "new@debtor.example")
		sent := ten.Sent()
		if len(sent) != before+1 {
			t.Fatalf("%d messages, want %d", len(sent), before+1)
		}
		mail := strings.ReplaceAll(ten.Mail(sent[0]), "=\r\n", "")
		link := proofIn.FindString(mail)
		if link == "" {
			t.Fatalf("no link in\n%s", mail)
		}
		other := ten.Client()
		dump := ten.Dump()
		other.Get(link).Has(t, 200, "Yes, use this address")
		same(t, dump, ten.Dump())
		other.Post(link, nil).Has(t, 200, "From now on", "new@debtor.example")
		other.Post("/e/another", nil).Has(t, 404, "no longer works")
	})
}
