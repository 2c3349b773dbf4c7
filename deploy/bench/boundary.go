package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/catalog"
	"github.com/voldaan/voldaan/core/connect/token"
	"github.com/voldaan/voldaan/deploy/bench/pages"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// What the boundary between host and connector may cost, in records per second of
// CPU time, of both sides together.
const (
	atLeastInProcess = 0.7 // of the same work in one process, at batches of 100
	atLeastBare      = 0.6 // of a gRPC stream of the same messages, at batches of 1,000
)

// turns is how often each is measured, in turns, so that they share the weather
// of the machine.
const turns = 3

const streamManifest = `name: stream
title: Stream
kind: accounting
version: 1.0.0
publisher: voldaan
summary: Reads pages and sends batches of a size.
program: stream
reads: [invoices]
auth: [{name: none, title: None, type: none}]
form: [{name: invoices, title: How many}, {name: batch, title: In batches of}]
hosts: [books.example]
`

// boundary measures what the process boundary costs. The work is the same on both
// sides of the comparison: pages of JSON are taken apart, mapped to invoices,
// handed over in batches and written as rows. The bare stream only carries
// messages of the same size, made once.
func boundary(ctx context.Context, l *lab) error {
	dir, binary, err := l.streamer(ctx)
	if err != nil {
		return err
	}
	host, err := openBoundary(dir, nil)
	if err != nil {
		return err
	}
	defer closeHost(host)
	bare, err := startBare(binary, filepath.Join(l.dir, "bare"))
	if err != nil {
		return err
	}
	defer bare.stop()
	for _, b := range []struct{ batch, invoices int }{{1, 100_000}, {100, 400_000}, {1000, 400_000}} {
		var within, across, stream cost
		for range turns {
			note(fmt.Sprintf("boundary, batches of %d", b.batch))
			if err := errors.Join(within.inProcess(b.invoices, b.batch), across.through(ctx, host, b.invoices, b.batch), stream.bare(ctx, bare, b.invoices, b.batch)); err != nil {
				return err
			}
		}
		what := fmt.Sprintf("batches of %d: ", b.batch)
		l.table.show("boundary", what+"in one process", "%.0f records/CPU-s", within.rate())
		l.table.show("boundary", what+"through the boundary", "%.0f records/CPU-s", across.rate())
		l.table.show("boundary", what+"bare gRPC stream", "%.0f records/CPU-s", stream.rate())
		share := across.rate() / within.rate()
		if b.batch == 100 {
			l.table.atLeast("boundary", what+"share of one process", share, atLeastInProcess, "%.2f")
		} else {
			l.table.show("boundary", what+"share of one process", "%.2f", share)
		}
		l.table.show("boundary", what+"share of the bare stream, with all the work", "%.2f", across.rate()/stream.rate())
		// The bare stream does none of the work, so the work is taken off: what the
		// boundary adds to a record against what the bare stream costs.
		carried := 1 / (1/across.rate() - 1/within.rate())
		if b.batch == 1000 {
			l.table.atLeast("boundary", what+"carrying alone, as a share of the bare stream", carried/stream.rate(), atLeastBare, "%.2f")
		} else {
			l.table.show("boundary", what+"carrying alone, as a share of the bare stream", "%.2f", carried/stream.rate())
		}
	}
	return l.spawns(ctx, host)
}

// streamer makes a catalogue with the connector.
func (l *lab) streamer(ctx context.Context) (dir, binary string, err error) {
	dir = filepath.Join(l.dir, "boundary")
	folder := filepath.Join(dir, "stream")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(folder, "connector.yaml"), []byte(streamManifest), 0o644); err != nil {
		return "", "", err
	}
	binary = filepath.Join(folder, "stream")
	if err := build(ctx, binary, "github.com/voldaan/voldaan/deploy/bench/stream"); err != nil {
		return "", "", err
	}
	return dir, binary, catalog.Lock(dir)
}

// openBoundary opens a host without a database.
func openBoundary(dir string, change func(*connect.Config)) (*connect.Host, error) {
	c := connect.Config{
		Catalog: dir, Store: token.NewMemory(), Sealer: open{}, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		App: func(context.Context, string) (token.App, error) { return token.App{}, nil },
	}
	if change != nil {
		change(&c)
	}
	return connect.Open(c)
}

func closeHost(h *connect.Host) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := h.Close(ctx); err != nil {
		note(err.Error())
	}
}

// open seals nothing: there is nothing secret here.
type open struct{}

func (open) Seal(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }
func (open) Open(_ context.Context, _ token.Ref, b []byte) ([]byte, error) { return b, nil }

// cost adds up records and the CPU time they took.
type cost struct {
	records int
	cpu     time.Duration
}

func (c *cost) rate() float64 { return float64(c.records) / c.cpu.Seconds() }

// measure runs something and takes its CPU time, with that of another process
// unless its id is 0.
func (c *cost) measure(pid, records int, run func() error) error {
	before, err := cpuTime(pid)
	if err != nil {
		return err
	}
	if err := run(); err != nil {
		return err
	}
	after, err := cpuTime(pid)
	c.records, c.cpu = c.records+records, c.cpu+after-before
	return err
}

// inProcess does the work in one process.
func (c *cost) inProcess(n, batch int) error {
	return c.measure(0, n, func() error {
		to, b := &rows{}, connect.Batch{}
		if err := pages.Read(n, func(v sdk.Invoice) error {
			if b.Invoices = append(b.Invoices, v); len(b.Invoices) < batch {
				return nil
			}
			err := to.Batch(context.Background(), &b)
			b.Invoices = b.Invoices[:0]
			return err
		}); err != nil {
			return err
		}
		return to.check(n)
	})
}

