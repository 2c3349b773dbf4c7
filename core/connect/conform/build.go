package conform

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// Build makes a folder with a connector ready to run out of one with its source:
// its connector.yaml and, when that names a program, the Go program built.
func Build(source, to string) error {
	m, err := manifest.Load(source)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(source, manifest.FileName), filepath.Join(to, manifest.FileName)); err != nil {
		return err
	}
	if m.Program == "" {
		return nil
	}
	return build(".", source, filepath.Join(to, m.Program))
}

// BuildRuntime builds the program that carries out manifests, from the source of
// this module around a folder.
func BuildRuntime(within, to string) error {
	return build("github.com/voldaan/voldaan/plugins/recipes", within, to)
}

func build(pkg, dir, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	cmd := exec.Command("go", "build", "-o", to, pkg)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}
