package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/sdk"
)

func cancelled(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	slow := Mutation{Times: -1, play: func(x *scene) answer { x.sleep(20 * time.Second); return x.answer() }}
	s.desk.arm(&slow, 0)
	defer s.desk.arm(nil, 0)
	call, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- s.s.Pull(call, sdk.PullRequest{Administration: s.adm}, NewBooks().Sink()) }()
	for range 200 {
		if s.desk.shots() > 0 {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	stop()
	began := time.Now()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		return "", wrong("it goes on for more than ten seconds")
	}
	took := time.Since(began)
	s.desk.arm(nil, 0)
	if took > 5*time.Second {
		return "", wrong("it goes on for %s", took.Round(time.Millisecond))
	}
	if before, ok := s.r.Target.Usage(); ok {
		time.Sleep(1200 * time.Millisecond)
		if after, ok := s.r.Target.Usage(); ok && after.CPU-before.CPU > 0.15 {
			return "", wrong("it keeps computing after the call: %.2f s of processor time in 1.2 s", after.CPU-before.CPU)
		}
	}
	if err := s.s.Check(ctx); err != nil {
		return "", wrong("the next call fails: %v", err)
	}
	return took.Round(time.Millisecond).String(), nil
}

func leaks(ctx context.Context, s *stage) (string, error) {
	if s.r.base == nil {
		return "", skip("There was no first load.")
	}
	s.phase("full")
	rounds := 14
	if s.r.Short {
		rounds = 8
	}
	var first Usage
	for i := range rounds {
		if err := s.pull(ctx, NewBooks()); err != nil {
			return "", wrong("load %d in a row fails: %v", i+1, err)
		}
		if i == 3 {
			u, ok := s.r.Target.Usage()
			if !ok {
				return "", nil // nobody can tell
			}
			first = u
		}
	}
	u, ok := s.r.Target.Usage()
	if !ok {
		return "", nil
	}
	if u.Memory-first.Memory > 48<<20 || u.Files-first.Files > 6 || u.Threads-first.Threads > 12 {
		return "", wrong("in %d loads, memory goes from %d to %d MiB, open files from %d to %d, threads from %d to %d",
			rounds-4, first.Memory>>20, u.Memory>>20, first.Files, u.Files, first.Threads, u.Threads)
	}
	return fmt.Sprintf("%d MiB", u.Memory>>20), nil
}
