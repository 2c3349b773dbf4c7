package reference_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/payment/reference"
	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func TestBetalingskenmerk(t *testing.T) {
	t.Parallel()
	for payload, want := range map[string]string{
		"000056789012345": "5000056789012345",
		"000000000000001": "9000000000000001",
		"000000000000006": "1000000000000006",
		"000000000000019": "0000000000000019",
		"123456789012345": "0123456789012345",
		"202600000000042": "8202600000000042",
		"999999999999999": "3999999999999999",
		"1234567":         "271234567",
		"12345678":        "4812345678",
		"1234567890":      "701234567890",
		"234534622567":    "12234534622567",
	} {
		if got, err := reference.NewBetalingskenmerk(payload); err != nil || got != want {
			t.Errorf("NewBetalingskenmerk(%s) = %s, %v; want %s", payload, got, err, want)
		}
		if got, ok := reference.ParseBetalingskenmerk(want); !ok || got != want {
			t.Errorf("ParseBetalingskenmerk(%s) = %s, %v", want, got, ok)
		}
	}
	for printed, want := range map[string]string{"12 2345 3462 2567": "12234534622567", "5000 0567 8901 2345": "5000056789012345", "1234567": "1234567"} {
		if got, ok := reference.ParseBetalingskenmerk(printed); !ok || got != want {
			t.Errorf("ParseBetalingskenmerk(%s) = %s, %v", printed, got, ok)
		}
	}
	for _, bad := range []string{"6000056789012345", "12345678", "123456789012345", "271234568", "281234567", "", "12345a7"} {
		if got, ok := reference.ParseBetalingskenmerk(bad); ok {
			t.Errorf("ParseBetalingskenmerk(%s) accepts %s", bad, got)
		}
	}
	for _, bad := range []string{"123456", "1234567890123", "1234567a", ""} {
		if got, err := reference.NewBetalingskenmerk(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("NewBetalingskenmerk(%s) = %s, %v", bad, got, err)
		}
	}
}

func TestOGM(t *testing.T) {
	t.Parallel()
	for payload, printed := range map[string]string{
		"0909337554": "+++090/9337/55493+++",
		"0108068171": "+++010/8068/17183+++",
		"1":          "+++000/0000/00101+++",
		"0000000097": "+++000/0000/09797+++",
		"2026000042": "+++202/6000/04236+++",
		"9999999999": "+++999/9999/99948+++",
	} {
		got, err := reference.NewOGM(payload)
		if err != nil || reference.PrintOGM(got) != printed {
			t.Errorf("NewOGM(%s) = %s, %v; want %s", payload, got, err, printed)
		}
		for _, form := range []string{printed, got, strings.ReplaceAll(printed, "+", "*"), "090 9337 55493"} {
			if _, ok := reference.ParseOGM(form); !ok {
				t.Errorf("ParseOGM(%s) refuses", form)
			}
		}
	}
	for _, bad := range []string{"010/8068/17180", "000000000000", "01080681718", "0108068171833", "+++010/8068/1718x+++"} {
		if got, ok := reference.ParseOGM(bad); ok {
			t.Errorf("ParseOGM(%s) accepts %s", bad, got)
		}
	}
	for _, bad := range []string{"", "0", "12345678901", "12a"} {
		if got, err := reference.NewOGM(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("NewOGM(%s) = %s, %v", bad, got, err)
		}
	}
}

