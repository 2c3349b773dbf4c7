package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// buildConnector puts what a connector is when it runs into a folder: its
// connector.yaml and, unless it is a manifest only, its program, built from what
// lies beside it. Errors are those of the tools, with file and line.
func buildConnector(ctx context.Context, dir, to string) (*manifest.Manifest, error) {
	m, err := manifest.Load(dir)
	if err != nil {
		return nil, err
	}
	if err := copyTo(filepath.Join(dir, manifest.FileName), filepath.Join(to, manifest.FileName)); err != nil {
		return nil, err
	}
	if m.Program == "" {
		return m, nil
	}
	target := filepath.Join(to, m.Program)
	if sources, _ := filepath.Glob(filepath.Join(dir, "*.go")); len(sources) > 0 {
		target, err := filepath.Abs(target)
		if err != nil {
			return nil, err
		}
		return m, tool(ctx, dir, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", target, ".")
	}
	if isFile(filepath.Join(dir, "package.json")) {
		if _, err := os.Stat(filepath.Join(dir, "node_modules")); err != nil {
			if err := tool(ctx, dir, nil, "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"); err != nil {
				return nil, err
			}
		}
		if err := tool(ctx, dir, nil, "npm", "run", "--silent", "build"); err != nil {
			return nil, err
		}
	}
	for _, p := range []pack.Platform{pack.Host(), pack.Any} {
		if file := filepath.Join(dir, filepath.FromSlash(pack.ProgramPath(p, m.Program))); isFile(file) {
			return m, copyTo(file, target)
		}
	}
	return nil, fmt.Errorf("%s names the program %s, and there is none: put its source here (main.go, or package.json with a script build), or the program itself in %s",
		filepath.Join(dir, manifest.FileName), m.Program, pack.ProgramPath(pack.Host(), m.Program))
}

// tool runs a build tool; what it printed is the error.
func tool(ctx context.Context, dir string, env []string, name string, args ...string) error {
	if _, err := exec.LookPath(name); err != nil {
		return fmt.Errorf("%s is not installed: this connector is built with it", name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if out = bytes.TrimSpace(out); len(out) > 0 {
		return errors.New(string(out))
	}
	return fmt.Errorf("%s: %w", name, err)
}

func copyTo(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// recipesProgram is what carries out manifests: beside this program, or built from
// the checkout that $VOLDAAN_SDK names or that we are in.
func recipesProgram(ctx context.Context, scratch string) (string, error) {
	if file := os.Getenv("VOLDAAN_RECIPES"); file != "" {
		return file, nil
	}
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	if file := filepath.Join(filepath.Dir(exe), "recipes"); isFile(file) {
		return file, nil
	}
	file := filepath.Join(scratch, "recipes")
	if isFile(file) {
		return file, nil
	}
	err = tool(ctx, os.Getenv("VOLDAAN_SDK"), []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "github.com/voldaan/voldaan/plugins/recipes")
	if err != nil {
		return "", fmt.Errorf("the program recipes, which carries out manifests, is not beside voldaan: install it there, name it in VOLDAAN_RECIPES, or name a checkout of Voldaan in VOLDAAN_SDK (%w)", err)
	}
	return file, nil
}
