package emulator

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

const appID = 4242

// hook is what the application asked for in its settings.
type hook struct {
	Target        string   `json:"target"`
	Subscriptions []string `json:"subscriptions"` // company.creation, object.deletion …
}

// event is one thing that happened to a record.
type event struct {
	kind, typeID, id, what string
	property, value        string
	at                     time.Time
}

func (t *tx) event(r *record, what, property, value string) {
	t.events = append(t.events, event{kinds[r.Kind].single, kinds[r.Kind].typeID, r.ID, what, property, value, t.now})
}

// tell queues a batch of what the application subscribed to.
func (s *Server) tell(events []event) {
	var h hook
	var portal int64
	s.crm.View(func(m *crm) { h, portal = m.Hook, m.Portal })
	var batch []object
	for _, e := range events {
		for i, want := range h.Subscriptions {
			if want != e.kind+"."+e.what && want != "object."+e.what {
				continue
			}
			o := object{
				"eventId": e.at.UnixMilli()*100 + int64(len(batch)), "subscriptionId": 1000 + i, "portalId": portal, "appId": appID, "occurredAt": e.at.UnixMilli(),
				"subscriptionType": want, "attemptNumber": 0, "objectId": number(e.id), "changeSource": "CRM_UI", "sourceId": "userId:9001",
			}
			switch e.what {
			case "propertyChange":
				o["propertyName"], o["propertyValue"] = e.property, e.value
			case "merge":
				o["primaryObjectId"], o["mergedObjectIds"], o["newObjectId"], o["numberOfPropertiesMoved"] = number(e.id), []int64{number(e.value)}, number(e.id), 0
			case "creation":
				o["changeFlag"] = "NEW"
			case "deletion":
				o["changeFlag"] = "DELETED"
			}
			if strings.HasPrefix(want, "object.") {
				o["objectTypeId"] = e.typeID
			}
			batch = append(batch, o)
		}
	}
	for part := range slices.Chunk(batch, 100) {
		raw, _ := json.Marshal(part)
		s.hooks.Enqueue(h.Target, h.Target, "application/json", string(raw))
	}
}

// sign numbers the attempt and signs it afresh.
func (s *Server) sign(r *http.Request, d emulator.Delivery) bool {
	body := strings.ReplaceAll(d.Body, `"attemptNumber":0`, `"attemptNumber":`+strconv.Itoa(d.Attempt-1))
	r.Body = io.NopCloser(bytes.NewReader([]byte(body)))
	r.GetBody = nil
	r.ContentLength = int64(len(body))
	at := strconv.FormatInt(s.kit.Wall().UnixMilli(), 10)
	r.Header.Set("X-HubSpot-Request-Timestamp", at)
	r.Header.Set("X-HubSpot-Signature-v3", Signature(r.Method, d.URL, body, at, s.cfg.WebhookSecret))
	return true
}

// Signature is version 3: the base64 HMAC-SHA256 of the method, the address, the
// body and the time in milliseconds.
func Signature(method, address, body, at, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(method + address + body + at))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
