//go:build unix

package catalog

import (
	"io/fs"
	"os"
	"syscall"
)

// ours reports whether a file belongs to us.
func ours(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}

// fileID tells a file from another that was put in its place.
func fileID(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}
