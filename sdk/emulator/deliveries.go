package emulator

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Delivery is a webhook call that has to reach a receiver.
type Delivery struct {
	ID          string    `json:"id"`
	Group       string    `json:"group"` // deliveries of one group go one after the other
	URL         string    `json:"url"`
	ContentType string    `json:"content_type"`
	Body        string    `json:"body"`
	Attempt     int       `json:"attempt"` // attempts made
	Due         time.Time `json:"due"`     // of the next attempt, real time
}

// Attempt is one call that was made. Status is 0 when there was no answer.
type Attempt struct {
	Delivery string    `json:"delivery"`
	Group    string    `json:"group"`
	URL      string    `json:"url"`
	Body     string    `json:"body"`
	At       time.Time `json:"at"`
	Number   int       `json:"number"` // counts from 1
	Status   int       `json:"status"`
	Error    string    `json:"error,omitempty"`
}

// DeliveryConfig sets up a queue of webhook calls.
type DeliveryConfig struct {
	// Retry are the waits after a failed attempt; after the last one the
	// delivery is given up. Any answer but 200 to 299 is a failure.
	Retry []time.Duration
	// Timeout of one attempt. Default: 15 s.
	Timeout time.Duration
	// Prepare completes a request before each attempt, as with a fresh
	// signature. It returns false when the delivery is no longer wanted.
	Prepare func(*http.Request, Delivery) bool
	// Done is told of each attempt and the first kilobyte of the answer.
	Done func(d Delivery, status int, body string)
	// Parallel is the number of groups served at once. Default: 16.
	Parallel int
}

// Deliveries is a queue of webhook calls that outlives its receiver's faults
// and, with a StateDir, its own process.
type Deliveries struct {
	kit    *Kit
	cfg    DeliveryConfig
	client *http.Client
	queue  *State[deliveryQueue]

	mu       sync.Mutex
	inFlight map[string]bool // groups
	attempts []Attempt
	held     bool
	double   int
	drop     int

	wake chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup
}

type deliveryQueue struct {
	Seq     int        `json:"seq"`
	Waiting []Delivery `json:"waiting"`
}

// Deliveries opens a queue and starts serving it; Close stops it.
func (k *Kit) Deliveries(name string, cfg DeliveryConfig) (*Deliveries, error) {
	if cfg.Timeout == 0 {
		cfg.Timeout = 15 * time.Second
	}
	if cfg.Parallel == 0 {
		cfg.Parallel = 16
	}
	queue, err := OpenState(k, name, &deliveryQueue{})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &Deliveries{
		kit: k, cfg: cfg, queue: queue, stop: cancel,
		client:   &http.Client{Timeout: cfg.Timeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		inFlight: map[string]bool{}, wake: make(chan struct{}, 1),
	}
	k.mu.Lock()
	k.queues = append(k.queues, d)
	k.mu.Unlock()
	d.done.Go(func() { d.run(ctx) })
	return d, nil
}

// Close stops serving; what waits stays in the queue.
func (d *Deliveries) Close() {
	d.stop()
	d.done.Wait()
	d.client.CloseIdleConnections()
}

// Enqueue adds a delivery that is due at once.
func (d *Deliveries) Enqueue(group, url, contentType, body string) {
	d.mu.Lock()
	copies := 1
	switch {
	case d.drop > 0:
		d.drop--
		copies = 0
	case d.double > 0:
		d.double--
		copies = 2
	}
	d.mu.Unlock()
	if copies == 0 {
		return
	}
	err := d.queue.Update(func(q *deliveryQueue) error {
		for range copies {
			q.Seq++
			q.Waiting = append(q.Waiting, Delivery{ID: "d" + strconv.Itoa(q.Seq), Group: group, URL: url, ContentType: contentType, Body: body, Due: time.Now().UTC()})
		}
		return nil
	})
	if err != nil {
		d.kit.Log().Error("webhook not queued", "error", err)
	}
	d.poke()
}

// Hold keeps deliveries back until Release.
func (d *Deliveries) Hold() {
	d.mu.Lock()
	d.held = true
	d.mu.Unlock()
}

// Release lets held deliveries go, newest first when reverse.
func (d *Deliveries) Release(reverse bool) {
	if reverse {
		_ = d.queue.Update(func(q *deliveryQueue) error { slices.Reverse(q.Waiting); return nil })
	}
	d.mu.Lock()
	d.held = false
	d.mu.Unlock()
	d.poke()
}

// Double sends each of the next n deliveries twice.
func (d *Deliveries) Double(n int) { d.mu.Lock(); d.double += n; d.mu.Unlock() }

// Drop loses the next n deliveries.
func (d *Deliveries) Drop(n int) { d.mu.Lock(); d.drop += n; d.mu.Unlock() }

// Waiting returns the deliveries that have not succeeded yet.
func (d *Deliveries) Waiting() []Delivery {
	out := []Delivery{}
	d.queue.View(func(q *deliveryQueue) { out = append(out, q.Waiting...) })
	return out
}

// Attempts returns the last thousand calls, oldest first.
func (d *Deliveries) Attempts() []Attempt {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Attempt{}, d.attempts...)
}

