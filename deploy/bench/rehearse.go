package main

import (
	"context"
	"fmt"
	"time"

	"github.com/voldaan/voldaan/core/rehearsal"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
)

const (
	rehearsedInvoices = 20_000
	rehearsedInTime   = 10 // seconds, on two cores
)

// rehearse runs the flow for Dutch businesses over a year of sample invoices.
func rehearse(ctx context.Context, l *lab) error {
	in, err := rehearsal.New(db.Administration{
		TimeZone: "Europe/Amsterdam", Country: "NL", ToleranceMinor: 100, MinimumInterval: 7, FlowBusiness: "b2b-nl", FlowConsumer: "b2c-nl", Sending: []byte("{}"),
	}, date.MustParse("2026-01-01"), date.MustParse("2026-12-31"))
	if err != nil {
		return err
	}
	in = rehearsal.Sample(in, 7, rehearsedInvoices, sdk.Business)
	start := time.Now()
	r, err := rehearsal.Run(ctx, in, nil)
	if err != nil {
		return err
	}
	took := time.Since(start)
	if r.Summary.Wrong != 0 {
		return fmt.Errorf("%d demands to debtors who had paid", r.Summary.Wrong)
	}
	l.table.show("rehearsal", "messages over a year", "%d", r.Summary.Messages)
	l.table.atMost("rehearsal", fmt.Sprintf("a year of %d invoices", rehearsedInvoices), took.Seconds(), rehearsedInTime, "%.1f s")
	return nil
}
