package main

import (
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
)

func TestParseOptions(t *testing.T) {
	t.Parallel()
	const postgres = "postgres://hub:s%40crt@db.example/postgres?sslmode=require"
	o, err := parseOptions([]string{
		"--postgres", postgres, "--database", "flows", "--port", "17233", "--retention", "48h",
		"--search-attribute", "VoldaanStage=Keyword", "--search-attribute", "VoldaanNextAt=Datetime",
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := o.dsn(o.database); got != "postgres://hub:s%40crt@db.example/flows?sslmode=require" {
		t.Errorf("dsn %q", got)
	}
	sql := sqlConfig(o, o.database, o.maxConns)
	if sql.ConnectAddr != "db.example:5432" || sql.User != "hub" || sql.Password != "s@crt" || sql.ConnectAttributes["sslmode"] != "require" {
		t.Errorf("sql config %+v", sql)
	}
	if o.attributes["VoldaanStage"] != enumspb.INDEXED_VALUE_TYPE_KEYWORD || o.attributes["VoldaanNextAt"] != enumspb.INDEXED_VALUE_TYPE_DATETIME {
		t.Errorf("attributes %v", o.attributes)
	}
	if o.retention != 48*time.Hour || o.shards != 64 {
		t.Errorf("retention %s, %d shards", o.retention, o.shards)
	}
}

func TestParseOptionsRefuses(t *testing.T) {
	t.Setenv("VOLDAAN_TEMPORAL_POSTGRES", "")
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"no database":       {nil, "set VOLDAAN_TEMPORAL_POSTGRES"},
		"keyword form":      {[]string{"--postgres", "host=db password=secret"}, "must be a URL"},
		"short retention":   {[]string{"--postgres", "postgres://db/postgres", "--retention", "1h"}, "at least 24h"},
		"unknown type":      {[]string{"--postgres", "postgres://db/postgres", "--search-attribute", "A=Money"}, "unknown type"},
		"attribute no type": {[]string{"--postgres", "postgres://db/postgres", "--search-attribute", "A"}, "Name=Type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseOptions(tc.args)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Error("the error holds the password")
			}
		})
	}
}
