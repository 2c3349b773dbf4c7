package tenant

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"golang.org/x/crypto/argon2"
)

// Argon2id with the first recommended option of RFC 9106 scaled to what a small
// server can bear: 64 MiB, one pass, four lanes would take a gigabyte for
// sixteen sign-ins at once, so 19 MiB and two passes as OWASP proposes.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024
	argonThreads = 1
	argonKey     = 32
)

// decoy is compared when the address is unknown.
var decoy, _ = hashPassword("not the password of anybody")

func hashPassword(password string) (string, error) {
	if len(password) < 10 {
		return "", fault.New(fault.Invalid, "password_short", "A password has at least 10 characters.")
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonThreads, argonKey)
	return fmt.Sprintf("argon2id$%d$%d$%s$%s", argonTime, argonMemory, base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// hashing bounds the memory that passwords tried at the same time take.
var hashing = make(chan struct{}, 8)

func checkPassword(hash, password string) bool {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	parts := strings.Split(hash, "$")
	if len(parts) != 5 || parts[0] != "argon2id" {
		return false
	}
	var passes, memory uint32
	if _, err := fmt.Sscanf(parts[1]+" "+parts[2], "%d %d", &passes, &memory); err != nil {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[3])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[4])
	if err1 != nil || err2 != nil {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, argonThreads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}
