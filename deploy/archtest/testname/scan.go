package testname

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Unknown stands for a part of a name that is computed when the test runs. It is
// a letter to a regular expression, so that no word ends at it.
const Unknown = "_"

// Test is one name of a test.
type Test struct {
	Package string // the folder, below the root, with slashes
	Func    string // the function that go test calls
	Name    string // of the subtest; "" for the function itself
}

// Scan returns the names of all tests of the module at root, folder by folder
// in the order of the source; a name that is reached twice is there twice. It
// passes over nested modules, testdata and hidden folders. It fails for a file
// that does not parse.
func Scan(root string) ([]Test, error) {
	var all []Test
	err := filepath.WalkDir(root, func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if dir != root && skipped(dir, d.Name()) {
			return fs.SkipDir
		}
		found, err := folder(root, dir)
		all = append(all, found...)
		return err
	})
	return all, err
}

func skipped(dir, name string) bool {
	if name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func folder(root, dir string) ([]Test, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		return nil, err
	}
	below, err := filepath.Rel(root, dir)
	if err != nil {
		return nil, err
	}
	p := newPack()
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("read the names of tests: %w", err)
		}
		p.add(f)
	}
	var found []Test
	for _, f := range p.tests {
		t := Test{Package: path.Clean(filepath.ToSlash(below)), Func: f.Name.Name}
		found = append(found, t)
		for _, t.Name = range p.subtests(f) {
			found = append(found, t)
		}
	}
	return found, nil
}

// isTest reports whether go test calls the function.
func isTest(f *ast.FuncDecl) bool {
	name := f.Name.Name
	return f.Recv == nil && f.Body != nil && name != "TestMain" && (strings.HasPrefix(name, "Test") || strings.HasPrefix(name, "Fuzz"))
}
