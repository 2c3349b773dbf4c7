// Package assets serves the style sheet, scripts, fonts and the mark from
// inside the binary, under names that carry their content's hash.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
)

//go:generate npm --prefix src install --no-audit
//go:generate npm --prefix src run build

//go:embed static
var files embed.FS

// Prefix is where Handler is mounted.
const Prefix = "/assets/"

type asset struct {
	body, zipped []byte
	mediaType    string
}

var (
	hashed = map[string]string{} // "app.css" -> "app.1f0c2d3e.css"
	served = map[string]asset{}  // by hashed name
	inCSS  = regexp.MustCompile(`url\("?([a-z0-9./-]+)"?\)`)
)

func init() {
	var sheets []string
	must(fs.WalkDir(files, "static", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(p, "static/")
		if path.Ext(name) == ".css" {
			sheets = append(sheets, name)
			return nil
		}
		add(name, read(p))
		return nil
	}))
	for _, name := range sheets {
		add(name, inCSS.ReplaceAllFunc(read("static/"+name), func(m []byte) []byte {
			if to, ok := hashed[string(inCSS.FindSubmatch(m)[1])]; ok {
				return []byte(`url("` + Prefix + to + `")`)
			}
			return m
		}))
	}
}

func read(p string) []byte {
	b, err := files.ReadFile(p)
	must(err)
	return b
}

func must(err error) {
	if err != nil {
		panic(err) // the files are inside the binary; a failure is a broken build
	}
}

func add(name string, body []byte) {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	to := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	a := asset{body: body, mediaType: mime.TypeByExtension(ext)}
	switch ext {
	case ".woff2":
		a.mediaType = "font/woff2"
	case ".js":
		a.mediaType = "text/javascript; charset=utf-8"
	}
	if ext != ".woff2" && len(body) > 1024 {
		var buf bytes.Buffer
		w, _ := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		_, err := w.Write(body)
		must(err)
		must(w.Close())
		a.zipped = buf.Bytes()
	}
	hashed[name], served[to] = to, a
}

// Path returns the URL of a file of the static folder, as "app.css". It panics
// for a name that is not there, so that a page test finds the mistake.
func Path(name string) string {
	to, ok := hashed[name]
	if !ok {
		panic("assets: no file " + name)
	}
	return Prefix + to
}

// Handler serves the files under Prefix, and the colour sheets of Brand.
// Every answer may be cached forever, because a changed file has another name.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, Prefix)
		if hex, ok := strings.CutPrefix(name, "brand/"); ok {
			serveBrand(w, r, strings.TrimSuffix(hex, ".css"))
			return
		}
		a, ok := served[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", a.mediaType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		body := a.body
		if a.zipped != nil {
			h.Set("Vary", "Accept-Encoding")
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				h.Set("Content-Encoding", "gzip")
				body = a.zipped
			}
		}
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
	})
}
