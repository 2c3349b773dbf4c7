package manifest

import (
	"slices"
	"strings"
	"time"
)

// AuthType is a way to sign in. The host alone carries it out: no connector ever
// sees a credential.
type AuthType string

// The ways to sign in.
const (
	OAuth2            AuthType = "oauth2"             // authorization code
	ClientCredentials AuthType = "client_credentials" // OAuth2 without a person
	Token             AuthType = "token"              // one or more secrets that the user pastes
	Basic             AuthType = "basic"              // user name and password
	Session           AuthType = "session"            // a login request that opens a session
	Signed            AuthType = "signed"             // every request is signed
	Certificate       AuthType = "certificate"        // TLS with a certificate of the client
	None              AuthType = "none"
)

// Auth is one way to sign in. Fields that are said to be templates may hold
// placeholders; see Template.
type Auth struct {
	Name  string // unique in the manifest
	Title string
	Help  string
	Type  AuthType

	// OAuth2 and ClientCredentials. The URLs are templates.
	AuthorizeURL string
	TokenURL     string
	RevokeURL    string
	Scopes       []string
	// ScopeSeparator stands between scopes; a space when empty.
	ScopeSeparator string
	// ClientInHeader sends the client's id and secret by HTTP Basic to the token
	// endpoint, instead of in the body.
	ClientInHeader bool
	// ClientNowhere sends neither: the grant is in TokenParams.
	ClientNowhere bool
	// ClientID and ClientSecret are templates; empty stands for the registration
	// of the operator, {{app.client_id}} and {{app.client_secret}}.
	ClientID     string
	ClientSecret string
	PKCE         bool
	// Params are added to the authorize URL, TokenParams to the body of requests to
	// the token endpoint; the values are templates.
	Params      map[string]string
	TokenParams map[string]string
	// TokenJSON sends requests to the token endpoint as JSON instead of as a form.
	TokenJSON bool
	// Answer names where the token endpoint's answer differs from the standard.
	Answer Answer
	// Lifetime of an access token or session whose answer does not say; 0 means
	// that it does not expire.
	Lifetime time.Duration
	// RefreshNotBefore is how long before expiry the token endpoint first takes
	// a refresh, 0 for no such rule.
	RefreshNotBefore time.Duration
	// Rotating says that a refresh token works once.
	Rotating bool
	// RefreshLifetime is how long a refresh token lives that is not used; 0 means
	// for ever.
	RefreshLifetime time.Duration
	// Grace is how long a used refresh token still gives the answer that it gave,
	// for those who did not receive it.
	Grace time.Duration

	// SecretField names the form field with the token or password, UserField the
	// one with the user name.
	SecretField string
	UserField   string

	// Login opens a session, step by step; Logout closes it. After OAuth2 and
	// ClientCredentials, Discover asks what else the connection must know.
	Login    []Step
	Logout   *Step
	Discover []Step
	// Keep takes values from the token endpoint's answer, or from the address that
	// the user came back to, into the connection's config.
	Keep []Take

	// Expired are the answers that mean that the session or token has ended.
	Expired Expired
	// Values are templates with names of their own, for {{value.name}}.
	Values map[string]string
	// AppValues are what the operator's registration holds besides the client's id
	// and secret, for {{app.name}}.
	AppValues []string
	// WebhookSecret is the value that the package signs its calls with: client_secret
	// or one of AppValues of the operator's registration, or a secret field of the
	// form; empty where each subscription has a secret of its own.
	WebhookSecret string
	// Sign signs every request.
	Sign *Sign
	// ClientCertificate is shown when connecting to hosts.
	ClientCertificate *ClientCertificate

	// Send says how the credentials travel. The default is the header
	// "Authorization: Bearer ...".
	Send []Send
}

// Answer says where values stand in the JSON of a token endpoint: paths of keys
// and indexes joined by dots. Empty ones stand for the names of RFC 6749.
type Answer struct {
	Access    string
	Refresh   string
	ExpiresIn string // seconds, as a number or text
	ExpiresAt string // RFC 3339, or seconds or milliseconds since 1970
	Error     string
}

// Step is a request that the host makes to sign in.
type Step struct {
	Method string // POST when empty
	URL    string // template
	Header map[string]string
	Body   Body
	// Take are the values that later steps and requests need, as
	// {{session.name}}; expires_in and expires_at set the end of the session.
	Take []Take
	// Keep goes into the connection's config; it is no secret.
	Keep []Take
	// Refused are texts in an answer that mean that the credentials are wrong.
	Refused []string
}

