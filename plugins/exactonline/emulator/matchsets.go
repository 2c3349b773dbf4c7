package emulator

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type matchLine struct {
	Journal string `xml:"journal,attr"`
	Entry   string `xml:"entry,attr"`
	Amount  string `xml:"amountdc,attr"`
}

type matchSet struct {
	Account struct {
		Code string `xml:"code,attr"`
	} `xml:"Account"`
	Lines []matchLine `xml:"MatchLines>MatchLine"`
}

// upload takes the XML topic MatchSets: each set joins payments or credit notes
// with the invoices that they settle.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r, adm: r.URL.Query().Get("_Division_")}
	err := c.enter("XMLUpload")
	if err == nil {
		err = c.division()
	}
	if err == nil && r.URL.Query().Get("Topic") != "MatchSets" {
		err = refuse(http.StatusBadRequest, "Unknown topic")
	}
	if err != nil {
		c.fail(err)
		return
	}
	var doc struct {
		Sets []matchSet `xml:"MatchSets>MatchSet"`
	}
	var out strings.Builder
	out.WriteString(`<?xml version="1.0" encoding="utf-8"?><eExact><Messages>`)
	message := func(kind int, text string) {
		fmt.Fprintf(&out, `<Message type="%d"><Topic code="MatchSets" node="MatchSet"/><Description>`, kind)
		_ = xml.EscapeText(&out, []byte(text))
		out.WriteString(`</Description></Message>`)
	}
	if err := xml.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&doc); err != nil || len(doc.Sets) == 0 {
		message(0, "The XML is not valid")
	}
	for _, set := range doc.Sets {
		if err := s.Change(c.adm, func(t *ledger.Tx) error { return match(t, set) }); err != nil {
			message(0, err.Error())
			continue
		}
		message(2, "Matched")
	}
	out.WriteString(`</Messages></eExact>`)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write([]byte(out.String()))
}

// match joins the lines of a set, which has to come to nothing unless a payment
// is smaller than its invoice.
func match(t *ledger.Tx, set matchSet) error {
	ct, err := t.A.NamedContact(strings.TrimSpace(set.Account.Code))
	if err != nil {
		return fmt.Errorf("the account %q does not exist", set.Account.Code)
	}
	var invoices, credits []*ledger.Invoice
	var payments []*ledger.Payment
	for _, l := range set.Lines {
		found := false
		for _, v := range t.A.Invoices {
			if v.Contact == ct.No && l.Journal == salesJournal && v.Number == l.Entry {
				found = true
				if v.Credit {
					credits = append(credits, v)
				} else {
					invoices = append(invoices, v)
				}
			}
		}
		for _, p := range t.A.Payments {
			if p.Contact == ct.No && p.Invoice == 0 && journalOf(p) == l.Journal && paymentNumber(p).String() == l.Entry {
				found = true
				payments = append(payments, p)
			}
		}
		if !found {
			return fmt.Errorf("there is no open entry %s in journal %s", l.Entry, l.Journal)
		}
	}
	if len(invoices) == 0 || len(invoices) > 1 && len(payments) > 0 {
		return fmt.Errorf("a set holds one invoice and its payments, or invoices and a credit note")
	}
	for _, p := range payments {
		t.Match(p, invoices[0])
	}
	for _, cr := range credits {
		for _, v := range invoices {
			t.SetOff(v, cr)
		}
	}
	return nil
}