func TestRF(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"539007547034":          "RF18539007547034",
		"2348231":               "RF712348231",
		"A1":                    "RF90A1",
		"INV20260042":           "RF73INV20260042",
		"inv-2026.00 42":        "RF73INV20260042",
		"1":                     "RF741",
		"000000000539007547034": "RF18000000000539007547034",
	} {
		if got, err := reference.NewRF(text); err != nil || got != want {
			t.Errorf("NewRF(%s) = %s, %v; want %s", text, got, err, want)
		}
	}
	for _, good := range []string{"RF185390075470Y", "RF18 5390 0754 7034", "rf18539007547034"} {
		if _, ok := reference.ParseRF(good); !ok {
			t.Errorf("ParseRF(%s) refuses", good)
		}
	}
	for _, bad := range []string{"RF17539007547034", "RF18", "18539007547034", "RF180000000000539007547034", "RF18539007547034é"} {
		if got, ok := reference.ParseRF(bad); ok {
			t.Errorf("ParseRF(%s) accepts %s", bad, got)
		}
	}
	if _, err := reference.NewRF("0000000000539007547034"); !fault.Is(err, fault.Invalid) {
		t.Errorf("22 characters: %v", err)
	}
	if got := reference.PrintRF("RF18539007547034"); got != "RF18 5390 0754 7034" {
		t.Errorf("PrintRF = %q", got)
	}
}

func TestIBAN(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"NL91ABNA0417164300", "BE68539007547034", "DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606", "nl91 abna 0417 1643 00", "BE71096123456769"} {
		if _, err := reference.ParseIBAN(good); err != nil {
			t.Errorf("ParseIBAN(%s) refuses: %v", good, err)
		}
	}
	for bad, code := range map[string]string{
		"NL91ABNA0417164301":     "iban_check",
		"NL19ABNA0417164300":     "iban_check",
		"DE89370400440532013001": "iban_check",
		"NL91ABNA041716430":      "iban_length",
		"":                       "iban_form",
		"9191ABNA0417164300":     "iban_form",
		"NLA1ABNA0417164300":     "iban_form",
	} {
		if got, err := reference.ParseIBAN(bad); err == nil || fault.Of(err).Code != code {
			t.Errorf("ParseIBAN(%s) = %s, %v; want %s", bad, got, err, code)
		}
	}
	// Right by its own check digits, wrong by the Belgian ones inside.
	if got, err := reference.NewIBAN("BE", "539007547035"); err == nil {
		t.Errorf("a Belgian account with a wrong check became %s", got)
	}
	if got, err := reference.NewIBAN("nl", "ABNA0417164300"); err != nil || got != "NL91ABNA0417164300" {
		t.Errorf("NewIBAN = %s, %v", got, err)
	}
	if got := reference.PrintIBAN("NL91ABNA0417164300"); got != "NL91 ABNA 0417 1643 00" {
		t.Errorf("PrintIBAN = %q", got)
	}
	if _, ok := reference.ParseCreditorID("DE98ZZZ09999999999"); !ok {
		t.Error("DE98ZZZ09999999999 is refused")
	}
	if _, ok := reference.ParseCreditorID("DE97ZZZ09999999999"); ok {
		t.Error("DE97ZZZ09999999999 is accepted")
	}
}

