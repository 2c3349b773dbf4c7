package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
)

// home is where Acme Books lives. connector.yaml names the host: a request to any
// other fails.
const home = "https://api.acmebooks.example/v1"

func get(ctx context.Context, s *sdk.Session, path string, into any) error {
	return call(ctx, s, http.MethodGet, path, nil, into)
}

// call makes a request and decodes its answer. The host has added the API key,
// kept the rate limit and tried again what may be tried again.
func call(ctx context.Context, s *sdk.Session, method, path string, body, into any) error {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, home+path, in)
	if err != nil {
		return fmt.Errorf("%w: %w", sdk.ErrInvalid, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return refusal(resp)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("read the answer of Acme Books: %w", err)
	}
	return nil
}

// refused is an answer that is no success.
type refused struct {
	status  int
	message string
	fault   error
}

func (r *refused) Error() string {
	return fmt.Sprintf("Acme Books answers %d: %s", r.status, r.message)
}
func (r *refused) Unwrap() error { return r.fault }

// refusal says with the package's own words what is wrong, and with a fault of
// package sdk what the host should do.
func refusal(resp *http.Response) error {
	var a struct{ Error struct{ Message string } }
	_ = json.NewDecoder(io.LimitReader(resp.Body, 64<<10)).Decode(&a) // words are not needed
	r := &refused{status: resp.StatusCode, message: a.Error.Message}
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		r.fault = sdk.ErrAuth
	case code == http.StatusNotFound, code == http.StatusGone:
		r.fault = sdk.ErrGone
	case code == http.StatusTooManyRequests, code >= 500: // the host has tried again already
	default:
		r.fault = sdk.ErrInvalid
	}
	return r
}
