package rest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

// secret reports whether a path answers with a secret, which is never kept.
func secret(path string) bool {
	return path == Prefix+"/v1/keys" || path == Prefix+"/v1/webhooks" || strings.HasPrefix(path, Prefix+"/v1/webhooks/") && strings.HasSuffix(path, "/rotate")
}

const (
	bodyBytes = 24 << 20 // the largest request, a bank statement
	keptBytes = 1 << 20  // the largest answer that is kept for a repeat
)

// once carries out a POST with an Idempotency-Key one time, and answers each
// repeat with what the first one got (A2).
func (h *hub) once(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, who := r.Header.Get("Idempotency-Key"), actorOf(r.Context())
		if r.Method != http.MethodPost || key == "" || who.tenant == uuid.Nil || len(key) > 128 || secret(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyBytes))
		if err != nil {
			writeProblem(w, fault.New(fault.Invalid, "too_large", "The request is larger than %d MiB.", bodyBytes>>20))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		a := &attempt{hub: h, who: who, key: key, hash: hashOf(r, body)}
		if err := a.run(w, r, next); err != nil {
			f := faultOf(err)
			if f.Kind == fault.Internal {
				h.log.ErrorContext(r.Context(), "repeatable request failed", "error", err)
			}
			writeProblem(w, f)
		}
	})
}

// hashOf tells another request under the same key from a repeat.
func hashOf(r *http.Request, body []byte) []byte {
	d := sha256.New()
	d.Write([]byte(r.URL.RequestURI() + "\n" + r.Header.Get("Content-Type") + "\n"))
	d.Write(body)
	return d.Sum(nil)
}

// attempt is one request under a key.
type attempt struct {
	*hub
	who  actor
	key  string
	hash []byte
}

func (a *attempt) run(w http.ResponseWriter, r *http.Request, next http.Handler) error {
	// What is begun is noted to its end, also when the caller is gone.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
	defer cancel()
	mine, err := a.claim(ctx)
	if err != nil {
		return err
	}
	if !mine {
		return a.repeat(ctx, w)
	}
	rec := &recording{ResponseWriter: w, status: http.StatusOK}
	finished := false
	defer func() {
		if !finished { // a panic: the key is free again
			_ = a.in(ctx, func(tx store.Tx) error {
				return tx.DropAnswer(ctx, db.DropAnswerParams{Actor: a.who.id.String(), Key: a.key})
			})
		}
	}()
	next.ServeHTTP(rec, r)
	finished = true
	if err := a.in(ctx, func(tx store.Tx) error {
		if rec.status >= http.StatusInternalServerError || rec.body.Len() > keptBytes {
			return tx.DropAnswer(ctx, db.DropAnswerParams{Actor: a.who.id.String(), Key: a.key})
		}
		return tx.KeepAnswer(ctx, db.KeepAnswerParams{Actor: a.who.id.String(), Key: a.key, Status: int32(rec.status), MediaType: rec.Header().Get("Content-Type"), Body: rec.body.Bytes()})
	}); err != nil {
		a.log.ErrorContext(ctx, "answer not kept for repeats", "error", err)
	}
	return nil
}

func (a *attempt) in(ctx context.Context, f func(store.Tx) error) error {
	return a.Store.In(ctx, a.who.tenant, f)
}

// claim takes the key, and reports whether this request is the first with it.
func (a *attempt) claim(ctx context.Context) (first bool, err error) {
	err = a.in(ctx, func(tx store.Tx) error {
		if err := tx.ForgetAnswers(ctx); err != nil {
			return err
		}
		n, err := tx.ClaimAnswer(ctx, db.ClaimAnswerParams{TenantID: tx.Tenant, Actor: a.who.id.String(), Key: a.key, RequestHash: a.hash})
		first = n == 1
		return err
	})
	return first, err
}

// repeat answers as the first request was answered.
func (a *attempt) repeat(ctx context.Context, w http.ResponseWriter) error {
	var kept db.ApiAnswer
	err := a.in(ctx, func(tx store.Tx) (err error) {
		kept, err = tx.Answer(ctx, db.AnswerParams{Actor: a.who.id.String(), Key: a.key})
		return err
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fault.New(fault.Unavailable, "key_in_use", "The first request with this key has just failed. Send it again.")
	case err != nil:
		return err
	case !bytes.Equal(kept.RequestHash, a.hash):
		return fault.New(fault.Conflict, "key_reused", "This Idempotency-Key was used for another request. Use a new one.")
	case kept.Status == 0:
		return fault.New(fault.Conflict, "key_under_way", "The first request with this key is still under way. Ask again in a moment.")
	}
	w.Header().Set("Content-Type", kept.MediaType)
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(int(kept.Status))
	_, _ = w.Write(kept.Body)
	return nil
}

// recording keeps a copy of an answer.
type recording struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader notes the status.
func (r *recording) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write keeps what is sent.
func (r *recording) Write(b []byte) (int, error) {
	if r.body.Len() <= keptBytes {
		r.body.Write(b)
	}
	return r.ResponseWriter.Write(b)
}
