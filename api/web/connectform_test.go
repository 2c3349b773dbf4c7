package web_test

import (
	"net/url"
	"testing"
)

// questions are one of each type.
const questions = `  - {name: api_key, title: API key, secret: true, required: true}
  - {name: region, title: Region, help: Where your account lives., type: choice, required: true, choices: [{value: eu, title: Europe}, {value: us, title: United States}]}
  - {name: size, title: Size of a page, type: choice, default: m, choices: [{value: s, title: Small}, {value: m, title: Medium}]}
  - {name: drafts, title: Show drafts too, help: They are never reminded., type: boolean, default: "true"}
  - {name: days, title: Days back, type: number, default: "30"}
  - {name: certificate, title: Certificate, type: file, secret: true}
`

func TestConnectFormAsksEverything(t *testing.T) {
	t.Parallel()
	ten := open(t)
	pub := ten.Publisher("acme", "Acme BV")
	pub.Publish(pub.Package("acme", "Acme", "1.0.0", nil, "  - {name: api_key, title: API key, secret: true, required: true}\n", questions)).Has(t, 201)
	c := ten.SignIn(ten.Email)
	a := c.Get("/marketplace/acme")
	a.Has(t, 200, "Where your account lives.", "They are never reminded.", `<option value="" selected>Choose one</option>`, `<option value="m" selected>Medium</option>`,
		`name="drafts" value="true" checked`, `value="30"`, `<textarea id="field-certificate"`)
	a = c.Post("/marketplace/acme/connect", url.Values{"api_key": {"sesam"}})
	a.Has(t, 422, "Fill in Region.")
	a.Lacks(t, "sesam")
	a = c.Post("/marketplace/acme/connect", url.Values{"api_key": {"sesam"}, "region": {"us"}, "size": {"s"}, "certificate": {"-----BEGIN"}})
	a.Has(t, 422, `<option value="us" selected>United States</option>`, `<option value="s" selected>Small</option>`)
	a.Lacks(t, "sesam", "-----BEGIN", `name="drafts" value="true" checked`)
}
