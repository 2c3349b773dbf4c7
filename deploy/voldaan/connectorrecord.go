package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/voldaan/voldaan/core/connect/conform"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk/conformance"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// given are the answers with which "connector record" connects.
type given struct {
	file string
	form []string
}

// Names of answers that are of no form: what signing in by OAuth2 gave.
const (
	givenMethod       = "method"
	givenAccess       = "access_token"
	givenRefresh      = "refresh_token"
	givenClientID     = "client_id"
	givenClientSecret = "client_secret"
)

func connectorRecord() *cobra.Command {
	var g given
	var base, ignore []string
	var to, on, administration, plugins string
	var write bool
	cmd := &cobra.Command{
		Use: "record FOLDER|NAME", Short: "Record what a connector and its package say to each other, with nobody's name in it", Args: cobra.ExactArgs(1),
		Long: "Connects, reads everything, reads what changed, reads named invoices and a document, and writes a cassette:\n" +
			"readable text in which people, addresses and numbers are replaced and credentials never were.\n\n" +
			"The connection's answers come from --connection, a JSON object of texts, and from --form NAME=VALUE. A value\n" +
			"env:NAME or file:PATH is taken from there; secret answers must be. Beside the fields of the form there are\n" +
			"method, and for OAuth2 access_token, refresh_token, client_id and client_secret.",
	}
	f := cmd.Flags()
	f.StringVar(&g.file, "connection", "", "file with the answers of the connection form, as a JSON object")
	f.StringArrayVar(&g.form, "form", nil, "one answer, as NAME=VALUE, NAME=env:VARIABLE or NAME=file:PATH")
	f.StringArrayVar(&base, "base", nil, "send requests for a host elsewhere, such as to an emulator, as HOST=URL")
	f.StringVar(&to, "to", "", "the cassette's file, else cassettes/NAME.cassette in the connector's folder")
	f.StringVar(&on, "on", "sandbox", "what is recorded: sandbox, emulator or production")
	f.StringVar(&administration, "administration", "", "id of the books to read; else the first")
	f.StringVar(&plugins, "plugins", "plugins", "folder with connectors")
	f.StringArrayVar(&ignore, "ignore", nil, "name of a field of requests that differs each time")
	f.BoolVar(&write, "write", false, "book a payment of a cent, and look it up; never in books that matter")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		folder := args[0]
		if !isFile(filepath.Join(folder, manifest.FileName)) {
			folder = filepath.Join(plugins, folder)
		}
		m, err := manifest.Load(folder)
		if err != nil {
			return err
		}
		ready, done, err := readyConnector(cmd.Context(), folder, m)
		if err != nil {
			return err
		}
		defer done()
		r := conform.Recording{Config: ready, On: on, Administration: administration, Write: write, Ignore: ignore}
		r.Config.Network, r.Config.Base = true, map[string]string{}
		for _, b := range base {
			host, address, ok := strings.Cut(b, "=")
			if !ok {
				return fmt.Errorf("--base %q is not of the form HOST=URL", b)
			}
			r.Config.Base[host] = address
		}
		if r.Access, r.Config.App, err = g.access(m); err != nil {
			return err
		}
		out := cmd.OutOrStdout()
		fmt.Fprintf(out, "%-16s %8s  %s\n", "phase", "requests", "result")
		r.Done = func(c conform.Covered) {
			note := "covered"
			if c.Note != "" {
				note += ": " + c.Note
			}
			if c.Err != nil {
				note = "not covered: " + c.Err.Error()
			}
			fmt.Fprintf(out, "%-16s %8d  %s\n", c.Phase, c.Requests, note)
		}
		data, _, err := conform.Record(cmd.Context(), r)
		if err != nil {
			return err
		}
		if to == "" {
			to = filepath.Join(folder, "cassettes", m.Name+".cassette")
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %d KiB; look through it before you share it, then try it: voldaan connector test %s\n", to, (len(data)+1023)/1024, args[0])
		return nil
	}
	return cmd
}

// access puts the answers where they belong.
func (g *given) access(m *manifest.Manifest) (a conformance.Access, app token.App, err error) {
	answers := map[string]string{}
	if g.file != "" {
		b, err := os.ReadFile(g.file)
		if err != nil {
			return a, app, err
		}
		if err := json.Unmarshal(b, &answers); err != nil {
			return a, app, fmt.Errorf("%s is not a JSON object of texts: %w", g.file, err)
		}
	}
	for _, f := range g.form {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return a, app, errors.New("--form takes NAME=VALUE")
		}
		if secretAnswer(m, name) && !strings.HasPrefix(value, "env:") && !strings.HasPrefix(value, "file:") {
			return a, app, fmt.Errorf("%s is secret, and everybody on this machine sees a command's arguments; use %s=env:VARIABLE, %s=file:PATH or --connection", name, name, name)
		}
		answers[name] = value
	}
	a.Config, a.Secrets = map[string]string{}, map[string]string{}
	for _, f := range m.Form {
		if f.Default != "" {
			a.Config[f.Name] = f.Default
		}
	}
	for name, value := range answers {
		if value, err = resolve(name, value); err != nil {
			return a, app, err
		}
		switch name {
		case givenMethod:
			a.Method = value
		case givenAccess:
			a.Token = value
		case givenRefresh:
			a.Refresh = value
		case givenClientID:
			app.ClientID = value
		case givenClientSecret:
			app.ClientSecret = value
		default:
			if !slices.ContainsFunc(m.Form, func(f manifest.Field) bool { return f.Name == name }) {
				return a, app, fmt.Errorf("%s is no field of the form of %s", name, m.Title)
			}
			if !secretAnswer(m, name) {
				a.Config[name] = value
			}
			a.Secrets[name] = value
		}
	}
	// Only what signing in takes is kept with the secrets.
	for name := range a.Secrets {
		if !secretAnswer(m, name) && !slices.ContainsFunc(m.Auth, func(x manifest.Auth) bool { return x.UserField == name }) {
			delete(a.Secrets, name)
		}
	}
	return a, app, nil
}

func secretAnswer(m *manifest.Manifest, name string) bool {
	return slices.Contains([]string{givenAccess, givenRefresh, givenClientSecret}, name) ||
		slices.ContainsFunc(m.Form, func(f manifest.Field) bool { return f.Name == name && f.Secret })
}

// resolve follows env: and file:.
func resolve(name, value string) (string, error) {
	if variable, ok := strings.CutPrefix(value, "env:"); ok {
		v, set := os.LookupEnv(variable)
		if !set {
			return "", fmt.Errorf("%s is to come from the environment variable %s, which is not set", name, variable)
		}
		return v, nil
	}
	if file, ok := strings.CutPrefix(value, "file:"); ok {
		b, err := os.ReadFile(file)
		return strings.TrimRight(string(b), "\r\n"), err
	}
	return value, nil
}
