package emulator_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

func writeFile(name, text string) error { return os.WriteFile(name, []byte(text), 0o600) }

type vendor struct {
	kit   *emulator.Kit
	oauth *emulator.OAuth
	url   string
	wall  time.Time
}

const callback = "https://hub.example/callback?a=1"

func openVendor(t *testing.T, dir string, change func(*emulator.OAuthConfig)) *vendor {
	t.Helper()
	v := &vendor{wall: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	v.kit = emulator.New(emulator.Config{Wall: func() time.Time { return v.wall }, StateDir: dir})
	cfg := emulator.OAuthConfig{
		Vendor: "Books", DefaultScope: "sales", Scopes: []string{"sales", "bank"},
		AuthorizePath: "/oauth/authorize", TokenPath: "/oauth/token", RevokePath: "/oauth/revoke",
		Clients: map[string]emulator.OAuthClient{"hub": {Name: "The hub", Secret: "s3cret", RedirectURIs: []string{callback}}},
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	if v.oauth, err = v.kit.OAuth(cfg); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	v.oauth.Register(mux)
	srv := httptest.NewServer(v.kit.Handler(mux))
	t.Cleanup(srv.Close)
	v.url = srv.URL
	return v
}

var noRedirect = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// consent answers the page and returns the query of the redirect back.
func (v *vendor) consent(t *testing.T, decision string, extra url.Values) url.Values {
	t.Helper()
	form := url.Values{"client_id": {"hub"}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"xyz"}, "decision": {decision}}
	for k := range extra {
		form.Set(k, extra.Get(k))
	}
	resp, err := noRedirect.PostForm(v.url+"/oauth/authorize", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		return nil
	}
	if !strings.HasPrefix(to.String(), "https://hub.example/callback?") || to.Query().Get("a") != "1" {
		t.Fatalf("sent to %s", to)
	}
	return to.Query()
}

func (v *vendor) token(t *testing.T, form url.Values) (int, map[string]any) {
	t.Helper()
	form.Set("client_id", "hub")
	if form.Get("client_secret") == "" {
		form.Set("client_secret", "s3cret")
	}
	resp, err := http.PostForm(v.url+"/oauth/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, out
}

func (v *vendor) code(t *testing.T) url.Values {
	t.Helper()
	q := v.consent(t, "allow", nil)
	if q.Get("state") != "xyz" || q.Get("code") == "" {
		t.Fatalf("sent back with %v", q)
	}
	return url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {callback}}
}

func (v *vendor) use(access any) error {
	r, _ := http.NewRequest("GET", "/", nil)
	r.Header.Set("Authorization", "Bearer "+access.(string))
	_, err := v.oauth.Authenticate(r)
	return err
}

func refreshForm(token any) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.(string)}}
}

func TestCodeFlow(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", nil)
	page, err := http.Get(v.url + "/oauth/authorize?" + url.Values{"client_id": {"hub"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"sales bank"}, "state": {`"><script>`}}.Encode())
	if err != nil || page.StatusCode != 200 {
		t.Fatalf("consent page: %v %v", page, err)
	}
	body := make([]byte, 8192)
	n, _ := page.Body.Read(body)
	page.Body.Close()
	if text := string(body[:n]); !strings.Contains(text, "The hub asks for access") || !strings.Contains(text, "<li>bank</li>") || strings.Contains(text, `"><script>`) {
		t.Errorf("consent page: %s", text)
	}
	form := v.code(t)
	status, tokens := v.token(t, form)
	if status != 200 || tokens["token_type"] != "bearer" || tokens["scope"] != "sales" || tokens["expires_in"] != nil {
		t.Fatalf("%d %v", status, tokens)
	}
	if err := v.use(tokens["access_token"]); err != nil {
		t.Errorf("the token does not work: %v", err)
	}
	if status, out := v.token(t, form); status != 400 || out["error"] != "invalid_grant" {
		t.Errorf("a code worked twice: %d %v", status, out)
	}
}

