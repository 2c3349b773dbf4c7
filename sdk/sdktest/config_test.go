package sdktest

import (
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk/manifest"
)

func TestConfigIsHeldToTheForm(t *testing.T) {
	t.Parallel()
	m := &manifest.Manifest{Form: []manifest.Field{
		{Name: "server", Type: manifest.URL}, {Name: "days", Type: manifest.Number}, {Name: "drafts", Type: manifest.Boolean},
		{Name: "region", Type: manifest.Text}, {Name: "key", Type: manifest.Text, Secret: true},
	}}
	type good struct {
		Server *url.URL `form:"server"`
		Days   int      `form:"days"`
		Drafts bool     `form:"drafts"`
		Region string   `form:"region"`
	}
	if p := unfit(m, reflect.TypeFor[*good]()); len(p) > 0 {
		t.Errorf("problems with a good one: %v", p)
	}
	type bad struct {
		Server bool   `form:"server"`
		Days   string `form:"days"`
		Key    string `form:"key"`
		Else   string `form:"else"`
	}
	got := strings.Join(unfit(m, reflect.TypeFor[bad]()), "\n")
	for _, want := range []string{
		`bad.Server: bool does not fit "server"`, `bad.Days: string does not fit "days"`, `bad.Key: "key" is secret`,
		`bad.Else: there is no form field "else"`, `"drafts" and no field of bad reads it`, `"region" and no field`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
}
