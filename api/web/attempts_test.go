package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/core/tenant"
)

func TestPasswordsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	ten := open(t)
	ten.Member("guesser@vandijk.example", tenant.Viewer)
	c := ten.Client()
	try := func(email, password string) apitest.Answer {
		return c.Post("/sign-in", url.Values{"email": {email}, "password": {password}})
	}
	// Whoever has an account of his own signs in between guesses at another's.
	refused := 0
	for i := range 30 {
		if i%5 == 4 {
			try("guesser@vandijk.example", apitest.Password)
			c = ten.Client()
		}
		if a := try(ten.Email, "a wrong password"); a.Status == 422 && strings.Contains(a.Body, "too many attempts") {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("30 guesses, %d refused", refused)
	}
	try(ten.Email, apitest.Password).Has(t, 422, "too many attempts")
	ten.Advance(11 * time.Minute)
	if a := try(ten.Email, apitest.Password); a.Status != 200 || a.URL.Path != "/" {
		t.Errorf("after ten minutes: %d at %s", a.Status, a.URL)
	}
	t.Run("who knows the password is not counted", func(t *testing.T) {
		ten.Advance(11 * time.Minute)
		for range 25 {
			c = ten.Client()
			if a := try(ten.Email, apitest.Password); a.Status != 200 {
				t.Fatalf("%d:\n%s", a.Status, a.Text())
			}
		}
	})
}
