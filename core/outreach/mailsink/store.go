package mailsink

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Message is a mail as the sink keeps it, once per recipient.
type Message struct {
	ID          string    `json:"id"`
	MessageID   string    `json:"messageId"`
	From        string    `json:"from"` // envelope sender
	To          string    `json:"to"`   // envelope recipient
	Sender      string    `json:"sender"`
	Subject     string    `json:"subject"`
	Date        time.Time `json:"date"`     // of the Date field
	Received    time.Time `json:"received"` // by the sink's clock
	Size        int       `json:"size"`
	Copies      int       `json:"copies"` // messages with this Message-ID and recipient
	Attachments []string  `json:"attachments,omitempty"`

	bounced bool
}

// envelope is the first line of a stored file; the message follows it.
type envelope struct {
	From     string    `json:"from"`
	To       string    `json:"to"`
	Received time.Time `json:"received"`
}

const (
	mailSuffix    = ".mail"
	bouncedSuffix = ".bounced"
)

type store struct {
	dir string

	mu       sync.Mutex
	messages []*Message // oldest first
}

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	s := &store{dir: dir}
	bounced := map[string]bool{}
	for _, e := range entries {
		name := e.Name()
		switch {
		case strings.HasSuffix(name, ".tmp"):
			// Never confirmed to anyone.
			_ = os.Remove(filepath.Join(dir, name))
		case strings.HasSuffix(name, bouncedSuffix):
			bounced[strings.TrimSuffix(name, bouncedSuffix)] = true
		case strings.HasSuffix(name, mailSuffix):
			id := strings.TrimSuffix(name, mailSuffix)
			env, raw, err := s.read(id)
			if err != nil {
				return nil, err
			}
			s.messages = append(s.messages, describe(id, env, raw))
		}
	}
	slices.SortFunc(s.messages, func(a, b *Message) int { return cmp.Compare(a.ID, b.ID) })
	for _, m := range s.messages {
		m.bounced = bounced[m.ID]
	}
	return s, nil
}

// add writes the message to disk and to the disk's own memory before it
// returns: after that even a power cut does not lose it.
func (s *store) add(env envelope, raw []byte) (Message, error) {
	var b [5]byte
	if _, err := rand.Read(b[:]); err != nil {
		return Message{}, err
	}
	head, err := json.Marshal(env)
	if err != nil {
		return Message{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The name sorts by arrival, also when the clock stands still.
	id := fmt.Sprintf("%s-%06d-%s", time.Now().UTC().Format("20060102T150405.000000000"), len(s.messages), hex.EncodeToString(b[:]))
	if err := s.write(id+mailSuffix, slices.Concat(head, []byte("\n"), raw)); err != nil {
		return Message{}, fmt.Errorf("mail sink: %w", err)
	}
	m := describe(id, env, raw)
	s.messages = append(s.messages, m)
	return *m, nil
}

func (s *store) write(name string, content []byte) error {
	path := filepath.Join(s.dir, name)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		_ = os.Remove(path + ".tmp")
		return err
	}
	d, err := os.Open(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *store) read(id string) (envelope, []byte, error) {
	var env envelope
	content, err := os.ReadFile(filepath.Join(s.dir, id+mailSuffix))
	if err != nil {
		return env, nil, fmt.Errorf("mail sink: %w", err)
	}
	head, raw, ok := bytes.Cut(content, []byte("\n"))
	if !ok {
		return env, nil, fmt.Errorf("mail sink: %s%s is not one of its files; move it elsewhere", id, mailSuffix)
	}
	if err := json.Unmarshal(head, &env); err != nil {
		return env, nil, fmt.Errorf("mail sink: %s%s is not one of its files; move it elsewhere: %w", id, mailSuffix, err)
	}
	return env, raw, nil
}

// find returns a message by id. Only ids the sink gave out are looked up, so an
// id is never a path.
func (s *store) find(id string) (Message, []byte, error) {
	for _, m := range s.list() {
		if m.ID == id {
			_, raw, err := s.read(id)
			return m, raw, err
		}
	}
	return Message{}, nil, fs.ErrNotExist
}

// list returns all messages, oldest first, with their copies counted.
func (s *store) list() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	copies := map[string]int{}
	key := func(m *Message) string { return m.MessageID + " " + strings.ToLower(m.To) }
	for _, m := range s.messages {
		copies[key(m)]++
	}
	out := make([]Message, len(s.messages))
	for i, m := range s.messages {
		out[i] = *m
		out[i].Copies = copies[key(m)]
	}
	return out
}

func (s *store) markBounced(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if m.ID == id {
			m.bounced = true
		}
	}
	return s.write(id+bouncedSuffix, nil)
}

// clear forgets every message.
func (s *store) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if err := os.Remove(filepath.Join(s.dir, m.ID+mailSuffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		_ = os.Remove(filepath.Join(s.dir, m.ID+bouncedSuffix))
	}
	s.messages = nil
	return nil
}