func TestEPC(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]reference.EPC{
		"BCD\n002\n1\nSCT\n\nVoorbeeld Incasso BV\nNL91ABNA0417164300\nEUR149.95\n\nRF18539007547034": {
			Name: "Voorbeeld Incasso BV", IBAN: "NL91 ABNA 0417 1643 00", Amount: money.EUR(14995), Structured: "RF18 5390 0754 7034",
		},
		"BCD\n002\n1\nSCT\n\nCafé Zoë BV\nBE71096123456769\nEUR1\n\n\nFactuur 2026-0042": {
			Name: "Café Zoë BV", IBAN: "BE71096123456769", Amount: money.EUR(100), Text: "Factuur 2026-0042",
		},
		"BCD\n002\n1\nSCT\nABNANL2A\nX\nNL91ABNA0417164300\n\n\n\n\nThank you": {
			Name: "X", IBAN: "NL91ABNA0417164300", BIC: "abnanl2a", Note: "Thank you",
		},
	} {
		if got, err := e.Payload(); err != nil || got != want {
			t.Errorf("payload %q, %v; want %q", got, err, want)
		}
	}
	good := reference.EPC{Name: "X", IBAN: "NL91ABNA0417164300", Amount: money.EUR(100)}
	for code, change := range map[string]func(*reference.EPC){
		"epc_name":      func(e *reference.EPC) { e.Name = strings.Repeat("x", 71) },
		"epc_amount":    func(e *reference.EPC) { e.Amount = money.Of(100, "USD") },
		"epc_reference": func(e *reference.EPC) { e.Structured = "RF17539007547034" },
		"epc_text":      func(e *reference.EPC) { e.Text = "two\nlines" },
		"epc_purpose":   func(e *reference.EPC) { e.Purpose = "GDDSX" },
		"epc_bic":       func(e *reference.EPC) { e.BIC = "ABNA" },
		"iban_check":    func(e *reference.EPC) { e.IBAN = "NL92ABNA0417164300" },
		"epc_size":      func(e *reference.EPC) { e.Text = strings.Repeat("ë", 140); e.Note = strings.Repeat("x", 70) },
	} {
		e := good
		change(&e)
		if got, err := e.Payload(); err == nil || fault.Of(err).Code != code {
			t.Errorf("%s: %q, %v", code, got, err)
		}
	}
	both := good
	both.Structured, both.Text = "RF18539007547034", "x"
	if _, err := both.Payload(); err == nil {
		t.Error("a structured reference and a text together are accepted")
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reference.Reference{
		"betaling RF18 5390 0754 7034 dank":       {Kind: reference.RF, Text: "RF18539007547034"},
		"REF:RF18539007547034":                    {Kind: reference.RF, Text: "RF18539007547034"},
		"+++090/9337/55493+++ merci":              {Kind: reference.OGM, Text: "090933755493"},
		"kenmerk 5000 0567 8901 2345":             {Kind: reference.Betalingskenmerk, Text: "5000056789012345"},
		"Klant12 Kenmerk5000056789012345 factuur": {Kind: reference.Betalingskenmerk, Text: "5000056789012345"},
		"20261121 8202600000000042":               {Kind: reference.Betalingskenmerk, Text: "8202600000000042"},
	} {
		found := false
		for _, r := range reference.Find(text) {
			found = found || r == want
		}
		if !found {
			t.Errorf("Find(%q) = %v lacks %v", text, reference.Find(text), want)
		}
	}
	if got := reference.Find("Factuur 2026-0042, dank u"); len(got) != 0 {
		t.Errorf("a reference in plain words: %v", got)
	}
}

func TestParseKnowsTheKind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 9_999_999_999).Draw(t, "number")
		rf, err := reference.NewRF(fmt.Sprint(n))
		if err != nil {
			t.Fatal(err)
		}
		ogm, err := reference.NewOGM(fmt.Sprint(n))
		if err != nil {
			t.Fatal(err)
		}
		kenmerk, err := reference.NewBetalingskenmerk(fmt.Sprintf("%015d", n))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []reference.Reference{{Kind: reference.RF, Text: rf}, {Kind: reference.OGM, Text: ogm}, {Kind: reference.Betalingskenmerk, Text: kenmerk}} {
			if got := reference.Parse(want.Text); len(got) == 0 || got[0] != want || !want.Checked() {
				t.Fatalf("Parse(%s) = %v", want.Text, got)
			}
			// One wrong digit is always seen, except by the modulo 11 of the kenmerk.
			i := rapid.IntRange(4, len(want.Text)-1).Draw(t, "position")
			wrong := []byte(want.Text)
			wrong[i] = '0' + (wrong[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "change")))%10
			for _, r := range reference.Parse(string(wrong)) {
				if r.Kind == want.Kind && want.Kind != reference.Betalingskenmerk {
					t.Fatalf("%s was accepted for %s", wrong, want.Text)
				}
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add("RF18 5390 0754 7034 +++090/9337/55493+++")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range reference.Find(s) {
			if len(reference.Parse(r.Text)) == 0 {
				t.Fatalf("Find(%q) returns %v, which is not right", s, r)
			}
		}
	})
}
