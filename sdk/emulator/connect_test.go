package emulator_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/emulatortest"
)

func TestConnectAndOddRefreshRules(t *testing.T) {
	t.Parallel()
	clock := &emulatortest.Clock{}
	k := emulator.New(emulator.Config{Wall: clock.Now})
	o, err := k.OAuth(emulator.OAuthConfig{
		TokenPath: "/token", AuthorizePath: "/authorize", Clients: map[string]emulator.OAuthClient{"hub": {Secret: "s"}},
		ExpiresIn: 10 * time.Minute, EarliestRefresh: 30 * time.Second, RefreshLife: time.Hour, RotateRefresh: true,
		EarlyError: emulator.TokenError{Status: 401, Code: "unauthorized", Description: "access_token not expired"},
		Answer:     func(a map[string]any) { a["expires_in"] = "600" },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Controls()
	mux := http.NewServeMux()
	o.Register(mux)
	d := emulatortest.Serve(t, k.Handler(mux))
	d.Must(201, "POST", "/_control/tokens", map[string]string{"client": "hub", "subject": "7"})
	d.Want("expires_in", "600")
	token := d.At("refresh_token")
	d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	again := func(want int) {
		t.Helper()
		d.Must(want, "POST", "/token", "grant_type=refresh_token&client_id=hub&client_secret=s&refresh_token="+token)
	}
	again(401)
	d.Want("error_description", "access_token not expired")
	clock.Pass(570 * time.Second)
	again(200)
	again(400)
	d.Must(201, "POST", "/_control/tokens", map[string]string{"client": "hub"})
	token = d.At("refresh_token")
	clock.Pass(time.Hour)
	again(400)
	d.Want("error_description", "The refresh token expired.")
}

func TestSkew(t *testing.T) {
	t.Parallel()
	clock := &emulatortest.Clock{}
	k := emulator.New(emulator.Config{Wall: clock.Now, Now: clock.Now})
	d := emulatortest.Serve(t, k.Handler(http.NotFoundHandler()))
	d.Must(204, "POST", "/_control/clock", map[string]int{"skew_ms": -120_000})
	d.Ask("GET", "/", nil)
	if got := d.Got.Get("Date"); got != "Mon, 02 Mar 2026 09:28:00 GMT" || !k.Now().Equal(clock.Now().Add(-2*time.Minute)) {
		t.Errorf("dated %s, books at %s", got, k.Now())
	}
}
