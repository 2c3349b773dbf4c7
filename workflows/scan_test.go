package workflows_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/policy"
	"github.com/voldaan/voldaan/core/receivable"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"
)

// person is somebody whose traces are easy to find.
var person = sdk.Party{
	Name: "Wilhelmina Achterberg", Attention: "Aukje Terpstra", Email: "wilhelmina@eikenlaan.example", Phone: "+31 6 98765432",
	Address:  sdk.Address{Line1: "Eikenlaan 7777", Line2: "achterom", PostalCode: "9876 ZX", City: "Nergenshuizen", Country: "NL"},
	Language: "nl", IBAN: "NL69INGB0123456789", VATNumber: "NL009999998B01", Registration: "87654321",
}

const (
	note      = "belt terug over haar echtscheiding"
	reference = "Uw reparatie dakgoot"
)

// traces are what no history may hold, in any case.
var traces = []string{
	"wilhelmina", "achterberg", "aukje", "terpstra", "eikenlaan", "98765432", "achterom", "9876 zx", "nergenshuizen",
	"ingb0123456789", "nl009999998b01", "87654321", "echtscheiding", "belt terug", "dakgoot", "%pdf", "geachte", "beste ",
}

// dayLength is how long a day of the invoices lasts in this test.
const dayLength = 200 * time.Millisecond

// fast makes the world's time run, a day in dayLength.
func (h *hall) fast(origin string) {
	h.t.Helper()
	h.Clock.Set(time.Now())
	scale, err := json.Marshal(clock.Scale{RealOrigin: time.Now(), Origin: dunningtest.At(origin), DayLength: dayLength})
	if err != nil {
		h.t.Fatal(err)
	}
	h.In(func(tx store.Tx) error {
		_, err := tx.Exec(h.t.Context(), "update tenant set clock = $1", scale)
		return err
	})
	go func() {
		for h.t.Context().Err() == nil {
			h.Clock.Set(time.Now())
			time.Sleep(time.Millisecond)
		}
	}()
}

// debtor is the person as a business or consumer of her own.
func debtor(id string, kind sdk.PartyKind) sdk.Party {
	p := person
	p.ID, p.Kind = id, kind
	return p
}

func invoiceOf(id, debtor string) sdk.Invoice {
	i := dunningtest.Invoice(id, debtor, "2026-03-02", "2026-03-16", 121_000)
	i.Reference, i.PaymentReference = reference, "RF18539007547034"
	return i
}

// TestNoPersonalDataInHistories plays whole lives with real steps, one of them to
// the bailiff, and scans all that Temporal keeps of them.
func TestNoPersonalDataInHistories(t *testing.T) {
	t.Parallel()
	h := emptyHall(t)
	h.fast("2026-03-02 06:00")
	serve(t, h.temporal, h.Steps)
	carried := make(chan struct{})
	go func() {
		defer close(carried)
		_ = h.carrier.Run(t.Context())
	}()
	t.Cleanup(func() { <-carried })

	h.Books.Put(debtor("ignores", sdk.Business), invoiceOf("F-ignored", "ignores"))
	h.Books.Put(debtor("pays", sdk.Consumer), invoiceOf("F-paid", "pays"))
	h.Books.Put(debtor("asks", sdk.Consumer), invoiceOf("F-held", "asks"))
	h.Books.Sync()
	invoices := []string{"F-ignored", "F-paid", "F-held"}

	// On a busy machine days pass before a step is taken, and the first reminder is
	// passed over for the second (R8).
	h.eventually("the asker was reminded", func() bool {
		return slices.ContainsFunc(h.Sent("F-held"), func(s string) bool { return strings.HasPrefix(s, "reminder_") })
	})
	h.In(func(tx store.Tx) error {
		_, err := h.Planner.Hold(t.Context(), tx, dunning.HoldRequest{Scope: dunning.OfDebtor, ID: h.DebtorID("asks"), Reason: receivable.Replied, Note: note, By: "member/1"})
		return err
	})
	h.eventually("the payer was reminded twice", func() bool { return slices.Contains(h.Sent("F-paid"), "reminder_2") })
	h.Books.Pay("F-paid", 121_000, date.MustParse("2026-03-30"))
	h.eventually("the invoice is ready for the bailiff", func() bool {
		h.approveFigures()
		return h.State("F-ignored").Phase == "bailiff"
	})

	for i, shows := range map[string][]string{"F-ignored": {"**Phase** bailiff"}, "F-held": {"Held before", "debtor wrote (R61)"}} {
		d := h.details(i)
		if !containsAll(d, shows...) {
			t.Errorf("the page of %s shows %q", i, d)
		}
		scan(t, "the page of "+i, d)
	}

	for _, i := range []string{"F-ignored", "F-held"} {
		h.Books.Pay(i, 121_000, date.MustParse("2026-06-30"))
	}
	h.Books.Sync()
	h.eventually("all are closed", func() bool {
		return !slices.ContainsFunc(invoices, func(i string) bool { return h.status(i) != enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED })
	})
	var all []proto.Message
	for _, i := range invoices {
		all = append(all, h.kept(i)...)
	}
	list, err := h.temporal.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range append(all, list) {
		b, err := temporalproto.CustomJSONMarshalOptions{Metadata: map[string]any{common.EnablePayloadShorthandMetadataKey: true}}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		scan(t, string(m.ProtoReflect().Descriptor().Name()), string(b))
	}
	for _, i := range invoices {
		t.Log(i, h.Sent(i))
	}
}

// kept is what the server keeps of an invoice's workflow.
func (h *hall) kept(invoice string) (out []proto.Message) {
	h.t.Helper()
	for events := h.temporal.GetWorkflowHistory(h.t.Context(), h.id(invoice), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			h.t.Fatal(err)
		}
		out = append(out, e)
	}
	d, err := h.temporal.DescribeWorkflowExecution(h.t.Context(), h.id(invoice), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return append(out, d)
}

func scan(t *testing.T, where, text string) {
	t.Helper()
	lower := strings.ToLower(text)
	for _, trace := range traces {
		if at := strings.Index(lower, trace); at >= 0 {
			t.Errorf("%s holds %q: …%s…", where, trace, text[max(0, at-80):min(len(text), at+80)])
		}
	}
}

// approveFigures lets messages go that wait for a person's word on a figure of the
// law: on a busy machine the days run on into a half-year whose rate is not
// confirmed.
func (h *hall) approveFigures() {
	h.In(func(tx store.Tx) error {
		pending, err := h.Planner.PendingFigures(h.t.Context(), tx)
		if err != nil || len(pending) == 0 {
			return err
		}
		keys := make([]policy.FigureKey, len(pending))
		for i, p := range pending {
			keys[i] = p.Key()
		}
		_, err = h.Planner.ApproveFigures(h.t.Context(), tx, keys, "member/1")
		return err
	})
}
