package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/core/tenant"
	"github.com/voldaan/voldaan/workflows/temporaltest"
)

// runningHub is `voldaan serve` as a process of its own, with an organisation that
// looks for connectors there.
type runningHub struct {
	url      string
	packages string // its catalogue
	key      string // of the organisation, for the REST API
}

// startHub starts one. Its database is that of the environment from now on.
func startHub(t *testing.T, bin string) *runningHub {
	t.Helper()
	dsn := pgtest.New(t, store.Migrate, store.Schema())
	t.Setenv("VOLDAAN_DATABASE_URL", dsn)
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	d := tenant.Directory{Store: s}
	id, err := d.Create(t.Context(), tenant.New{Slug: "korenaar", Name: "De Korenaar", TimeZone: "Europe/Amsterdam", Clock: clock.Scale{}})
	if err != nil {
		t.Fatal(err)
	}
	h := &runningHub{packages: t.TempDir()}
	if _, h.key, err = d.NewKey(t.Context(), id, "guide", []tenant.Scope{tenant.Read, tenant.Write}, "test"); err != nil {
		t.Fatal(err)
	}
	listen := freeAddress(t)
	h.url = "http://" + listen
	var log bytes.Buffer
	cmd := exec.Command(filepath.Join(bin, "voldaan"), "serve")
	cmd.Env = append(os.Environ(),
		"VOLDAAN_LISTEN="+listen, "VOLDAAN_INBOUND_LISTEN="+freeAddress(t), "VOLDAAN_KEYS="+t.TempDir(), "VOLDAAN_CONNECTORS="+h.packages,
		"VOLDAAN_PACKAGES="+t.TempDir(), "VOLDAAN_SMTP_ADDRESS="+freeAddress(t), "TEMPORAL_ADDRESS="+temporaltest.Start(t), "TEMPORAL_NAMESPACE="+temporaltest.Namespace(t),
	)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("the hub said:\n%s", log.String())
		}
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if resp, err := http.Get(h.url + "/"); err == nil {
			_ = resp.Body.Close()
			return h
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the hub ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the hub does not answer")
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// ask calls the hub's REST API as the organisation's program.
func (h *runningHub) ask(t *testing.T, method, path string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, h.url+"/api/v1"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s %v", method, path, resp.Status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s %s: %v in %s", method, path, err, body)
	}
}

// installPublished finds a connector in the hub's marketplace and takes it into use.
func (h *runningHub) installPublished(t *testing.T, name, version string) {
	t.Helper()
	var found struct {
		Items []struct {
			Name, Version, Publisher string
			Badge                    struct {
				Level  string
				Passed int
				Failed int
			}
		}
	}
	for deadline := time.Now().Add(time.Minute); len(found.Items) == 0; time.Sleep(200 * time.Millisecond) {
		if h.ask(t, "GET", "/connectors?search="+name, &found); time.Now().After(deadline) {
			t.Fatalf("%s does not appear in the marketplace", name)
		}
	}
	c := found.Items[0]
	if c.Name != name || c.Version != version || c.Publisher != "Acme B.V." || c.Badge.Level != "community" || c.Badge.Passed == 0 || c.Badge.Failed != 0 {
		t.Errorf("the marketplace has %+v", c)
	}
	var mine struct {
		Version   string
		Installed bool
	}
	h.ask(t, "POST", "/connectors/"+name+"/install", &mine)
	if !mine.Installed || mine.Version != version {
		t.Errorf("in use is %+v", mine)
	}
	files, err := filepath.Glob(filepath.Join(h.packages, fmt.Sprintf("*%s*", strings.ReplaceAll(name, "*", ""))))
	if err != nil || len(files) == 0 {
		t.Errorf("the hub's catalogue does not have it: %v %v", files, err)
	}
}
