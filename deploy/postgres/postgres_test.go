package postgres_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/store/pgtest"
	"github.com/voldaan/voldaan/deploy/postgres"
)

func TestDatabaseURLIsUsed(t *testing.T) {
	shared, err := pgtest.Shared()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(postgres.URLVariable, shared.Admin())
	s, err := postgres.Open(t.Context(), postgres.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(time.Second)
	if s.Admin() != shared.Admin() {
		t.Error("DATABASE_URL is set but another server is used")
	}
	name := fmt.Sprintf("ensure_%d", os.Getpid())
	for range 2 {
		dsn, err := postgres.EnsureDatabase(t.Context(), s, name)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close(t.Context())
	}
	conn, err := pgx.Connect(t.Context(), s.Admin())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), "DROP DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	if dsn, err := postgres.EnsureDatabase(t.Context(), s, "postgres"); err != nil || dsn != s.Admin() {
		t.Errorf("the database named by the URL itself gives %v, %v", dsn == s.Admin(), err)
	}
}
