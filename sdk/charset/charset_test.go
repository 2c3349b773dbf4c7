package charset_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/voldaan/voldaan/sdk/charset"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ in, want, name string }{
		"ascii":        {"Zoe", "Zoe", "UTF-8"},
		"utf-8":        {"Zoë € 5", "Zoë € 5", "UTF-8"},
		"utf-8 mark":   {"\xef\xbb\xbfZoë", "Zoë", "UTF-8"},
		"utf-16le":     {"\xff\xfeZ\x00o\x00\xeb\x00", "Zoë", "UTF-16LE"},
		"utf-16be":     {"\xfe\xff\x00Z\x00o\x00\xeb", "Zoë", "UTF-16BE"},
		"windows-1252": {"Zo\xeb \x80 5", "Zoë € 5", "Windows-1252"},
		"dos":          {"Zo\x89 caf\x82", "Zoë café", "CP850"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, enc := charset.Decode([]byte(tt.in))
			if got != tt.want || enc != tt.name {
				t.Errorf("%q in %s, want %q in %s", got, enc, tt.want, tt.name)
			}
		})
	}
}

func TestNewReader(t *testing.T) {
	t.Parallel()
	for label, in := range map[string]string{
		"ISO-8859-1": "\x80\xeb", "ISO-8859-15": "\xa4\xeb", "windows-1252": "\x80\xeb", "UTF-8": "€ë",
		"utf-16": "\xff\xfe\xac\x20\xeb\x00",
	} {
		r, err := charset.NewReader(label, strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != "€ë" {
			t.Errorf("%s: %q, %v", label, b, err)
		}
	}
	if _, err := charset.NewReader("EBCDIC-CP-NL", nil); !errors.Is(err, charset.ErrUnknown) {
		t.Errorf("EBCDIC: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\xff\xfeZ"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, name := charset.Decode(b); !utf8.ValidString(text) || name == "" {
			t.Errorf("%q (%s)", text, name)
		}
	})
}
