package main

import (
	"context"
	"net/netip"

	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/event"
)

// demo reports whether this is an installation with emulators in place of the
// world outside.
func (c config) demo() bool { return len(c.Overrides) > 0 }

// tellEvents sends what happens to the addresses that organisations named. They
// are on the public internet; in a demo on this machine as well.
func (a *app) tellEvents(ctx context.Context) error {
	where := broker.EgressConfig{}
	if a.config.demo() {
		where.Inside = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	egress, err := broker.NewEgress(where)
	if err != nil {
		return err
	}
	w := &event.Worker{Endpoints: *a.services.Events, Transport: egress, Log: a.log.With("part", "events")}
	return w.Run(ctx)
}
