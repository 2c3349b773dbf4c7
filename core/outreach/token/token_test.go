package token_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/voldaan/voldaan/core/outreach/token"
)

var message = uuid.MustParse("0193a1f0-7d2c-7a6b-9c55-3f0a1b2c3d4e")

func keys(t testing.TB, current byte, ids string) token.Keys {
	t.Helper()
	secrets := map[byte][]byte{}
	for i := range len(ids) {
		secrets[ids[i]] = []byte(strings.Repeat(ids[i:i+1], 32))
	}
	k, err := token.NewKeys(current, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAddress(t *testing.T) {
	t.Parallel()
	k := keys(t, 'a', "a")
	for _, p := range []token.Purpose{token.Bounce, token.Reply} {
		address := k.Address(p, message, "in.voldaan.example")
		local, _, _ := strings.Cut(address, "@")
		if len(local) > 64 || address != strings.ToLower(address) {
			t.Errorf("%q is too long or has capitals", address)
		}
		for _, form := range []string{address, strings.ToUpper(address), "<" + address + ">"} {
			gotP, got, err := k.Parse(form)
			if err != nil || gotP != p || got != message {
				t.Errorf("Parse(%q) = %v, %v, %v", form, gotP, got, err)
			}
		}
	}
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	k := keys(t, 'a', "ab")
	good := k.Address(token.Reply, message, "x.example")
	for name, address := range map[string]string{
		"another purpose":   strings.Replace(good, "reply+", "bounce+", 1),
		"another message":   good[:12] + flip(good[12]) + good[13:],
		"another code":      good[:40] + flip(good[40]) + good[41:],
		"another key id":    "reply+b" + good[7:],
		"an unknown key id": "reply+z" + good[7:],
		"a stray last bit":  strings.Replace(good, "@", "", 1)[:len("reply+")+27] + strings.Repeat("a", 16) + "@x.example",
	} {
		if _, _, err := k.Parse(address); err == nil {
			t.Errorf("%s verifies: %q", name, address)
		}
	}
	for _, address := range []string{"", "info@x.example", "reply@x.example", "reply+@x.example", "reply+abc@x.example", "sales+" + good[6:]} {
		if _, _, err := k.Parse(address); !errors.Is(err, token.ErrNoToken) {
			t.Errorf("Parse(%q) = %v, want ErrNoToken", address, err)
		}
	}
}

func flip(b byte) string {
	if b == 'a' {
		return "b"
	}
	return "a"
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	old, both, fresh := keys(t, 'a', "a"), keys(t, 'b', "ab"), keys(t, 'b', "b")
	sent := old.Address(token.Bounce, message, "x.example")
	if _, _, err := both.Parse(sent); err != nil {
		t.Errorf("an old token is refused while its key is held: %v", err)
	}
	if _, _, err := fresh.Parse(sent); !errors.Is(err, token.ErrForged) {
		t.Errorf("a token of a dropped key: %v", err)
	}
	for name, secrets := range map[string]map[byte][]byte{
		"short": {'a': []byte("short")}, "bad id": {'A': make([]byte, 32)}, "no current": {'b': make([]byte, 32)},
	} {
		if _, err := token.NewKeys('a', secrets); err == nil {
			t.Errorf("keys with %s were taken", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	k := keys(f, 'a', "ab")
	f.Add(k.Address(token.Reply, message, "x.example"))
	f.Add("bounce+a@x")
	f.Fuzz(func(t *testing.T, s string) {
		p, id, err := k.Parse(s)
		if err == nil && !strings.Contains(strings.ToLower(s), strings.Split(k.Address(p, id, ""), "@")[0][8:]) && !strings.Contains(strings.ToLower(s), strings.Split(keys(t, 'b', "ab").Address(p, id, ""), "@")[0][8:]) {
			t.Fatalf("%q verifies as %s %s", s, p, id)
		}
	})
}
