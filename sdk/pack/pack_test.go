package pack_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/pack"
)

var now = time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)

func manifestOf(name, version, publisher, program string) []byte {
	if program != "" {
		program = "program: " + program + "\n"
	}
	return fmt.Appendf(nil, "name: %s\ntitle: Acme\nkind: accounting\nversion: %s\npublisher: %s\nsummary: s\n%sreads: [invoices]\nauth: [{name: none, title: None, type: none}]\n",
		name, version, publisher, program)
}

func source() *pack.Source {
	return &pack.Source{
		Files: map[string][]byte{
			pack.Manifest: manifestOf("acme", "1.0.0", "acme", "acme"), pack.Readme: []byte("# Acme\n"), pack.Changelog: []byte("## 1.0.0\nFirst.\n"),
			pack.License: []byte("Apache-2.0\n"), pack.Icon: []byte(`<svg xmlns="http://www.w3.org/2000/svg"><circle r="4"/></svg>`),
		},
		Programs: map[pack.Platform][]byte{"linux-amd64": bytes.Repeat([]byte("amd64 "), 2000), "linux-arm64": bytes.Repeat([]byte("arm64 "), 2000)},
	}
}

func key(t testing.TB) pack.PrivateKey {
	t.Helper()
	k, err := pack.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ring(k pack.PrivateKey) pack.Ring {
	return pack.Ring{"acme": {{Public: k.Public()}}}
}

func open(data []byte, keys pack.Ring, at pack.Moment) (*pack.Verified, error) {
	p, err := pack.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	return p.Verify(keys, at)
}

func signed(t testing.TB, k pack.PrivateKey) []byte {
	t.Helper()
	data, err := pack.Build(source())
	if err != nil {
		t.Fatal(err)
	}
	if data, err = pack.Sign(data, k, now); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	k := key(t)
	data := signed(t, k)
	v, err := open(data, ring(k), pack.Moment{Now: now, Publishing: true})
	if err != nil {
		t.Fatal(err)
	}
	if v.Index().ID() != "acme@1.0.0" || v.Manifest().Title != "Acme" || v.Signature().Key != k.Public().ID() || !v.Signature().SignedAt.Equal(now) {
		t.Errorf("read %+v, %+v", v.Index(), v.Signature())
	}
	for path, want := range source().Files {
		if got, err := v.Read(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if e, ok := v.Program("linux-arm64"); !ok || e.Path != "program/linux-arm64/acme" || e.Size != 12000 {
		t.Errorf("program: %+v", e)
	}
	if e, ok := v.Program("windows-amd64"); ok {
		t.Errorf("there is a program for windows: %+v", e)
	}
	if _, err := v.Read("program/linux-arm64/other"); err == nil {
		t.Error("a file that is not there can be read")
	}

	t.Run("the same input gives the same bytes", func(t *testing.T) {
		t.Parallel()
		if again := signed(t, k); !bytes.Equal(again, data) {
			t.Error("packed twice, the bytes differ")
		}
	})
	t.Run("other tools can read it", func(t *testing.T) {
		t.Parallel()
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil { // checks the CRC
				t.Errorf("%s: %v", f.Name, err)
			}
			if executable := f.Mode()&0o111 != 0; executable != strings.HasPrefix(f.Name, "program/") {
				t.Errorf("%s has mode %v", f.Name, f.Mode())
			}
		}
	})
	t.Run("signing anew changes the signature and not the digest", func(t *testing.T) {
		t.Parallel()
		again, err := pack.Sign(data, k, now.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		w, err := open(again, ring(k), pack.Moment{Now: now.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if w.Digest() != v.Digest() || bytes.Equal(again, data) {
			t.Errorf("digest %s, was %s", w.Digest(), v.Digest())
		}
	})
}

func TestTheNamedProgramMustBeThere(t *testing.T) {
	t.Parallel()
	k := key(t)
	x := (&pack.Crafted{Key: k, Now: now, Files: []pack.CraftedFile{{Path: pack.Manifest, Content: manifestOf("acme", "1.0.0", "acme", "acme")}}}).Bytes()
	if _, err := open(x, ring(k), pack.Moment{Now: now}); !errors.Is(err, pack.ErrFormat) || !strings.Contains(err.Error(), "no program acme") {
		t.Errorf("a program that is named and not there: %v", err)
	}
}

func TestFromFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, content := range source().Files {
		write(t, filepath.Join(dir, path), content)
	}
	write(t, filepath.Join(dir, "main.go"), []byte("package main"))
	write(t, filepath.Join(dir, "program", "linux-amd64", "acme"), []byte("here"))
	write(t, filepath.Join(dir, "elsewhere"), []byte("there"))
	s, err := pack.FromFolder(dir, map[pack.Platform]string{"linux-arm64": filepath.Join(dir, "elsewhere")})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Files) != 5 || string(s.Programs["linux-amd64"]) != "here" || string(s.Programs["linux-arm64"]) != "there" {
		t.Errorf("read %v, %v", s.Files, s.Programs)
	}
	if _, err := pack.Build(s); err != nil {
		t.Error(err)
	}
}

func write(t testing.TB, file string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestBuildSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*pack.Source)
		want   string
	}{
		"no manifest":        {func(s *pack.Source) { delete(s.Files, pack.Manifest) }, "is empty"},
		"no program":         {func(s *pack.Source) { s.Programs = nil }, "there is no program; build acme into program/"},
		"unknown platform":   {func(s *pack.Source) { s.Programs["beos"] = nil }, `"beos" is not a platform`},
		"unknown file":       {func(s *pack.Source) { s.Files["notes.txt"] = nil }, `"notes.txt" does not belong`},
		"publisher":          {func(s *pack.Source) { s.Files[pack.Manifest] = manifestOf("acme", "1.0.0", "Acme B.V.", "acme") }, `publisher "Acme B.V." is not the name`},
		"large text":         {func(s *pack.Source) { s.Files[pack.Readme] = make([]byte, pack.MaxText+1) }, "at most 1048576 are allowed"},
		"large zero program": {func(s *pack.Source) { s.Programs["any"] = make([]byte, 8<<20) }, "packed to less than 1/100"},
		"icon with a script": {func(s *pack.Source) { s.Files[pack.Icon] = []byte("<svg><script>x</script></svg>") }, "may not have <script>"},
		"icon that calls":    {func(s *pack.Source) { s.Files[pack.Icon] = []byte(`<svg><image href="https://x.test/"/></svg>`) }, "may not have href"},
		"icon that acts":     {func(s *pack.Source) { s.Files[pack.Icon] = []byte(`<svg onload="x()"/>`) }, "may not have onload"},
		"icon of another":    {func(s *pack.Source) { s.Files[pack.Icon] = []byte("\x89PNG") }, "not an SVG image"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := source()
			c.change(s)
			if _, err := pack.Build(s); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	k, file := key(t), filepath.Join(t.TempDir(), "keys", "acme.pem")
	if err := k.Save(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := k.Save(file); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("written over: %v", err)
	}
	again, err := pack.LoadKey(file)
	if err != nil || again.Public().ID() != k.Public().ID() || !strings.HasPrefix(k.Public().Fingerprint(), "SHA256:") {
		t.Errorf("%v, %v", again, err)
	}
	if !k.Public().Verify([]byte("m"), again.Sign([]byte("m"))) || k.Public().Verify([]byte("n"), again.Sign([]byte("m"))) {
		t.Error("signatures are not checked")
	}
	text, err := k.Public().MarshalText()
	var public pack.PublicKey
	if err != nil || public.UnmarshalText(text) != nil || public.ID() != k.Public().ID() {
		t.Errorf("%s, %v", text, err)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.LoadKey(file); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", k)
	secret, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{log.String(), fmt.Sprintf("%v %+v %#v", k, k, k)} {
		if !strings.Contains(text, "private key "+k.Public().ID()) || strings.Contains(text, string(secret[30:60])) || strings.Contains(text, "[]byte") {
			t.Errorf("printed as %s", text)
		}
	}
}
