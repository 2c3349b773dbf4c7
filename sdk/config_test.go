package sdk_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

type settings struct {
	Server *url.URL  `form:"server"`
	Since  date.Date `form:"since"`
	Days   int       `form:"days"`
	Rate   float64   `form:"rate"`
	Drafts bool      `form:"drafts"`
	Region string    `form:"region"`
	Other  string
}

func TestDecode(t *testing.T) {
	t.Parallel()
	got := settings{Days: 30, Region: "eu", Other: "mine"}
	s := &sdk.Session{Config: map[string]string{"server": "https://acme.example/x", "since": "2026-03-01", "rate": "0.5", "drafts": "true", "region": " us ", "unknown": "x"}}
	if err := s.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.Server.Host != "acme.example" || got.Since.String() != "2026-03-01" || got.Days != 30 || got.Rate != 0.5 || !got.Drafts || got.Region != "us" || got.Other != "mine" {
		t.Errorf("%+v", got)
	}
}

func TestDecodeNamesEveryWrongAnswer(t *testing.T) {
	t.Parallel()
	s := &sdk.Session{Config: map[string]string{"server": "http://acme.example", "since": "soon", "days": "1.5", "rate": "x", "drafts": "perhaps"}}
	err := s.Decode(&settings{})
	if !errors.Is(err, sdk.ErrInvalid) {
		t.Fatalf("%v is not ErrInvalid", err)
	}
	for _, want := range []string{
		`server: "http://acme.example" is not an address that begins with https://`, `since: "soon" is not right`, `days: "1.5" is not a whole number`,
		`rate: "x" is not a number`, `drafts: "perhaps" is not true or false`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
}