func (d *Deliveries) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *Deliveries) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		case <-timer.C:
		}
		ready, next := d.due(time.Now())
		for _, one := range ready {
			d.done.Go(func() { d.attempt(ctx, one) })
		}
		timer.Reset(next)
	}
}

// due takes what can be sent now, one per group, and says how long to sleep.
func (d *Deliveries) due(now time.Time) (ready []Delivery, sleep time.Duration) {
	sleep = time.Hour
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held {
		return nil, sleep
	}
	seen := map[string]bool{}
	d.queue.View(func(q *deliveryQueue) {
		for _, one := range q.Waiting {
			if seen[one.Group] || d.inFlight[one.Group] {
				continue
			}
			seen[one.Group] = true
			if wait := one.Due.Sub(now); wait > 0 {
				sleep = min(sleep, wait)
			} else if len(d.inFlight) < d.cfg.Parallel {
				d.inFlight[one.Group] = true
				ready = append(ready, one)
			}
		}
	})
	return ready, sleep
}

func (d *Deliveries) attempt(ctx context.Context, one Delivery) {
	one.Attempt++
	status, answer, err := d.call(ctx, one)
	if ctx.Err() != nil {
		return // stopping: the delivery stays in the queue
	}
	a := Attempt{Delivery: one.ID, Group: one.Group, URL: one.URL, Body: one.Body, At: time.Now().UTC(), Number: one.Attempt, Status: status}
	if err != nil {
		a.Error = err.Error()
	}
	settled := status >= 200 && status <= 299 || status == unwanted || one.Attempt > len(d.cfg.Retry)
	_ = d.queue.Update(func(q *deliveryQueue) error {
		i := slices.IndexFunc(q.Waiting, func(w Delivery) bool { return w.ID == one.ID })
		switch {
		case i < 0:
		case settled:
			q.Waiting = slices.Delete(q.Waiting, i, i+1)
		default:
			q.Waiting[i].Attempt = one.Attempt
			q.Waiting[i].Due = time.Now().UTC().Add(d.cfg.Retry[one.Attempt-1])
		}
		return nil
	})
	d.mu.Lock()
	delete(d.inFlight, one.Group)
	if status != unwanted {
		d.attempts = append(d.attempts[max(0, len(d.attempts)-999):], a)
	}
	d.mu.Unlock()
	if d.cfg.Done != nil && status != unwanted {
		d.cfg.Done(one, status, answer)
	}
	d.poke()
}

const unwanted = -1

func (d *Deliveries) call(ctx context.Context, one Delivery) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, one.URL, bytes.NewReader([]byte(one.Body)))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", one.ContentType)
	if d.cfg.Prepare != nil && !d.cfg.Prepare(req, one) {
		return unwanted, "", nil
	}
	resp, err := d.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1024))
	return resp.StatusCode, string(answer), nil
}

func (k *Kit) deliveryQueues() []*Deliveries {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]*Deliveries(nil), k.queues...)
}

func (k *Kit) getDeliveries(w http.ResponseWriter, _ *http.Request) {
	out := struct {
		Waiting  []Delivery `json:"waiting"`
		Attempts []Attempt  `json:"attempts"`
	}{[]Delivery{}, []Attempt{}}
	for _, d := range k.deliveryQueues() {
		out.Waiting = append(out.Waiting, d.Waiting()...)
		out.Attempts = append(out.Attempts, d.Attempts()...)
	}
	WriteJSON(w, http.StatusOK, out)
}

func (k *Kit) postDeliveries(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Hold    bool   `json:"hold"`
		Release string `json:"release"` // "order" or "reverse"
		Double  int    `json:"double"`
		Drop    int    `json:"drop"`
	}
	if !ReadControl(w, r, &in) {
		return
	}
	if in.Release != "" && in.Release != "order" && in.Release != "reverse" {
		WriteJSON(w, http.StatusBadRequest, map[string]string{"error": `Release "order" or "reverse".`})
		return
	}
	for _, d := range k.deliveryQueues() {
		if in.Hold {
			d.Hold()
		}
		d.Double(in.Double)
		d.Drop(in.Drop)
		if in.Release != "" {
			d.Release(in.Release == "reverse")
		}
	}
	w.WriteHeader(http.StatusNoContent)
}
