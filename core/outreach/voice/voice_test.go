package voice_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/outreach/voice"
	"github.com/voldaan/voldaan/sdk/money"
)

func TestScript(t *testing.T) {
	t.Parallel()
	t.Run("R119 R120 a voicemail hears creditor, reference and how to call back", func(t *testing.T) {
		t.Parallel()
		for _, l := range []outreach.Language{"nl", "en", "de", "fr"} {
			s, err := voice.Write(outreach.Content{
				Language: l, Reference: "2026-0412", Creditor: outreach.Creditor{Name: "Bakkerij De Korenaar", Phone: "020 123 45 67"}, Debtor: outreach.Debtor{Name: "Ada de Vries"},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"Bakkerij De Korenaar", "2 0 2 6 0 4 1 2", "0 2 0 1 2 3 4 5 6 7"} {
				if !strings.Contains(s.Text, want) {
					t.Errorf("%s: %q lacks %q", l, s.Text, want)
				}
			}
			if len(s.Keys) != 3 || s.Thanks == "" || !strings.HasPrefix(s.Language, string(l)) {
				t.Errorf("%s: %+v", l, s)
			}
		}
	})
	t.Run("R120 in every language each key says what it does, and nothing goes to whoever answers", func(t *testing.T) {
		t.Parallel()
		words := map[outreach.Language][3]string{
			"nl": {"geregeld", "teruggebeld", "sms"}, "en": {"dealt with", "called back", "text message"},
			"de": {"erledigt", "zurückgerufen", "SMS"}, "fr": {"réglé", "rappelé", "SMS"},
		}
		for l, want := range words {
			for _, phone := range []string{"", "020 123 45 67"} {
				c := outreach.Content{
					Language: l, Step: outreach.Reminder2, Form: outreach.Informal, Reference: "2026-0412", CaseNumber: "D-2026-17",
					Creditor: outreach.Creditor{Name: "Bakkerij De Korenaar", Phone: phone, IBAN: "NL91ABNA0417164300"}, Debtor: outreach.Debtor{Name: "Ada de Vries", Address: []string{"Gracht 1"}},
					Demanded:  []outreach.Item{{Number: "2026-0412", Open: money.EUR(121_000), Original: money.EUR(121_000)}},
					PortalURL: "https://voldaan.example/p/geheim", PayURL: "https://voldaan.example/pay/geheim",
				}
				s, err := voice.Write(c)
				if err != nil {
					t.Fatal(err)
				}
				for i, k := range s.Keys {
					if digit := string("123"[i]); string(k.Choice) != digit || !strings.Contains(k.Text, digit) || !strings.Contains(k.Text, want[i]) {
						t.Errorf("%s: key %s says %q", l, k.Choice, k.Text)
					}
				}
				all := s.Whole() + " " + s.Thanks
				for _, secret := range []string{"1210", "1.210", "1 2 1 0", "€", "EUR", "geheim", "http", "NL91", "N L 9 1", "Gracht", "D-2026", "D 2 0 2 6"} {
					if strings.Contains(all, secret) {
						t.Errorf("%s: whoever answers hears %q: %s", l, secret, all)
					}
				}
				if err := sms.CheckOpen(all, c.Creditor.Name, c.Debtor.Name, "2 0 2 6 0 4 1 2", "0 2 0 1 2 3 4 5 6 7"); err != nil {
					t.Errorf("%s: %v", l, err)
				}
			}
		}
	})
}
