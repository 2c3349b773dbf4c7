// Package protos holds the contract's source, for programs in other languages.
package protos

import "embed"

// Files are the files below sdk/wire/voldaan, by their path from there.
//
//go:embed connector
var Files embed.FS
