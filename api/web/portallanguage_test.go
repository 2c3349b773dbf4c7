package web_test

import (
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/flow"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// TestPortalLanguage holds in which language a debtor's pages are: that of the
// page's own switch, then the one chosen for the debtor, then that of the books,
// then the browser's, and that of the creditor when nobody knows.
func TestPortalLanguage(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	noor := apitest.Debtor("noor", "Noor Yilmaz")
	noor.Language = ""
	ten.Books([]sdk.Party{noor}, apitest.Invoice("1", "noor", "2026-0412", 121000, 5))
	b.Serve(web.New)
	ten.Take("1")
	token := portalToken(t, ten)
	stop := "/stop/" + ten.Services.Steps.Post.Keys.Text("stop", messageIDs(t, ten)[0])
	chosen := func(v flow.Voice) {
		ten.In(ten.ID, func(tx store.Tx) error {
			_, err := flow.SetProfile(t.Context(), tx, ten.DebtorID("noor"), flow.Profile{Voice: v}, flow.Act{By: "test", At: time.Now()})
			return err
		})
	}
	browser := func(c *apitest.Client, path, tags string) apitest.Answer {
		return c.Do("GET", path, "", map[string]string{"Accept-Language": tags})
	}
	c := ten.Client()
	browser(c, "/p/"+token, "").Has(t, 200, `lang="nl"`)
	browser(c, "/p/"+token, "pl,fr-BE;q=0.8").Has(t, 200, `lang="fr"`)
	chosen(flow.Voice{Language: "de", Form: "informal"})
	browser(c, "/p/"+token, "fr").Has(t, 200, `lang="de"`)
	chosen(flow.Voice{Language: "de", Form: "formal"})
	browser(c, "/p/"+token, "fr").Has(t, 200, `lang="de"`, "Ihr")
	c.Post("/p/"+token+"/language", map[string][]string{"lang": {"en"}}).Has(t, 200, `lang="en"`)
	browser(c, "/p/"+token, "fr").Has(t, 200, `lang="en"`)
	browser(ten.Client(), "/p/"+token, "fr").Has(t, 200, `lang="de"`) // another device
	browser(ten.Client(), stop, "fr").Has(t, 200, `lang="nl"`)        // as the message was
	browser(ten.Client(), "/stop/forged", "fr").Has(t, 200, `lang="fr"`)
}
