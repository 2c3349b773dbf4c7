package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// subscription asks for calls about one topic of one division.
type subscription struct {
	ID       string `json:"id"`
	Client   string `json:"client"`
	Division string `json:"division"`
	Topic    string `json:"topic"`
	Callback string `json:"callback"`
}

// topics are those that are emulated, with the resource that a call points to.
var topics = map[string]string{
	"Accounts": "crm/Accounts", "Contacts": "crm/Contacts", "SalesInvoices": "salesinvoice/SalesInvoices",
	"FinancialTransactions": "financialtransaction/Transactions", "Documents": "documents/Documents",
	"DocumentAttachments": "documents/DocumentAttachments", "BankAccounts": "crm/BankAccounts",
}

func (s subscription) draw() object {
	return object{"ID": s.ID, "Topic": s.Topic, "CallbackURL": s.Callback, "ClientID": s.Client, "Division": code(s.Division), "UserID": userID, "IsInstant": false}
}

func subscriptions(c *call, _ *ledger.Administration) (out []object) {
	c.s.extra.View(func(e *extra) {
		for _, one := range e.Subscriptions {
			if one.Client == c.grant.Client && one.Division == c.adm {
				out = append(out, one.draw())
			}
		}
	})
	return out
}

func (c *call) subscribe() error {
	var in struct{ CallbackURL, Topic string }
	if err := c.read(&in); err != nil {
		return err
	}
	if u, err := url.Parse(in.CallbackURL); err != nil || !u.IsAbs() {
		return refuse(http.StatusBadRequest, "Invalid value: CallbackURL")
	}
	if topics[in.Topic] == "" {
		return refuse(http.StatusBadRequest, "Invalid value: Topic")
	}
	made := subscription{Client: c.grant.Client, Division: c.adm, Topic: in.Topic, Callback: in.CallbackURL}
	err := c.s.extra.Update(func(e *extra) error {
		for _, one := range e.Subscriptions {
			if one.Client == made.Client && one.Division == made.Division && one.Topic == made.Topic {
				return refuse(http.StatusBadRequest, "Already exists: webhook subscription")
			}
		}
		e.Seq++
		made.ID = ledger.Derived(c.adm, fmt.Sprint("subscription", e.Seq))
		e.Subscriptions = append(e.Subscriptions, made)
		return nil
	})
	if err != nil {
		return err
	}
	c.s.hooks.Enqueue(made.ID, made.Callback, "application/json", "") // an empty call validates the address
	body := made.draw()
	return c.answer(http.StatusCreated, c.draw(body, body))
}

func (c *call) unsubscribe() error {
	err := c.s.extra.Update(func(e *extra) error {
		n := len(e.Subscriptions)
		e.Subscriptions = slices.DeleteFunc(e.Subscriptions, func(one subscription) bool {
			return strings.EqualFold(one.ID, c.key) && one.Client == c.grant.Client
		})
		if len(e.Subscriptions) == n {
			return ledger.ErrNotFound
		}
		return nil
	})
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

// content is what a webhook tells; its text is what is signed.
type content struct {
	Topic               string `json:"Topic"`
	ClientID            string `json:"ClientId"`
	Division            int    `json:"Division"`
	Action              string `json:"Action"`
	Key                 string `json:"Key"`
	ExactOnlineEndpoint string `json:"ExactOnlineEndpoint"`
	EventCreatedOn      string `json:"EventCreatedOn"`
}

// tell queues a call for each subscription to what changed.
func (s *Server) tell(e ledger.Event) {
	keys := map[string]string{}
	switch e.Kind {
	case ledger.KindContact:
		keys["Accounts"] = e.UUID
	case ledger.KindInvoice:
		keys["SalesInvoices"] = e.UUID
		keys["FinancialTransactions"] = ledger.Derived(e.UUID, "entry")
		if e.Action == "create" {
			keys["Documents"] = ledger.Derived(e.UUID, "document")
		}
	case ledger.KindPayment:
		keys["FinancialTransactions"] = ledger.Derived(e.UUID, "entry")
	}
	var wanted []subscription
	s.extra.View(func(x *extra) { wanted = append(wanted, x.Subscriptions...) })
	for _, one := range wanted {
		key, ok := keys[one.Topic]
		if !ok || one.Division != e.Administration {
			continue
		}
		raw, _ := json.Marshal(content{
			one.Topic, one.Client, code(one.Division), strings.ToUpper(e.Action[:1]) + e.Action[1:], key,
			fmt.Sprintf("%s/api/v1/%s/%s(guid'%s')", s.cfg.PublicURL, one.Division, topics[one.Topic], key), e.At.Format(time.RFC3339Nano),
		})
		s.hooks.Enqueue(one.ID, one.Callback, "application/json", Sign(raw, s.cfg.WebhookSecret))
	}
}

// Sign wraps the content of a webhook with its hash: the upper-case hexadecimal
// HMAC-SHA256 of its exact text.
func Sign(content []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(content)
	return fmt.Sprintf(`{"Content":%s,"HashCode":"%s"}`, content, strings.ToUpper(hex.EncodeToString(mac.Sum(nil))))
}

// wanted drops calls of subscriptions that were removed meanwhile.
func (s *Server) wanted(_ *http.Request, d emulator.Delivery) (ok bool) {
	s.extra.View(func(e *extra) {
		ok = slices.ContainsFunc(e.Subscriptions, func(one subscription) bool { return one.ID == d.Group })
	})
	return ok
}
