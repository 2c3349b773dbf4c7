package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/registry"
	"github.com/voldaan/voldaan/sdk/manifest"
)

func TestStrangersAreContained(t *testing.T) {
	t.Parallel()
	version, err := registry.ParseVersion("1.2.0")
	if err != nil {
		t.Fatal(err)
	}
	list := func(level registry.Level, err error) func(context.Context, string) ([]registry.Entry, error) {
		return func(context.Context, string) ([]registry.Entry, error) {
			return []registry.Entry{{Name: "acme", Version: version, Level: level}}, err
		}
	}
	for name, c := range map[string]struct {
		publisher, version string
		versions           func(context.Context, string) ([]registry.Entry, error)
		contained          bool
	}{
		"own":                             {own, "1.2.0", list(registry.Community, nil), false},
		"community":                       {"acme", "1.2.0", list(registry.Community, nil), true},
		"verified":                        {"acme", "1.2.0", list(registry.Verified, nil), true},
		"certified":                       {"acme", "1.2.0", list(registry.Certified, nil), false},
		"another version is certified":    {"acme", "1.3.0", list(registry.Certified, nil), true},
		"the register does not answer":    {"acme", "1.2.0", list("", errors.New("no connection")), true},
		"installed by hand, not register": {"acme", "9.0.0", func(context.Context, string) ([]registry.Entry, error) { return nil, nil }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &strangers{versions: c.versions, log: slog.New(slog.DiscardHandler)}
			pkg := &catalog.Package{Manifest: &manifest.Manifest{Name: "acme", Version: c.version, Publisher: c.publisher}}
			if got := s.stranger(pkg); got != c.contained {
				t.Errorf("a stranger's: %v", got)
			}
			if got := len(s.needs(pkg)) > 0; got != c.contained {
				t.Errorf("must be contained: %v", got)
			}
		})
	}
}
