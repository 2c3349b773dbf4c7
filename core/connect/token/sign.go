package token

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// sign adds a signature to a request that is complete but for it.
func sign(req *http.Request, s manifest.Sign, body []byte, look manifest.Lookup, now time.Time) error {
	if s.Scheme == manifest.OAuth1 {
		return oauth1(req, s, body, look, now)
	}
	nonce, signature := rand.Text(), ""
	all := func(r manifest.Ref) (string, error) {
		switch r.Space {
		case "nonce":
			return nonce, nil
		case "signature":
			return signature, nil
		case "request":
			return part(req, body, r.Name), nil
		default:
			return look(r)
		}
	}
	key, err := manifest.Expand(s.Key, look)
	if err != nil {
		return err
	}
	raw, err := decodeKey(key, s.KeyEncoding)
	if err != nil {
		return fmt.Errorf("%w: the key to sign with is not %s; fill it in again", sdk.ErrAuth, s.KeyEncoding)
	}
	text, err := manifest.Expand(s.Text, all)
	if err != nil {
		return err
	}
	mac := hmac.New(algorithm(s.Algorithm), raw)
	mac.Write([]byte(text))
	signature = encodeSignature(mac.Sum(nil), s.Encoding)
	for _, name := range slices.Sorted(maps.Keys(s.Header)) {
		v, err := manifest.Expand(s.Header[name], all)
		if err != nil {
			return err
		}
		if strings.ContainsAny(v, "\r\n\x00") {
			return fmt.Errorf("%w: a value for the header %s holds a line break", sdk.ErrAuth, name)
		}
		req.Header.Set(name, v)
	}
	if len(s.Query) == 0 {
		return nil
	}
	q := req.URL.Query()
	for name, t := range s.Query {
		v, err := manifest.Expand(t, all)
		if err != nil {
			return err
		}
		q.Set(name, v)
	}
	req.URL.RawQuery = q.Encode()
	return nil
}

func part(req *http.Request, body []byte, name string) string {
	switch name {
	case "method":
		return req.Method
	case "host":
		return req.URL.Host
	case "path":
		return req.URL.EscapedPath()
	case "query":
		return req.URL.RawQuery
	case "uri":
		return req.URL.RequestURI()
	case "url":
		return req.URL.String()
	default:
		return string(body)
	}
}

func algorithm(name string) func() hash.Hash {
	switch name {
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	case "md5":
		return md5.New
	default:
		return sha256.New
	}
}

func decodeKey(key, encoding string) ([]byte, error) {
	switch encoding {
	case "base64":
		return base64.StdEncoding.DecodeString(key)
	case "hex":
		return hex.DecodeString(key)
	default:
		return []byte(key), nil
	}
}

func encodeSignature(b []byte, encoding string) string {
	switch encoding {
	case "hex":
		return hex.EncodeToString(b)
	case "base64url":
		return base64.RawURLEncoding.EncodeToString(b)
	default:
		return base64.StdEncoding.EncodeToString(b)
	}
}

// oauth1 signs by RFC 5849, section 3.
func oauth1(req *http.Request, s manifest.Sign, body []byte, look manifest.Lookup, now time.Time) error {
	var key, secret, token, tokenSecret, realm string
	for _, v := range []struct {
		to   *string
		from string
	}{{&key, s.ConsumerKey}, {&secret, s.ConsumerSecret}, {&token, s.Token}, {&tokenSecret, s.TokenSecret}, {&realm, s.Realm}} {
		var err error
		if *v.to, err = manifest.Expand(v.from, look); err != nil {
			return err
		}
	}
	method := "HMAC-SHA256"
	if s.Algorithm == "sha1" {
		method = "HMAC-SHA1"
	}
	params := [][2]string{
		{"oauth_consumer_key", key}, {"oauth_nonce", rand.Text()}, {"oauth_signature_method", method},
		{"oauth_timestamp", strconv.FormatInt(now.Unix(), 10)}, {"oauth_version", "1.0"},
	}
	if token != "" {
		params = append(params, [2]string{"oauth_token", token})
	}
	signature := oauth1Signature(req, body, params, s.Algorithm, secret, tokenSecret)
	params = append(params, [2]string{"oauth_signature", signature})
	fields := make([]string, 0, len(params)+1)
	if realm != "" {
		fields = append(fields, fmt.Sprintf(`realm="%s"`, percent(realm)))
	}
	for _, p := range params {
		fields = append(fields, fmt.Sprintf(`%s="%s"`, p[0], percent(p[1])))
	}
	req.Header.Set("Authorization", "OAuth "+strings.Join(fields, ", "))
	return nil
}

func oauth1Signature(req *http.Request, body []byte, oauth [][2]string, algo, secret, tokenSecret string) string {
	all := slices.Clone(oauth)
	add := func(v url.Values) {
		for k, values := range v {
			for _, s := range values {
				all = append(all, [2]string{k, s})
			}
		}
	}
	add(req.URL.Query())
	if strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err := url.ParseQuery(string(body)); err == nil {
			add(form)
		}
	}
	for i, p := range all {
		all[i] = [2]string{percent(p[0]), percent(p[1])}
	}
	slices.SortFunc(all, func(a, b [2]string) int { return cmp.Or(strings.Compare(a[0], b[0]), strings.Compare(a[1], b[1])) })
	pairs := make([]string, len(all))
	for i, p := range all {
		pairs[i] = p[0] + "=" + p[1]
	}
	host := strings.ToLower(req.URL.Host)
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":80")
	path := req.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	base := req.Method + "&" + percent(strings.ToLower(req.URL.Scheme)+"://"+host+path) + "&" + percent(strings.Join(pairs, "&"))
	hash := sha256.New
	if algo == "sha1" {
		hash = sha1.New
	}
	mac := hmac.New(hash, []byte(percent(secret)+"&"+percent(tokenSecret)))
	mac.Write([]byte(base))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percent encodes as RFC 5849, section 3.6 asks.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
