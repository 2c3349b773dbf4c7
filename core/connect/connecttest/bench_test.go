//go:build linux

package connecttest_test

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/connect"
	"github.com/voldaan/voldaan/core/connect/connecttest"
	"github.com/voldaan/voldaan/sdk"
)

// BenchmarkBoundary pulls 100,000 invoices with their parties and payments out
// of a connector process. The figure that counts is records per second of CPU
// time, of host and connector together.
func BenchmarkBoundary(b *testing.B) {
	h := connecttest.NewHost(b, connecttest.Catalog(b), nil)
	const invoices = 100_000
	c := connecttest.Connection(config{"pull": "synthetic", "n": strconv.Itoa(invoices), "checkpoint": "1000"})
	if err := h.Check(b.Context(), c); err != nil {
		b.Fatal(err)
	}
	pid := h.Supervisor().Status()[0].PID
	records := 0
	began, host, connector := time.Now(), ownCPU(b), cpuOf(b, pid)
	for b.Loop() {
		n := 0
		err := h.Pull(b.Context(), c, sdk.PullRequest{}, sinkFunc(func(batch *connect.Batch) error {
			n += len(batch.Parties) + len(batch.Invoices) + len(batch.Payments)
			return nil
		}))
		if err != nil || n < invoices {
			b.Fatalf("%d records, %v", n, err)
		}
		records += n
	}
	host, connector = ownCPU(b)-host, cpuOf(b, pid)-connector
	b.ReportMetric(float64(records)/(host+connector).Seconds(), "records/cpu-s")
	b.ReportMetric(float64(records)/host.Seconds(), "records/host-cpu-s")
	b.ReportMetric(float64(records)/time.Since(began).Seconds(), "records/s")
	b.ReportMetric(float64(h.Stats()[connecttest.Name].Bytes)/float64(records), "B/record")
}

// BenchmarkSpawn starts a connector and makes its first call.
func BenchmarkSpawn(b *testing.B) {
	h := connecttest.NewHost(b, connecttest.Catalog(b), nil)
	for b.Loop() {
		if err := h.Check(context.Background(), connecttest.Connection(nil)); err != nil {
			b.Fatal(err)
		}
		h.Supervisor().Drain(connecttest.Name)
	}
}

// BenchmarkCall makes a call to a connector that runs.
func BenchmarkCall(b *testing.B) {
	h := connecttest.NewHost(b, connecttest.Catalog(b), nil)
	for b.Loop() {
		if err := h.Check(context.Background(), connecttest.Connection(nil)); err != nil {
			b.Fatal(err)
		}
	}
}

func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
