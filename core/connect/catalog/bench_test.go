package catalog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/pack"
)

// BenchmarkOpen1000 is a start-up with 1,000 packages in the catalogue, 900
// manifests as long as ours and 100 programs; it is to stay below a second on two
// cores.
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
	var recipes []string
	for _, name := range []string{"moneybird", "exactonline", "eboekhouden", "hubspot", "odoo", "tryton", "twinfield"} {
		text, err := os.ReadFile("../../../plugins/" + name + "/connector.yaml")
		if err != nil {
			b.Fatal(err)
		}
		recipes = append(recipes, string(text))
	}
	program := make([]byte, 256<<10)
	for i := range 1000 {
		name := fmt.Sprintf("connector-%d", i)
		text := fmt.Sprintf("name: %s\npublisher: us\n", name)
		source := &pack.Source{Fast: true}
		recipe := recipes[i%len(recipes)]
		if i%10 == 0 {
			text += "program: prog\n"
			source.Programs = map[pack.Platform][]byte{pack.Host(): program}
			recipe, _, _ = strings.Cut(recipe, "\nrecipe:\n")
			recipe += "\n"
		}
		for line := range strings.Lines(recipe) {
			if key, _, _ := strings.Cut(line, ":"); key != "name" && key != "publisher" {
				text += line
			}
		}
		source.Files = map[string][]byte{pack.Manifest: []byte(text)}
		data, err := pack.Build(source)
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
