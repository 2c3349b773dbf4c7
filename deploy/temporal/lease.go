package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"
)

// whileUsed returns a context that ends once no other process holds a shared lock on file. Locks
// vanish with their holders, also after kill -9, so a server shared by many short programs neither
// outlives them nor is stopped under one of them.
func whileUsed(ctx context.Context, file string, every time.Duration) (context.Context, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the file of --while-used: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(every):
			}
			// The lock is kept until the process ends: whoever comes now waits for it and then starts a new server.
			if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
				return
			}
		}
	}()
	return ctx, nil
}
