// Package blobtest is the conformance suite of places for packages.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/voldaan/voldaan/core/connect/registry/blob"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Run holds an implementation to the contract of blob.Blobs. open returns an
// empty place; damage changes what is kept under a hash behind its back, and is
// nil where that cannot be done.
func Run(t *testing.T, open func(*testing.T) blob.Blobs, damage func(*testing.T, blob.Blobs, pack.Hash)) {
	t.Run("what is put can be got", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		for _, size := range []int{1, 1000, 6 << 20} {
			want := noise(size)
			h, err := b.Put(t.Context(), want)
			if err != nil || h != sha256.Sum256(want) {
				t.Fatalf("put %d bytes: %s, %v", size, h, err)
			}
			if ok, err := b.Has(t.Context(), h); !ok || err != nil {
				t.Errorf("has: %v, %v", ok, err)
			}
			if got, err := b.Get(t.Context(), h); err != nil || !bytes.Equal(got, want) {
				t.Errorf("got %d bytes of %d: %v", len(got), size, err)
			}
		}
	})
	t.Run("what was never put is not found", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		if ok, err := b.Has(t.Context(), pack.Hash{1}); ok || err != nil {
			t.Errorf("has: %v, %v", ok, err)
		}
		if _, err := b.Get(t.Context(), pack.Hash{1}); !errors.Is(err, blob.ErrNotFound) {
			t.Errorf("get: %v", err)
		}
	})
	t.Run("to put the same twice and at once is no error", func(t *testing.T) {
		t.Parallel()
		b, want := open(t), noise(100_000)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := b.Put(t.Context(), want); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got, err := b.Get(t.Context(), sha256.Sum256(want)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("got %d bytes: %v", len(got), err)
		}
	})
	t.Run("an end of the context ends the work", func(t *testing.T) {
		t.Parallel()
		b := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Put(ctx, noise(100)); err == nil {
			return // a folder does not wait for anyone
		} else if !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
	})
	t.Run("what was changed behind its back is refused, and can be put right", func(t *testing.T) {
		t.Parallel()
		if damage == nil {
			t.Skip("nothing can be changed behind the back of this place")
		}
		b, want := open(t), noise(1000)
		h, err := b.Put(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		damage(t, b, h)
		if _, err := b.Get(t.Context(), h); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("get: %v", err)
		}
		if _, err := b.Put(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if got, err := b.Get(t.Context(), h); err != nil || !bytes.Equal(got, want) {
			t.Errorf("after it was put again: %v", err)
		}
	})
}

func noise(n int) []byte {
	b := make([]byte, n)
	var seed [32]byte
	seed[0], seed[1], seed[2] = byte(n), byte(n>>8), byte(n>>16)
	_, _ = rand.NewChaCha8(seed).Read(b)
	return b
}
