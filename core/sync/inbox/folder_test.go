package inbox_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/core/sync/inbox"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

type drop struct {
	root  string
	files *inbox.Memory
	w     *inbox.Folder
}

func newDrop(t *testing.T) *drop {
	t.Helper()
	d := &drop{root: t.TempDir(), files: inbox.NewMemory(noon{})}
	d.restart(t)
	return d
}

func (d *drop) restart(t *testing.T) {
	t.Helper()
	w, err := inbox.WatchFolder(d.root, d.files, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d.w = w
}

func (d *drop) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(d.root, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *drop) scan(t *testing.T, times int) {
	t.Helper()
	for range times {
		if err := d.w.Scan(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// tree lists the files in the folder and those below it.
func (d *drop) tree(t *testing.T) string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(d.root, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			rel, _ := filepath.Rel(d.root, path)
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func (d *drop) waiting(t *testing.T) []filebox.File {
	t.Helper()
	list, err := d.files.List(t.Context(), "", 100, true)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestFolder(t *testing.T) {
	t.Parallel()
	d := newDrop(t)
	d.write(t, "a.xml", "a")
	d.write(t, "b.csv.part", "half")
	d.write(t, ".hidden", "x")
	d.scan(t, 1)
	if got := d.waiting(t); len(got) != 0 {
		t.Fatalf("taken at first sight: %+v", got)
	}
	d.write(t, "a.xml", "aa") // still being written
	d.scan(t, 1)
	if got := d.waiting(t); len(got) != 0 {
		t.Fatalf("taken while it grew: %+v", got)
	}
	d.scan(t, 1)
	got := d.waiting(t)
	if len(got) != 1 || got[0].Name != "a.xml" || got[0].Size != 2 {
		t.Fatalf("%+v", got)
	}
	d.restart(t) // a crash in between loses nothing
	d.scan(t, 2)
	if tree := d.tree(t); tree != ".hidden b.csv.part working/000000000001--a.xml" {
		t.Errorf("%s", tree)
	}
	o := filebox.Outcome{State: filebox.Refused, Problems: []invoicefile.Problem{{Sentence: "This is no invoice."}}}
	if err := d.files.Settle(t.Context(), got[0].ID, o); err != nil {
		t.Fatal(err)
	}
	d.write(t, "list.csv", "list")
	d.scan(t, 2)
	if err := d.files.Settle(t.Context(), "000000000002", filebox.Outcome{State: filebox.Partly, Documents: 7, Problems: []invoicefile.Problem{{Row: 3, Sentence: "No number."}}}); err != nil {
		t.Fatal(err)
	}
	d.scan(t, 1)
	if tree := d.tree(t); tree != ".hidden b.csv.part done/list.csv done/list.csv.reason.txt failed/a.xml failed/a.xml.reason.txt" {
		t.Errorf("%s", tree)
	}
	for path, want := range map[string]string{
		"failed/a.xml.reason.txt":  "Nothing of this file was taken.\n\nThis is no invoice.\n",
		"done/list.csv.reason.txt": "Taken from this file: 7. Not taken:\n\nRow 3: No number.\n",
	} {
		if b, err := os.ReadFile(filepath.Join(d.root, path)); err != nil || string(b) != want {
			t.Errorf("%q %v", b, err)
		}
	}
}

func TestFolderSameContentAgain(t *testing.T) {
	t.Parallel()
	d := newDrop(t)
	settle := func(o filebox.Outcome) {
		t.Helper()
		for _, f := range d.waiting(t) {
			if err := d.files.Settle(t.Context(), f.ID, o); err != nil {
				t.Fatal(err)
			}
		}
		d.scan(t, 1)
	}
	d.write(t, "invoice.xml", "invoice")
	d.scan(t, 2)
	settle(filebox.Outcome{State: filebox.Taken, Kind: filebox.UBL})
	d.write(t, "list.csv", "list")
	d.scan(t, 2)
	settle(filebox.Outcome{State: filebox.Refused, Kind: filebox.List})
	d.write(t, "copy of invoice.xml", "invoice")
	d.write(t, "list.csv", "list")
	d.write(t, "empty.csv", "")
	d.scan(t, 2)
	if got := d.waiting(t); len(got) != 1 || got[0].Name != "list.csv" {
		t.Errorf("what was refused is tried again with the settings of today, an invoice is not: %+v", got)
	}
	settle(filebox.Outcome{State: filebox.Taken, Kind: filebox.List})
	want := "done/copy of invoice.xml done/copy of invoice.xml.reason.txt done/invoice.xml done/list.csv failed/empty.csv failed/empty.csv.reason.txt failed/list.csv failed/list.csv.reason.txt"
	if tree := d.tree(t); tree != want {
		t.Errorf("%s", tree)
	}
}

func TestFolderCrashBetweenStoringAndMoving(t *testing.T) {
	t.Parallel()
	d := newDrop(t)
	d.write(t, "a.xml", "a")
	if _, _, err := d.files.Put(t.Context(), "a.xml", strings.NewReader("a")); err != nil {
		t.Fatal(err)
	}
	d.scan(t, 2)
	if got := d.waiting(t); len(got) != 1 {
		t.Errorf("stored twice: %+v", got)
	}
	if tree := d.tree(t); tree != "working/000000000001--a.xml" {
		t.Errorf("%s", tree)
	}
}

func TestFolderSameNameTwice(t *testing.T) {
	t.Parallel()
	d := newDrop(t)
	for i, content := range []string{"one", "two"} {
		d.write(t, "list.csv", content)
		d.scan(t, 2)
		if err := d.files.Settle(t.Context(), d.waiting(t)[0].ID, filebox.Outcome{State: filebox.Taken}); err != nil {
			t.Fatal(i, err)
		}
		d.scan(t, 1)
	}
	if tree := d.tree(t); tree != "done/list (2).csv done/list.csv" {
		t.Errorf("%s", tree)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(d.root, "link.csv")); err != nil {
		t.Fatal(err)
	}
	d.scan(t, 2)
	if len(d.waiting(t)) != 0 {
		t.Error("a link out of the folder was followed")
	}
}
