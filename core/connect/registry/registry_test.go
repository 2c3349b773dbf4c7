package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/sdk/pack"
)

const host = "hub.example"

// hub is a registry on a fresh database with the publisher acme.
type hub struct {
	*registry.Registry
	store *store.Store
	key   pack.PrivateKey
	now   time.Time
}

func newHub(t *testing.T) *hub {
	t.Helper()
	s, err := store.Open(t.Context(), pgtest.New(t, store.Migrate, store.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	h := &hub{store: s, now: time.Date(2026, 3, 14, 9, 30, 0, 0, time.UTC)}
	h.Registry, err = registry.New(registry.Config{Store: s, Blobs: blob.NewFolder(t.TempDir()), Log: slog.New(slog.DiscardHandler), Clock: clock.Func(func() time.Time { return h.now })})
	if err != nil {
		t.Fatal(err)
	}
	h.key = h.publisher(t, "acme")
	return h
}

// publisher registers a publisher with a key.
func (h *hub) publisher(t *testing.T, name string) pack.PrivateKey {
	t.Helper()
	if err := h.RegisterPublisher(t.Context(), name, strings.ToUpper(name)); err != nil {
		t.Fatal(err)
	}
	k, err := pack.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.AddKey(t.Context(), name, k.Public(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	return k
}

// pkg is a package of a connector; change replaces text in its manifest.
type pkg struct {
	name, version, publisher string
	program                  string
	report                   string
	change                   []string
}

func (p pkg) bytes(t *testing.T, key pack.PrivateKey, at time.Time) []byte {
	t.Helper()
	text := strings.NewReplacer(append([]string{"name: acme\n", "name: " + p.name + "\n", "version: 1.2.0", "version: " + p.version, "publisher: acme", "publisher: " + p.publisher}, p.change...)...).Replace(base)
	s := &pack.Source{
		Files:    map[string][]byte{pack.Manifest: []byte(text), pack.Readme: []byte("# Acme\x00"), pack.Changelog: []byte("## " + p.version)},
		Programs: map[pack.Platform][]byte{pack.Any: []byte("program " + p.program)},
	}
	if p.report != "" {
		s.Files[pack.Report] = []byte(p.report)
	}
	b, err := pack.Build(s)
	if err == nil {
		b, err = pack.Sign(b, key, at)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (h *hub) send(t *testing.T, key pack.PrivateKey, publisher string, body []byte) (registry.Published, error) {
	t.Helper()
	header := registry.SignRequest(key, publisher, "POST", registry.PublishPath, host, body, h.now)
	r, err := registry.ParseRequest(header, "POST", registry.PublishPath, host)
	if err != nil {
		t.Fatal(err)
	}
	return h.Publish(t.Context(), r, body)
}

func (h *hub) publish(t *testing.T, version string, change ...string) registry.Published {
	t.Helper()
	out, err := h.send(t, h.key, "acme", pkg{name: "acme", version: version, publisher: "acme", change: change}.bytes(t, h.key, h.now))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (h *hub) tenant(t *testing.T) uuid.UUID {
	t.Helper()
	id := uuid.New()
	if err := h.store.Door().DoorCreateTenant(t.Context(), db.DoorCreateTenantParams{ID: id, Slug: "t-" + id.String()[:8], Name: "T", TimeZone: "Europe/Amsterdam", Clock: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *hub) gets(t *testing.T, tenant uuid.UUID) string {
	t.Helper()
	v, err := h.Version(t.Context(), tenant, "acme")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantCode(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if f := fault.Of(err); err == nil || f.Kind != kind || f.Code != code {
		t.Errorf("%s: %v (%v), want %s %s", what, err, fault.Of(err).Code, kind, code)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	body := pkg{name: "acme", version: "1.0.0", publisher: "acme"}.bytes(t, h.key, h.now)
	first, err := h.send(t, h.key, "acme", body)
	if err != nil || first.Level != registry.Community || first.Percent != 100 || first.Again {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := h.send(t, h.key, "acme", body)
	if err != nil || !again.Again || again.SHA256 != first.SHA256 {
		t.Errorf("again: %+v, %v", again, err)
	}
	if b, err := h.Package(t.Context(), "acme", "1.0.0"); err != nil || !bytes.Equal(b, body) {
		t.Errorf("the package: %d bytes, %v", len(b), err)
	}
	list, err := h.Versions(t.Context(), "acme")
	if err != nil || len(list) != 1 || list[0].Changelog != "## 1.0.0" || list[0].Readme != "# Acme" || list[0].PublisherTitle != "ACME" {
		t.Errorf("listed %+v, %v", list, err)
	}
	next := h.publish(t, "1.1.0", "[documents]", "[documents, webhooks]")
	if next.Percent != 10 || len(next.Changes) != 1 || next.Changes[0].Sentence != "It can do webhooks too." {
		t.Errorf("the next version: %+v", next)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	other := h.publisher(t, "other")
	stranger, err := pack.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	h.publish(t, "1.0.0")
	send := func(key pack.PrivateKey, publisher string, p pkg, signer pack.PrivateKey, at time.Time) error {
		_, err := h.send(t, key, publisher, p.bytes(t, signer, at))
		return err
	}
	acme := pkg{name: "acme", version: "1.1.0", publisher: "acme"}
	wantCode(t, "a name that belongs to another publisher", send(other, "other", pkg{name: "acme", version: "2.0.0", publisher: "other"}, other, h.now), fault.Denied, "connector_name_taken")
	wantCode(t, "a name that reads like another", send(other, "other", pkg{name: "ac-me", version: "1.0.0", publisher: "other"}, other, h.now), fault.Conflict, "connector_name_alike")
	wantCode(t, "another publisher's package", send(other, "other", acme, h.key, h.now), fault.Denied, "package_of_another")
	wantCode(t, "a key that is not registered", send(stranger, "acme", acme, stranger, h.now), fault.SignIn, "key_unknown")
	wantCode(t, "a package signed by a stranger", send(h.key, "acme", acme, stranger, h.now), fault.Denied, "package_signature")
	wantCode(t, "a package signed in the future", send(h.key, "acme", acme, h.key, h.now.Add(time.Hour)), fault.Denied, "package_signature")
	wantCode(t, "an unknown publisher", send(stranger, "nobody", pkg{name: "x1", version: "1.0.0", publisher: "nobody"}, stranger, h.now), fault.SignIn, "key_unknown")
	changed := acme
	changed.version, changed.program = "1.0.0", "other"
	wantCode(t, "the same version with other content", send(h.key, "acme", changed, h.key, h.now), fault.Conflict, "version_published")
	older := acme
	older.version, older.program = "0.9.0", "older"
	if err := send(h.key, "acme", older, h.key, h.now); err != nil {
		t.Errorf("an older version that was never there: %v", err)
	}
	older.program = "other"
	wantCode(t, "an older version with other content", send(h.key, "acme", older, h.key, h.now), fault.Conflict, "version_published")
	acme.report = `{"connector":"acme","version":"1.1.0","passed":9,"short":true}`
	err = send(h.key, "acme", acme, h.key, h.now)
	wantCode(t, "a report of a short run", err, fault.Invalid, "report_short")
	if !strings.Contains(fmt.Sprint(err), "without --short") {
		t.Errorf("it does not say what to do: %v", err)
	}
	acme.report = `{"connector":"acme","version":"1.1.0","passed":9,"tested":{"manifest":"00ff"}}`
	wantCode(t, "a report on another manifest", send(h.key, "acme", acme, h.key, h.now), fault.Invalid, "report_stale")
	acme.report = `{"connector":"acme","version":"1.0.0","passed":9}`
	wantCode(t, "a report on another version", send(h.key, "acme", acme, h.key, h.now), fault.Invalid, "report_of_another")
	wantCode(t, "rubbish", func() error { _, err := h.send(t, h.key, "acme", []byte("rubbish")); return err }(), fault.Invalid, "package_invalid")

	major := pkg{name: "acme", version: "1.1.0", publisher: "acme", change: []string{"[parties, invoices]", "[parties, invoices, payments]"}}
	err = send(h.key, "acme", major, h.key, h.now)
	wantCode(t, "an undeclared major change", err, fault.Invalid, "change_undeclared")
	if err == nil || !strings.Contains(err.Error(), "It reads payments too") || !strings.Contains(err.Error(), "Give it version 2.0.0.") {
		t.Errorf("it says %v", err)
	}
	major.version = "2.0.0"
	if err := send(h.key, "acme", major, h.key, h.now); err != nil {
		t.Errorf("a declared major change: %v", err)
	}

	if err := h.RevokeKey(t.Context(), "acme", h.key.Public().ID(), "stolen"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a key that was revoked", send(h.key, "acme", pkg{name: "acme", version: "3.0.0", publisher: "acme"}, h.key, h.now), fault.SignIn, "key_revoked")
	expiring, err := pack.GenerateKey()
	if err == nil {
		err = h.AddKey(t.Context(), "acme", expiring.Public(), h.now.Add(time.Hour))
	}
	if err != nil {
		t.Fatal(err)
	}
	h.now = h.now.Add(2 * time.Hour)
	wantCode(t, "a key that has expired", send(expiring, "acme", pkg{name: "acme", version: "3.0.0", publisher: "acme"}, expiring, h.now.Add(-3*time.Hour)), fault.SignIn, "key_expired")
}

func TestRequests(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	body := pkg{name: "acme", version: "1.0.0", publisher: "acme"}.bytes(t, h.key, h.now)
	good := registry.SignRequest(h.key, "acme", "POST", registry.PublishPath, host, body, h.now)
	for name, c := range map[string]struct {
		header, method, path, host string
		body                       []byte
		at                         time.Duration
		code                       string
	}{
		"another body":   {good, "POST", registry.PublishPath, host, []byte("other"), 0, "request_signature"},
		"another method": {good, "PUT", registry.PublishPath, host, body, 0, "request_signature"},
		"another path":   {good, "POST", registry.YankPath("acme", "1.0.0"), host, body, 0, "request_signature"},
		"another hub":    {good, "POST", registry.PublishPath, "other.example", body, 0, "request_signature"},
		"sent too late":  {good, "POST", registry.PublishPath, host, body, 6 * time.Minute, "request_expired"},
		"sent too early": {good, "POST", registry.PublishPath, host, body, -6 * time.Minute, "request_expired"},
		"no header":      {"", "POST", registry.PublishPath, host, body, 0, "request_not_signed"},
		"key twice":      {good + "; key=x", "POST", registry.PublishPath, host, body, 0, "request_not_signed"},
		"unknown part":   {good + "; x=y", "POST", registry.PublishPath, host, body, 0, "request_not_signed"},
		"in time":        {good, "POST", registry.PublishPath, host, body, 4 * time.Minute, ""},
	} {
		start := h.now
		h.now = start.Add(c.at)
		r, err := registry.ParseRequest(c.header, c.method, c.path, c.host)
		if err == nil {
			_, err = h.Publish(t.Context(), r, c.body)
		}
		h.now = start
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantCode(t, name, err, fault.SignIn, c.code)
	}
}

func TestLevelFollowsFromFacts(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	report := func(passed, failed int) string {
		return fmt.Sprintf(`{"connector":"acme","version":"1.0.0","passed":%d,"failed":%d,"matrix":{"more":true}}`, passed, failed)
	}
	level := func() registry.Level {
		list, err := h.Versions(t.Context(), "acme")
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].Level
	}
	if out, err := h.send(t, h.key, "acme", pkg{name: "acme", version: "1.0.0", publisher: "acme", report: report(40, 0)}.bytes(t, h.key, h.now)); err != nil || out.Level != registry.Community {
		t.Fatalf("%+v, %v", out, err)
	}
	if err := h.VerifyPublisher(t.Context(), "acme", "chamber of commerce and a call back"); err != nil || level() != registry.Verified {
		t.Errorf("a publisher that we know: %s, %v", level(), err)
	}
	if err := h.Attest(t.Context(), "acme", "1.0.0", []byte(report(40, 0))); err != nil || level() != registry.Certified {
		t.Errorf("our own run: %s, %v", level(), err)
	}
	if err := h.Attest(t.Context(), "acme", "1.0.0", []byte(report(39, 1))); err != nil || level() != registry.Verified {
		t.Errorf("our own run fails: %s, %v", level(), err)
	}
	wantCode(t, "our own run was short", h.Attest(t.Context(), "acme", "1.0.0", []byte(`{"connector":"acme","version":"1.0.0","passed":40,"short":true}`)), fault.Invalid, "report_short")
	wantCode(t, "a report on something else", h.Attest(t.Context(), "acme", "1.0.1", []byte(report(1, 0))), fault.Invalid, "report_of_another")
	if err := h.store.In(t.Context(), uuid.Nil, func(tx store.Tx) error {
		_, err := tx.Exec(t.Context(), "update connector_version set manifest = 'other'")
		return err
	}); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("what was published can be changed: %v", err)
	}
}

func TestRolloutGoesOnAndBack(t *testing.T) {
	t.Parallel()
	ctx, h := context.Background(), newHub(t)
	h.publish(t, "1.0.0")
	tenants := make([]uuid.UUID, 40)
	for i := range tenants {
		tenants[i] = h.tenant(t)
		if v := h.gets(t, tenants[i]); v != "1.0.0" {
			t.Fatalf("a tenant gets %s", v)
		}
	}
	count := func() (n int) {
		for _, tenant := range tenants {
			if h.gets(t, tenant) == "1.1.0" {
				n++
			}
		}
		return n
	}
	h.publish(t, "1.1.0")
	early := count()
	if early > 14 {
		t.Errorf("at 10%%, %d of 40 have it", early)
	}
	observe := func(version string, calls, failures int64) {
		if err := h.Observe(ctx, "acme", version, registry.Tally{Calls: calls, Failures: failures}); err != nil {
			t.Fatal(err)
		}
	}
	review := func(after time.Duration) registry.Entry {
		h.now = h.now.Add(after)
		if err := h.Review(ctx); err != nil {
			t.Fatal(err)
		}
		list, err := h.Versions(ctx, "acme")
		if err != nil {
			t.Fatal(err)
		}
		return list[len(list)-1]
	}
	observe("1.0.0", 1000, 10)
	observe("1.1.0", 100, 1)
	if e := review(time.Hour); e.Percent != 10 || e.HaltedAt != nil {
		t.Errorf("after an hour: %+v", e)
	}
	if e := review(24 * time.Hour); e.Percent != 50 {
		t.Errorf("after a day: %d%%, halted %q", e.Percent, e.HaltedWhy)
	}
	if n := count(); n <= early || n == 40 {
		t.Errorf("at 50%%, %d of 40 have it", n)
	}
	uses, err := h.Uses(ctx)
	if err != nil || len(uses) != 2 || uses[0].Tenants+uses[1].Tenants != 40 {
		t.Errorf("uses: %+v, %v", uses, err)
	}
	observe("1.0.0", 1000, 10)
	observe("1.1.0", 100, 30)
	if e := review(time.Hour); e.HaltedAt == nil || e.HaltedWhy != "30.0% of 100 calls failed; of the version before it was 1.0%" {
		t.Errorf("after failures: %+v", e)
	}
	if n := count(); n != 0 {
		t.Errorf("after the roll-back %d tenants have it", n)
	}
	if err := h.Stage(ctx, "acme", "1.1.0", 100); err != nil || count() != 40 {
		t.Errorf("staged again: %v", err)
	}
}

func TestPinsAndYanks(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), newHub(t)
	h.publish(t, "1.0.0")
	h.publish(t, "1.1.0")
	h.publish(t, "2.0.0", "kind: accounting", "kind: crm")
	if err := h.Stage(ctx, "acme", "1.1.0", 100); err != nil {
		t.Fatal(err)
	}
	a, b := h.tenant(t), h.tenant(t)
	if err := h.Pin(ctx, a, "acme", "1.0.0", "anna", "the new one is slow"); err != nil {
		t.Fatal(err)
	}
	wantCode(t, "a version that is not there", h.Pin(ctx, a, "acme", "9.0.0", "anna", ""), fault.Invalid, "connector_version_unknown")
	if got := h.gets(t, a); got != "1.0.0" {
		t.Errorf("A holds on to 1.0.0 and gets %s", got)
	}
	if got := h.gets(t, b); got != "2.0.0" {
		t.Errorf("B, who is new, gets %s", got)
	}
	wantCode(t, "a pin of another tenant", h.Unpin(ctx, b, "acme"), fault.NotFound, "connector_not_pinned")
	if err := h.Unpin(ctx, a, "acme"); err != nil {
		t.Fatal(err)
	}
	if got := h.gets(t, a); got != "1.1.0" {
		t.Errorf("A lets go and gets %s, not the newest of the line that it has", got)
	}

	yank := func(key pack.PrivateKey, publisher, body string) error {
		path := registry.YankPath("acme", "1.1.0")
		r, err := registry.ParseRequest(registry.SignRequest(key, publisher, "POST", path, host, []byte(body), h.now), "POST", path, host)
		if err != nil {
			return err
		}
		return h.Yank(ctx, r, "acme", "1.1.0", []byte(body))
	}
	wantCode(t, "without a reason", yank(h.key, "acme", `{}`), fault.Invalid, "yank_why")
	wantCode(t, "by another publisher", yank(h.publisher(t, "other"), "other", `{"why":"envy"}`), fault.NotFound, "connector_unknown")
	if err := h.Pin(ctx, a, "acme", "1.1.0", "anna", ""); err != nil {
		t.Fatal(err)
	}
	if err := yank(h.key, "acme", `{"why":"loses payments"}`); err != nil {
		t.Fatal(err)
	}
	_, err := h.Version(ctx, a, "acme")
	wantCode(t, "pinned to what was yanked", err, fault.Conflict, "connector_yanked")
	if err := h.Unpin(ctx, a, "acme"); err != nil {
		t.Fatal(err)
	}
	if got := h.gets(t, a); got != "1.0.0" {
		t.Errorf("after the yank A gets %s", got)
	}
	if v, err := h.Version(ctx, a, "moneybird"); v != "" || err != nil {
		t.Errorf("a connector that is not in the register: %q, %v", v, err)
	}
}

func TestMirror(t *testing.T) {
	t.Parallel()
	ctx, h, dir := t.Context(), newHub(t), t.TempDir()
	h.publish(t, "1.0.0")
	h.publish(t, "1.1.0")
	mirror := func(want bool) *catalog.Catalog {
		t.Helper()
		if changed, err := h.Mirror(ctx, dir); err != nil || changed != want {
			t.Errorf("mirrored: %v, %v, want %v", changed, err, want)
		}
		c, err := catalog.Open(dir, catalog.WithClock(clock.Func(func() time.Time { return h.now })))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := mirror(true)
	if p, err := c.Get("acme", "1.0.0"); err != nil || filepath.Base(p.Program) != "acme" || len(c.Problems()) > 0 {
		t.Errorf("%v, problems %v", err, c.Problems())
	}
	mirror(false)
	path := registry.YankPath("acme", "1.1.0")
	body := []byte(`{"why":"x"}`)
	r, err := registry.ParseRequest(registry.SignRequest(h.key, "acme", "POST", path, host, body, h.now), "POST", path, host)
	if err == nil {
		err = h.Yank(ctx, r, "acme", "1.1.0", body)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := mirror(true).Versions("acme"); len(got) != 1 || got[0].ID() != "acme@1.0.0" {
		t.Errorf("after a yank: %v", got)
	}
	if err := h.RevokeKey(ctx, "acme", h.key.Public().ID(), "stolen"); err != nil {
		t.Fatal(err)
	}
	if got := mirror(true).Versions("acme"); len(got) != 0 {
		t.Errorf("after its key was revoked: %v", got)
	}
}

func TestKeeper(t *testing.T) {
	t.Parallel()
	ctx, h, dir := t.Context(), newHub(t), t.TempDir()
	h.publish(t, "1.0.0")
	c, err := catalog.Open(dir, catalog.WithClock(clock.Func(func() time.Time { return h.now })))
	if err != nil {
		t.Fatal(err)
	}
	bad := registry.Call{Connector: "acme", Version: "1.1.0"}
	counts := map[registry.Call]registry.Tally{{Connector: "moneybird", Version: "1.0.0"}: {Calls: 7}}
	k := &registry.Keeper{Registry: h.Registry, Dir: dir, Scan: c.Scan, Counts: func() map[registry.Call]registry.Tally { return counts }, Log: slog.New(slog.DiscardHandler)}
	once := func() {
		t.Helper()
		if err := k.Once(ctx); err != nil {
			t.Fatal(err)
		}
	}
	once()
	if _, err := c.Get("acme", "1.0.0"); err != nil {
		t.Errorf("what was published is not in the catalogue: %v", err)
	}
	h.publish(t, "1.1.0")
	halted := func() bool {
		t.Helper()
		list, err := h.Versions(ctx, "acme")
		if err != nil {
			t.Fatal(err)
		}
		return list[len(list)-1].HaltedAt != nil
	}
	// 30 calls that are counted twice would be enough to halt it.
	for range 2 {
		counts[bad] = registry.Tally{Calls: 30, Failures: 30}
		once()
		if halted() {
			t.Fatal("halted after 30 calls")
		}
	}
	counts[bad] = registry.Tally{Calls: 60, Failures: 40}
	once()
	if !halted() {
		t.Error("not halted after 40 of 60 calls failed")
	}
}
