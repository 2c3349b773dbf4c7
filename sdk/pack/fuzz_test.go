package pack_test

import (
	"bytes"
	"testing"

	"github.com/voldaan/voldaan/sdk/pack"
)

// FuzzOpen shows that no bytes make the reader panic, that nothing is read
// without a signature in order, and that what is accepted is written in the one
// way there is: signed with the same key at the same moment it is the same bytes.
func FuzzOpen(f *testing.F) {
	k := pack.KeyOf(1)
	data := signed(f, k)
	f.Add(data)
	f.Add(data[:len(data)-22])
	f.Add((&pack.Crafted{Key: k, Now: now, Files: good()}).Bytes())
	f.Add((&pack.Crafted{Key: k, Now: now, Files: []pack.CraftedFile{{Path: "../x"}}}).Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if _, err := p.Verify(pack.Ring{}, pack.Moment{Now: now}); err == nil {
			t.Fatal("verified without a key")
		}
		v, err := p.Verify(ring(k), pack.Moment{Now: now})
		if err != nil {
			return
		}
		again, err := pack.Sign(data, k, v.Signature().SignedAt)
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("signed anew it differs: %v", err)
		}
		for _, e := range v.Index().Files {
			if b, err := v.Read(e.Path); err == nil && int64(len(b)) != e.Size {
				t.Fatalf("%s has %d bytes, not %d", e.Path, len(b), e.Size)
			}
		}
	})
}
