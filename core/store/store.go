// Package store is the one store: Postgres with row-level security, reached
// only inside a transaction that names its tenant.
package store

import (
	"context"
	"embed"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/voldaan/voldaan/core/store/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a pool of connections that act as the application role.
type Store struct {
	pool *pgxpool.Pool
	// aside serves transactions that begin inside another one. From one pool,
	// as many holders of an outer transaction as there are connections would wait
	// for each other for ever.
	aside *pgxpool.Pool
}

// Option changes how a store connects.
type Option func(*pgxpool.Config)

// Dial makes a store reach the server by a function of the caller's.
func Dial(dial func(ctx context.Context, network, address string) (net.Conn, error)) Option {
	return func(c *pgxpool.Config) { c.ConnConfig.DialFunc = dial }
}

// Open connects. The user of dsn must be a member of the role voldaan_app,
// which Migrate makes; every connection acts as that role from its first
// statement on.
func Open(ctx context.Context, dsn string, options ...Option) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the database address: %w", err)
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = connections
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		c.TypeMap().RegisterType(&pgtype.Type{
			Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
		})
		_, err := c.Exec(ctx, "set role voldaan_app")
		return err
	}
	for _, option := range options {
		option(cfg)
	}
	s := &Store{}
	for _, pool := range []**pgxpool.Pool{&s.pool, &s.aside} {
		if *pool, err = pgxpool.NewWithConfig(ctx, cfg.Copy()); err != nil {
			s.Close()
			return nil, fmt.Errorf("connect to the database: %w", err)
		}
	}
	if err := s.pool.Ping(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return s, nil
}

// connections is the size of each pool where the address sets none with
// pool_max_conns. They are opened when needed.
const connections = 16

// Close ends all connections.
func (s *Store) Close() {
	for _, pool := range []*pgxpool.Pool{s.pool, s.aside} {
		if pool != nil {
			pool.Close()
		}
	}
}

// Tx is a transaction of one tenant.
type Tx struct {
	pgx.Tx
	*db.Queries
	Tenant uuid.UUID
}

// In runs f in a transaction that sees the rows of one tenant. It commits when
// f returns nil.
func (s *Store) In(ctx context.Context, tenant uuid.UUID, f func(Tx) error) error {
	return in(ctx, s.pool, tenant, f)
}

// Aside is In for a transaction of its own that begins while another one is
// open, such as a note that must outlive it. It never nests further.
func (s *Store) Aside(ctx context.Context, tenant uuid.UUID, f func(Tx) error) error {
	return in(ctx, s.aside, tenant, f)
}

func in(ctx context.Context, pool *pgxpool.Pool, tenant uuid.UUID, f func(Tx) error) error {
	// One round trip begins the transaction and enters the tenant.
	begin := pgx.TxOptions{BeginQuery: "begin; select set_config('app.tenant', '" + tenant.String() + "', true)"}
	return pgx.BeginTxFunc(ctx, pool, begin, func(tx pgx.Tx) error {
		return f(Tx{Tx: tx, Queries: db.New(tx), Tenant: tenant})
	})
}

// Door gives the look-ups that find a tenant from a secret, and the claims of
// due work. Nothing else can be read through it.
func (s *Store) Door() *db.Queries { return db.New(s.pool) }

// Wait blocks until a notification on the channel arrives or ctx ends. It is a
// hint to look sooner, never the only way to learn of work.
func (s *Store) Wait(ctx context.Context, channel string) error {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "listen "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	_, err = conn.Conn().WaitForNotification(ctx)
	if _, err2 := conn.Exec(context.WithoutCancel(ctx), "unlisten *"); err2 != nil {
		conn.Conn().Close(context.WithoutCancel(ctx))
	}
	return err
}

// Migrate brings the schema up to date. The user of dsn owns the schema and may
// create roles. Several processes may call it at once.
func Migrate(ctx context.Context, dsn string) error {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return fmt.Errorf("read the database address: %w", err)
	}
	sqlDB := stdlib.OpenDB(*cfg)
	defer sqlDB.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	files, err := migrationFiles()
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, sqlDB, files, goose.WithSessionLocker(locker), goose.WithAllowOutofOrder(true))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}
