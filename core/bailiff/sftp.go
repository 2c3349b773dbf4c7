package bailiff

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
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
//
// A file grows under another name and is renamed when it is whole; one that was cut
// off goes on where it ended. journal/ remembers what is about to appear, so that a
// file which the bailiff took away does not appear again.
type SFTP struct {
	Address string // host:port
	User    string
	Auth    []ssh.AuthMethod
	HostKey string // "SHA256:…", as the bailiff confirmed it
	Folder  string
	Now     time.Time
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

const (
	sftpPatience = 5 * time.Minute
	// unripe is how long a file of the bailiff that cannot be read may still be
	// growing.
	unripe = 2 * time.Minute
)

// HandOver implements Transport.
func (s SFTP) HandOver(ctx context.Context, p Parcel) (string, error) {
	archive := p.Archive
	p.Archive = nil
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return "", err
	}
	name := path.Base(p.Case + " " + p.ID.String()[:8])
	return "", s.with(ctx, func(c *sftp.Client) error {
		if err := s.once(c, p.ID.String()+".archive", s.Folder, name+".zip", archive); err != nil {
			return err
		}
		return s.once(c, p.ID.String(), s.Folder, name+".json", b) // last: who sees it may read the archive
	})
}

// Tell implements Transport.
func (s SFTP) Tell(ctx context.Context, n Note) error {
	b, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	return s.with(ctx, func(c *sftp.Client) error {
		return s.once(c, path.Base(n.ID), path.Join(s.Folder, "notes"), path.Base(n.ID)+".json", b)
	})
}

// Collect implements Transport. The cursor is the name of the last file that was
// read; names sort by time.
func (s SFTP) Collect(ctx context.Context, cursor string) (out []Note, next string, err error) {
	next = cursor
	err = s.with(ctx, func(c *sftp.Client) error {
		folder := path.Join(s.Folder, "replies")
		list, err := c.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a bailiff who answered nothing has no such folder
		}
		if err != nil {
			return err
		}
		slices.SortFunc(list, func(a, b fs.FileInfo) int { return strings.Compare(a.Name(), b.Name()) })
		for _, f := range list {
			if !f.Mode().IsRegular() || !strings.HasSuffix(f.Name(), ".json") || f.Name() <= cursor {
				continue
			}
			raw, err := read(c, path.Join(folder, f.Name()))
			if err != nil {
				return err
			}
			n := Note{At: f.ModTime().UTC()}
			if json.Unmarshal(raw, &n) != nil {
				if s.Now.Sub(f.ModTime()) < unripe {
					return nil // it may still be written; what comes after it waits
				}
				n = Note{At: f.ModTime().UTC(), Kind: "status", Loose: true, Text: "The file " + f.Name() + " could not be read: it is not a note as JSON."}
			}
			if n.ID == "" {
				n.ID = f.Name()
			}
			out, next = append(out, n), f.Name()
		}
		return nil
	})
	return out, next, err
}

func read(c *sftp.Client, name string) ([]byte, error) {
	f, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(f, most))
	return raw, errors.Join(err, f.Close())
}

// once lets a file appear one time, whatever happened to earlier attempts.
func (s SFTP) once(c *sftp.Client, key, folder, name string, content []byte) error {
	sum := sha256.Sum256(content)
	part := path.Join(folder, "."+name+"."+hex.EncodeToString(sum[:4])+".part")
	at := path.Join(folder, name)
	journal := path.Join(s.Folder, "journal", key)
	noted, err := exists(c, journal)
	if err != nil {
		return err
	}
	if noted {
		// It was whole. Without its part it appeared, and the bailiff may have it.
		if waits, err := exists(c, part); err != nil || !waits {
			return err
		}
		return c.Rename(part, at)
	}
	if err := grow(c, folder, part, content); err != nil {
		return err
	}
	if err := c.MkdirAll(path.Dir(journal)); err != nil {
		return err
	}
	f, err := c.Create(journal)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return c.Rename(part, at)
}

// grow writes a file, from where an earlier attempt was cut off. The name holds the
// hash of the content, so that what is there is a beginning of it.
func grow(c *sftp.Client, folder, part string, content []byte) error {
	if err := c.MkdirAll(folder); err != nil {
		return err
	}
	have := int64(0)
	switch st, err := c.Stat(part); {
	case err == nil && st.Size() <= int64(len(content)):
		have = st.Size()
	case err == nil:
		if err := c.Remove(part); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := c.OpenFile(part, os.O_WRONLY|os.O_CREATE)
	if err != nil {
		return err
	}
	_, err = f.Seek(have, io.SeekStart)
	if err == nil {
		_, err = f.Write(content[have:])
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	st, err := c.Stat(part)
	if err == nil && st.Size() != int64(len(content)) {
		err = fmt.Errorf("%s has %d bytes of %d", part, st.Size(), len(content))
	}
	return err
}

func exists(c *sftp.Client, name string) (bool, error) {
	_, err := c.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
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
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := s.signIn(conn)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	c, err := sftp.NewClient(client)
	if err != nil {
		return fault.New(fault.Unavailable, "bailiff_sftp", "The bailiff's server offers no file transfer.").Because(err)
	}
	// Closing the line ends the client as well; asking the server to end it could
	// take for ever.
	err = f(c)
	switch {
	case err == nil || fault.Of(err).Kind != fault.Internal:
		return err
	case errors.Is(err, fs.ErrPermission):
		return fault.New(fault.Denied, "bailiff_sftp", "The bailiff's server does not let us write to its folder, or read it. Ask the bailiff for the right to.").Because(err)
	}
	return fault.New(fault.Unavailable, "bailiff_sftp", "The line to the bailiff's server broke. It goes on where it ended.").Because(err)
}

// signIn shows our key or password, after the server showed its own.
func (s SFTP) signIn(conn net.Conn) (*ssh.Client, error) {
	var stranger error
	sc, channels, requests, err := ssh.NewClientConn(conn, s.Address, &ssh.ClientConfig{
		User: s.User, Auth: s.Auth,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			if got := ssh.FingerprintSHA256(key); got != s.HostKey {
				stranger = fault.New(fault.Denied, "sftp_host_key", "The bailiff's server shows another key (%s) than the one that was confirmed. Nothing was sent. Ask the bailiff whether the key was changed.", got)
			}
			return stranger
		},
	})
	switch {
	case stranger != nil:
		return nil, stranger
	case err != nil && strings.Contains(err.Error(), "unable to authenticate"):
		return nil, fault.New(fault.Denied, "sftp_sign_in", "The bailiff's server does not let us in. Check the name, and whether the bailiff has our key or gave us another password.").Because(err)
	case err != nil:
		return nil, fault.New(fault.Unavailable, "bailiff_unreachable", "The bailiff's server did not answer as one that takes files. It is tried again.").Because(err)
	}
	return ssh.NewClient(sc, channels, requests), nil
}
