package bailiff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/voldaan/voldaan/core/fault"
)

// SFTP brings cases to a folder of the bailiff: the archive and beside it what it
// is as JSON. Notes lie in notes/, those of the bailiff in replies/.
type SFTP struct {
	Address  string // host:port
	User     string
	Password string
	HostKey  string // "SHA256:…", as the bailiff confirmed it
	Folder   string
	Dial     func(ctx context.Context, network, address string) (net.Conn, error)
}

const sftpPatience = 2 * time.Minute

// HandOver implements Transport.
func (s SFTP) HandOver(ctx context.Context, p Parcel) (string, error) {
	archive := p.Archive
	p.Archive = nil
	return "", s.with(ctx, func(c *sftp.Client) error {
		name := path.Base(p.Case + " " + p.ID.String()[:8])
		if err := put(c, s.Folder, name+".zip", archive); err != nil {
			return err
		}
		b, err := json.MarshalIndent(p, "", "  ")
		if err != nil {
			return err
		}
		return put(c, s.Folder, name+".json", b) // last: who sees it may read the archive
	})
}

// Tell implements Transport.
func (s SFTP) Tell(ctx context.Context, n Note) error {
	b, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	return s.with(ctx, func(c *sftp.Client) error { return put(c, path.Join(s.Folder, "notes"), path.Base(n.ID)+".json", b) })
}

// Collect implements Transport. The cursor is the name of the last file that was
// read; names sort by time.
func (s SFTP) Collect(ctx context.Context, cursor string) (out []Note, next string, err error) {
	next = cursor
	err = s.with(ctx, func(c *sftp.Client) error {
		folder := path.Join(s.Folder, "replies")
		list, err := c.ReadDir(folder)
		if err != nil {
			return nil //nolint:nilerr // a bailiff who answered nothing has no such folder
		}
		names := make([]string, 0, len(list))
		for _, f := range list {
			if strings.HasSuffix(f.Name(), ".json") && f.Name() > cursor && f.Size() < most {
				names = append(names, f.Name())
			}
		}
		slices.Sort(names)
		for _, name := range names {
			f, err := c.Open(path.Join(folder, name))
			if err != nil {
				return err
			}
			raw, err := io.ReadAll(io.LimitReader(f, most))
			if err = errors.Join(err, f.Close()); err != nil {
				return err
			}
			var n Note
			if err := json.Unmarshal(raw, &n); err != nil {
				return fault.New(fault.Invalid, "bailiff_reply", "The file %s of the bailiff could not be read: it is not a note as JSON.", name)
			}
			if n.ID == "" {
				n.ID = name
			}
			out, next = append(out, n), name
		}
		return nil
	})
	return out, next, err
}

// put writes a file under another name first, so that nobody reads half of it.
func put(c *sftp.Client, folder, name string, content []byte) error {
	if err := c.MkdirAll(folder); err != nil {
		return err
	}
	at := path.Join(folder, name)
	f, err := c.Create(at + ".part")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := c.PosixRename(at+".part", at); err != nil {
		_ = c.Remove(at) // a server without this way of renaming keeps the old one
		return c.Rename(at+".part", at)
	}
	return nil
}

func (s SFTP) with(ctx context.Context, f func(*sftp.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, sftpPatience)
	defer cancel()
	if s.HostKey == "" {
		return fault.New(fault.Invalid, "sftp_host_key", "The key of the bailiff's server was not confirmed yet. Ask the bailiff for its fingerprint and put it into the settings.")
	}
	conn, err := s.Dial(ctx, "tcp", s.Address)
	if err != nil {
		return fault.New(fault.Unavailable, "bailiff_unreachable", "The bailiff's server could not be reached. It is tried again.").Because(err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	sc, channels, requests, err := ssh.NewClientConn(conn, s.Address, &ssh.ClientConfig{
		User: s.User, Auth: []ssh.AuthMethod{ssh.Password(s.Password)},
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if got := ssh.FingerprintSHA256(key); got != s.HostKey {
				return fmt.Errorf("the server shows the key %s", got)
			}
			return nil
		},
	})
	if err != nil {
		return fault.New(fault.Denied, "bailiff_sftp", "The bailiff's server did not let us in, or is not the one that was confirmed. Check the name, the password and the fingerprint.").Because(err)
	}
	client := ssh.NewClient(sc, channels, requests)
	defer client.Close()
	c, err := sftp.NewClient(client)
	if err != nil {
		return fault.New(fault.Unavailable, "bailiff_sftp", "The bailiff's server offers no file transfer.").Because(err)
	}
	defer c.Close()
	if err := f(c); err != nil && fault.Of(err).Kind == fault.Internal {
		return fault.New(fault.Unavailable, "bailiff_sftp", "A file could not be written to the bailiff's server, or read from it. It is tried again.").Because(err)
	} else if err != nil {
		return err
	}
	return nil
}
