package pack

import (
	"fmt"
	"path"
	"regexp"
	"runtime"
	"strings"

	"github.com/voldaan/voldaan/sdk/manifest"
)

// Extension is how the name of a package file ends.
const Extension = ".vpkg"

// The files of a package.
const (
	IndexFile     = "index.json"
	SignatureFile = "signature.json"
	Manifest      = manifest.FileName
	Readme        = "README.md"
	Changelog     = "CHANGELOG.md"
	License       = "LICENSE"
	Icon          = "icon.svg"
	Report        = "conformance.json"
	programFolder = "program/"
)

// What a package may hold at most.
const (
	MaxPackage = 128 << 20 // bytes of the file
	MaxTotal   = 512 << 20 // bytes of all files, unpacked
	MaxProgram = 128 << 20 // bytes of one program, unpacked
	MaxText    = 1 << 20   // bytes of any other file
	MaxFiles   = 40
	// MaxRatio is how much smaller a file may be packed, from freeSize on.
	MaxRatio = 100
	freeSize = 1 << 20
)

// Platform is an operating system and a processor as in "linux-amd64", or Any.
type Platform string

// Any is the platform of programs that run everywhere, such as scripts.
const Any Platform = "any"

// Host is the platform that this program runs on.
func Host() Platform { return Platform(runtime.GOOS + "-" + runtime.GOARCH) }

var (
	isPlatform = regexp.MustCompile(`^(any|(linux|darwin|freebsd|windows)-(amd64|arm64|arm|386|riscv64|ppc64le|s390x))$`).MatchString
	isProgram  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`).MatchString
	isName     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`).MatchString
	isVersion  = regexp.MustCompile(`^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$`).MatchString
	isKeyID    = regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString
)

// ProgramPath returns where the program for a platform lies in a package.
func ProgramPath(p Platform, program string) string {
	return programFolder + string(p) + "/" + program
}

// program takes a path of a program apart.
func program(file string) (p Platform, name string, ok bool) {
	rest, ok := strings.CutPrefix(file, programFolder)
	platform, name, found := strings.Cut(rest, "/")
	return Platform(platform), name, ok && found && isPlatform(platform) && isProgram(name)
}

// checkPath refuses names that are dangerous, and then those that are unknown.
func checkPath(file string) error {
	switch {
	case file == "" || strings.HasPrefix(file, "/") || strings.ContainsAny(file, "\\:\x00") || path.Clean(file) != file || strings.HasPrefix(file, ".."):
		return fmt.Errorf("%w: %q leads outside the package or is not written plainly", ErrPath, file)
	case file == Manifest, file == Readme, file == Changelog, file == License, file == Icon, file == Report:
		return nil
	}
	if _, _, ok := program(file); ok {
		return nil
	}
	return fmt.Errorf("%w: %q does not belong in a package; it holds %s, %s, %s, %s, %s, %s and %s<platform>/<program>",
		ErrPath, file, Manifest, Readme, Changelog, License, Icon, Report, programFolder)
}

// maxSize returns how large a file may be unpacked.
func maxSize(file string) int64 {
	if _, _, ok := program(file); ok {
		return MaxProgram
	}
	return MaxText
}
