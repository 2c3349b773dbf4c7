package connect

import (
	"context"
	"io"
	"path"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/wire"
)

// Document fetches a file of an invoice. The error wraps sdk.ErrGone when there
// is none.
func (h *Host) Document(ctx context.Context, c Connection, r sdk.DocumentRequest) (d sdk.Document, err error) {
	_, err = h.within(ctx, c, h.limits.Document, manifest.Documents, nil, func(ctx context.Context, k *call) error {
		q := wire.ToDocumentRequest(r)
		q.Session = k.session
		stream, err := k.lease.Connector.Document(ctx, q)
		if err != nil {
			return err
		}
		for first := true; ; first = false {
			m, err := stream.Recv()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return &trailed{error: err, md: stream.Trailer()}
			}
			if first {
				d.Name, d.ContentType = fileName(m.GetName()), m.GetContentType()
			}
			if len(d.Content)+len(m.GetContent()) > wire.MaxDocument {
				return k.flood("it sent a document of more than %d MiB", wire.MaxDocument>>20)
			}
			d.Content = append(d.Content, m.GetContent()...)
		}
	})
	return d, err
}

// fileName keeps the last part of a name: it must not lead elsewhere when
// somebody saves the file.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(s, `\`, "/"))
	if s == "." || s == ".." || s == "/" {
		return ""
	}
	return s
}
