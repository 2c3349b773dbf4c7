package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
	"github.com/voldaan/voldaan/sdk/examples/acmebooks"
	"github.com/voldaan/voldaan/sdk/examples/examplestest"
)

// tenMinutes is what the guide promises, fetching of libraries included.
const tenMinutes = 10 * time.Minute

var shellBlock = regexp.MustCompile("(?ms)^```sh([a-z ]*)\n(.*?)^```$")

// TestGuide follows sdk/README.md from an empty folder to installed connectors: it
// runs every block of shell as it stands there, and then reads invoices through what
// came of it.
func TestGuide(t *testing.T) {
	guide, err := os.ReadFile("../../sdk/README.md")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "--version").Run() == nil
	if !node {
		t.Log("node is not installed: the part in TypeScript is left out")
	}
	if l, err := net.Listen("tcp", "127.0.0.1:18791"); err != nil {
		t.Skipf("the guide's port is taken on this machine: %v", err)
	} else {
		_ = l.Close()
	}
	var script strings.Builder
	script.WriteString("set -euo pipefail\n")
	blocks := shellBlock.FindAllStringSubmatch(string(guide), -1)
	if len(blocks) < 10 {
		t.Fatalf("the guide has %d blocks of shell", len(blocks))
	}
	for _, b := range blocks {
		if strings.TrimSpace(b[1]) == "node" && !node {
			continue
		}
		fmt.Fprintf(&script, "echo '%s'\n%s", strings.ReplaceAll("\n$ "+strings.TrimSpace(b[2]), "'", `'\''`), b[2])
	}
	dir, bin := t.TempDir(), guidePrograms(t)
	hub := startHub(t, bin)
	began := time.Now()
	out := follow(t, dir, bin, hub.url, script.String())
	t.Logf("%s\nThe guide took %s.", out, time.Since(began).Round(time.Second))
	for _, want := range []string{
		"12 invoices", "phone: 0223611200", "acme@0.1.0 is in order", "acme@0.1.0 published as community", "push                    3  covered: applied",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the guide does not print %q", want)
		}
	}
	hub.installPublished(t, "acme", "0.1.0")
	recipes := filepath.Join(bin, "recipes")
	readInstalled(t, hub.packages, recipes, "acme")
	installed := []string{"acme", "acme-go"}
	if node {
		installed = append(installed, "acme-node")
	}
	readInstalled(t, filepath.Join(dir, "catalogue"), recipes, installed...)
}

// guidePrograms builds the folder that is put on the PATH.
func guidePrograms(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	for name, pkg := range map[string]string{"voldaan": "deploy/voldaan", "recipes": "plugins/recipes"} {
		if err := os.Rename(examplestest.Go(t, pkg), filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

// follow runs the guide's commands in an empty folder, and ends what they left
// running.
func follow(t *testing.T, dir, bin, hub, script string) string {
	t.Helper()
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), tenMinutes)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "VOLDAAN_SDK="+checkout, "VOLDAAN_HUB="+hub)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // the emulator holds the output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { state, err := cmd.Process.Wait(); done <- ended(state, err) }()
	err = <-done
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	_ = cmd.Wait() // its output
	if ctx.Err() != nil {
		t.Fatalf("the guide takes more than %s:\n%s", tenMinutes, out.String())
	}
	if err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	return out.String()
}

func ended(state *os.ProcessState, err error) error {
	if err == nil && !state.Success() {
		err = fmt.Errorf("the guide fails: %s", state)
	}
	return err
}

// readInstalled reads the books of an Acme Books through connectors of a catalogue.
func readInstalled(t *testing.T, catalogue, recipes string, names ...string) {
	t.Helper()
	books, err := acmebooks.New(acmebooks.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(books.Close)
	server := httptest.NewServer(books)
	t.Cleanup(server.Close)
	company, err := books.SeedAdministration(ledger.AdministrationSeed{Name: "De Korenaar"})
	if err == nil {
		err = books.Demonstrate(company)
	}
	if err != nil {
		t.Fatal(err)
	}
	h, err := connect.Open(connect.Config{
		Catalog: catalogue, Recipes: recipes, Store: token.NewMemory(), Sealer: openly{}, Log: slog.New(slog.DiscardHandler),
		App:    func(context.Context, string) (token.App, error) { return token.App{}, nil },
		Egress: broker.EgressConfig{Overrides: map[string]string{acmebooks.Host: server.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Close(context.Background()) }()
	for _, name := range names {
		c := connect.Connection{ID: uuid.New(), Tenant: uuid.New(), Connector: name}
		if err := h.Tokens().Put(t.Context(), token.Ref{Tenant: c.Tenant, Connection: c.ID}, token.Credentials{Fields: map[string]string{"api_key": acmebooks.Key}}); err != nil {
			t.Fatal(err)
		}
		var got tally
		if err := h.Pull(t.Context(), c, sdk.PullRequest{Administration: company}, &got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if slices.Sort(got.numbers); len(slices.Compact(got.numbers)) != 12 || got.open != openInDemonstration {
			t.Errorf("%s reads %v with %d cents open", name, got.numbers, got.open)
		}
		if name == "acme" && got.phone != "0223611200" {
			t.Errorf("the guide's own change is not in it: telephone %q", got.phone)
		}
	}
}

// openInDemonstration is what the demonstration's invoices in euros leave open:
// 500.00, 2420.00, 96.80, 151.25, 1815.00, 605.00 and 48.40.
const openInDemonstration = 563_645

// openly seals nothing.
type openly struct{}

func (openly) Seal(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }
func (openly) Open(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }

// tally counts what a pull gives.
type tally struct {
	numbers []string
	open    int64 // cents of euros on invoices
	phone   string
}

// Batch implements connect.BatchSink.
func (y *tally) Batch(_ context.Context, b *connect.Batch) error {
	for _, v := range b.Invoices {
		y.numbers = append(y.numbers, v.Number)
		if v.Open.Currency == "EUR" && v.Kind == sdk.SalesInvoice {
			y.open += v.Open.Minor
		}
	}
	for _, p := range b.Parties {
		if p.Name == "Hotel Zeezicht B.V." {
			y.phone = p.Phone
		}
	}
	return nil
}

// Compare implements connect.BatchSink.
func (y *tally) Compare(context.Context, sdk.Stream, []sdk.Revision) ([]string, error) {
	return nil, nil
}
