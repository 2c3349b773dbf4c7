package store

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
)

func migrationFiles() (fs.FS, error) { return fs.Sub(migrations, "migrations") }

// Schema identifies the schema that Migrate makes: a hash of all migrations.
func Schema() string {
	h := sha256.New()
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // embedded at build time
	}
	for _, e := range entries {
		b, err := migrations.ReadFile("migrations/" + e.Name())
		if err != nil {
			panic(err)
		}
		h.Write([]byte(e.Name()))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
