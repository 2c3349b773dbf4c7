// Package token makes the mail addresses that answers come back to: a bounce
// address per message (VERP) and a reply address per message, each with a
// message authentication code.
//
// A token allows one thing only: to append a bounce or a reply to the message
// it names. It never signs anyone in and never proves who wrote.
package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Purpose says what comes back to an address. A token of one purpose is not
// valid for the other.
type Purpose string

// The purposes; each is the first word of the local part.
const (
	Bounce Purpose = "bounce"
	Reply  Purpose = "reply"
	// Stop is in a link, not in an address: it ends e-mail to who got the message.
	Stop Purpose = "stop"
	// Archive is in a link: the page where a bailiff fetches an archive.
	Archive Purpose = "archive"
)

// Errors of Parse; test with errors.Is.
var (
	ErrNoToken = errors.New("the address carries no token of ours")
	ErrForged  = errors.New("the token of the address does not verify")
)

// macSize is the length of the truncated HMAC-SHA-256 in bytes (80 bits).
const macSize = 10

// encoding is lower-case base32: some mail servers turn local parts into lower
// case. The result has letters and the digits 2 to 7 only.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Keys signs with its current key and accepts every key it holds, so that keys
// can be rotated while mail is under way.
type Keys struct {
	current byte
	keys    map[byte][]byte
}

// NewKeys takes secrets of at least 16 bytes by key id, a letter a-z or digit
// 2-7, and the id of the one to sign with.
func NewKeys(current byte, secrets map[byte][]byte) (Keys, error) {
	k := Keys{current: current, keys: map[byte][]byte{}}
	for id, secret := range secrets {
		if (id < 'a' || id > 'z') && (id < '2' || id > '7') {
			return Keys{}, fmt.Errorf("key id %q: use a letter a-z or a digit 2-7", string(id))
		}
		if len(secret) < 16 {
			return Keys{}, fmt.Errorf("key %q has %d bytes; use at least 16", string(id), len(secret))
		}
		k.keys[id] = append([]byte(nil), secret...)
	}
	if k.keys[current] == nil {
		return Keys{}, fmt.Errorf("the current key %q is not among the keys", string(current))
	}
	return k, nil
}

// Address returns "<purpose>+<token>@domain" for a message. The local part has
// 49 or 50 octets (RFC 5321 allows 64).
func (k Keys) Address(p Purpose, message uuid.UUID, domain string) string {
	return string(p) + "+" + k.encode(p, message) + "@" + domain
}

// Parse returns the purpose and the message of an address made by Address, with
// any domain. It returns ErrNoToken for other addresses and ErrForged for a
// token that does not verify. The comparison takes constant time.
func (k Keys) Parse(address string) (Purpose, uuid.UUID, error) {
	address = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "<"), ">")
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	word, text, ok := strings.Cut(local, "+")
	p := Purpose(word)
	if !ok || p != Bounce && p != Reply {
		return "", uuid.Nil, ErrNoToken
	}
	message, err := k.verify(p, text)
	if err != nil {
		return "", uuid.Nil, err
	}
	return p, message, nil
}

// Text returns the token alone, for a link.
func (k Keys) Text(p Purpose, message uuid.UUID) string { return k.encode(p, message) }

// Read returns the message of a token made by Text. It has the errors of Parse.
func (k Keys) Read(p Purpose, text string) (uuid.UUID, error) {
	return k.verify(p, strings.ToLower(strings.TrimSpace(text)))
}

func (k Keys) verify(p Purpose, text string) (uuid.UUID, error) {
	if len(text) != 1+encoding.EncodedLen(16)+encoding.EncodedLen(macSize) {
		return uuid.Nil, ErrNoToken
	}
	raw, err := encoding.DecodeString(text[1 : 1+encoding.EncodedLen(16)])
	if err != nil {
		return uuid.Nil, ErrNoToken
	}
	message := uuid.UUID(raw)
	key := k.keys[text[0]]
	if key == nil {
		return uuid.Nil, ErrForged
	}
	if !hmac.Equal([]byte(text), []byte(tokenOf(text[0], key, p, message))) {
		return uuid.Nil, ErrForged
	}
	return message, nil
}

func (k Keys) encode(p Purpose, message uuid.UUID) string {
	return tokenOf(k.current, k.keys[k.current], p, message)
}

func tokenOf(id byte, key []byte, p Purpose, message uuid.UUID) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(p))
	mac.Write([]byte{0, id})
	mac.Write(message[:])
	return string(id) + encoding.EncodeToString(message[:]) + encoding.EncodeToString(mac.Sum(nil)[:macSize])
}
