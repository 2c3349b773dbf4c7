package gallery_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/api/web/gallery"
)

// A page must not praise a connector whose report, further down, says otherwise.
func TestLevelFitsReport(t *testing.T) {
	t.Parallel()
	for _, e := range gallery.Exhibits() {
		if e.Name != "connector" && !strings.HasPrefix(e.Name, "connector-") {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			var buf bytes.Buffer
			if err := e.View.Render(t.Context(), &buf); err != nil {
				t.Fatal(err)
			}
			_, level, _ := strings.Cut(buf.String(), `id="level-head">`)
			level, _, _ = strings.Cut(level, "</h2>")
			if failed := strings.Contains(buf.String(), "(failed)"); failed && !strings.Contains(level, "Community") {
				t.Errorf("%q, and its report shows a failure", level)
			}
			if strings.Contains(level, "Certified") && !strings.Contains(buf.String(), "100% of what concerns it, run by us") {
				t.Errorf("%q without a clean run of ours", level)
			}
		})
	}
}
