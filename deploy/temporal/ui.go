package main

import (
	"context"
	"fmt"
	"net"

	"github.com/temporalio/ui-server/v2/server"
	"github.com/temporalio/ui-server/v2/server/config"
	"github.com/temporalio/ui-server/v2/server/server_options"
)

// dialUI tells whether the web UI accepts connections.
func (o options) dialUI(ctx context.Context) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", o.uiPort))
	if err != nil {
		return err
	}
	return conn.Close()
}

// startUI serves the web UI in the background and returns what stops it.
func startUI(o options) (stop func()) {
	ui := server.NewServer(server_options.WithConfigProvider(&config.Config{
		TemporalGRPCAddress: o.frontendAddress(),
		Host:                "127.0.0.1",
		Port:                o.uiPort,
		EnableUI:            true,
		DefaultNamespace:    o.namespace,
		Codec:               config.Codec{Endpoint: o.codec},
		// The page is served over plain HTTP on loopback, where a Secure cookie would be dropped.
		CORS:             config.CORS{CookieInsecure: true},
		DisableNewsFetch: true,
		HideLogs:         true,
	}))
	go func() { _ = ui.Start() }()
	return ui.Stop
}
