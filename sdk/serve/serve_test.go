package serve_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/serve"
	"github.com/voldaan/voldaan/sdk/wire"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

// author is a connector made of functions.
type author struct {
	sdk.Base
	check func(context.Context, *sdk.Session) error
	pull  func(context.Context, sdk.PullRequest, sdk.Sink) error
}

func (a author) Check(ctx context.Context, s *sdk.Session) error { return a.check(ctx, s) }

func (author) Administrations(context.Context, *sdk.Session) ([]sdk.Administration, error) {
	return []sdk.Administration{{ID: "1", Name: "Caf\xe9", Currency: "EUR"}}, nil
}

func (a author) Pull(ctx context.Context, _ *sdk.Session, r sdk.PullRequest, s sdk.Sink) error {
	return a.pull(ctx, r, s)
}

func dial(t *testing.T, a author, log io.Writer) pb.ConnectorServiceClient {
	t.Helper()
	l := bufconn.Listen(1 << 20)
	s := grpc.NewServer()
	serve.Register(s, a, nil, slog.New(slog.NewTextHandler(log, nil)))
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient("passthrough:c", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return pb.NewConnectorServiceClient(conn)
}

// messages runs a pull and returns what arrived and how it ended.
func messages(t *testing.T, pull func(context.Context, sdk.PullRequest, sdk.Sink) error, wanted ...string) ([]*pb.PullResponse, error) {
	t.Helper()
	c := dial(t, author{pull: pull}, io.Discard)
	stream, err := c.Pull(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	start := &pb.PullStart{Session: &pb.Session{}, Administration: "1", Cursor: []byte("c"), Invoices: []string{"i"}}
	if err := stream.Send(&pb.PullRequest{Message: &pb.PullRequest_Start{Start: start}}); err != nil {
		t.Fatal(err)
	}
	var got []*pb.PullResponse
	for {
		m, err := stream.Recv()
		if err == io.EOF {
			return got, nil
		}
		if err != nil {
			return got, wire.FromStatus(err, stream.Trailer())
		}
		got = append(got, m)
		if cmp := m.GetCompare(); cmp != nil && !cmp.GetMore() {
			_ = stream.Send(&pb.PullRequest{Message: &pb.PullRequest_Wanted{Wanted: &pb.Wanted{Ids: wanted}}})
		}
	}
}

func bill(id string) sdk.Invoice {
	return sdk.Invoice{ID: id, Kind: sdk.SalesInvoice, Status: sdk.Open, Total: money.EUR(1), Open: money.EUR(1)}
}

func TestRecordsTravelInBatchesAndInOrder(t *testing.T) {
	t.Parallel()
	got, err := messages(t, func(_ context.Context, r sdk.PullRequest, s sdk.Sink) error {
		if r.Administration != "1" || string(r.Cursor) != "c" || r.Invoices[0] != "i" {
			return fmt.Errorf("asked for %+v", r)
		}
		for i := range 1100 {
			if err := errors.Join(s.Invoice(bill(fmt.Sprint("i", i))), s.Checkpoint([]byte(fmt.Sprint(i)))); err != nil {
				return err
			}
		}
		return errors.Join(s.Gone(sdk.Invoices, "i1"), s.Invoice(bill("i1")), s.Complete(sdk.Invoices), s.Party(sdk.Party{ID: "late"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	var shape []string
	for _, m := range got {
		shape = append(shape, fmt.Sprintf("%d+%d-%d/%d@%s", len(m.GetInvoices()), len(m.GetParties()), len(m.GetGone()), len(m.GetComplete()), m.GetCheckpoint()))
	}
	// A record that follows a deletion or the end of a stream comes in a message of
	// its own; the checkpoint is the last one before the message went out.
	want := "500+0-0/0@498 500+0-0/0@998 100+0-1/0@1099 1+0-0/1@ 0+1-0/0@"
	if s := strings.Join(shape, " "); s != want {
		t.Errorf("messages\n %s, want\n %s", s, want)
	}
}

func TestWhatWasSentBeforeAnErrorArrives(t *testing.T) {
	t.Parallel()
	got, err := messages(t, func(_ context.Context, _ sdk.PullRequest, s sdk.Sink) error {
		if err := s.Invoice(bill("i1")); err != nil {
			return err
		}
		return &sdk.RetryAfter{Wait: time.Minute, Why: "quota"}
	})
	if r, ok := errors.AsType[*sdk.RetryAfter](err); !ok || r.Wait != time.Minute || len(got) != 1 || len(got[0].GetInvoices()) != 1 {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

func TestLargeRecordsFillABatchSooner(t *testing.T) {
	t.Parallel()
	got, err := messages(t, func(_ context.Context, _ sdk.PullRequest, s sdk.Sink) error {
		for i := range 30 {
			v := bill(fmt.Sprint("i", i))
			v.Reference = strings.Repeat("x", 100_000)
			if err := s.Invoice(v); err != nil {
				return err
			}
		}
		v := bill("huge")
		v.Reference = strings.Repeat("x", 2<<20)
		return s.Invoice(v)
	})
	if !errors.Is(err, sdk.ErrInvalid) || len(got) != 3 {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

func TestCompareIsAnsweredInTheStream(t *testing.T) {
	t.Parallel()
	got, err := messages(t, func(_ context.Context, _ sdk.PullRequest, s sdk.Sink) error {
		list := make([]sdk.Revision, 12_000)
		for i := range list {
			list[i] = sdk.Revision{ID: fmt.Sprint(i), Revision: "1"}
		}
		if err := s.Party(sdk.Party{ID: "before"}); err != nil {
			return err
		}
		wanted, err := s.Compare(sdk.Parties, list)
		if err != nil || fmt.Sprint(wanted) != "[7 8]" {
			return fmt.Errorf("wanted %v, %w", wanted, err)
		}
		return s.Party(sdk.Party{ID: "after"})
	}, "7", "8")
	if err != nil || len(got) != 5 || got[0].GetParties()[0].GetId() != "before" || len(got[3].GetCompare().GetRevisions()) != 2000 || got[4].GetParties()[0].GetId() != "after" {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

func TestPanicIsAnErrorOfTheCall(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := dial(t, author{check: func(context.Context, *sdk.Session) error { panic("oops") }}, &log)
	_, err := c.Check(t.Context(), &pb.CheckRequest{})
	if status.Code(err) != codes.Internal || !strings.Contains(err.Error(), "oops") || !strings.Contains(log.String(), "serve_test.go") {
		t.Errorf("%v, logged %s", err, log.String())
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	var seen *sdk.Session
	c := dial(t, author{check: func(ctx context.Context, s *sdk.Session) error {
		seen = s
		<-ctx.Done()
		return ctx.Err()
	}}, io.Discard)
	_, err := c.Check(t.Context(), &pb.CheckRequest{Session: &pb.Session{TimeoutMs: 20, WebhookSecret: []byte("s")}})
	if status.Code(err) != codes.DeadlineExceeded || seen.Config == nil || string(seen.WebhookSecret) != "s" || seen.HTTP == nil {
		t.Errorf("%v, session %+v", err, seen)
	}
}

func TestMissingCapability(t *testing.T) {
	t.Parallel()
	c := dial(t, author{check: func(context.Context, *sdk.Session) error { return nil }}, io.Discard)
	if a, err := c.Check(t.Context(), &pb.CheckRequest{}); err != nil || len(a.GetCapabilities()) != 0 {
		t.Errorf("%v, %v", a, err)
	}
	if _, err := c.Push(t.Context(), &pb.PushRequest{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("push: %v", err)
	}
	if a, err := c.Administrations(t.Context(), &pb.AdministrationsRequest{}); err != nil || a.GetAdministrations()[0].GetName() != "Caf\uFFFD" {
		t.Errorf("%v, %v", a, err)
	}
}
