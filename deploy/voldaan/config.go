package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// config is what hub and worker are told through the environment.
type config struct {
	Database  string // VOLDAAN_DATABASE_URL
	Temporal  string // TEMPORAL_ADDRESS
	Namespace string // TEMPORAL_NAMESPACE
	UI        string // TEMPORAL_UI, for links from invoices
	Listen    string // VOLDAAN_LISTEN
	Public    string // VOLDAAN_PUBLIC_URL, as debtors reach the hub
	Inbound   string // VOLDAAN_INBOUND_LISTEN, for bounces and replies
	SMTP      string // VOLDAAN_SMTP_ADDRESS
	Domain    string // VOLDAAN_MAIL_DOMAIN
	MailLog   string // VOLDAAN_MAIL_LOG_URL, a provider's delivery log
	Keys      string // VOLDAAN_KEYS, a folder only the service may read
	Packages  string // VOLDAAN_CONNECTORS, the folder of connector packages
	Recipes   string // VOLDAAN_RECIPES, the program that carries out manifests
	Folders   string // VOLDAAN_FOLDERS, where watched folders lie as tenant/name; empty watches none
	MollieURL string // VOLDAAN_MOLLIE_URL
	MollieKey string // VOLDAAN_MOLLIE_KEY
	// SFTPNetworks are networks of our own in which tenants may have an SFTP
	// server, "10.1.0.0/16,…". VOLDAAN_SFTP_NETWORKS
	SFTPNetworks []netip.Prefix
	// Inside are networks of our own in which packages may run that a tenant hosts
	// there, such as Odoo or Tryton, "10.2.0.0/16,…". Connectors reach nothing else
	// that is not public. VOLDAAN_INSIDE_NETWORKS
	Inside []netip.Prefix
	// Proxies are networks of reverse proxies in front of the hub, which say where
	// a request comes from. VOLDAAN_TRUSTED_PROXIES
	Proxies []netip.Prefix
	// Overrides sends requests for a host elsewhere, for emulators:
	// "moneybird.com=http://127.0.0.1:4010,…". VOLDAAN_HOST_OVERRIDES
	Overrides map[string]string
	// Clients are OAuth applications, "moneybird=id:secret,…". VOLDAAN_OAUTH_CLIENTS
	Clients map[string]oauthClient
	// Partner is what else packages gave to the operator, by connector and the name
	// in app_values of its manifest: "snelstart.subscription_key=abc,…".
	// VOLDAAN_PARTNER_VALUES
	Partner map[string]map[string]string
}

type oauthClient struct{ ID, Secret string }

func loadConfig() (config, error) {
	c := config{
		Database: os.Getenv("VOLDAAN_DATABASE_URL"), Temporal: os.Getenv("TEMPORAL_ADDRESS"),
		Namespace: cmp.Or(os.Getenv("TEMPORAL_NAMESPACE"), "voldaan"), UI: os.Getenv("TEMPORAL_UI"),
		Listen:  cmp.Or(os.Getenv("VOLDAAN_LISTEN"), "127.0.0.1:8080"),
		Inbound: cmp.Or(os.Getenv("VOLDAAN_INBOUND_LISTEN"), "127.0.0.1:2525"), SMTP: os.Getenv("VOLDAAN_SMTP_ADDRESS"),
		Domain: cmp.Or(os.Getenv("VOLDAAN_MAIL_DOMAIN"), "localhost"), MailLog: os.Getenv("VOLDAAN_MAIL_LOG_URL"),
		Keys: cmp.Or(os.Getenv("VOLDAAN_KEYS"), ".voldaan/keys"), Packages: os.Getenv("VOLDAAN_CONNECTORS"),
		Folders:   os.Getenv("VOLDAAN_FOLDERS"),
		MollieURL: os.Getenv("VOLDAAN_MOLLIE_URL"), MollieKey: os.Getenv("VOLDAAN_MOLLIE_KEY"),
		Overrides: map[string]string{}, Clients: map[string]oauthClient{}, Partner: map[string]map[string]string{},
	}
	c.Public = cmp.Or(strings.TrimSuffix(os.Getenv("VOLDAAN_PUBLIC_URL"), "/"), "http://"+c.Listen)
	exe, err := os.Executable()
	if err != nil {
		return c, err
	}
	c.Packages = cmp.Or(c.Packages, filepath.Join(filepath.Dir(exe), "connectors"))
	if c.Recipes = os.Getenv("VOLDAAN_RECIPES"); c.Recipes == "" {
		if file := filepath.Join(filepath.Dir(exe), "recipes"); isFile(file) {
			c.Recipes = file
		}
	}
	if c.SFTPNetworks, err = networks("VOLDAAN_SFTP_NETWORKS"); err != nil {
		return c, err
	}
	if c.Inside, err = networks("VOLDAAN_INSIDE_NETWORKS"); err != nil {
		return c, err
	}
	for _, p := range c.Inside {
		if p.Overlaps(linkLocal) {
			return c, fmt.Errorf("VOLDAAN_INSIDE_NETWORKS: %s takes in %s, where clouds keep the secrets of this machine; name only the networks that the packages are in", p, linkLocal)
		}
	}
	if c.Proxies, err = networks("VOLDAAN_TRUSTED_PROXIES"); err != nil {
		return c, err
	}
	return c, errors.Join(c.required(), c.pairs())
}

