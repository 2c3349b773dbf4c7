package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

func TestAnswersOfARecording(t *testing.T) {
	dir := t.TempDir()
	token, form := filepath.Join(dir, "token"), filepath.Join(dir, "connection.json")
	for file, text := range map[string]string{token: "s3cret\n", form: `{"method":"token","api_token":"env:VOLDAAN_TEST_TOKEN"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("VOLDAAN_TEST_TOKEN", "from the environment")
	m, err := manifest.Load("../../plugins/moneybird")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		given given
		want  string // the token, or part of the error
	}{
		{"a file", given{file: form}, "from the environment"},
		{"an argument wins", given{file: form, form: []string{"api_token=file:" + token}}, "s3cret"},
		{"a secret on the command line", given{form: []string{"api_token=s3cret"}}, "everybody on this machine sees"},
		{"a token on the command line", given{form: []string{"refresh_token=s3cret"}}, "everybody on this machine sees"},
		{"a variable that is not set", given{form: []string{"api_token=env:VOLDAAN_TEST_NONE"}}, "which is not set"},
		{"no such field", given{form: []string{"api_key=env:VOLDAAN_TEST_TOKEN"}}, "is no field of the form of Moneybird"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, _, err := c.given.access(m)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
					t.Error(err)
				}
				return
			}
			if a.Secrets["api_token"] != c.want || a.Config["api_token"] != "" {
				t.Errorf("%v, config %v", a.Secrets, a.Config)
			}
		})
	}
}
