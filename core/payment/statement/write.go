package statement

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// Compose makes the statement of one day on which the lines were booked: their
// dates, where missing, become that day, and the closing balance follows from
// the opening one. It returns an error when currencies differ.
func Compose(iban, id, sequence string, day date.Date, opening money.Amount, lines ...Line) (Statement, error) {
	s := Statement{
		Format: format, IBAN: iban, ID: id, Sequence: sequence, Currency: opening.Currency,
		Opening: Balance{Amount: opening, Date: day}, Closing: Balance{Amount: opening, Date: day},
	}
	for _, l := range lines {
		if l.BookingDate.IsZero() {
			l.BookingDate = day
		}
		if l.ValueDate.IsZero() {
			l.ValueDate = day
		}
		var err error
		if s.Closing.Amount, err = s.Closing.Amount.Add(l.Amount); err != nil {
			return Statement{}, fmt.Errorf("compose statement %s: %w", id, err)
		}
		s.Lines = append(s.Lines, l)
	}
	identify(&s)
	return s, nil
}

const format = "CAMT.053.001.08"

// WriteCAMT053 writes statements as a bank does (CAMT.053.001.08), so that
// Parse reads the same ones from it. The moment of creation is the caller's.
func WriteCAMT053(w io.Writer, created time.Time, list ...Statement) error {
	doc := camtOut{Space: "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"}
	moment := created.Format("2006-01-02T15:04:05-07:00")
	doc.Message.Header = headerOut{ID: "VOLDAAN-" + created.UTC().Format("20060102150405"), Created: moment}
	for _, s := range list {
		doc.Message.Statements = append(doc.Message.Statements, statementTo(s, moment))
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("write CAMT.053: %w", err)
	}
	return nil
}

type (
	camtOut struct {
		XMLName xml.Name   `xml:"Document"`
		Space   string     `xml:"xmlns,attr"`
		Message messageOut `xml:"BkToCstmrStmt"`
	}
	messageOut struct {
		Header     headerOut      `xml:"GrpHdr"`
		Statements []statementOut `xml:"Stmt"`
	}
	headerOut struct {
		ID      string `xml:"MsgId"`
		Created string `xml:"CreDtTm"`
	}
	statementOut struct {
		ID       string       `xml:"Id"`
		Sequence string       `xml:"ElctrncSeqNb,omitempty"`
		Created  string       `xml:"CreDtTm"`
		IBAN     string       `xml:"Acct>Id>IBAN"`
		Currency string       `xml:"Acct>Ccy"`
		Balances []balanceOut `xml:"Bal"`
		Entries  []entryOut   `xml:"Ntry"`
	}
	balanceOut struct {
		Code      string    `xml:"Tp>CdOrPrtry>Cd"`
		Amount    amountOut `xml:"Amt"`
		Direction string    `xml:"CdtDbtInd"`
		Date      string    `xml:"Dt>Dt"`
	}
	amountOut struct {
		Currency string `xml:"Ccy,attr"`
		Decimal  string `xml:",chardata"`
	}
	entryOut struct {
		Amount    amountOut  `xml:"Amt"`
		Direction string     `xml:"CdtDbtInd"`
		Reversal  bool       `xml:"RvslInd,omitempty"`
		Status    string     `xml:"Sts>Cd"`
		Booked    string     `xml:"BookgDt>Dt"`
		Value     string     `xml:"ValDt>Dt"`
		Reference string     `xml:"AcctSvcrRef,omitempty"`
		Detail    *detailOut `xml:"NtryDtls>TxDtls"`
	}
	detailOut struct {
		EndToEnd string      `xml:"Refs>EndToEndId"`
		Mandate  string      `xml:"Refs>MndtId,omitempty"`
		Parties  *partiesOut `xml:"RltdPties"`
		Texts    []string    `xml:"RmtInf>Ustrd"`
		Ref      *refOut     `xml:"RmtInf>Strd>CdtrRefInf"`
		Return   string      `xml:"RtrInf>Rsn>Cd,omitempty"`
	}
	refOut struct {
		Code string `xml:"Tp>CdOrPrtry>Cd"`
		Ref  string `xml:"Ref"`
	}
	partiesOut struct {
		Debtor       string `xml:"Dbtr>Pty>Nm,omitempty"`
		DebtorIBAN   string `xml:"DbtrAcct>Id>IBAN,omitempty"`
		Creditor     string `xml:"Cdtr>Pty>Nm,omitempty"`
		CreditorIBAN string `xml:"CdtrAcct>Id>IBAN,omitempty"`
	}
)

func statementTo(s Statement, created string) statementOut {
	out := statementOut{ID: s.ID, Sequence: s.Sequence, Created: created, IBAN: s.IBAN, Currency: string(s.Currency)}
	for _, b := range []struct {
		code string
		Balance
	}{{"OPBD", s.Opening}, {"CLBD", s.Closing}} {
		if b.Known() {
			amount, direction := amountTo(b.Amount)
			out.Balances = append(out.Balances, balanceOut{Code: b.code, Amount: amount, Direction: direction, Date: b.Date.String()})
		}
	}
	for _, l := range s.Lines {
		out.Entries = append(out.Entries, entryTo(l))
	}
	return out
}

func amountTo(a money.Amount) (amountOut, string) {
	direction := "CRDT"
	if a.Minor < 0 {
		a, direction = a.Neg(), "DBIT"
	}
	return amountOut{Currency: string(a.Currency), Decimal: a.Decimal()}, direction
}

func entryTo(l Line) entryOut {
	amount, direction := amountTo(l.Amount)
	d := &detailOut{EndToEnd: l.EndToEndID, Mandate: l.MandateID, Return: l.ReturnReason, Texts: chunks(l.Text)}
	if d.EndToEnd == "" {
		d.EndToEnd = "NOTPROVIDED"
	}
	if l.StructuredReference != "" {
		d.Ref = &refOut{Code: "SCOR", Ref: l.StructuredReference}
	}
	switch {
	case l.CounterpartyName == "" && l.CounterpartyIBAN == "":
	case direction == "CRDT":
		d.Parties = &partiesOut{Debtor: l.CounterpartyName, DebtorIBAN: l.CounterpartyIBAN}
	default:
		d.Parties = &partiesOut{Creditor: l.CounterpartyName, CreditorIBAN: l.CounterpartyIBAN}
	}
	return entryOut{Amount: amount, Direction: direction, Reversal: l.Reversal, Status: "BOOK",
		Booked: l.BookingDate.String(), Value: l.ValueDate.String(), Reference: l.BankReference, Detail: d}
}

// chunks cuts a text into pieces of at most 140 characters, at a space where
// there is one.
func chunks(text string) []string {
	rest := []rune(strings.Join(strings.Fields(text), " "))
	var out []string
	for len(rest) > 140 {
		cut := 140
		for i := 139; i > 70; i-- {
			if rest[i] == ' ' {
				cut = i
				break
			}
		}
		out = append(out, string(rest[:cut]))
		rest = []rune(strings.TrimPrefix(string(rest[cut:]), " "))
	}
	if len(rest) > 0 {
		out = append(out, string(rest))
	}
	return out
}
