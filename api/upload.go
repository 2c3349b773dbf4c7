package api

import (
	"cmp"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/core/arrangement"
)

// What may come along with an arrangement, from a debtor or from a program.
const (
	MostFiles = 3       // at once
	FileBytes = 5 << 20 // of each
)

// fileTypes are the files that are taken: what they look like counts, not what
// they are called.
var fileTypes = []string{"application/pdf", "image/png", "image/jpeg"}

// Files reads files that were sent as one part each; false when one of them is
// too large, one too many, or no PDF, PNG or JPEG. A part without content is none.
func Files(parts []*multipart.FileHeader) (out []arrangement.File, ok bool) {
	for _, h := range parts {
		if h.Size == 0 {
			continue
		}
		if h.Size > FileBytes || len(out) == MostFiles {
			return nil, false
		}
		f, err := h.Open()
		if err != nil {
			return nil, false
		}
		content, err := io.ReadAll(io.LimitReader(f, FileBytes+1))
		_ = f.Close()
		kind := http.DetectContentType(content)
		if err != nil || len(content) > FileBytes || !slices.Contains(fileTypes, kind) {
			return nil, false
		}
		out = append(out, arrangement.File{Name: FileName(h.Filename), Media: kind, Content: content})
	}
	return out, true
}

// longestName is how many characters of a file's name are kept.
const longestName = 120

// FileName makes a name that leads nowhere and means nothing to any system.
func FileName(name string) string {
	if r := []rune(name); len(r) > longestName {
		name = string(r[:longestName])
	}
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '-'
		}
		return r
	}, name)
	return cmp.Or(strings.Trim(name, ". "), "document")
}
