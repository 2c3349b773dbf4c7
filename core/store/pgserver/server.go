package pgserver

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/voldaan/voldaan/core/process"
)

// Server is a running Postgres.
type Server struct {
	url     string // as given, for a server we did not start
	version string
	origin  string
	home    home
	port    int
	pass    string
	pid     int
	child   *process.Child // nil when the server is not our child
	lock    *process.Lock  // held while the cluster is ours alone
}

// superuser owns the private cluster.
const superuser = "postgres"

// DSN is the URL of the named database, as the superuser of a private cluster or as the user of the
// given URL. It holds the password: never log it.
func (s *Server) DSN(database string) string {
	if s.url != "" {
		if u, err := url.Parse(s.url); err == nil && u.Scheme != "" {
			u.Path = "/" + database
			return u.String()
		}
		// A DSN in keyword form: a later dbname wins.
		return s.url + " dbname=" + database
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, s.pass),
		Host: s.Address(), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Admin is the URL of the maintenance database, or of the given database for a given server.
func (s *Server) Admin() string {
	if s.url != "" {
		return s.url
	}
	return s.DSN("postgres")
}

// Address is host:port.
func (s *Server) Address() string {
	if s.url != "" {
		if config, err := pgx.ParseConfig(s.url); err == nil {
			return net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
		}
	}
	return fmt.Sprintf("127.0.0.1:%d", s.port)
}

// Socket is the directory of the unix socket, empty when there is none.
func (s *Server) Socket() string {
	if s.url != "" || !s.home.socketFits() {
		return ""
	}
	return s.home.socket()
}

// Version is the server's version, such as "15.18 (Debian 15.18-0+deb12u1)".
func (s *Server) Version() string { return s.version }

// Origin says in words where the server came from.
func (s *Server) Origin() string { return s.origin }

// Dir is where the private cluster really lies, empty for a given server.
func (s *Server) Dir() string { return s.home.dir }

// PID is the process id of the postmaster, 0 for a given server.
func (s *Server) PID() int { return s.pid }

// Log is the path of the server's log, empty for a given server.
func (s *Server) Log() string {
	if s.url != "" {
		return ""
	}
	return s.home.log()
}

// Done is closed when a server that is our child has ended. For others it is nil and never ready.
func (s *Server) Done() <-chan struct{} {
	if s.child == nil {
		return nil
	}
	return s.child.Done()
}

// Err is how a server that is our child ended. It waits for the end.
func (s *Server) Err() error {
	if s.child == nil {
		return nil
	}
	return s.child.Err()
}

// Close stops a server that is our child: open transactions are rolled back, a checkpoint is
// written. After limit it is killed, which loses nothing but makes the next start recover.
// A given or shared server is left alone.
func (s *Server) Close(limit time.Duration) {
	if s.child != nil {
		s.child.Stop(syscall.SIGINT, limit)
	}
	if s.lock != nil {
		s.lock.Unlock()
	}
}
