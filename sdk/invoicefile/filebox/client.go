package filebox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/voldaan/voldaan/sdk"
)

// Client asks the host for files, with the http.Client of a session. Its methods
// return an error that wraps sdk.ErrGone for what is not there.
type Client struct{ http *http.Client }

// NewClient returns a client over a session's http.Client.
func NewClient(h *http.Client) Client { return Client{http: h} }

// List returns up to limit files after an id, oldest first; with open set only
// those that still wait.
func (c Client) List(ctx context.Context, after string, limit int, open bool) ([]File, error) {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	if after != "" {
		q.Set("after", after)
	}
	if open {
		q.Set("open", "true")
	}
	var out struct {
		Files []File `json:"files"`
	}
	err := c.json(ctx, http.MethodGet, "/v1/files?"+q.Encode(), nil, &out)
	return out.Files, err
}

// Content returns the bytes of a file.
func (c Client) Content(ctx context.Context, id string) ([]byte, error) {
	resp, err := c.do(ctx, http.MethodGet, "/v1/files/"+url.PathEscape(id)+"/content", nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read file %s: %w", id, err)
	}
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%w: file %s is larger than %d MiB", sdk.ErrInvalid, id, MaxBytes>>20)
	}
	return b, nil
}

// Claim says which invoices a file delivers.
func (c Client) Claim(ctx context.Context, id string, claims []Claim) (Claimed, error) {
	var out Claimed
	err := c.json(ctx, http.MethodPost, "/v1/files/"+url.PathEscape(id)+"/claims", map[string]any{"claims": claims}, &out)
	return out, err
}

// Settle says what came of a file.
func (c Client) Settle(ctx context.Context, id string, o Outcome) error {
	return c.json(ctx, http.MethodPut, "/v1/files/"+url.PathEscape(id)+"/outcome", o, nil)
}

// Holders returns the files that delivered an invoice.
func (c Client) Holders(ctx context.Context, key string) (Holders, error) {
	var out Holders
	err := c.json(ctx, http.MethodGet, "/v1/invoices?key="+url.QueryEscape(key), nil, &out)
	return out, err
}

// LatestList returns the last list that was taken and came before a file.
func (c Client) LatestList(ctx context.Context, before string) (File, error) {
	var out File
	err := c.json(ctx, http.MethodGet, "/v1/lists/latest?before="+url.QueryEscape(before), nil, &out)
	return out, err
}

func (c Client) json(ctx context.Context, method, path string, in, out any) error {
	resp, err := c.do(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, MaxBytes)).Decode(out); err != nil {
		return fmt.Errorf("read the host's answer on files: %w", err)
	}
	return nil
}

func (c Client) do(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://"+Host+path, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask the host for files: %w", err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	words, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode == http.StatusNotFound {
		return nil, fmt.Errorf("%w: %s", sdk.ErrGone, bytes.TrimSpace(words))
	}
	return nil, fmt.Errorf("the host answers %d on files: %s", resp.StatusCode, bytes.TrimSpace(words))
}
