package dunning_test

import (
	"testing"

	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/sdk"
)

func TestWholeFlowProbe(t *testing.T) {
	t.Parallel()
	for _, kind := range []sdk.PartyKind{sdk.Business, sdk.Consumer} {
		t.Run(string(kind), func(t *testing.T) {
			w := dunningtest.New(t, "2026-03-02 07:00")
			w.Books.Put(dunningtest.Debtor("jan", kind), dunningtest.Invoice("F1", "jan", "2026-03-02", "2026-03-16", 300_000))
			w.Books.Sync()
			t.Logf("%+v", w.State("F1"))
			w.Walk("2026-07-01 00:00")
			for _, s := range w.Story("F1") {
				t.Log(s)
			}
			for _, d := range w.Decisions("F1") {
				t.Log(d.Reason)
			}
			for _, m := range w.Messages("F1") {
				t.Log(m.Channel, m.Step, m.State, m.Delivery, m.Subject, m.SentAt)
			}
		})
	}
}
