package emulator

import (
	"encoding/json"
	"fmt"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// rule is an automation rule that calls an address when a record is made or
// changed.
type rule struct {
	URL    string   `json:"url"`
	Model  string   `json:"model"`
	Fields []string `json:"fields"`
}

// tell calls the addresses of the rules for what changed.
func (s *Server) tell(e ledger.Event) {
	name := map[string]string{ledger.KindContact: "res.partner", ledger.KindInvoice: "account.move", ledger.KindPayment: "account.payment"}[e.Kind]
	var rules []rule
	s.extra.View(func(x *extra) {
		for _, r := range x.Rules {
			if r.Model == name && e.Action != "delete" {
				rules = append(rules, r)
			}
		}
	})
	if len(rules) == 0 {
		return
	}
	id := s.companyIndex(e.Administration)*span + e.No
	_ = s.look(nil, func(v *view) error {
		for _, record := range v.rows(name) {
			if record["id"] != id {
				continue
			}
			for i, r := range rules {
				body := object{"_action": fmt.Sprintf("Send Webhook Notification(#%d)", i+1), "_id": id, "_model": name, "id": id}
				for _, f := range r.Fields {
					body[f] = shown(record[f])
				}
				raw, _ := json.Marshal(body)
				s.hooks.Enqueue(r.URL, r.URL, "application/json", string(raw))
			}
		}
		return nil
	})
}
