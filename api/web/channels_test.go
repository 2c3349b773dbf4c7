package web_test

import (
	"net/url"
	"testing"
)

func TestSettingsChannels(t *testing.T) {
	t.Parallel()
	ten := open(t)
	c := ten.SignIn(ten.Email)
	c.Get("/settings/channels").Has(t, 200, "Text messages", "Calls by a robot", "Letters", "Invoices over Peppol", "Printed and posted by you")
	to := "/settings/channels/" + ten.Administration.String()
	t.Run("what is wrong is said and nothing is saved", func(t *testing.T) {
		c.Post(to+"/sms", url.Values{"sender": {"A name that is too long"}}).Has(t, 422, "cannot be the sender")
		c.Post(to+"/letter", url.Values{"carrier": {"batch"}, "limit": {"many"}}).Has(t, 422, "is not a number of messages")
		c.Post(to+"/sms", url.Values{"carrier": {"batch"}}).Has(t, 422, "Only letters can be printed here")
		c.Post(to+"/pigeon", url.Values{}).Has(t, 404)
	})
	t.Run("letters in batches", func(t *testing.T) {
		c.Post(to+"/letter", url.Values{"carrier": {"batch"}, "price": {"1,05"}}).Has(t, 200, "Saved.", "1.05")
		c.Get("/letters").Has(t, 200, "No letters wait")
	})
}
