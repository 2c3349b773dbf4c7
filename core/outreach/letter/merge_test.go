package letter_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/letter"
	"github.com/voldaan/voldaan/sdk/date"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	var files [][]byte
	for i, name := range []string{"Ada de Vries", "Bakkerij Zoet B.V."} {
		p, err := letter.Separate(outreach.Dutch, "De Korenaar", letter.Separator{Place: i + 1, Of: 2, Name: name, Address: []string{"Laan 3", "9712 CD  GRONINGEN"}, Subject: "Aanmaning", Pages: 2}, date.MustParse("2026-04-02"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, p.Bytes)
	}
	all, err := letter.Merge(files...)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(all, []byte("/Count 2")) {
		t.Error("it has not two pages")
	}
	if again, err := letter.Merge(files...); err != nil || !bytes.Equal(all, again) {
		t.Error("the same letters give another file")
	}
	if _, err := letter.Merge([]byte("%PDF-1.7\nnothing")); err == nil {
		t.Error("a foreign file was taken")
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed; it would read the file as others do")
	}
	path := filepath.Join(t.TempDir(), "all.pdf")
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool, path, "-").CombinedOutput()
	if err != nil || !strings.Contains(string(text), "Ada de Vries") || !strings.Contains(strings.ReplaceAll(string(text), " ", ""), "2/2") {
		t.Errorf("read by others: %s, %v", text, err)
	}
}
