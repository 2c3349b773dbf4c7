package sync

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync/inbox"
)

// Fetcher takes in what is dropped in watched folders and what lies on SFTP
// servers, and has it read. Several may run: each place is looked at by one of
// them at a time.
type Fetcher struct {
	Connections *Connections
	// Sync has an administration mirrored soon.
	Sync func(ctx context.Context, tenant, administration uuid.UUID) error
	// Networks that are not on the internet and where SFTP servers may be.
	Networks []netip.Prefix
	Log      *slog.Logger
	// FolderEvery and SFTPEvery are how often places are looked at, 2 seconds and
	// 10 minutes when zero.
	FolderEvery, SFTPEvery time.Duration

	mu      sync.Mutex               // protects what follows
	folders map[string]*inbox.Folder // by connection and name
	asked   map[uuid.UUID]asking
}

// asking is the newest file that a sync was asked for, and when.
type asking struct {
	file string
	at   time.Time
}

const (
	lookSlots = 8
	lookLease = 6 * time.Minute // longer than a look at an SFTP server takes
	// askAgain is how long a file waits before another sync is asked for: the
	// first one may still be under way, or fail and be tried again.
	askAgain = 5 * time.Minute
)

// Run looks at the places whose turn it is until the context ends.
func (f *Fetcher) Run(ctx context.Context) error {
	slots := make(chan struct{}, lookSlots)
	var looks sync.WaitGroup
	defer looks.Wait()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		due, err := f.claim(ctx, cap(slots)-len(slots))
		if err != nil && ctx.Err() == nil {
			f.Log.Warn("claim places to fetch files from", "error", err)
		}
		for _, d := range due {
			slots <- struct{}{}
			looks.Go(func() {
				defer func() { <-slots }()
				f.look(ctx, d)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look looks once at every place whose turn it is.
func (f *Fetcher) Look(ctx context.Context) error {
	due, err := f.claim(ctx, 1000)
	for _, d := range due {
		f.look(ctx, d)
	}
	return err
}

func (f *Fetcher) claim(ctx context.Context, most int) ([]db.DoorClaimSourcesRow, error) {
	return f.Connections.Store.Door().DoorClaimSources(ctx, db.DoorClaimSourcesParams{Most: int32(most), Lease: lookLease})
}

// look fetches from one place and notes how that went.
func (f *Fetcher) look(ctx context.Context, d db.DoorClaimSourcesRow) {
	every, fetch := cmp.Or(f.FolderEvery, 2*time.Second), f.folder
	if d.Kind == SFTPSource {
		every, fetch = cmp.Or(f.SFTPEvery, 10*time.Minute), f.sftp
	}
	problem := ""
	conn, _, err := f.Connections.load(ctx, d.TenantID, d.ConnectionID)
	if err == nil {
		problem, err = fetch(ctx, conn)
	}
	if err == nil {
		err = f.read(ctx, conn)
	}
	if err != nil {
		if ctx.Err() != nil {
			return // the lease ends by itself
		}
		f.Log.Warn("fetch files", "connection", d.ConnectionID, "place", d.Kind, "error", err)
		problem = fault.Of(err).Message
	}
	if err := f.Connections.Store.In(ctx, d.TenantID, func(tx store.Tx) error {
		now, err := tx.Now(ctx, f.Connections.Runner.Real)
		if err != nil {
			return err
		}
		return tx.NoteInboxPoll(ctx, db.NoteInboxPollParams{Again: every, At: now, Problem: problem, ConnectionID: d.ConnectionID, Kind: d.Kind})
	}); err != nil && ctx.Err() == nil {
		f.Log.Warn("note a look for files", "connection", d.ConnectionID, "error", err)
	}
}

// folder takes in what is dropped, and puts away what was read.
func (f *Fetcher) folder(ctx context.Context, conn connect.Connection) (problem string, err error) {
	c := f.Connections
	if c.Folders == "" {
		return "This installation watches no folders any more. Ask its operator to set VOLDAAN_FOLDERS.", nil
	}
	key := conn.ID.String() + "/" + conn.Config["folder"]
	f.mu.Lock()
	w := f.folders[key]
	f.mu.Unlock()
	if w == nil {
		var at string
		if err := c.Store.In(ctx, conn.Tenant, func(tx store.Tx) (err error) {
			at, err = c.folder(ctx, tx, conn.Config["folder"])
			return err
		}); err != nil {
			return "", err
		}
		if w, err = inbox.WatchFolder(at, c.Boxes.Of(conn.Tenant, conn.ID), f.Log); err != nil {
			return "", fault.New(fault.Unavailable, "folder", "The folder %s cannot be used. Ask the operator of this installation to look at its rights.", conn.Config["folder"]).Because(err)
		}
		f.mu.Lock()
		if f.folders == nil {
			f.folders = map[string]*inbox.Folder{}
		}
		f.folders[key] = w
		f.mu.Unlock()
	}
	if err := w.Scan(ctx); err != nil {
		f.mu.Lock()
		delete(f.folders, key) // it may have been renamed, or moved away
		f.mu.Unlock()
		return "", fault.New(fault.Unavailable, "folder", "The folder %s could not be read. It is tried again.", conn.Config["folder"]).Because(err)
	}
	return "", nil
}

// sftp fetches from a server.
func (f *Fetcher) sftp(ctx context.Context, conn connect.Connection) (problem string, err error) {
	c := f.Connections
	m, _, err := c.manifest(ctx, conn.Tenant, conn.ID)
	if err != nil {
		return "", err
	}
	secrets, err := c.secrets(ctx, token.Ref{Tenant: conn.Tenant, Connection: conn.ID}, m)
	if err != nil {
		return "", err
	}
	s := inbox.SFTP{
		User: conn.Config["sftp_user"], HostKey: conn.Config["sftp_host_key"], Folder: conn.Config["sftp_folder"],
		Pattern: conn.Config["sftp_pattern"], Done: conn.Config["sftp_done"], Dial: (&net.Dialer{Timeout: 20 * time.Second, Control: f.guard}).DialContext,
	}
	if s.Address, err = sftpAddress(conn.Config["sftp_address"]); err != nil {
		return "", err
	}
	if key := secrets.Fields["sftp_key"]; key != "" {
		signer, err := ssh.ParsePrivateKey([]byte(key))
		if err != nil {
			return "The private key for the SFTP server cannot be read. Give one in the form of OpenSSH, without a passphrase.", nil
		}
		s.Auth = append(s.Auth, ssh.PublicKeys(signer))
	}
	if password := secrets.Fields["sftp_password"]; password != "" {
		s.Auth = append(s.Auth, ssh.Password(password))
	}
	if s.HostKey == "" {
		shown, err := s.ShownKey(ctx)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("The server at %s shows the fingerprint %s. Ask its owner whether that is the right one and put it into the settings; nothing is fetched before.", s.Address, shown), nil
	}
	got, err := s.Fetch(ctx, c.Boxes.Of(conn.Tenant, conn.ID))
	if err != nil {
		return "", err
	}
	var words []string
	for _, r := range got.Refused {
		words = append(words, r.Name+": "+r.Sentence)
	}
	return strings.Join(words, " "), nil
}

// guard keeps the address that a tenant fills in out of our own network. It
// sees the address after the name was looked up.
func (f *Fetcher) guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial %s: %w", address, broker.ErrPrivate)
	}
	ip := ap.Addr().Unmap()
	for _, n := range f.Networks {
		if n.Contains(ip) {
			return nil
		}
	}
	if !broker.Public(ip) {
		return fmt.Errorf("dial %s: %w", ip, broker.ErrPrivate)
	}
	return nil
}

// read has the files read that wait.
func (f *Fetcher) read(ctx context.Context, conn connect.Connection) error {
	c := f.Connections
	newest, err := c.Boxes.NewestWaiting(ctx, conn.Tenant, conn.ID)
	if err != nil || newest == "" {
		return err
	}
	f.mu.Lock()
	last := f.asked[conn.ID]
	f.mu.Unlock()
	now := c.Runner.Real.Now()
	if last.file == newest && now.Sub(last.at) < askAgain {
		return nil
	}
	var books []db.Administration
	if err := c.Store.In(ctx, conn.Tenant, func(tx store.Tx) error {
		books, err = tx.AdministrationsOf(ctx, uuid.NullUUID{UUID: conn.ID, Valid: true})
		return err
	}); err != nil {
		return err
	}
	for _, b := range books {
		if err := f.Sync(ctx, conn.Tenant, b.ID); err != nil {
			return fmt.Errorf("have the books %s read: %w", b.ID, err)
		}
	}
	if len(books) == 0 {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked == nil {
		f.asked = map[uuid.UUID]asking{}
	}
	f.asked[conn.ID] = asking{newest, now}
	return nil
}
