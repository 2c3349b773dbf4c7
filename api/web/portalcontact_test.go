package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/store"
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

func TestPortalWishes(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Take("1")
	token := portalToken(t, ten)
	c := enter(t, ten, token)
	t.Run("R59 the debtor ends e-mail, and takes it up again", func(t *testing.T) {
		contact := "/p/" + token + "/contact"
		c.Get(contact).Has(t, 200, "No e-mail any more", "comes by letter")
		c.Post(contact+"/channel", url.Values{"email": {"no"}}).Has(t, 200, "You get no e-mail from", "Write to me by e-mail again")
		c.Post(contact+"/channel", url.Values{"email": {"yes"}}).Has(t, 200, "No e-mail any more")
		if other := ten.Client().Post(contact+"/channel", url.Values{"email": {"no"}}); strings.Contains(other.Body, "You get no e-mail") {
			t.Error("the link alone was enough")
		}
	})
	t.Run("R59 the link of a message ends e-mail on POST only", func(t *testing.T) {
		sent := messageIDs(t, ten)
		if len(sent) == 0 {
			t.Fatal("nothing was sent")
		}
		link := "/stop/" + ten.Services.Steps.Post.Keys.Text("stop", sent[0])
		other := ten.Client()
		dump := ten.Dump()
		other.Get(link).Has(t, 200, "Stop these e-mails?")
		same(t, dump, ten.Dump())
		one := other.Do("POST", link, "List-Unsubscribe=One-Click", map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
		one.Has(t, 200, "You get no e-mail any more", "by letter")
		other.Post(link, nil).Has(t, 200, "You get no e-mail any more")
		c.Get("/p/"+token+"/contact").Has(t, 200, "You get no e-mail from")
		member := ten.SignIn(ten.Email)
		page := "/debtors/" + ten.DebtorID("noor").String()
		member.Get(page).Has(t, 200, "What the debtor said", "No e-mail", "The debtor said so", "what the law asks for goes by letter", "The debtor wants e-mail again")
		member.Post(page+"/agree", url.Values{"channel": {"e-mail"}}).Has(t, 200, "The debtor gets e-mail again")
		member.Get(page).Lacks(t, "No e-mail")
		other.Post(link, nil).Has(t, 200, "You get no e-mail any more")
		dump = ten.Dump()
		other.Post("/stop/forged", nil).Has(t, 404, "This link does not work")
		other.Post("/stop/"+ten.Services.Steps.Post.Keys.Text("bounce", sent[0]), nil).Has(t, 404)
		same(t, dump, ten.Dump())
	})
}

func messageIDs(t *testing.T, ten *apitest.Tenant) (ids []uuid.UUID) {
	t.Helper()
	if err := ten.Services.Store.In(t.Context(), ten.ID, func(tx store.Tx) error {
		rows, err := tx.MessagesOfDebtor(t.Context(), ten.DebtorID("noor"))
		for _, m := range rows {
			ids = append(ids, m.ID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}
