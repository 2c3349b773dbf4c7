package catalog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/pack"
)

// BenchmarkOpen1000 is a start-up with 1,000 packages in the catalogue, each with
// the manifest of a connector that ships; it is to stay below a second.
func BenchmarkOpen1000(b *testing.B) {
	s := thousand(b)
	for b.Loop() {
		if n := len(s.open(b).List()); n != 1000 {
			b.Fatalf("%d packages", n)
		}
	}
}

// BenchmarkScan1000 is a look for news in the same catalogue.
func BenchmarkScan1000(b *testing.B) {
	c := thousand(b).open(b)
	for b.Loop() {
		if err := c.Scan(); err != nil {
			b.Fatal(err)
		}
	}
}

func thousand(b *testing.B) *shop {
	b.Helper()
	s := newShop(b)
	real, err := os.ReadFile("../../../plugins/moneybird/connector.yaml")
	if err != nil {
		b.Fatal(err)
	}
	program := make([]byte, 256<<10)
	for i := range 1000 {
		name := fmt.Sprintf("connector-%d", i)
		text := fmt.Sprintf("name: %s\npublisher: us\nprogram: prog\n", name)
		for line := range strings.Lines(string(real)) {
			if key, _, _ := strings.Cut(line, ":"); key != "name" && key != "publisher" && key != "program" {
				text += line
			}
		}
		data, err := pack.Build(&pack.Source{Fast: true, Files: map[string][]byte{pack.Manifest: []byte(text)}, Programs: map[pack.Platform][]byte{pack.Host(): program}})
		if err == nil {
			data, err = pack.Sign(data, s.key, now)
		}
		if err != nil {
			b.Fatal(err)
		}
		s.write(b, name+pack.Extension, data)
	}
	return s
}
