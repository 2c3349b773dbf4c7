package inbox

import (
	"context"
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
	"github.com/voldaan/voldaan/sdk/invoicefile/filebox"
)

// SFTP says where files are fetched from.
type SFTP struct {
	Address string // host:port
	User    string
	Auth    []ssh.AuthMethod
	// HostKey is the fingerprint that a person confirmed, as "SHA256:…". A server
	// with another key gets nothing to hear.
	HostKey string
	// Folder on the server, and the names to fetch in it: "*.xml". Empty is all.
	Folder  string
	Pattern string
	// Done is the folder that fetched files are moved to. When it is empty they
	// stay where they are, and are recognised by their content.
	Done string
	// Dial reaches the server; nil dials as usual. A tenant's address needs a
	// dialer that keeps away from the installation's own network.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Timeout of one fetch, default five minutes.
	Timeout time.Duration
}

// Fetched is what a fetch did.
type Fetched struct {
	Files    []filebox.File // new ones
	Repeated int            // known by their content
	Refused  []Refusal
}

// Refusal is a file that was not taken, and why.
type Refusal struct{ Name, Sentence string }

// Fetch takes in the files that are complete on the server. What was taken in
// before an error stays so; a fetch can be repeated at any time.
func (s SFTP) Fetch(ctx context.Context, files Files) (Fetched, error) {
	var out Fetched
	if s.HostKey == "" {
		return out, fault.New(fault.Invalid, "sftp_host_key", "The server's key was not confirmed yet. Compare its fingerprint with the one from its owner first.")
	}
	ctx, cancel := s.within(ctx)
	defer cancel()
	conn, err := s.connect(ctx, func(key ssh.PublicKey) error {
		if got := ssh.FingerprintSHA256(key); got != s.HostKey {
			return fault.New(fault.Denied, "sftp_host_key", "The server at %s shows another key (%s) than the one that was confirmed (%s). Nothing was fetched. Ask its owner whether the key was changed.", s.Address, got, s.HostKey)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := sftp.NewClient(conn)
	if err != nil {
		return out, fault.New(fault.Unavailable, "sftp", "The server at %s does not speak SFTP.", s.Address).Because(err)
	}
	// Closing the line ends the client as well; asking the server to end it could
	// take for ever.
	names, err := s.list(client)
	if err != nil {
		return out, err
	}
	for _, name := range names {
		if err := s.fetchOne(ctx, client, name, files, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// list returns the names of the files to fetch, oldest name first.
func (s SFTP) list(client *sftp.Client) ([]string, error) {
	entries, err := client.ReadDir(s.folder())
	if err != nil {
		return nil, fault.New(fault.Unavailable, "sftp_folder", "The folder %s on %s cannot be read. Check its name and the rights of %s.", s.folder(), s.Address, s.User).Because(err)
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !e.Mode().IsRegular() || unfinished(name) || strings.ContainsAny(name, "/\x00") {
			continue
		}
		if s.Pattern != "" {
			if ok, err := path.Match(strings.ToLower(s.Pattern), strings.ToLower(name)); err != nil || !ok {
				continue
			}
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// fetchOne stores one file. A file of which the size changed under way is still
// being written, and waits for the next fetch.
func (s SFTP) fetchOne(ctx context.Context, client *sftp.Client, name string, files Files, out *Fetched) error {
	from := path.Join(s.folder(), name)
	before, err := client.Stat(from)
	if err != nil {
		return nil // gone since the list was made
	}
	if before.Size() > filebox.MaxBytes {
		out.Refused = append(out.Refused, Refusal{name, fmt.Sprintf("The file is larger than %d MiB. Split it, or leave attachments out.", filebox.MaxBytes>>20)})
		return nil
	}
	f, err := client.Open(from)
	if err != nil {
		out.Refused = append(out.Refused, Refusal{name, "The file cannot be opened. Check the rights on the server."})
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(f, filebox.MaxBytes+1))
	_ = f.Close()
	if err != nil {
		return fault.New(fault.Unavailable, "sftp", "The line to %s broke while fetching. It is tried again.", s.Address).Because(err)
	}
	after, err := client.Stat(from)
	if err != nil || after.Size() != int64(len(content)) || !after.ModTime().Equal(before.ModTime()) {
		return nil
	}
	file, fresh, err := files.Put(ctx, name, strings.NewReader(string(content)))
	if sentence, refused := refusal(err); refused {
		out.Refused = append(out.Refused, Refusal{name, sentence})
		return nil
	}
	if err != nil {
		return err
	}
	if fresh {
		out.Files = append(out.Files, file)
	} else {
		out.Repeated++
	}
	if s.Done == "" {
		return nil
	}
	return s.moveDone(client, from, file.ID+"-"+name)
}

func (s SFTP) moveDone(client *sftp.Client, from, name string) error {
	done := s.Done
	if !path.IsAbs(done) {
		done = path.Join(s.folder(), done)
	}
	_ = client.MkdirAll(done)
	to := path.Join(done, name)
	_ = client.Remove(to) // of an earlier fetch that broke off after storing
	if err := client.Rename(from, to); err != nil {
		return fault.New(fault.Unavailable, "sftp_done", "A fetched file cannot be moved to %s on %s. Check the rights, or let files stay where they are.", done, s.Address).Because(err)
	}
	return nil
}

func (s SFTP) folder() string {
	if s.Folder == "" {
		return "."
	}
	return s.Folder
}

// ShownKey returns the fingerprint of the key that a server shows, for a
// person to compare with what the owner of the server says.
func (s SFTP) ShownKey(ctx context.Context) (string, error) {
	ctx, cancel := s.within(ctx)
	defer cancel()
	var shown string
	seen := errors.New("seen")
	_, err := s.connect(ctx, func(key ssh.PublicKey) error {
		shown = ssh.FingerprintSHA256(key)
		return seen // before any password is sent
	})
	if shown != "" {
		return shown, nil
	}
	return "", err
}

func (s SFTP) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.Timeout <= 0 {
		s.Timeout = 5 * time.Minute
	}
	return context.WithTimeout(ctx, s.Timeout)
}

func (s SFTP) connect(ctx context.Context, check func(ssh.PublicKey) error) (*ssh.Client, error) {
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	raw, err := dial(ctx, "tcp", s.Address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "sftp_dial", "The server at %s cannot be reached.", s.Address).Because(err)
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = raw.SetDeadline(deadline)
	}
	var refused error
	conn, channels, requests, err := ssh.NewClientConn(raw, s.Address, &ssh.ClientConfig{
		User: s.User, Auth: s.Auth,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			refused = check(key)
			return refused
		},
	})
	if err != nil {
		_ = raw.Close()
		switch {
		case refused != nil:
			return nil, refused
		case strings.Contains(err.Error(), "unable to authenticate"):
			return nil, fault.New(fault.Invalid, "sftp_sign_in", "The server at %s does not let %s in. Check the user name and the key or password.", s.Address, s.User).Because(err)
		}
		return nil, fault.New(fault.Unavailable, "sftp_dial", "The server at %s does not answer as an SSH server.", s.Address).Because(err)
	}
	return ssh.NewClient(conn, channels, requests), nil
}
