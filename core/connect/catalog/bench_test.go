package catalog_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/pack"
)

// BenchmarkOpen1000 is a start-up with 1,000 packages in the catalogue, programs
// and manifests in turn; it is to stay below a second on two cores.
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
	var real [2][]byte
	for i, file := range []string{"../../../plugins/moneybird/connector.yaml", "../../../sdk/recipe/testdata/connector.yaml"} {
		var err error
		if real[i], err = os.ReadFile(file); err != nil {
			b.Fatal(err)
		}
	}
	program := make([]byte, 256<<10)
	for i := range 1000 {
		name := fmt.Sprintf("connector-%d", i)
		text := fmt.Sprintf("name: %s\npublisher: us\n", name)
		source := &pack.Source{Fast: true}
		if i%2 == 0 {
			text += "program: prog\n"
			source.Programs = map[pack.Platform][]byte{pack.Host(): program}
		}
		for line := range strings.Lines(string(real[i%2])) {
			if key, _, _ := strings.Cut(line, ":"); key != "name" && key != "publisher" && key != "program" {
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
