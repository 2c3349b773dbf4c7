package web_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/voldaan/voldaan/api/apitest"
	"github.com/voldaan/voldaan/api/web"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
)

// What waits for a person is searched, approved, taken back and refused.
func TestApprovals(t *testing.T) {
	t.Parallel()
	b := apitest.New(t)
	ten := b.Tenant("vandijk")
	ten.Books([]sdk.Party{apitest.Debtor("noor", "Noor Yilmaz"), apitest.Debtor("haas", "Drukkerij De Haas")},
		apitest.Invoice("1", "noor", "2026-0412", 121000, 40), apitest.Invoice("2", "haas", "2026-0440", 5000, 40))
	ten.In(ten.ID, func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update collection set held_rule = 'approval', held_why = 'As the flow says.'")
		return err
	})
	b.Serve(web.New)
	c := ten.SignIn(ten.Email)
	one, both := ten.Invoice("1").String(), []string{ten.Invoice("1").String(), ten.Invoice("2").String()}
	c.Get("/approvals").Has(t, 200, "2026-0412", "2026-0440", "2 steps", "Overdue")
	c.Get("/approvals?q=haas&due=late").Has(t, 200, "2026-0440", "1 step")
	c.Get("/approvals?q=zwaluw").Has(t, 200, "Nothing matches “zwaluw”")
	rows := table(t, c.Get("/approvals.csv?q=0412"))
	if len(rows) != 1 || rows[0]["open"] != "1210.00" || rows[0]["currency"] != "EUR" || rows[0]["due"] != "2026-01-29" {
		t.Errorf("file %v", rows)
	}
	given := c.Post("/approvals", url.Values{"id": {one}, "do": {"approve"}})
	given.Has(t, 200, "Approved. 1 invoice goes on.")
	c.Get("/approvals?tab=given").Has(t, 200, "2026-0412", "Approved by", "Can be taken back until", "Take back the picked")
	takeBack(t, c, given).Has(t, 200, "Taken back: 1 step waits for a person again.")
	c.Get("/approvals?tab=given").Has(t, 200, "Nothing to take back")
	ten.Advance(time.Minute)
	ten.In(ten.ID, func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update collection set held_rule = 'approval', held_why = 'As the flow says.'")
		return err
	})
	c.Post("/approvals", url.Values{"id": {one}, "do": {"approve"}}).Has(t, 200, "1 invoice goes on")
	t.Run("what was decided meanwhile is told apart from what was done", func(t *testing.T) {
		refused := c.Post("/approvals", url.Values{"id": both, "do": {"refuse"}, "reason": {"Talks are under way"}})
		refused.Has(t, 200, "Refused. 1 invoice is paused with your reason.", "1 was left alone")
		takeBack(t, c, refused).Has(t, 200, "Taken back: 1 pause")
	})
}
