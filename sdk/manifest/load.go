package manifest

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/voldaan/voldaan/sdk/yamldoc"
	"gopkg.in/yaml.v3"
)

// maxSize bounds a manifest in bytes.
const maxSize = 256 << 10

// Load reads the manifest of a connector's folder.
func Load(dir string) (*Manifest, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open manifest: %w", err)
	}
	defer func() { _ = f.Close() }()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return Parse(path, data)
}

// Parse reads a manifest; file is its name in errors. The error is Problems:
// everything that is wrong, each with its line and what was expected.
func Parse(file string, data []byte) (*Manifest, error) {
	return parse(data, &reader{y: &yamldoc.Reader{File: file}})
}

// ParseHead is Parse without the recipe, which stays nil: its expressions are
// compiled by whoever carries it out, and take a hundred times longer than the
// rest.
func ParseHead(file string, data []byte) (*Manifest, error) {
	return parse(data, &reader{y: &yamldoc.Reader{File: file}, head: true})
}

func parse(data []byte, r *reader) (*Manifest, error) {
	root, err := r.y.Document(data, maxSize)
	if err != nil {
		return nil, err
	}
	m := r.manifest(root)
	if err := r.y.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

var (
	isName    = regexp.MustCompile(`^[a-z][a-z0-9-]{1,62}$`).MatchString
	isField   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`).MatchString
	isVersion = regexp.MustCompile(`^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$`).MatchString
	isCountry = regexp.MustCompile(`^[A-Z]{2}$`).MatchString
	isHeader  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`).MatchString
	isHost    = regexp.MustCompile(`^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`).MatchString
	fieldRef  = regexp.MustCompile(`^\{([a-z][a-z0-9_]*)\}$`)
)

func isProgram(s string) bool {
	return s == filepath.Base(s) && s != "." && s != ".." && s != FileName && !strings.ContainsAny(s, `/\`)
}

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.Fragment == ""
}

func (r *reader) manifest(root *yaml.Node) *Manifest {
	o := r.object(root, "")
	if root.Kind != yaml.MappingNode {
		return nil
	}
	oneLine := func(s string) bool { return !strings.Contains(s, "\n") && len(s) <= 160 }
	m := &Manifest{
		Name:         o.matching("name", true, isName, "a name of lower-case letters, digits and dashes"),
		Title:        o.text("title", true),
		Kind:         oneOf(o, "kind", "", Accounting, CRM, Bank, Messaging, CreditReport, Bailiff, Files),
		Countries:    o.texts("countries"),
		Version:      o.matching("version", true, isVersion, "a version such as 1.4.0"),
		Publisher:    o.text("publisher", true),
		Summary:      o.matching("summary", true, oneLine, "one line of at most 160 characters"),
		Description:  o.text("description", false),
		Website:      o.matching("website", false, isHTTPS, "an https URL"),
		Program:      o.matching("program", false, isProgram, "the name of a file beside connector.yaml"),
		Capabilities: someOf(o, "capabilities", Documents, Payments, Notes, Webhooks, Subscriptions, SendSMS, SendVoice, SendLetter, SendDocument, CreditReports),
		Reads:        someOf(o, "reads", DataAdministrations, DataParties, DataInvoices, DataPayments, DataDocuments, DataCreditReports),
		Writes:       someOf(o, "writes", DataPayments, DataNotes, DataMessages),
		WebhookLag:   o.duration("webhook_lag"),
	}
	for i, c := range m.Countries {
		if c != "" && !isCountry(c) {
			o.fail(o.value["countries"].Content[i], fmt.Sprintf("countries[%d]", i), "%q is not a country code such as NL", c)
		}
	}
	for i, n := range o.items("form") {
		m.Form = append(m.Form, r.field(n, fmt.Sprintf("form[%d]", i)))
	}
	r.form = m.Form
	for i, n := range o.items("auth") {
		m.Auth = append(m.Auth, r.auth(n, fmt.Sprintf("auth[%d]", i)))
	}
	for i, n := range o.items("limits") {
		m.Limits = append(m.Limits, r.limit(n, fmt.Sprintf("limits[%d]", i)))
	}
	m.Hosts = r.hosts(o, "hosts", m)
	m.Downloads = r.hosts(o, "downloads", m)
	r.recipe(o, m)
	r.sources(o, m)
	o.done()
	r.across(o, m)
	return m
}

func (r *reader) hosts(o *object, key string, m *Manifest) []string {
	hosts := o.texts(key)
	for i, h := range hosts {
		n, path := o.value[key].Content[i], fmt.Sprintf("%s[%d]", key, i)
		if ref := fieldRef.FindStringSubmatch(h); ref != nil {
			if f := m.field(ref[1]); m.keepsURL(ref[1]) {
				continue
			} else if f == nil || f.Secret || f.Type != URL {
				r.fail(n, path, "%s must name a form field of type url that is not secret", h)
			}
		} else if h != "" && !isHost(h) {
			r.fail(n, path, "%q is not a host name such as api.example.com, *.example.com or {url_field}", h)
		}
	}
	return hosts
}

// keepsURL reports whether signing in keeps the address of a server by a name.
func (m *Manifest) keepsURL(name string) bool {
	for _, a := range m.Auth {
		for _, list := range [][]Take{a.Keep, takes(a.Login), takes(a.Discover)} {
			for _, t := range list {
				if t.Name == name && len(t.Hosts) > 0 {
					return true
				}
			}
		}
	}
	return false
}

func (m *Manifest) field(name string) *Field {
	for i := range m.Form {
		if m.Form[i].Name == name {
			return &m.Form[i]
		}
	}
	return nil
}

// across checks what concerns more than one field.
func (r *reader) across(o *object, m *Manifest) {
	seen := map[string]bool{}
	for i, f := range m.Form {
		path, n := fmt.Sprintf("form[%d]", i), o.value["form"].Content[i]
		if seen[f.Name] {
			r.fail(n, path+".name", "%q is there twice", f.Name)
		}
		seen[f.Name] = true
		if f.Auth != "" && !slices.ContainsFunc(m.Auth, func(a Auth) bool { return a.Name == f.Auth }) {
			r.fail(n, path+".auth", "%q is not the name of an entry of auth", f.Auth)
		}
	}
	seen = map[string]bool{}
	for i, a := range m.Auth {
		path, n := fmt.Sprintf("auth[%d]", i), o.value["auth"].Content[i]
		if seen[a.Name] {
			r.fail(n, path+".name", "%q is there twice", a.Name)
		}
		seen[a.Name] = true
		r.credentials(n, path, m, a)
	}
	if len(m.Auth) == 0 {
		r.fail(o.node, "auth", "is missing; expected at least one way to sign in, if only type: none")
	}
	if len(m.Reads) == 0 {
		r.fail(o.node, "reads", "is missing; expected the data that the connector reads")
	}
	if slices.Contains(m.Capabilities, Payments) != slices.Contains(m.Writes, DataPayments) {
		r.fail(o.node, "writes", "payments and the capability write_payments go together")
	}
	if slices.Contains(m.Capabilities, Notes) != slices.Contains(m.Writes, DataNotes) {
		r.fail(o.node, "writes", "notes and the capability write_notes go together")
	}
	r.messages(o, m)
	if slices.Contains(m.Capabilities, CreditReports) != slices.Contains(m.Reads, DataCreditReports) {
		r.fail(o.node, "reads", "credit_reports and the capability credit_reports go together")
	}
	if slices.Contains(m.Capabilities, Subscriptions) && !slices.Contains(m.Capabilities, Webhooks) {
		r.fail(o.node, "capabilities", "subscriptions needs webhooks")
	}
}
