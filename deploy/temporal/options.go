package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	enumspb "go.temporal.io/api/enums/v1"
)

// options is what the command line and the environment say.
type options struct {
	postgres   *url.URL // any database of the server; only host, user, password and attributes count
	database   string
	visibility string
	port       int
	uiPort     int
	namespace  string
	retention  time.Duration
	shards     int
	maxConns   int
	attributes attributeFlags
	refresh    time.Duration
	codec      string
	logLevel   string
	whileUsed  string
	idleCheck  time.Duration
}

func (o options) frontendAddress() string { return fmt.Sprintf("127.0.0.1:%d", o.port) }

func parseOptions(args []string) (options, error) {
	var o options
	var postgres string
	flags := flag.NewFlagSet("voldaan-temporal", flag.ContinueOnError)
	flags.StringVar(&postgres, "postgres", os.Getenv("VOLDAAN_TEMPORAL_POSTGRES"),
		"`URL` of the Postgres server, postgres://user:password@host:port/postgres; better given as VOLDAAN_TEMPORAL_POSTGRES, which other users cannot see")
	flags.StringVar(&o.database, "database", "temporal", "`name` of the database for workflows, made when missing")
	flags.StringVar(&o.visibility, "visibility-database", "temporal_visibility", "`name` of the database for the search index, made when missing")
	flags.IntVar(&o.port, "port", 7233, "`port` of the frontend on 127.0.0.1")
	flags.IntVar(&o.uiPort, "ui-port", 0, "`port` of the web UI on 127.0.0.1; 0 leaves the UI out")
	flags.StringVar(&o.namespace, "namespace", "default", "`name` of the namespace to register; empty registers none")
	flags.DurationVar(&o.retention, "retention", 7*24*time.Hour, "how long closed workflows stay readable, at least a day")
	flags.IntVar(&o.shards, "shards", 64, "history shards; fixed for ever once the database exists")
	flags.IntVar(&o.maxConns, "max-conns", 12, "connections to the workflow database for each of the four services")
	flags.Var(&o.attributes, "search-attribute", "`Name=Type` to add to the namespace (Keyword, Int, Double, Bool, Datetime, Text, KeywordList); may be repeated")
	flags.DurationVar(&o.refresh, "namespace-refresh", 5*time.Second, "how soon a new namespace or search attribute is seen everywhere")
	flags.StringVar(&o.codec, "ui-codec-endpoint", "", "`URL` of a codec server with which the UI reads encrypted payloads")
	flags.StringVar(&o.logLevel, "log-level", "warn", "debug, info, warn or error")
	flags.StringVar(&o.whileUsed, "while-used", "", "stop when nobody holds a lock on this `file` any more")
	flags.DurationVar(&o.idleCheck, "idle-check", 2*time.Minute, "how often to look at the file of --while-used")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if postgres == "" {
		return o, errors.New("no Postgres given: set VOLDAAN_TEMPORAL_POSTGRES to postgres://user:password@host:port/postgres")
	}
	if _, err := pgx.ParseConfig(postgres); err != nil {
		return o, fmt.Errorf("read VOLDAAN_TEMPORAL_POSTGRES: %w", err)
	}
	parsed, err := url.Parse(postgres)
	if err != nil || parsed.Host == "" {
		return o, errors.New("VOLDAAN_TEMPORAL_POSTGRES must be a URL with a host: postgres://user:password@host:port/postgres")
	}
	o.postgres = parsed
	if o.retention < 24*time.Hour {
		return o, errors.New("--retention must be at least 24h")
	}
	return o, nil
}

// dsn is the URL of one database on the Postgres server.
func (o options) dsn(database string) string {
	u := *o.postgres
	u.Path = "/" + database
	return u.String()
}

// address is host:port of the Postgres server.
func (o options) address() string {
	return o.postgres.Hostname() + ":" + cmp.Or(o.postgres.Port(), "5432")
}

// attributeFlags collects --search-attribute Name=Type.
type attributeFlags map[string]enumspb.IndexedValueType

func (a *attributeFlags) String() string { return "" }

func (a *attributeFlags) Set(value string) error {
	name, kind, ok := strings.Cut(value, "=")
	if !ok || name == "" {
		return errors.New("want Name=Type")
	}
	t, err := enumspb.IndexedValueTypeFromString(kind)
	if err != nil || t == enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED {
		return fmt.Errorf("unknown type %q: want Keyword, Int, Double, Bool, Datetime, Text or KeywordList", kind)
	}
	if *a == nil {
		*a = attributeFlags{}
	}
	(*a)[name] = t
	return nil
}
