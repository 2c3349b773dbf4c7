package interpret

import (
	"crypto"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

const defaultMaxAge = 5 * time.Minute

var hashes = map[string]func() hash.Hash{"hmac-sha256": sha256.New, "hmac-sha1": sha1.New, "hmac-sha512": sha512.New}

// verify checks that a call comes from the package.
func (r *run) verify(g *recipe.Signature, secret []byte, call sdk.WebhookCall, sc *recipe.Scope, value any) error {
	refuse := func(why string) error {
		return fmt.Errorf("%w: the signature of the call is not that of %s: %s", sdk.ErrAuth, r.c.title, why)
	}
	if g.Scheme == "none" {
		return nil
	}
	if len(secret) == 0 && g.PublicKey == "" {
		return refuse("no secret is known for this connection")
	}
	given, err := r.given(g, call, sc, value)
	if err != nil || len(given) == 0 {
		return refuse("it is missing or unreadable")
	}
	signed := call.Body
	if g.Signed != nil {
		text, ok, err := g.Signed.Render(r.think, sc, value, nil)
		if err != nil || !ok {
			return refuse("it is missing or unreadable")
		}
		signed = []byte(text)
	}
	good := false
	for _, text := range given {
		good = r.matches(g, secret, signed, text) || good
	}
	if !good {
		return refuse("it does not fit the body")
	}
	if g.At == nil {
		return nil
	}
	v, err := r.eval(g.At, sc, value)
	if err != nil {
		return refuse("its moment is unreadable")
	}
	at, err := recipe.ParseMoment(v, time.UTC)
	if err != nil {
		return refuse("its moment is unreadable")
	}
	allowed := g.MaxAge
	if allowed == 0 {
		allowed = defaultMaxAge
	}
	if r.c.now().Sub(at).Abs() > allowed {
		return refuse("it is older than " + allowed.String())
	}
	return nil
}

// given are the signatures that came, of which one must fit.
func (r *run) given(g *recipe.Signature, call sdk.WebhookCall, sc *recipe.Scope, value any) ([]string, error) {
	var texts []string
	if g.Given == nil {
		texts = call.Header.Values(g.Header)
	} else {
		v, err := r.eval(g.Given, sc, value)
		if err != nil {
			return nil, err
		}
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, v := range list {
			if s, ok := v.(string); ok {
				texts = append(texts, s)
			}
		}
	}
	var out []string
	for _, s := range texts {
		rest, ok := strings.CutPrefix(strings.TrimSpace(s), g.Prefix)
		if ok && rest != "" {
			out = append(out, rest)
		}
	}
	return out, nil
}

func (r *run) matches(g *recipe.Signature, secret, signed []byte, text string) bool {
	if g.Scheme == "token" {
		a, b := sha256.Sum256(secret), sha256.Sum256([]byte(text))
		return subtle.ConstantTimeCompare(a[:], b[:]) == 1
	}
	sum, err := hex.DecodeString(text)
	if g.Encoding == "base64" {
		sum, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil {
		return false
	}
	if fresh := hashes[g.Scheme]; fresh != nil {
		mac := hmac.New(fresh, secret)
		mac.Write(signed)
		return hmac.Equal(sum, mac.Sum(nil))
	}
	key, err := publicKey(g.PublicKey)
	if err != nil {
		return false
	}
	if g.Scheme == "rsa-sha512" {
		digest := sha512.Sum512(signed)
		return rsa.VerifyPKCS1v15(key, crypto.SHA512, digest[:], sum) == nil
	}
	digest := sha256.Sum256(signed)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], sum) == nil
}

func publicKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("not a PEM block")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	k, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, errors.New("not an RSA key")
	}
	return k, nil
}