// through does it with the connector in a process of its own.
func (c *cost) through(ctx context.Context, h *connect.Host, n, batch int) error {
	conn := connect.Connection{
		ID: uuid.New(), Tenant: uuid.New(), Connector: "stream",
		Config: map[string]string{"invoices": strconv.Itoa(n), "batch": strconv.Itoa(batch)},
	}
	if err := h.Check(ctx, conn); err != nil {
		return err
	}
	return c.measure(h.Supervisor().Status()[0].PID, n, func() error {
		to := &rows{}
		if err := h.Pull(ctx, conn, sdk.PullRequest{}, to); err != nil {
			return err
		}
		return to.check(n)
	})
}

// bare only streams messages.
func (c *cost) bare(ctx context.Context, s *bareStream, n, batch int) error {
	return c.measure(s.cmd.Process.Pid, n, func() error {
		stream, err := s.client.Pull(ctx)
		if err != nil {
			return err
		}
		config := map[string]string{"invoices": strconv.Itoa(n), "batch": strconv.Itoa(batch)}
		if err := stream.Send(&pb.PullRequest{Message: &pb.PullRequest_Start{Start: &pb.PullStart{Session: &pb.Session{Config: config}}}}); err != nil {
			return err
		}
		got := 0
		for {
			m, err := stream.Recv()
			if err == io.EOF && got >= n {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%d records: %w", got, err)
			}
			got += len(m.GetInvoices())
		}
	})
}

// rows takes batches as a database driver does: it writes them as text.
type rows struct {
	buf []byte
	n   int
}

// Batch implements connect.BatchSink.
func (r *rows) Batch(_ context.Context, b *connect.Batch) error {
	r.buf = r.buf[:0]
	for i := range b.Invoices {
		v := &b.Invoices[i]
		for _, s := range []string{v.ID, v.Revision, v.PartyID, v.Number, string(v.Status), v.Reference, v.PaymentReference, v.URL} {
			r.buf = append(append(r.buf, s...), '\t')
		}
		r.buf = strconv.AppendInt(append(r.buf, v.Issued.String()...), v.Total.Minor, 10)
		r.buf = strconv.AppendInt(append(r.buf, v.Due.String()...), v.Open.Minor, 10)
	}
	r.n += len(b.Invoices)
	return nil
}

// Compare implements connect.BatchSink.
func (*rows) Compare(context.Context, sdk.Stream, []sdk.Revision) ([]string, error) { return nil, nil }

func (r *rows) check(n int) error {
	if r.n != n {
		return fmt.Errorf("%d records came of %d", r.n, n)
	}
	return nil
}

// bareStream is a gRPC server in a process of its own, and our client.
type bareStream struct {
	cmd    *exec.Cmd
	conn   *grpc.ClientConn
	client pb.ConnectorServiceClient
}

func startBare(binary, socket string) (*bareStream, error) {
	cmd := exec.Command(binary, "bare", socket)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(wire.MaxMessage), grpc.WaitForReady(true)),
		grpc.WithInitialWindowSize(wire.Window), grpc.WithInitialConnWindowSize(wire.Window),
		grpc.WithReadBufferSize(wire.SocketBuffer), grpc.WithWriteBufferSize(wire.SocketBuffer))
	if err != nil {
		return nil, err
	}
	return &bareStream{cmd: cmd, conn: conn, client: pb.NewConnectorServiceClient(conn)}, nil
}

func (s *bareStream) stop() {
	_ = s.conn.Close()
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

// spawns measures the time from a call to a connector that does not run to its
// first record.
func (l *lab) spawns(ctx context.Context, h *connect.Host) error {
	var took []time.Duration
	conn := connect.Connection{ID: uuid.New(), Tenant: uuid.New(), Connector: "stream", Config: map[string]string{"invoices": "100", "batch": "100"}}
	for range 40 {
		h.Supervisor().Drain("stream")
		for h.Supervisor().Status()[0].PID != 0 {
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond)
		began, first := time.Now(), time.Duration(0)
		if err := h.Pull(ctx, conn, sdk.PullRequest{}, firstBatch(func() { first = time.Since(began) })); err != nil {
			return err
		}
		took = append(took, first)
	}
	slices.Sort(took)
	l.table.show("boundary", "spawn to first record, p50", "%.0f ms", float64(took[len(took)/2].Microseconds())/1000)
	l.table.show("boundary", "spawn to first record, p90", "%.0f ms", float64(took[len(took)*9/10].Microseconds())/1000)
	l.table.show("boundary", "containment", "%s", h.Supervisor().Containment())
	return nil
}

type firstBatch func()

// Batch implements connect.BatchSink.
func (f firstBatch) Batch(context.Context, *connect.Batch) error { f(); return nil }

// Compare implements connect.BatchSink.
func (firstBatch) Compare(context.Context, sdk.Stream, []sdk.Revision) ([]string, error) {
	return nil, nil
}

// cpuTime returns the CPU time of this process and another (proc(5): utime and
// stime of stat, in ticks of 10 ms).
func cpuTime(pid int) (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	own := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	if pid == 0 {
		return own, nil
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	for _, f := range fields[11:13] {
		ticks, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		own += time.Duration(ticks) * 10 * time.Millisecond
	}
	return own, nil
}