// linkLocal is where clouds answer machines that ask who they are.
var linkLocal = netip.MustParsePrefix("169.254.0.0/16")

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// networks reads "10.1.0.0/16,…".
func networks(name string) (out []netip.Prefix, err error) {
	for network := range strings.SplitSeq(os.Getenv(name), ",") {
		if network = strings.TrimSpace(network); network == "" {
			continue
		}
		p, err := netip.ParsePrefix(network)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a network such as 10.1.0.0/16", name, network)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

func (c config) required() error {
	for _, need := range []struct{ name, value string }{
		{"VOLDAAN_DATABASE_URL", c.Database}, {"TEMPORAL_ADDRESS", c.Temporal}, {"VOLDAAN_SMTP_ADDRESS", c.SMTP},
	} {
		if need.value == "" {
			return fmt.Errorf("%s is not set; `voldaan dev` starts everything and sets it by itself", need.name)
		}
	}
	return nil
}

func (c config) pairs() error {
	for pair := range strings.SplitSeq(os.Getenv("VOLDAAN_HOST_OVERRIDES"), ",") {
		host, to, ok := strings.Cut(pair, "=")
		if pair == "" {
			continue
		}
		if u, err := url.Parse(to); !ok || err != nil || u.Host == "" {
			return fmt.Errorf("VOLDAAN_HOST_OVERRIDES: %q is not of the form host=http://127.0.0.1:4010", pair)
		}
		c.Overrides[host] = to
	}
	for pair := range strings.SplitSeq(os.Getenv("VOLDAAN_OAUTH_CLIENTS"), ",") {
		name, rest, ok := strings.Cut(pair, "=")
		id, secret, ok2 := strings.Cut(rest, ":")
		if pair == "" {
			continue
		}
		if !ok || !ok2 {
			return fmt.Errorf("VOLDAAN_OAUTH_CLIENTS: an entry is not of the form connector=id:secret")
		}
		c.Clients[name] = oauthClient{id, secret}
	}
	for _, pair := range strings.Split(os.Getenv("VOLDAAN_PARTNER_VALUES"), ",") {
		path, value, ok := strings.Cut(strings.TrimSpace(pair), "=")
		connector, name, ok2 := strings.Cut(path, ".")
		if pair == "" {
			continue
		}
		if !ok || !ok2 {
			return fmt.Errorf("VOLDAAN_PARTNER_VALUES: an entry is not of the form connector.name=value")
		}
		if c.Partner[connector] == nil {
			c.Partner[connector] = map[string]string{}
		}
		c.Partner[connector][name] = value
	}
	return nil
}
