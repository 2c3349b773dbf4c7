package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/yamldoc"
)

// accessFile says how a connector that is being written reaches its package.
const accessFile = "dev.yaml"

// connectorAccess is what accessFile says.
type connectorAccess struct {
	conformance.Access
	Emulator       string            // one of those of "voldaan emulate"
	Hosts          map[string]string // base URLs by host name
	Administration string
	ClientID       string
	ClientSecret   string
}

// flags let the command line say more than the file does.
func (a *connectorAccess) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.Emulator, "emulator", "", "package to play, one of those of \"voldaan emulate\"")
	cmd.Flags().StringToStringVar(&a.Hosts, "host", nil, "server that stands in for one of connector.yaml, as NAME=URL")
	cmd.Flags().StringToStringVar(&a.Secrets, "secret", nil, "secret answer to the form, as NAME=VALUE; VALUE may be $VARIABLE")
	cmd.Flags().StringToStringVar(&a.Config, "config", nil, "other answer to the form, as NAME=VALUE")
	cmd.Flags().StringVar(&a.Administration, "administration", "", "id of the books to read, else the first")
}

// load reads the file of a folder, if there is one; what the command line said
// goes before it. The error is yamldoc.Problems for a file that is wrong.
func (a *connectorAccess) load(dir string) error {
	path := filepath.Join(dir, accessFile)
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		r := &yamldoc.Reader{File: path}
		n, err := r.Document(data, 64<<10)
		if err != nil {
			return err
		}
		o := r.Object(n, "")
		text := func(key string, into *string) {
			if v := o.Text(key, false); *into == "" {
				*into = v
			}
		}
		dict := func(key string, into *map[string]string) {
			for k, v := range o.Dict(key) {
				if *into == nil {
					*into = map[string]string{}
				}
				if _, said := (*into)[k]; !said {
					(*into)[k] = v
				}
			}
		}
		text("emulator", &a.Emulator)
		dict("hosts", &a.Hosts)
		text("method", &a.Method)
		dict("secrets", &a.Secrets)
		dict("config", &a.Config)
		text("administration", &a.Administration)
		text("token", &a.Token)
		text("refresh_token", &a.Refresh)
		text("client_id", &a.ClientID)
		text("client_secret", &a.ClientSecret)
		o.Done()
		if err := r.Err(); err != nil {
			return err
		}
	}
	for k, v := range a.Secrets {
		a.Secrets[k] = fromEnvironment(v)
	}
	a.Token, a.Refresh, a.ClientSecret = fromEnvironment(a.Token), fromEnvironment(a.Refresh), fromEnvironment(a.ClientSecret)
	return nil
}

// fromEnvironment returns the variable that a value names, as in $ACME_KEY.
func fromEnvironment(v string) string {
	if name, ok := strings.CutPrefix(v, "$"); ok && name != "" {
		return os.Getenv(name)
	}
	return v
}

// fill completes the answers by the form.
func (a *connectorAccess) fill(m *manifest.Manifest) error {
	given := map[string]string{}
	for _, answers := range []map[string]string{a.Config, a.Secrets} {
		for k, v := range answers {
			if !slices.ContainsFunc(m.Form, func(f manifest.Field) bool { return f.Name == k }) {
				return fmt.Errorf("%s has no form field %q", manifest.FileName, k)
			}
			given[k] = v
		}
	}
	method := a.Method
	if method == "" {
		method = m.Auth[0].Name
	}
	filled, err := m.Fill(method, given)
	if err != nil {
		return fmt.Errorf("%w\nSay it in %s under secrets or config, or with --secret and --config", err, accessFile)
	}
	a.Config, a.Secrets = map[string]string{}, map[string]string{}
	auth, _ := m.Method(method)
	for _, f := range m.Form {
		if v := filled[f.Name]; v != "" && (f.Secret || f.Name == auth.UserField) {
			a.Secrets[f.Name] = v
		}
		if v := filled[f.Name]; v != "" && !f.Secret {
			a.Config[f.Name] = v
		}
	}
	return nil
}

// play starts the emulator, if one was asked for, and has it stand in for the
// hosts that nothing else stands in for.
func (a *connectorAccess) play(m *manifest.Manifest) (stop func(), err error) {
	if a.Emulator == "" {
		return func() {}, nil
	}
	i := slices.IndexFunc(emulators, func(v vendor) bool { return v.name == a.Emulator })
	if i < 0 {
		var names []string
		for _, v := range emulators {
			names = append(names, v.name)
		}
		return nil, fmt.Errorf("there is no emulator %q; there are %s", a.Emulator, strings.Join(names, ", "))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	base := "http://" + l.Addr().String()
	e, err := emulators[i].open(vendorConfig{Now: time.Now, PublicURL: base})
	if err == nil {
		err = plant(e)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	srv := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(l) }()
	if a.Hosts == nil {
		a.Hosts = map[string]string{}
	}
	for _, h := range slices.Concat(m.Hosts, m.Downloads) {
		if _, said := a.Hosts[h]; !said && !strings.ContainsAny(h, "*{") {
			a.Hosts[h] = base
		}
	}
	return func() { _ = srv.Close(); e.Close() }, nil
}
