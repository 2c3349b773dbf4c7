package pack_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/pack"
)

// good are the files of a package that is in order, for others to change.
func good() []pack.CraftedFile {
	return []pack.CraftedFile{
		{Path: pack.Readme, Content: []byte("# Acme\n")},
		{Path: pack.Manifest, Content: manifestOf("acme", "1.0.0", "acme", "acme")},
		{Path: "program/linux-amd64/acme", Content: []byte("program")},
	}
}

func with(files ...pack.CraftedFile) func(*pack.Crafted) {
	return func(c *pack.Crafted) { c.Files = append(files, c.Files...) }
}

func last(files ...pack.CraftedFile) func(*pack.Crafted) {
	return func(c *pack.Crafted) { c.Files = append(c.Files, files...) }
}

// mode gives a file another mode in the directory.
func mode(path string, mode uint32) func(*pack.Crafted) {
	return func(c *pack.Crafted) {
		c.Header = func(p string, h []byte) []byte {
			if p == path {
				binary.LittleEndian.PutUint32(h[38:], mode<<16)
			}
			return h
		}
	}
}

// TestHostilePackages is the corpus of attacks: each package is in order but for
// what its name says.
func TestHostilePackages(t *testing.T) {
	t.Parallel()
	own, other := key(t), key(t)
	expired := pack.Ring{"acme": {{Public: own.Public(), ExpiresAt: now.Add(-time.Hour)}}}
	expiresSoon := pack.Ring{"acme": {{Public: own.Public(), ExpiresAt: now.Add(time.Hour)}}}
	revoked := pack.Ring{"acme": {{Public: own.Public(), RevokedAt: now.Add(time.Hour), Why: "stolen laptop"}}}
	for name, c := range map[string]struct {
		craft func(*pack.Crafted)
		bytes func([]byte) []byte
		keys  pack.Ring
		at    pack.Moment
		want  error // nil when it is to be accepted
	}{
		"in order":                                  {},
		"in order, key expired since":               {keys: expiresSoon, at: pack.Moment{Now: now.Add(48 * time.Hour)}},
		"published with a key that expired since":   {keys: expiresSoon, at: pack.Moment{Now: now.Add(48 * time.Hour), Publishing: true}, want: pack.ErrExpired},
		"signed with an expired key":                {keys: expired, want: pack.ErrExpired},
		"signed with a revoked key":                 {keys: revoked, want: pack.ErrRevoked},
		"signed with an unknown key":                {craft: func(c *pack.Crafted) { c.Key = other }, want: pack.ErrUnknownKey},
		"unknown publisher":                         {keys: pack.Ring{"others": {{Public: own.Public()}}}, want: pack.ErrUnknownKey},
		"signed in the future":                      {craft: func(c *pack.Crafted) { c.Now = now.Add(time.Hour) }, want: pack.ErrSignature},
		"signature by another key under a known id": {craft: func(c *pack.Crafted) { c.Key = other; c.Sign = func(s *pack.Signature) { s.Key = own.Public().ID() } }, want: pack.ErrSignature},
		"signature of another index":                {craft: func(c *pack.Crafted) { c.Sign = func(s *pack.Signature) { s.Index[0]++ } }, want: pack.ErrSignature},
		"another publisher's name, own signature": {
			craft: func(c *pack.Crafted) { c.Key = other; c.Sign = func(s *pack.Signature) { s.Publisher = "evil" } },
			keys:  pack.Ring{"acme": {{Public: own.Public()}}, "evil": {{Public: other.Public()}}}, want: pack.ErrPublisher,
		},
		"another publisher's name, own key under it": {
			craft: func(c *pack.Crafted) { c.Key = other },
			keys:  pack.Ring{"acme": {{Public: own.Public()}}, "evil": {{Public: other.Public()}}}, want: pack.ErrUnknownKey,
		},
		"moment of signing moved":        {bytes: replace("2026-03-14T09:30:00Z", "2026-03-13T09:30:00Z"), want: pack.ErrSignature},
		"index changed after signing":    {bytes: replace(`"version": "1.0.0"`, `"version": "9.0.0"`), want: pack.ErrSignature},
		"publisher changed in signature": {bytes: replace(`"publisher": "acme",`+"\n"+` "key"`, `"publisher": "evil",`+"\n"+` "key"`), want: pack.ErrPublisher},
		"program swapped after signing": {craft: func(c *pack.Crafted) { c.Files[2].Claim, c.Files[2].Content = c.Files[2].Content, []byte("pr0gram") },
			want: pack.ErrSwapped},
		"manifest swapped after signing": {craft: func(c *pack.Crafted) {
			c.Files[1].Claim, c.Files[1].Content = c.Files[1].Content, manifestOf("acme", "1.0.0", "acme", "evil")
		}, want: pack.ErrSwapped},
		"manifest of another connector": {craft: func(c *pack.Crafted) { c.Files[1].Content = manifestOf("bank", "1.0.0", "acme", "acme") }, want: pack.ErrFormat},
		"manifest of another version":   {craft: func(c *pack.Crafted) { c.Files[1].Content = manifestOf("acme", "2.0.0", "acme", "acme") }, want: pack.ErrFormat},
		"manifest of another publisher": {craft: func(c *pack.Crafted) { c.Files[1].Content = manifestOf("acme", "1.0.0", "evil", "acme") }, want: pack.ErrFormat},
		"no manifest":                   {craft: func(c *pack.Crafted) { c.Files = c.Files[2:] }, want: pack.ErrFormat},

		"unpacks above its folder":       {craft: with(pack.CraftedFile{Path: "../../etc/cron.d/x"}), want: pack.ErrPath},
		"unpacks above, from within":     {craft: last(pack.CraftedFile{Path: "program/../../x"}), want: pack.ErrPath},
		"absolute path":                  {craft: with(pack.CraftedFile{Path: "/etc/passwd"}), want: pack.ErrPath},
		"path with a drive":              {craft: with(pack.CraftedFile{Path: "C:evil"}), want: pack.ErrPath},
		"path with backslashes":          {craft: with(pack.CraftedFile{Path: `..\..\evil`}), want: pack.ErrPath},
		"path with a zero byte":          {craft: with(pack.CraftedFile{Path: "README.md\x00.sh"}), want: pack.ErrPath},
		"path not written plainly":       {craft: with(pack.CraftedFile{Path: "./README.md"}), want: pack.ErrPath},
		"unknown file":                   {craft: with(pack.CraftedFile{Path: ".bashrc"}), want: pack.ErrPath},
		"program for an unknown system":  {craft: last(pack.CraftedFile{Path: "program/linux-amd64-v3/acme"}), want: pack.ErrPath},
		"program below another":          {craft: last(pack.CraftedFile{Path: "program/linux-amd64/acme/x"}), want: pack.ErrPath},
		"program of another name":        {craft: last(pack.CraftedFile{Path: "program/linux-amd64/evil"}), want: pack.ErrFormat},
		"symbolic link":                  {craft: mode(pack.Readme, 0o120777), want: pack.ErrPath},
		"device":                         {craft: mode(pack.Readme, 0o020666), want: pack.ErrPath},
		"named pipe":                     {craft: mode(pack.Readme, 0o010666), want: pack.ErrPath},
		"folder":                         {craft: mode(pack.Readme, 0o040755), want: pack.ErrPath},
		"program that sets its user":     {craft: mode("program/linux-amd64/acme", 0o104755), want: pack.ErrFormat},
		"the same name twice":            {craft: with(pack.CraftedFile{Path: pack.Readme}), want: pack.ErrPath},
		"the same name but for its case": {craft: last(pack.CraftedFile{Path: "program/linux-amd64/ACME"}), want: pack.ErrPath},
		"files not in order":             {craft: func(c *pack.Crafted) { c.Files[0], c.Files[1] = c.Files[1], c.Files[0] }, want: pack.ErrFormat},
		"a file that the index does not list": {craft: func(c *pack.Crafted) {
			c.Index = &pack.Index{Format: 1, Name: "acme", Version: "1.0.0", Publisher: "acme", Files: []pack.Entry{{Path: pack.License}}}
		}, want: pack.ErrFormat},

		"bomb":           {craft: last(pack.CraftedFile{Path: "program/linux-arm64/acme", Content: make([]byte, 64<<20)}), want: pack.ErrTooLarge},
		"large text":     {craft: with(pack.CraftedFile{Path: pack.Changelog, Content: noise(pack.MaxText + 1)}), want: pack.ErrTooLarge},
		"too many files": {bytes: many, want: pack.ErrTooLarge},
		"size understated in the directory": {craft: func(c *pack.Crafted) {
			c.Header = func(p string, h []byte) []byte {
				if p == "program/linux-amd64/acme" {
					binary.LittleEndian.PutUint32(h[24:], 1)
				}
				return h
			}
		}, want: pack.ErrFormat},
		"nothing":               {bytes: func([]byte) []byte { return nil }, want: pack.ErrFormat},
		"cut off":               {bytes: func(b []byte) []byte { return b[:len(b)-40] }, want: pack.ErrFormat},
		"cut off in the middle": {bytes: func(b []byte) []byte { return b[:len(b)/2] }, want: pack.ErrFormat},
		"something in front":    {bytes: func(b []byte) []byte { return append([]byte("#!/bin/sh\n"), b...) }, want: pack.ErrFormat},
		"something behind":      {bytes: func(b []byte) []byte { return append(b, 0) }, want: pack.ErrFormat},
		"two headers differ":    {bytes: func(b []byte) []byte { i := bytes.Index(b, []byte("README.md")) + 0; return differ(b, i) }, want: pack.ErrFormat},
		"an ordinary zip":       {bytes: func([]byte) []byte { return ordinary(t) }, want: pack.ErrFormat},
		"no signature":          {bytes: func([]byte) []byte { return unsigned(t) }, want: pack.ErrUnsigned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			crafted := &pack.Crafted{Key: own, Now: now, Files: good()}
			if c.craft != nil {
				c.craft(crafted)
			}
			data := crafted.Bytes()
			if c.bytes != nil {
				data = c.bytes(data)
			}
			keys, at := c.keys, c.at
			if keys == nil {
				keys = ring(own)
			}
			if at.Now.IsZero() {
				at.Now = now
			}
			v, err := open(data, keys, at)
			if err == nil {
				for _, e := range v.Index().Files {
					if _, err = v.Read(e.Path); err != nil {
						break
					}
				}
			}
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if err != nil && (!errors.Is(err, pack.ErrSwapped)) && v != nil {
				t.Error("the contents can be had")
			}
		})
	}
}

func replace(old, by string) func([]byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(by), 1) }
}

// differ changes one letter of a name in a local header only; the first two
// occurrences of the name are in the index and in the header.
func differ(b []byte, index int) []byte {
	i := index + 1 + bytes.Index(b[index+1:], []byte("README.md"))
	b[i] = 'r'
	return b
}

// many claims 60,000 files.
func many(b []byte) []byte {
	binary.LittleEndian.PutUint16(b[len(b)-14:], 60_000)
	binary.LittleEndian.PutUint16(b[len(b)-12:], 60_000)
	return b
}

func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	_, _ = r.Read(b)
	return b
}

func ordinary(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, err := z.Create(pack.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("name: acme")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unsigned(t *testing.T) []byte {
	t.Helper()
	data, err := pack.Build(source())
	if err != nil {
		t.Fatal(err)
	}
	return data
}
