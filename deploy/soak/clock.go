package main

import (
	"container/heap"
	"context"
	"hash/fnv"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// dial is the one clock of the year; it stands still until it is moved.
type dial struct{ now atomic.Int64 }

// Now implements clock.Clock.
func (d *dial) Now() time.Time { return time.Unix(0, d.now.Load()).UTC() }

func (d *dial) forward(to time.Time) {
	if to.After(d.Now()) {
		d.now.Store(to.UnixNano())
	}
}

// appointment is something that somebody in the world does at a moment.
type appointment struct {
	at  time.Time
	seq int // of two at one moment, the one that was made first comes first
	do  func(context.Context) error
}

// diary holds the appointments of the world in their order.
type diary struct {
	list []appointment
	seq  int
}

func (d *diary) Len() int { return len(d.list) }
func (d *diary) Less(i, j int) bool {
	if !d.list[i].at.Equal(d.list[j].at) {
		return d.list[i].at.Before(d.list[j].at)
	}
	return d.list[i].seq < d.list[j].seq
}
func (d *diary) Swap(i, j int) { d.list[i], d.list[j] = d.list[j], d.list[i] }
func (d *diary) Push(x any)    { d.list = append(d.list, x.(appointment)) }
func (d *diary) Pop() any {
	last := len(d.list) - 1
	a := d.list[last]
	d.list = d.list[:last]
	return a
}

func (d *diary) add(at time.Time, do func(context.Context) error) {
	d.seq++
	heap.Push(d, appointment{at, d.seq, do})
}

func (d *diary) next() (time.Time, bool) {
	if len(d.list) == 0 {
		return time.Time{}, false
	}
	return d.list[0].at, true
}

func (d *diary) take() appointment { return heap.Pop(d).(appointment) }

// dice are the chances of one subject: they depend on the seed and its name and
// on nothing else, so that one debtor's luck does not hang on another's.
func dice(seed, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(seed))
	first := h.Sum64()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(first, h.Sum64()))
}
