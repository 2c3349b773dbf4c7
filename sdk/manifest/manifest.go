// Package manifest reads connector.yaml, which says everything about a connector
// without running it: what it is, how it signs in, which hosts it may call, how
// often, and what it reads and writes.
package manifest

import (
	"time"

	"github.com/voldaan/voldaan/sdk/recipe"
)

// FileName is the name of the manifest in a connector's folder.
const FileName = "connector.yaml"

// Manifest is a valid connector.yaml.
type Manifest struct {
	// Name identifies the connector: lower case, digits and dashes.
	Name string
	// Title is the package's name as people write it.
	Title     string
	Kind      Kind
	Countries []string // ISO 3166-1 alpha-2; empty means anywhere
	Version   string   // MAJOR.MINOR.PATCH
	Publisher string
	Summary   string // one line
	// Description is Markdown for the marketplace page.
	Description string
	Website     string
	// Program is the file in the connector's folder that the host starts; empty for
	// a connector that is a manifest and nothing else.
	Program string
	// Recipe says how to read and write, for a connector without a program.
	Recipe       *recipe.Recipe
	Capabilities []Capability
	// Auth lists the ways to sign in, the preferred one first.
	Auth []Auth
	// Form is what the user fills in when connecting.
	Form []Field
	// Hosts may be called with credentials; see Allow for their form.
	Hosts []string
	// Downloads may be called, also by redirect, but never with credentials.
	Downloads []string
	Limits    []Limit
	// Reads and Writes tell the user which data is touched.
	Reads  []Data
	Writes []Data
	// WebhookLag is how soon after a change the package calls us at the latest,
	// 0 when it promises nothing.
	WebhookLag time.Duration
}

// Kind is what sort of package a connector is for.
type Kind string

// The kinds.
const (
	Accounting   Kind = "accounting"
	CRM          Kind = "crm"
	Bank         Kind = "bank"
	Messaging    Kind = "messaging"
	CreditReport Kind = "credit_report"
	Bailiff      Kind = "bailiff"
	Files        Kind = "files"
)

// Capability is something that not every connector can do. It stands for the
// optional interface of package sdk.
type Capability string

// The capabilities: sdk.DocumentReader, sdk.Writer with payments and with notes,
// sdk.WebhookReader, sdk.Subscriber.
const (
	Documents     Capability = "documents"
	Payments      Capability = "write_payments"
	Notes         Capability = "write_notes"
	Webhooks      Capability = "webhooks"
	Subscriptions Capability = "subscriptions"
)

// Data is a kind of data, for the user's consent.
type Data string

// The kinds of data.
const (
	DataAdministrations Data = "administrations"
	DataParties         Data = "parties"
	DataInvoices        Data = "invoices"
	DataPayments        Data = "payments"
	DataDocuments       Data = "documents"
	DataNotes           Data = "notes"
)

// AuthType is a way to sign in.
type AuthType string

// The ways to sign in.
const (
	OAuth2 AuthType = "oauth2" // authorization code
	Token  AuthType = "token"  // a secret that the user pastes
	Basic  AuthType = "basic"  // user name and password
	None   AuthType = "none"
)

// Auth is one way to sign in.
type Auth struct {
	Name  string // unique in the manifest
	Title string
	Help  string
	Type  AuthType

	// OAuth2.
	AuthorizeURL string
	TokenURL     string
	RevokeURL    string
	Scopes       []string
	// ClientInHeader sends the client's id and secret by HTTP Basic to the token
	// endpoint, instead of in the body.
	ClientInHeader bool
	PKCE           bool
	// Params are added to the authorize URL.
	Params map[string]string
	// Lifetime of an access token whose answer does not say; 0 means that it
	// does not expire.
	Lifetime time.Duration
	// RefreshNotBefore is how long before expiry the token endpoint first takes
	// a refresh, 0 for no such rule.
	RefreshNotBefore time.Duration
	// Rotating says that a refresh token works once.
	Rotating bool

	// SecretField names the form field with the token or password, UserField the
	// one with the user name.
	SecretField string
	UserField   string

	Send Send
}

// Place is where a credential goes in a request.
type Place string

// The places.
const (
	InHeader Place = "header"
	InQuery  Place = "query"
)

// Send says how the credential travels. The default is the header
// "Authorization: Bearer ...".
type Send struct {
	In     Place
	Name   string
	Prefix string
}

// FieldType is the type of a form field.
type FieldType string

// The types of field.
const (
	Text    FieldType = "text"
	URL     FieldType = "url"
	Number  FieldType = "number"
	Boolean FieldType = "boolean"
	Choice  FieldType = "choice"
	File    FieldType = "file"
)

// Field is a question of the connection form.
type Field struct {
	Name     string
	Title    string
	Help     string
	Type     FieldType
	Required bool
	// Secret answers are sealed with the credentials and never reach the
	// connector.
	Secret  bool
	Default string
	Choices []Option
	// Auth limits the field to one way to sign in; empty means all.
	Auth string
}

// Option is an answer to a choice.
type Option struct {
	Value string
	Title string
}

// Scope says who shares a limit.
type Scope string

// The scopes.
const (
	PerConnection Scope = "connection"
	PerApp        Scope = "app" // all connections of this connector
)

// Limit is a rate limit of the package. Either Requests and Per or Concurrent
// is set.
type Limit struct {
	Scope      Scope
	Requests   int
	Per        time.Duration
	Concurrent int
	// Paths limits it to requests whose path contains one of these texts.
	Paths []string
}
