package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestIndiscretionsAreFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, line string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("level=INFO msg=request\n"+line+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("hub.log", "route=/p/{token} status=200")
	write("moneybird-(emulated).log", "mail to "+cast[0].contact.Email) // the world outside
	if got, err := indiscretions(dir); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
	for line, want := range map[string]string{
		"path=/p/Hk3pQ0cXw8_1lB5gD2vNq7zR4tYs6uEa": "hub.log holds the token of a portal link",
		"to=" + cast[0].contact.Email:              "hub.log holds an e-mail address",
		"debtor=" + cast[0].contact.LastName:       "hub.log holds a debtor's name",
		"iban=" + creditor.IBAN:                    "hub.log holds an account number",
		"key=" + demoMollieKey:                     "hub.log holds a key",
	} {
		write("hub.log", line)
		if got, err := indiscretions(dir); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, %v", line, got, err)
		}
	}
}
