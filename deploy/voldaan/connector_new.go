package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/sdk/examples"
	protos "github.com/voldaan/voldaan/sdk/wire/voldaan"
)

func connectorNew() *cobra.Command {
	s := &skeleton{}
	var inGo, inNode, plain, untested bool
	cmd := &cobra.Command{
		Use: "new NAME", Short: "Begin a connector with one that works", Args: cobra.ExactArgs(1),
		Long: "Makes a folder NAME with a whole connector for Acme Books, a package that does not exist and that \"voldaan\n" +
			"emulate acmebooks\" plays, and tests it. Change it, bit by bit, into one for yours: what to change first is\n" +
			"marked with \"edit\". A manifest (--manifest, the default) is one YAML file and does for most packages.",
	}
	cmd.Flags().BoolVar(&plain, "manifest", false, "a manifest without a program")
	cmd.Flags().BoolVar(&inGo, "go", false, "a program in Go")
	cmd.Flags().BoolVar(&inNode, "node", false, "a program in TypeScript for Node")
	cmd.Flags().StringVar(&s.title, "title", "", "name of the package as people write it, else made of NAME")
	cmd.Flags().StringVar(&s.publisher, "publisher", "", "who you are as a publisher, else NAME")
	cmd.Flags().StringVar(&s.sdk, "sdk", os.Getenv("VOLDAAN_SDK"), "folder with a checkout of Voldaan to build against, in place of the published module, else $VOLDAAN_SDK")
	cmd.Flags().BoolVar(&untested, "no-test", false, "do not test it")
	cmd.MarkFlagsMutuallyExclusive("go", "node", "manifest")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s.name, s.from = args[0], "recipe-acme"
		switch {
		case inGo:
			s.from = "go-acme"
		case inNode:
			s.from = "node-acme"
		}
		if err := s.write(); err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "%s/ is a connector for Acme Books.\n", s.name)
		if !untested {
			if err := s.test(cmd.Context(), out); err != nil {
				return fmt.Errorf("the folder is there, but its test fails:\n%w", err)
			}
		}
		fmt.Fprintf(out, "Now edit it, with this running beside your editor:\n  voldaan connector dev %s\n", s.name)
		return nil
	}
	return cmd
}

// skeleton is a connector to begin with.
type skeleton struct {
	name, title, publisher string
	from                   string // the example
	sdk                    string // a checkout, or empty
}

var isConnectorName = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`).MatchString

// write makes the folder.
func (s *skeleton) write() error {
	if !isConnectorName(s.name) {
		return fmt.Errorf("%q cannot be the name of a connector: it takes lower-case letters, digits and dashes, as in acme-books", s.name)
	}
	if s.sdk != "" && s.from == "go-acme" {
		if _, err := os.Stat(filepath.Join(s.sdk, "sdk", "connector.go")); err != nil {
			return fmt.Errorf("--sdk %s is no checkout of Voldaan: %w", s.sdk, err)
		}
	}
	s.title = cmp.Or(s.title, titleOf(s.name))
	s.publisher = cmp.Or(s.publisher, s.name)
	if err := os.Mkdir(s.name, 0o755); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("there is a %s already; choose another name or another folder", s.name)
	} else if err != nil {
		return err
	}
	if err := s.copy(examples.Files, s.from, s.name); err != nil {
		return err
	}
	if s.from == "node-acme" {
		return s.copy(protos.Files, ".", filepath.Join(s.name, "proto", "voldaan"))
	}
	if s.from == "go-acme" {
		return s.module()
	}
	return nil
}

// titleOf makes "Acme Books" of acme-books.
func titleOf(name string) string {
	words := strings.Split(name, "-")
	for i, w := range words {
		if w != "" {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}

// copy copies files with the names of the new connector in place of Acme's.
func (s *skeleton) copy(from fs.FS, root, to string) error {
	return fs.WalkDir(from, root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if e.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		b, err := fs.ReadFile(from, path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, s.rename(rel, b), 0o644)
	})
}

// rename names the connector in the files that say who it is.
func (s *skeleton) rename(file string, b []byte) []byte {
	text := string(b)
	switch file {
	case "connector.yaml":
		for key, value := range map[string]string{"name": s.name, "title": s.title, "publisher": s.publisher, "program": s.name} {
			text = regexp.MustCompile(`(?m)^`+key+`: [A-Za-z ]*[A-Za-z]`).ReplaceAllString(text, key+": "+value)
		}
	case "package.json", "package-lock.json":
		text = strings.Replace(text, `"name": "acme"`, `"name": "`+s.name+`"`, 2)
	case "README.md":
		text = strings.Replace(text, "# Acme Books", "# "+s.title, 1)
	case "main.go":
		text = strings.Replace(text, "Command go-acme", "Command "+s.name, 1)
	case "build.mjs":
		text = strings.Replace(text, "// The contract is taken from the checkout of Voldaan that this folder is part of,\n// else from the copy in proto/.\n", "// The contract with the host.\n", 1)
		text = strings.Replace(text, `["../../wire", "proto"].find((dir) => existsSync(join(dir, "voldaan/connector/v1")))`, `"proto"`, 1)
		text = strings.Replace(text, "existsSync, ", "", 1)
	}
	return []byte(text)
}

// module writes go.mod. With a checkout, Voldaan comes from there.
func (s *skeleton) module() error {
	version, replace := moduleVersion(), ""
	if s.sdk != "" {
		dir, err := filepath.Abs(s.sdk)
		if err != nil {
			return err
		}
		version, replace = "v0.0.0", "\n// Voldaan comes from this checkout. Take the line out to use the published module.\nreplace github.com/voldaan/voldaan => "+dir+"\n"
		sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.name, "go.sum"), sum, 0o644); err != nil {
			return err
		}
	}
	text := "module " + s.name + "\n\ngo 1.26\n"
	if version != "" {
		text += "\nrequire github.com/voldaan/voldaan " + version + "\n"
	}
	return os.WriteFile(filepath.Join(s.name, "go.mod"), []byte(text+replace), 0o644)
}

// moduleVersion is that of this program, empty for one that was built from a
// checkout: then the newest is taken.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || !regexp.MustCompile(`^v\d+\.\d+\.\d+$`).MatchString(info.Main.Version) {
		return ""
	}
	return info.Main.Version
}

// test runs the connector's own test.
func (s *skeleton) test(ctx context.Context, out io.Writer) error {
	switch s.from {
	case "go-acme":
		if err := tool(ctx, s.name, nil, "go", "mod", "tidy"); err != nil {
			return err
		}
		if err := tool(ctx, s.name, nil, "go", "test", "."); err != nil {
			return err
		}
		fmt.Fprintln(out, "go test . is green.")
	case "node-acme":
		if err := tool(ctx, s.name, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"); err != nil {
			return err
		}
		if err := tool(ctx, s.name, nil, "npm", "test", "--silent"); err != nil {
			return err
		}
		fmt.Fprintln(out, "npm test is green.")
	}
	scratch, err := os.MkdirTemp("", "voldaan-new")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	var shown bytes.Buffer
	r := (&workbench{dir: s.name, scratch: scratch, out: &shown, once: true}).read(ctx)
	if err := r.failure(); err != nil {
		return err
	}
	_, err = out.Write(shown.Bytes())
	return err
}
