package event

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"golang.org/x/sync/errgroup"
)

// Worker numbers events and delivers them. Any number of them may run at once.
// A delivery may come twice, when a process dies between the answer and the note
// of it; the id tells.
type Worker struct {
	Endpoints
	// Transport is a broker.Egress, which reaches public addresses only.
	Transport http.RoundTripper
	Log       *slog.Logger
	// Every is how often it looks; a second when zero.
	Every time.Duration
	// Timeout is how long a receiver may take; 15 seconds when zero.
	Timeout time.Duration
}

const (
	deliverAtOnce  = 50
	deliverAbreast = 8
	deliverLease   = 2 * time.Minute
	firstWait      = 10 * time.Second
	longestWait    = 6 * time.Hour
	// GiveUp is how long one event is tried, and how long an address may fail
	// without one success before it is switched off.
	GiveUp = 3 * 24 * time.Hour
	// logKept is how long the log of deliveries is.
	logKept = 30 * 24 * time.Hour
)

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	every := w.Every
	if every <= 0 {
		every = time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		more, err := w.Once(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.WarnContext(ctx, "deliver events", "error", err)
		}
		if more && err == nil && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once numbers what is new and delivers what is due. It reports whether there
// may be more at once.
func (w *Worker) Once(ctx context.Context) (more bool, err error) {
	door := w.Store.Door()
	fresh, err := door.DoorEventsWaiting(ctx, 100)
	if err != nil {
		return false, fmt.Errorf("look for new events: %w", err)
	}
	var failed []error
	for _, t := range fresh {
		err := w.Store.In(ctx, t, func(tx store.Tx) error {
			n, err := Number(ctx, tx, w.Real.Now())
			more = more || n == numberAtOnce
			return err
		})
		failed = append(failed, err)
	}
	due, err := door.DoorClaimDeliveries(ctx, db.DoorClaimDeliveriesParams{Moment: w.Real.Now(), Most: deliverAtOnce, Lease: deliverLease})
	if err != nil {
		return false, errors.Join(append(failed, fmt.Errorf("claim deliveries: %w", err))...)
	}
	var g errgroup.Group
	g.SetLimit(deliverAbreast)
	for _, d := range due {
		g.Go(func() error { return w.deliver(ctx, d.TenantID, d.ID) })
	}
	err = errors.Join(append(failed, g.Wait())...)
	return more || len(due) > 0, err
}

// deliver makes one attempt, outside any transaction.
func (w *Worker) deliver(ctx context.Context, tenant uuid.UUID, id int64) error {
	var d db.DeliveryRow
	var secrets []string
	if err := w.Store.In(ctx, tenant, func(tx store.Tx) (err error) {
		if d, err = tx.Delivery(ctx, id); err != nil {
			return fmt.Errorf("load delivery %d: %w", id, err)
		}
		secrets, err = w.secrets(d.WebhookEndpoint)
		return err
	}); err != nil {
		return err
	}
	began := w.Real.Now()
	status, problem := w.post(ctx, d, secrets)
	if ctx.Err() != nil {
		return nil // it is claimed again after the lease
	}
	took := min(max(w.Real.Now().Sub(began).Milliseconds(), 0), 1<<30)
	return w.Store.In(ctx, tenant, func(tx store.Tx) error {
		if err := tx.AddAttempt(ctx, db.AddAttemptParams{TenantID: tenant, DeliveryID: id, At: w.Real.Now(), Status: int32(status), Problem: problem, TookMs: int32(took)}); err != nil {
			return fmt.Errorf("note an attempt: %w", err)
		}
		return w.conclude(ctx, tx, d, status, problem)
	})
}

func (w *Worker) secrets(row db.WebhookEndpoint) ([]string, error) {
	sealed := [][]byte{row.SealedSecret}
	if row.PreviousUntil != nil && w.Real.Now().Before(*row.PreviousUntil) {
		sealed = append(sealed, row.SealedPrevious)
	}
	out := make([]string, len(sealed))
	for i, s := range sealed {
		plain, err := w.Sealer.Open(s, purpose(row.TenantID, row.ID))
		if err != nil {
			return nil, err
		}
		out[i] = string(plain)
	}
	return out, nil
}

// post sends the event. What a receiver says besides its status is not read.
func (w *Worker) post(ctx context.Context, d db.DeliveryRow, secrets []string) (status int, problem string) {
	limit := w.Timeout
	if limit == 0 {
		limit = 15 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	body, err := json.Marshal(Of(d.Event))
	if err != nil {
		return 0, "The event could not be written."
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.WebhookEndpoint.Url, bytes.NewReader(body))
	if err != nil {
		return 0, "The address cannot be called."
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Voldaan-Webhooks/1")
	req.Header.Set(IDHeader, d.Event.Key)
	req.Header.Set(TypeHeader, d.Event.Type)
	req.Header.Set(SignatureHeader, Sign(w.Real.Now(), body, secrets...))
	res, err := (&http.Client{Transport: w.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		return 0, inWords(err, limit)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // lets the connection be used again
	_ = res.Body.Close()
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		return res.StatusCode, ""
	}
	return res.StatusCode, strings.TrimSpace(fmt.Sprintf("The receiver answered %d %s.", res.StatusCode, http.StatusText(res.StatusCode)))
}

func inWords(err error, limit time.Duration) string {
	switch {
	case errors.Is(err, broker.ErrPrivate):
		return "The address is not on the public internet."
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("The receiver did not answer within %s.", limit)
	}
	return "The receiver could not be reached."
}

// conclude notes what an attempt means for the delivery and for its endpoint.
func (w *Worker) conclude(ctx context.Context, tx store.Tx, d db.DeliveryRow, status int, problem string) error {
	now := w.Real.Now()
	to, err := tx.LockWebhook(ctx, d.WebhookEndpoint.ID)
	if err != nil {
		return nil //nolint:nilerr // it was removed meanwhile, and this delivery with it
	}
	if problem == "" {
		if err := tx.EndDelivery(ctx, db.EndDeliveryParams{ID: d.WebhookDelivery.ID, State: "delivered", EndedAt: &now}); err != nil {
			return fmt.Errorf("end a delivery: %w", err)
		}
		if to.FailingSince == nil {
			return nil
		}
		to.FailingSince = nil
		return put(ctx, tx, to)
	}
	if to.FailingSince == nil {
		to.FailingSince = &now
	}
	switch {
	case to.State != "active":
	case status == http.StatusGone:
		err = w.disable(ctx, tx, &to, "It answered that it is gone (410).")
	case now.Sub(*to.FailingSince) >= GiveUp:
		err = w.disable(ctx, tx, &to, "It has failed for three days. "+problem)
	}
	if err != nil {
		return err
	}
	if err := put(ctx, tx, to); err != nil {
		return err
	}
	if status == http.StatusGone || now.Sub(d.WebhookDelivery.CreatedAt) >= GiveUp {
		err = tx.EndDelivery(ctx, db.EndDeliveryParams{ID: d.WebhookDelivery.ID, State: "given_up", EndedAt: &now})
	} else {
		err = tx.RetryDelivery(ctx, db.RetryDeliveryParams{ID: d.WebhookDelivery.ID, NextAt: now.Add(wait(int(d.WebhookDelivery.Attempts)))})
	}
	if err != nil {
		return fmt.Errorf("plan the next attempt: %w", err)
	}
	return nil
}

// wait is how long until the next attempt: twice as long each time.
func wait(attempts int) time.Duration {
	return min(firstWait<<min(max(attempts-1, 0), 12), longestWait)
}

func (w *Worker) disable(ctx context.Context, tx store.Tx, to *db.WebhookEndpoint, why string) error {
	now := w.Real.Now()
	to.State, to.Why, to.DisabledAt = "disabled", why, &now
	at, err := tx.Now(ctx, w.Real)
	if err != nil {
		return err
	}
	if err := tx.AddTask(ctx, db.AddTaskParams{
		ID: uuid.New(), TenantID: tx.Tenant, Kind: taskKind, SubjectID: to.ID, Title: "Events to " + to.Name + " were stopped",
		Detail: why + " Mend the receiver, switch the address on under Settings, Webhooks, and replay what it missed.", CreatedAt: at,
	}); err != nil {
		return fmt.Errorf("ask a person to look at endpoint %s: %w", to.ID, err)
	}
	return w.note(ctx, tx, "voldaan", "webhook.disabled", to.ID)
}
