package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrLocked says that another process holds the lock.
var ErrLocked = errors.New("locked by another process")

// Lock is an advisory lock on a file. The kernel drops it when its holder dies, also by kill -9.
type Lock struct{ file *os.File }

// TryLock takes the exclusive lock on the file at path, made when missing, or returns ErrLocked.
func TryLock(path string) (*Lock, error) {
	return flock(path, syscall.LOCK_EX|syscall.LOCK_NB)
}

// WaitLock takes the exclusive lock, waiting for it until ctx ends.
func WaitLock(ctx context.Context, path string) (*Lock, error) {
	for {
		lock, err := TryLock(path)
		if !errors.Is(err, ErrLocked) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", path, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Share takes a shared lock, held by any number of users at once, waiting out an exclusive one.
func Share(path string) (*Lock, error) { return flock(path, syscall.LOCK_SH) }

// File is the locked file; a child that inherits it keeps the lock alive with it.
func (l *Lock) File() *os.File { return l.file }

// Unlock gives the lock back.
func (l *Lock) Unlock() { _ = l.file.Close() }

func flock(path string, how int) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if err == nil {
			return &Lock{file: file}, nil
		}
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
}
