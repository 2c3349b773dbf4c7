package interpret

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/recipe"
)

var (
	_ sdk.Reporter       = (*Connector)(nil)
	_ sdk.WebhookReplier = (*Connector)(nil)
)

// message puts the fields of a message into $write. What is not there is null, so
// that it is left out of requests.
func message(m map[string]any, v *sdk.MessageWrite) {
	m["kind"], m["moment"] = string(v.Kind), recipe.Moment(v.Moment)
	for name, text := range map[string]string{
		"to": v.To, "from": v.From, "text": v.Text, "language": v.Language, "thanks": v.Thanks, "name": v.Name,
		"line1": v.Address.Line1, "line2": v.Address.Line2, "postal_code": v.Address.PostalCode, "city": v.Address.City, "country": v.Address.Country,
		"file_name": v.FileName, "report_url": v.ReportURL,
	} {
		if m[name] = nil; text != "" {
			m[name] = text
		}
	}
	if m["content"] = nil; len(v.Content) > 0 {
		m["content"] = base64.StdEncoding.EncodeToString(v.Content)
	}
	choices := make([]any, len(v.Choices))
	for i, c := range v.Choices {
		choices[i] = map[string]any{"key": c.Key, "text": c.Text}
	}
	m["choices"] = choices
}

// Report asks what became of a message.
func (c *Connector) Report(ctx context.Context, s *sdk.Session, q sdk.ReportRequest) (sdk.DeliveryReport, error) {
	b := c.r.Writes.Messages()[string(q.Kind)]
	if b == nil || b.Report == nil {
		return sdk.DeliveryReport{}, fmt.Errorf("%w: %s delivers no such messages from this connector", sdk.ErrInvalid, c.title)
	}
	r := c.run(ctx, s, q.Administration)
	defer r.done()
	sc := r.scope
	sc[recipe.VarID] = q.ID
	sc[recipe.VarWrite] = map[string]any{"kind": string(q.Kind)}
	if err := r.steps(b.Report.Steps, &sc, nil); err != nil {
		return sdk.DeliveryReport{}, err
	}
	a, err := r.do(&b.Report.Call, &sc, nil)
	if err != nil {
		return sdk.DeliveryReport{}, err
	}
	a.into(&sc)
	var out sdk.DeliveryReport
	found := false
	err = r.records(&b.Report.Map, &sc, a.value, func(f *fields) error {
		f.required()
		out, found = f.report(), true
		if len(f.problems) > 0 {
			return fmt.Errorf("the report of %s cannot be read: %w", c.title, errors.New(f.reason()))
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: %s does not know this message", sdk.ErrGone, c.title)
	}
	return out, err
}

func (f *fields) report() sdk.DeliveryReport {
	out := sdk.DeliveryReport{
		State: sdk.DeliveryState(f.enum(recipe.ReportState)), At: f.moment(recipe.ReportAt), Reason: f.text(recipe.ReportReason),
		BadAddress: f.flag(recipe.ReportBadAddress), Answered: sdk.Answered(f.enum(recipe.ReportAnswered)), Keys: f.text(recipe.ReportKeys),
		PostedOn: f.day(recipe.ReportPostedOn),
	}
	if n, err := strconv.Atoi(f.text(recipe.ReportParts)); err == nil {
		out.Parts = n
	}
	out.Price = f.price(recipe.ReportPrice, money.Currency(f.currency(recipe.ReportCurrency)))
	return out
}

// price rounds up: a tenth of a cent is paid as well.
func (f *fields) price(i int, c money.Currency) *money.Amount {
	text := strings.TrimPrefix(f.text(i), "-")
	exponent, err := c.Exponent()
	if text == "" || err != nil {
		return nil
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok || len(text) > 40 {
		f.note(i, fmt.Errorf("%q is not a number", text))
		return nil
	}
	n.Mul(n, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exponent)), nil)))
	minor, rest := new(big.Int).QuoRem(n.Num(), n.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		minor.Add(minor, big.NewInt(1))
	}
	if !minor.IsInt64() {
		f.note(i, fmt.Errorf("%q is no price", text))
		return nil
	}
	price := money.Of(minor.Int64(), c)
	return &price
}

// Reply answers a call that was verified, where the package reads the answer.
func (c *Connector) Reply(ctx context.Context, s *sdk.Session, call sdk.WebhookCall) (string, bool, error) {
	w := c.r.Webhook
	if w == nil || w.Reply == nil {
		return "", false, nil
	}
	r := c.run(ctx, s, "")
	defer r.done()
	value, sc, _ := r.incoming(call)
	return w.Reply.Render(r.think, sc, value, nil)
}
