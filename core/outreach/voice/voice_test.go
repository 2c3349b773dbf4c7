package voice_test

import (
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/voice"
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
}