func TestCodeFlowRefusals(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", nil)
	if q := v.consent(t, "deny", nil); q.Get("error") != "access_denied" || q.Get("state") != "xyz" {
		t.Errorf("denied: %v", q)
	}
	if q := v.consent(t, "allow", url.Values{"scope": {"everything"}}); q.Get("error") != "invalid_scope" {
		t.Errorf("unknown scope: %v", q)
	}
	if q := v.consent(t, "allow", url.Values{"redirect_uri": {"https://thief.example/"}}); q != nil {
		t.Errorf("a foreign redirect was followed: %v", q)
	}
	if q := v.consent(t, "allow", url.Values{"client_id": {"nobody"}}); q != nil {
		t.Errorf("an unknown application was sent back: %v", q)
	}
	form := v.code(t)
	form.Set("client_secret", "wrong")
	if status, out := v.token(t, form); status != 401 || out["error"] != "invalid_client" {
		t.Errorf("wrong secret: %d %v", status, out)
	}
	form = v.code(t)
	form.Set("redirect_uri", "https://hub.example/other")
	if status, out := v.token(t, form); status != 400 || out["error"] != "invalid_grant" {
		t.Errorf("another redirect: %d %v", status, out)
	}
	form = v.code(t)
	v.wall = v.wall.Add(time.Hour)
	if status, out := v.token(t, form); status != 400 || out["error"] != "invalid_grant" {
		t.Errorf("an old code: %d %v", status, out)
	}
}

func TestProofKey(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", nil)
	sum := sha256.Sum256([]byte("verifier"))
	challenge := url.Values{"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
	for verifier, want := range map[string]int{"verifier": 200, "guess": 400} {
		q := v.consent(t, "allow", challenge)
		form := url.Values{"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {callback}, "code_verifier": {verifier}}
		if status, out := v.token(t, form); status != want {
			t.Errorf("%s: %d %v", verifier, status, out)
		}
	}
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", func(c *emulator.OAuthConfig) {
		c.ExpiresIn, c.RotateRefresh, c.EarliestRefresh = 10*time.Minute, true, 30*time.Second
	})
	_, first := v.token(t, v.code(t))
	if first["expires_in"] != 600.0 {
		t.Fatalf("expires_in: %v", first["expires_in"])
	}
	if status, out := v.token(t, refreshForm(first["refresh_token"])); status != 400 || out["error"] != "invalid_request" {
		t.Errorf("refreshed 10 minutes early: %d %v", status, out)
	}
	v.wall = v.wall.Add(9*time.Minute + 31*time.Second)
	status, second := v.token(t, refreshForm(first["refresh_token"]))
	if status != 200 || second["refresh_token"] == first["refresh_token"] {
		t.Fatalf("refresh: %d %v", status, second)
	}
	if status, out := v.token(t, refreshForm(first["refresh_token"])); status != 400 || out["error"] != "invalid_grant" {
		t.Errorf("a single-use refresh token worked twice: %d %v", status, out)
	}
	v.wall = v.wall.Add(time.Minute)
	if err := v.use(first["access_token"]); !errors.Is(err, emulator.ErrExpiredToken) {
		t.Errorf("the first token after its time: %v", err)
	}
	if err := v.use(second["access_token"]); err != nil {
		t.Errorf("the second token: %v", err)
	}
}

func TestRefreshWithoutRotation(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", func(c *emulator.OAuthConfig) { c.ExpiresIn = time.Minute })
	_, first := v.token(t, v.code(t))
	for range 2 {
		status, next := v.token(t, refreshForm(first["refresh_token"]))
		if status != 200 || next["refresh_token"] != first["refresh_token"] || next["access_token"] == first["access_token"] {
			t.Fatalf("%d %v", status, next)
		}
	}
}

func TestRevokeAndRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	v := openVendor(t, dir, nil)
	_, tokens := v.token(t, v.code(t))
	again := openVendor(t, dir, nil)
	if err := again.use(tokens["access_token"]); err != nil {
		t.Fatalf("after a restart: %v", err)
	}
	form := url.Values{"client_id": {"hub"}, "client_secret": {"s3cret"}, "token": {tokens["refresh_token"].(string)}}
	resp, err := http.PostForm(again.url+"/oauth/revoke", form)
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("revoke: %v %v", resp, err)
	}
	resp.Body.Close()
	if err := again.use(tokens["access_token"]); !errors.Is(err, emulator.ErrRevokedToken) {
		t.Errorf("after revocation: %v", err)
	}
	if status, _ := again.token(t, refreshForm(tokens["refresh_token"])); status != 400 {
		t.Errorf("refresh after revocation: %d", status)
	}
}

func TestExpireTokenFault(t *testing.T) {
	t.Parallel()
	v := openVendor(t, "", nil)
	_, tokens := v.token(t, v.code(t))
	v.kit.MustInject(emulator.Fault{Do: emulator.ExpireToken})
	req, _ := http.NewRequest("GET", v.url+"/anything", nil)
	req.Header.Set("Authorization", "Bearer "+tokens["access_token"].(string))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := v.use(tokens["access_token"]); !errors.Is(err, emulator.ErrExpiredToken) {
		t.Errorf("the token after the fault: %v", err)
	}
	if status, _ := v.token(t, refreshForm(tokens["refresh_token"])); status != 200 {
		t.Errorf("its refresh token: %d", status)
	}
}
