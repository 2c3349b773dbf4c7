//go:build !unix

package catalog

import "io/fs"

func ours(fs.FileInfo) bool { return true }

func fileID(fs.FileInfo) uint64 { return 0 }
