package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/manifest"
)

// Kinds of places where files are fetched from.
const (
	FolderSource = "folder"
	SFTPSource   = "sftp"
)

var (
	folderName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$`)
	fingerprint = regexp.MustCompile(`^SHA256:[A-Za-z0-9+/]{43}$`)
)

// keepSources notes where files of a connection are fetched from, as the
// settings say.
func (c *Connections) keepSources(ctx context.Context, tx store.Tx, connection uuid.UUID, m *manifest.Manifest, settings map[string]string) error {
	if !TakesFiles(m) {
		return nil
	}
	kinds := []string{}
	if settings["folder"] != "" {
		if err := c.checkFolder(ctx, tx, connection, settings["folder"]); err != nil {
			return err
		}
		kinds = append(kinds, FolderSource)
	}
	if settings["sftp_address"] != "" {
		if err := checkSFTP(settings); err != nil {
			return err
		}
		kinds = append(kinds, SFTPSource)
	}
	if err := tx.DropInboxSources(ctx, db.DropInboxSourcesParams{ConnectionID: connection, Keep: kinds}); err != nil {
		return fmt.Errorf("note where files come from: %w", err)
	}
	for _, k := range kinds {
		if err := tx.PutInboxSource(ctx, db.PutInboxSourceParams{ConnectionID: connection, Kind: k}); err != nil {
			return fmt.Errorf("note where files come from: %w", err)
		}
	}
	return nil
}

// checkFolder lets a tenant name a folder among its own, and no path: the
// service can read more than a tenant may.
func (c *Connections) checkFolder(ctx context.Context, tx store.Tx, connection uuid.UUID, name string) error {
	if c.Folders == "" {
		return fault.New(fault.Invalid, "folders_off", "This installation watches no folders. Leave the folder empty, or ask its operator to set VOLDAAN_FOLDERS.")
	}
	if !folderName.MatchString(name) {
		return fault.New(fault.Invalid, "folder_name", "A folder is a name of letters, digits, spaces, dots, dashes and underscores, without a path; %q is not.", name)
	}
	all, err := tx.Connections(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		var theirs map[string]string
		if err := json.Unmarshal(other.Config, &theirs); err != nil {
			return fmt.Errorf("read the settings of connection %s: %w", other.ID, err)
		}
		if other.ID != connection && strings.EqualFold(theirs["folder"], name) {
			return fault.New(fault.Conflict, "folder_taken", "Another connection reads the folder %s already. Choose another name.", name)
		}
	}
	return nil
}

func checkSFTP(settings map[string]string) error {
	if _, err := sftpAddress(settings["sftp_address"]); err != nil {
		return err
	}
	if settings["sftp_user"] == "" {
		return fault.New(fault.Invalid, "sftp_user", "Fill in the user on the SFTP server.")
	}
	if key := settings["sftp_host_key"]; key != "" && !fingerprint.MatchString(key) {
		return fault.New(fault.Invalid, "sftp_host_key", "The fingerprint of the server begins with SHA256: and has 43 characters after it. Ask its owner, or leave it empty to be told which one the server shows.")
	}
	if _, err := path.Match(settings["sftp_pattern"], ""); err != nil {
		return fault.New(fault.Invalid, "sftp_pattern", "The pattern %q cannot be used. An asterisk stands for any characters, as in *.xml.", settings["sftp_pattern"])
	}
	return nil
}

// sftpAddress adds the port that SSH has.
func sftpAddress(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = strings.Trim(s, "[]"), "22"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 || host == "" || strings.ContainsAny(host, "/@ ") {
		return "", fault.New(fault.Invalid, "sftp_address", "%q is not the address of a server, such as sftp.example.com or sftp.example.com:2222.", s)
	}
	return net.JoinHostPort(host, port), nil
}

// Source is a place where files are fetched from.
type Source struct {
	Kind string // FolderSource or SFTPSource
	// Place is the folder on this machine, or the server.
	Place string
	// LookedAt is zero before the first look.
	LookedAt time.Time
	// Problem of the last look, in a sentence; "" when it went well.
	Problem string
}

// Sources lists where files of a connection are fetched from.
func (c *Connections) Sources(ctx context.Context, tenant, connection uuid.UUID) (out []Source, err error) {
	conn, _, err := c.load(ctx, tenant, connection)
	if err != nil {
		return nil, err
	}
	err = c.Store.In(ctx, tenant, func(tx store.Tx) error {
		rows, err := tx.InboxSources(ctx, connection)
		if err != nil {
			return fmt.Errorf("list where files come from: %w", err)
		}
		for _, r := range rows {
			s := Source{Kind: r.Kind, Problem: r.Problem, Place: conn.Config["sftp_address"]}
			if r.PolledAt != nil {
				s.LookedAt = *r.PolledAt
			}
			if r.Kind == FolderSource {
				if s.Place, err = c.folder(ctx, tx, conn.Config["folder"]); err != nil {
					return err
				}
			}
			out = append(out, s)
		}
		return nil
	})
	return out, err
}

func (c *Connections) folder(ctx context.Context, tx store.Tx, name string) (string, error) {
	t, err := tx.Queries.Tenant(ctx)
	return filepath.Join(c.Folders, t.Slug, name), err
}
