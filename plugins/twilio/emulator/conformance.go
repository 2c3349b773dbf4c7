package emulator

import (
	"net/http"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/emulator/outbox"
)

// Conformance plays Twilio for the conformance kit.
func Conformance(c *conformance.Clock) (*conformance.Play, error) {
	s, err := New(Config{Now: c.Now, Lag: -1})
	if err != nil {
		return nil, err
	}
	return &conformance.Play{
		On: "emulator", Answer: s, Close: s.Close,
		Grant: func() (conformance.Access, error) {
			return conformance.Access{Config: map[string]string{"account_sid": s.cfg.Account, "country": "NL"}, Secrets: map[string]string{"account_sid": s.cfg.Account, "auth_token": s.cfg.Token}}, nil
		},
		Outbox: outbox.Played{Box: s.box, Calls: func(m outbox.Message, address string) (sdk.WebhookCall, []byte) {
			fields := callback(m)
			call := sdk.WebhookCall{Method: http.MethodPost, URL: address, Header: http.Header{}, Body: []byte(fields.Encode())}
			call.Header.Set("X-Twilio-Signature", Signature(s.cfg.Token, address, fields))
			return call, []byte(s.cfg.Token)
		}},
	}, nil
}
