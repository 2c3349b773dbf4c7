package broker

import (
	"io"
	"net/http"

	"github.com/voldaan/voldaan/sdk"
)

// Seen is one exchange as a connector sees it: the request before credentials are
// added, and the answer that it gets in the end.
type Seen struct {
	Method, URL  string
	Header       http.Header
	Body         []byte
	Status       int
	AnswerHeader http.Header
	Answer       []byte
}

// Tap is told of every exchange, for recordings. It must not change what it gets.
type Tap func(Connection, Seen)

// tap reads the whole answer, tells the tap and leaves the answer as it was.
func (c *Call) tap(r *request, a *answer) error {
	tell := c.port.broker.Tap
	if tell == nil {
		return nil
	}
	if a.rest != nil {
		rest, err := io.ReadAll(a.rest)
		if err != nil {
			return err
		}
		if int64(len(rest)+len(a.start)) > c.port.broker.MaxBody {
			return sdk.ErrInvalid
		}
		a.start, a.rest = append(a.start, rest...), nil
	}
	tell(c.connection, Seen{
		Method: r.method, URL: r.url.String(), Header: r.header.Clone(), Body: append([]byte{}, r.body...),
		Status: a.status, AnswerHeader: a.header.Clone(), Answer: append([]byte{}, a.start...),
	})
	return nil
}