// Format is how a body is written.
type Format string

// The formats.
const (
	JSON Format = "json"
	Form Format = "form"
	XML  Format = "xml"
)

// Body is the body of a Step, in one of the formats or none.
type Body struct {
	Format Format
	// JSON is a tree of map[string]any, []any, string, float64, bool and nil, of
	// which the strings are templates.
	JSON any
	Form map[string]string
	XML  string
}

// Source is where a value of an answer stands.
type Source string

// The sources.
const (
	FromJSON     Source = "json"
	FromXML      Source = "xml"
	FromHeader   Source = "header"
	FromCookie   Source = "cookie"
	FromRedirect Source = "redirect" // a parameter of the address that the user came back to
)

// Take names a value of an answer.
type Take struct {
	Name string
	In   Source
	At   string
	// Hosts makes the value the base URL of a server, which must be one of these.
	Hosts []string
}

// Expired are answers that mean that a session has ended.
type Expired struct {
	Status []int    // 401 when both are empty
	Body   []string // texts, for packages that say it with status 200
}

// Place is where a credential goes in a request.
type Place string

// The places.
const (
	InHeader Place = "header"
	InQuery  Place = "query"
	InCookie Place = "cookie"
	InBasic  Place = "basic" // HTTP Basic
	InBody   Place = "body"
)

// Send is one place where a credential travels.
type Send struct {
	In   Place
	Name string // of the header, parameter or cookie
	// Prefix stands before the credential where Value is empty.
	Prefix string
	// Value is a template; empty stands for the credential of the way to sign in.
	// In a body it is also what the connector writes at the place.
	Value string
	// User and Password are templates for InBasic.
	User     string
	Password string
	// Format and At are the place in a body. A JSON path joins keys and indexes
	// from 0 by dots, an XML path joins elements by slashes, with [n] from 1; "*"
	// is any one of them. In a form it is the name of the field.
	Format Format
	At     string
	// Paths limits it to requests whose path contains one of these texts.
	Paths []string
}

// Scheme is a way to sign requests.
type Scheme string

// The schemes.
const (
	HMAC   Scheme = "hmac"
	OAuth1 Scheme = "oauth1" // RFC 5849
)

// Sign says how requests are signed. Its texts are templates.
type Sign struct {
	Scheme    Scheme
	Algorithm string // sha1, sha256, sha512 or md5
	// Key is the secret, given as text, base64 or hex.
	Key         string
	KeyEncoding string
	// Text is what is signed.
	Text string
	// Encoding is how the signature is written: base64, base64url or hex.
	Encoding string
	// Header and Query carry the signature and what it needs to be checked.
	Header map[string]string
	Query  map[string]string
	// OAuth1.
	ConsumerKey    string
	ConsumerSecret string
	Token          string
	TokenSecret    string
	Realm          string
}

// ClientCertificate names the secret form fields with a certificate: PEM texts,
// or a PFX file as base64.
type ClientCertificate struct {
	CertificateField string
	KeyField         string
	PFXField         string
	PasswordField    string
}

// Renews reports whether new credentials can be had without a person once the
// package refuses those in use.
func (a Auth) Renews(hasRefresh bool) bool {
	switch a.Type {
	case OAuth2:
		return hasRefresh
	case ClientCredentials, Session:
		return true
	default:
		return false
	}
}

// Ended reports whether an answer means that the session or token has ended;
// body is the beginning of its body.
func (a Auth) Ended(status int, body []byte) bool {
	if len(a.Expired.Status)+len(a.Expired.Body) == 0 {
		return status == 401
	}
	if slices.Contains(a.Expired.Status, status) {
		return true
	}
	for _, text := range a.Expired.Body {
		if strings.Contains(string(body), text) {
			return true
		}
	}
	return false
}

// Kept returns the names of the values that signing in puts into the config.
func (a Auth) Kept() []string {
	var out []string
	for _, list := range [][]Take{a.Keep, takes(a.Login), takes(a.Discover)} {
		for _, t := range list {
			out = append(out, t.Name)
		}
	}
	return out
}

// takes returns what steps keep.
func takes(steps []Step) (out []Take) {
	for _, s := range steps {
		out = append(out, s.Keep...)
	}
	return out
}
