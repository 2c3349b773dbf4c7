package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/process"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/workflows"
	"github.com/voldaan/voldaan/workflows/workflowtest"
	"golang.org/x/sync/errgroup"
)

// memory measures what hub, worker and a connector hold on to with many open
// invoices: mirrored and planned through the worker, each with a workflow that
// waits.
func memory(ctx context.Context, l *lab) error {
	h, err := openHouse(ctx, l, "memory")
	if err != nil {
		return err
	}
	defer h.close()
	binary := filepath.Join(l.dir, "voldaan")
	if err := build(ctx, binary, "github.com/voldaan/voldaan/deploy/voldaan"); err != nil {
		return err
	}
	env, listen, err := h.environment()
	if err != nil {
		return err
	}
	hub, err := l.serve(binary, env, "serve")
	if err != nil {
		return err
	}
	defer hub.Stop(syscall.SIGTERM, 20*time.Second)
	worker, err := l.serve(binary, env, "worker")
	if err != nil {
		return err
	}
	defer worker.Stop(syscall.SIGTERM, 20*time.Second)
	note(fmt.Sprintf("mirror, plan and start %d invoices", l.open))
	adm, err := h.live(ctx, l.open)
	if err != nil {
		return err
	}
	if err := h.mirrored(ctx, adm); err != nil {
		return err
	}
	if err := l.park(ctx, l.open); err != nil {
		return err
	}
	if err := looked(ctx, listen); err != nil {
		return err
	}
	time.Sleep(5 * time.Second) // what is garbage may go
	children, err := childrenOf(worker.PID())
	if err != nil {
		return err
	}
	hubs, err := resident(hub.PID())
	if err != nil {
		return err
	}
	workers, err := resident(worker.PID())
	if err != nil {
		return err
	}
	l.table.show("memory", fmt.Sprintf("hub, %d open invoices", l.open), "%.0f MiB", hubs.rss)
	l.table.show("memory", fmt.Sprintf("worker, %d open invoices", l.open), "%.0f MiB", workers.rss)
	l.table.show("memory", "hub and worker together", "%.0f MiB", hubs.rss+workers.rss)
	for _, pid := range children {
		c, err := resident(pid)
		if err != nil {
			return err
		}
		l.table.show("memory", "a connector's process (PSS)", "%.0f MiB", c.pss)
	}
	if len(children) == 0 {
		return errors.New("the worker runs no connector")
	}
	return nil
}

// environment is what hub and worker are told.
func (h *house) environment() (env []string, listen string, err error) {
	var ports [2]int
	for i := range ports {
		if ports[i], err = freePort(); err != nil {
			return nil, "", err
		}
	}
	address := func(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
	listen = address(ports[0])
	return []string{
		"VOLDAAN_DATABASE_URL=" + h.dsn, "TEMPORAL_ADDRESS=" + h.lab.temporal.Address, "TEMPORAL_NAMESPACE=" + namespace,
		"VOLDAAN_LISTEN=" + listen, "VOLDAAN_INBOUND_LISTEN=" + address(ports[1]), "VOLDAAN_SMTP_ADDRESS=127.0.0.1:9",
		"VOLDAAN_KEYS=" + filepath.Join(h.lab.dir, "keys"), "VOLDAAN_CONNECTORS=" + filepath.Join(h.lab.dir, "connectors"),
	}, listen, nil
}

func (l *lab) serve(binary string, env []string, command string) (*process.Child, error) {
	log, err := os.Create(filepath.Join(l.dir, command+".log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.Command(binary, command)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	return process.Start(cmd, process.Options{DeathSignal: syscall.SIGTERM})
}

// live adds books with n invoices that are live, due next year.
func (h *house) live(ctx context.Context, n int) (uuid.UUID, error) {
	adm, err := h.administration(ctx, n)
	if err != nil {
		return adm, err
	}
	return adm, h.store.In(ctx, h.tenant, func(tx store.Tx) error {
		return tx.SetGoLive(ctx, db.SetGoLiveParams{ID: adm, GoLiveOn: date.Of(time.Now()).AddDays(30), EntryStep: "reminder_1"})
	})
}

// mirrored lets the worker read the books and waits until it has.
func (h *house) mirrored(ctx context.Context, adm uuid.UUID) error {
	in := workflows.SyncInput{Tenant: h.tenant, Administration: adm}
	if err := workflows.SyncNow(ctx, h.lab.client, in, "Bench"); err != nil {
		return err
	}
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		var state string
		err := h.store.In(ctx, h.tenant, func(tx store.Tx) error {
			run, err := tx.LatestSyncRun(ctx, adm)
			state = run.State + " " + run.Problem
			return err
		})
		switch {
		case err == nil && strings.HasPrefix(state, "done"):
			return nil
		case time.Now().After(end) || ctx.Err() != nil:
			return fmt.Errorf("the books were not read in time: %s, %w", state, errors.Join(err, ctx.Err()))
		}
	}
}

// park starts n workflows that wait.
func (l *lab) park(ctx context.Context, n int) error {
	plan := workflowtest.At(workflowtest.Stories()[0].Plan(0), time.Now().Add(24*time.Hour))
	var g errgroup.Group
	g.SetLimit(abreast)
	for range n {
		g.Go(func() error {
			_, err := workflows.StartInvoice(ctx, l.client, workflowtest.Input(uuid.New()), plan)
			return err
		})
	}
	return g.Wait()
}

// looked asks the hub for a page, as somebody does.
func looked(ctx context.Context, listen string) error {
	for range 20 {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return fmt.Errorf("ask the hub for a page: %w", err)
		}
		_ = resp.Body.Close()
	}
	return nil
}

// size is what a process holds, in MiB.
type size struct{ rss, pss float64 }

// resident reads the size of a process.
func resident(pid int) (s size, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return s, err
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		kib, _ := strconv.ParseFloat(fields[1], 64)
		switch fields[0] {
		case "Rss:":
			s.rss = kib / 1024
		case "Pss:":
			s.pss = kib / 1024
		}
	}
	return s, nil
}

// childrenOf lists the processes that a process started.
func childrenOf(pid int) (out []int, err error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	for _, file := range tasks {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for _, text := range strings.Fields(string(b)) {
			if child, err := strconv.Atoi(text); err == nil {
				out = append(out, child)
			}
		}
	}
	return out, nil
}
