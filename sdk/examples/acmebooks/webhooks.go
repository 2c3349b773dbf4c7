package acmebooks

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// hooks is who wants to be called.
type hooks struct {
	Seq  int    `json:"seq"`
	List []hook `json:"list"`
}

type hook struct {
	ID      string `json:"id"`
	Company string `json:"company"`
	URL     string `json:"url"`
	Secret  string `json:"secret"`
}

// Signature returns the value of the header X-Acme-Signature.
func Signature(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// tell queues a call for each webhook of a company.
func (s *Server) tell(e ledger.Event) {
	kinds := map[string][2]string{
		ledger.KindContact: {"customer", "cus_"}, ledger.KindInvoice: {"invoice", "inv_"}, ledger.KindPayment: {"payment", "pay_"},
	}
	k, ok := kinds[e.Kind]
	if !ok {
		return
	}
	var list []hook
	s.hooks.View(func(h *hooks) { list = slices.Clone(h.List) })
	for _, h := range list {
		if h.Company == e.Administration {
			body, _ := json.Marshal(object{"id": "evt_" + rand.Text(), "company": e.Administration, "type": k[0] + "." + e.Action, "record": fmt.Sprint(k[1], e.No)})
			s.calls.Enqueue(h.ID, h.URL, "application/json", string(body))
		}
	}
}

// sign signs a call before it goes out, unless nobody wants it any more.
func (s *Server) sign(r *http.Request, d emulator.Delivery) (wanted bool) {
	s.hooks.View(func(h *hooks) {
		i := slices.IndexFunc(h.List, func(o hook) bool { return o.ID == d.Group })
		if wanted = i >= 0; wanted {
			r.Header.Set("X-Acme-Signature", Signature([]byte(d.Body), h.List[i].Secret))
		}
	})
	return wanted
}

func (c *call) webhooks() error {
	list := []object{}
	c.s.hooks.View(func(h *hooks) {
		for _, o := range h.List {
			if o.Company == c.company {
				list = append(list, object{"id": o.ID, "url": o.URL}) // the secret is told once
			}
		}
	})
	return c.answer(http.StatusOK, object{"data": list, "next": nil})
}

func (c *call) subscribe() error {
	var in struct {
		URL string `json:"url"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 1<<20)).Decode(&in); err != nil {
		return &refusal{http.StatusBadRequest, "Send url: " + err.Error()}
	}
	if u, err := url.Parse(in.URL); err != nil || !u.IsAbs() || u.Host == "" {
		return &refusal{http.StatusUnprocessableEntity, "url must be an absolute address."}
	}
	if err := c.s.View(c.company, func(*ledger.Administration) error { return nil }); err != nil {
		return err
	}
	made := hook{Company: c.company, URL: in.URL, Secret: rand.Text()}
	err := c.s.hooks.Update(func(h *hooks) error {
		h.Seq++
		made.ID = fmt.Sprint("hook_", h.Seq)
		h.List = append(h.List, made)
		return nil
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, object{"id": made.ID, "secret": made.Secret})
}

func (c *call) unsubscribe() error {
	err := c.s.hooks.Update(func(h *hooks) error {
		n := len(h.List)
		h.List = slices.DeleteFunc(h.List, func(o hook) bool { return o.Company == c.company && o.ID == c.r.PathValue("id") })
		if len(h.List) == n {
			return errNotHere
		}
		return nil
	})
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}
