package emulator_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// inbox receives webhooks; answers gives the statuses of the first calls.
type inbox struct {
	mu      sync.Mutex
	answers []int
	got     []string
	url     string
}

func openInbox(t *testing.T, answers ...int) *inbox {
	t.Helper()
	in := &inbox{answers: answers}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.got = append(in.got, string(b)+r.Header.Get("X-Attempt"))
		if n := len(in.got) - 1; n < len(in.answers) {
			w.WriteHeader(in.answers[n])
		}
	}))
	t.Cleanup(srv.Close)
	in.url = srv.URL
	return in
}

func (in *inbox) wait(t *testing.T, want string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; {
		in.mu.Lock()
		got := strings.Join(in.got, " ")
		in.mu.Unlock()
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the inbox holds %q, want %q", got, want)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

func openQueue(t *testing.T, dir string, retry ...time.Duration) *emulator.Deliveries {
	t.Helper()
	d, err := emulator.New(emulator.Config{StateDir: dir}).Deliveries("hooks", emulator.DeliveryConfig{
		Retry: retry,
		Prepare: func(r *http.Request, d emulator.Delivery) bool {
			r.Header.Set("X-Attempt", fmt.Sprint(d.Attempt))
			return d.Group != "gone"
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func TestDeliveriesRetryInOrder(t *testing.T) {
	t.Parallel()
	in := openInbox(t, 500, 302, 200)
	d := openQueue(t, "", time.Millisecond, 5*time.Millisecond)
	d.Hold()
	d.Enqueue("g", in.url, "text/plain", "a")
	d.Enqueue("g", in.url, "text/plain", "b")
	d.Enqueue("gone", in.url, "text/plain", "c")
	d.Release(false)
	in.wait(t, "a1 a2 a3 b1")
	time.Sleep(10 * time.Millisecond)
	if w := d.Waiting(); len(w) != 0 {
		t.Errorf("still waiting: %v", w)
	}
	if a := d.Attempts(); len(a) != 4 || a[0].Status != 500 || a[1].Status != 302 || a[2].Number != 3 {
		t.Errorf("attempts: %+v", a)
	}
}

func TestDeliveriesGiveUp(t *testing.T) {
	t.Parallel()
	in := openInbox(t, 500, 500, 500, 500)
	d := openQueue(t, "", time.Millisecond)
	d.Enqueue("g", in.url, "text/plain", "a")
	in.wait(t, "a1 a2")
	time.Sleep(20 * time.Millisecond)
	in.wait(t, "a1 a2")
	if w := d.Waiting(); len(w) != 0 {
		t.Errorf("still waiting: %v", w)
	}
}

func TestDeliveriesDoubleDropReverse(t *testing.T) {
	t.Parallel()
	in := openInbox(t)
	d := openQueue(t, "")
	d.Drop(1)
	d.Enqueue("g", in.url, "text/plain", "lost")
	d.Double(1)
	d.Enqueue("g", in.url, "text/plain", "a")
	in.wait(t, "a1 a1")
	d.Hold()
	d.Enqueue("g", in.url, "text/plain", "b")
	d.Enqueue("g", in.url, "text/plain", "c")
	time.Sleep(20 * time.Millisecond)
	in.wait(t, "a1 a1")
	d.Release(true)
	in.wait(t, "a1 a1 c1 b1")
}

func TestDeliveriesSurviveTheProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := openInbox(t)
	first := openQueue(t, dir)
	first.Hold()
	first.Enqueue("g", in.url, "text/plain", "a")
	first.Close()
	openQueue(t, dir)
	in.wait(t, "a1")
}
