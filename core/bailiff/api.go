package bailiff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
)

// API is a bailiff that serves the interface of README.md.
type API struct {
	Endpoint string // without /v1
	Token    string
	Client   *http.Client
}

// most bounds what is read of an answer.
const most = 4 << 20

// HandOver implements Transport.
func (a API) HandOver(ctx context.Context, p Parcel) (string, error) {
	var out struct {
		Reference string `json:"reference"`
	}
	err := a.call(ctx, http.MethodPut, "/v1/cases/"+p.ID.String(), p, &out)
	return out.Reference, err
}

// Tell implements Transport.
func (a API) Tell(ctx context.Context, n Note) error {
	return a.call(ctx, http.MethodPut, "/v1/notes/"+url.PathEscape(n.ID), n, nil)
}

// Collect implements Transport.
func (a API) Collect(ctx context.Context, cursor string) ([]Note, string, error) {
	var out struct {
		Notes []Note `json:"notes"`
		Next  string `json:"next"`
	}
	if err := a.call(ctx, http.MethodGet, "/v1/notes?after="+url.QueryEscape(cursor), nil, &out); err != nil {
		return nil, cursor, err
	}
	if out.Next == "" {
		out.Next = cursor
	}
	return out.Notes, out.Next, nil
}

func (a API) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(a.Endpoint, "/")+path, body)
	if err != nil {
		return fault.New(fault.Invalid, "bailiff_endpoint", "The address of the bailiff's interface is not a web address.").Because(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := a.Client.Do(req)
	if err != nil {
		return fault.New(fault.Unavailable, "bailiff_unreachable", "The bailiff's interface could not be reached. It is tried again.").Because(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, most))
	switch {
	case err != nil || res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "bailiff_unreachable", "The bailiff's interface could not answer (%d). It is tried again.", res.StatusCode).Because(err)
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return fault.New(fault.Denied, "bailiff_key", "The bailiff's interface does not accept the key. Ask the bailiff for another one and put it into the settings.")
	case res.StatusCode >= 300:
		var p struct{ Detail string }
		_ = json.Unmarshal(raw, &p) // the sentence is a help, not needed
		return fault.New(fault.Conflict, "bailiff_refused", "The bailiff refused this: %s", strings.TrimSpace(fmt.Sprintf("%d %s", res.StatusCode, p.Detail)))
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fault.New(fault.Unavailable, "bailiff_answer", "The answer of the bailiff's interface could not be read. It is tried again.").Because(err)
	}
	return nil
}
