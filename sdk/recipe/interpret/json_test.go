package interpret

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// standard is what encoding/json makes of a document.
func standard(body []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows")
	}
	return v, nil
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,-2.50,3e5,0.1E-7,true,false,null,"x\ny\u00e9\ud83d\ude00",{}],"é":[[]],"a":2}`, `[`, `{"a"`, `01`, `-`, `1.`, `"\x"`, "\"\x01\"", "\"\xff\"", ` [ 1 , 2 ] `,
		`[1,]`, `{"a":1,}`, `nul`, `[]]`, `""`, `{"a" : 1 }`, "\"\\ud800\"", `1e`, `[1 2]`, `{"a":1 "b":2}`, `{1:2}`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) {
			return
		}
		want, wantErr := standard(body)
		got, err := decodeJSON(body)
		if (err == nil) != (wantErr == nil) && !errors.Is(err, errDeep) {
			t.Fatalf("%q: %v, encoding/json says %v", body, err, wantErr)
		}
		if err == nil {
			if d := cmp.Diff(want, got); d != "" {
				t.Fatalf("%q: %s", body, d)
			}
		}
	})
}
