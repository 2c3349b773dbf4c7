package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.temporal.io/server/common/headers"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/temporal"
	"golang.org/x/sys/unix"
)

// stopLimit bounds a clean stop; whatever still runs after it is as safe to lose as after a kill -9.
const stopLimit = 8 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return
		}
		fmt.Fprintln(os.Stderr, "voldaan-temporal:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	opts, err := parseOptions(args)
	if err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	if opts.whileUsed != "" {
		if ctx, err = whileUsed(ctx, opts.whileUsed, opts.idleCheck); err != nil {
			return err
		}
	}

	// Inside the server a taken port is a long story in the log; here it is one sentence.
	if err := ensureFree(opts.port, opts.uiPort); err != nil {
		return err
	}
	if err := prepareSchema(ctx, opts); err != nil {
		return err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: opts.logLevel}))
	ports, err := internalPorts()
	if err != nil {
		return err
	}
	server, err := temporal.NewServer(
		temporal.WithConfig(serverConfig(opts, ports)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(staticHosts(opts, ports)),
		temporal.WithDynamicConfigClient(dynamicConfig(opts)),
		temporal.WithLogger(logger),
	)
	if err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer stopWithin(stopLimit, func() { _ = server.Stop() })

	frontend, err := dialFrontend(opts.frontendAddress())
	if err != nil {
		return err
	}
	defer frontend.Close()
	if err := prepareNamespace(ctx, frontend, opts); err != nil {
		return err
	}
	if opts.uiPort != 0 {
		stopUI := startUI(opts)
		defer stopUI()
		if err := eventually(ctx, opts.dialUI); err != nil {
			return fmt.Errorf("wait for the UI: %w", err)
		}
	}
	if err := announce(opts); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// ready is the line on standard output that tells the supervisor the server can be used.
type ready struct {
	Ready     bool   `json:"ready"`
	Address   string `json:"address"`
	UI        string `json:"ui,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Version   string `json:"version"`
	PID       int    `json:"pid"`
}

func announce(opts options) error {
	line := ready{
		Ready: true, Address: opts.frontendAddress(), Namespace: opts.namespace,
		Version: headers.ServerVersion, PID: os.Getpid(),
	}
	if opts.uiPort != 0 {
		line.UI = fmt.Sprintf("http://127.0.0.1:%d", opts.uiPort)
	}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		return fmt.Errorf("say that the server is ready: %w", err)
	}
	// Whoever read the line may close the pipe now; a stray later write must not end us by SIGPIPE.
	return unix.Dup2(int(os.Stderr.Fd()), int(os.Stdout.Fd()))
}

// stopWithin runs stop and gives up waiting for it after limit.
func stopWithin(limit time.Duration, stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		stop()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		fmt.Fprintln(os.Stderr, "voldaan-temporal: still stopping after", limit, "- leaving the rest to recovery at the next start")
	}
}
