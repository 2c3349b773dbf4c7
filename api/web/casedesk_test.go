package web_test

import (
	"net/url"
	"testing"
)

func TestBailiffPages(t *testing.T) {
	t.Parallel()
	t.Run("R110 a collector without own risk is shown with its terms and its registration", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		c := ten.SignIn(ten.Email)
		c.Get("/cases/bailiffs").Has(t, 200, "None yet", "Rules for cases of")
		c.Post("/cases/bailiffs", url.Values{
			"name": {"Incasso Zonder Risico"}, "kind": {"collector"}, "transport": {"sftp"}, "endpoint": {"sftp.example.test"}, "username": {"voldaan"}, "host_key": {"SHA256:abc"},
			"pays_to": {"bailiff"}, "no_cure": {"1"}, "fee": {"15,5"}, "terms": {"Within a year."},
		}).Has(t, 200, "is added", "No cure, no pay", "Keeps 15.5% of what comes in. Within a year.", "Registration not valid", "ssh-ed25519", "The debtor pays them.")
		c.Post("/cases/bailiffs", url.Values{"name": {"X"}, "kind": {"bailiff"}, "transport": {"email"}, "email": {"x@y.test"}, "pays_to": {"creditor"}, "fee": {"lots"}}).Has(t, 200, "from 0 to 100")
	})
	t.Run("R112 a link to an archive that is not known says so", func(t *testing.T) {
		t.Parallel()
		ten := open(t)
		ten.SignIn(ten.Email).Get("/archive/nonsense").Has(t, 404)
	})
}
