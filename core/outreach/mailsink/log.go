package mailsink

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Log asks a running sink what it received. It is the delivery log that decides
// about a message whose delivery is uncertain (R9).
type Log struct {
	URL    string // of the sink's page, as "http://127.0.0.1:8025"
	Client *http.Client
}

// Delivered reports whether a message with the Message-ID arrived. On an error
// nobody knows still.
func (l Log) Delivered(ctx context.Context, messageID string) (bool, error) {
	list, err := l.List(ctx, url.Values{"messageId": {messageID}})
	return list.Total > 0, err
}

// List returns the messages that match a query of GET /api/messages.
func (l Log) List(ctx context.Context, query url.Values) (List, error) {
	client := l.Client
	if client == nil {
		client = http.DefaultClient
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(l.URL, "/")+"/api/messages?"+query.Encode(), nil)
	if err != nil {
		return List{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return List{}, fmt.Errorf("ask the mail sink: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return List{}, fmt.Errorf("ask the mail sink: it answers %s", res.Status)
	}
	var out List
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil {
		return List{}, fmt.Errorf("ask the mail sink: %w", err)
	}
	return out, nil
}
