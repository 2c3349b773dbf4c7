// Package examples holds three connectors for one invented package, Acme Books: a
// manifest, a program in Go and a program in TypeScript. They are tested to give
// the same books, and "voldaan connector new" begins with a copy of one.
package examples

import "embed"

// Files are the sources of the examples.
//
//go:embed recipe-acme go-acme
//go:embed node-acme/README.md node-acme/connector.yaml node-acme/dev.yaml node-acme/package.json node-acme/package-lock.json
//go:embed node-acme/build.mjs node-acme/tsconfig.json node-acme/.gitignore node-acme/src node-acme/test
var Files embed.FS
