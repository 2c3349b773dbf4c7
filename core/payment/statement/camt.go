package statement

import (
	"io"
	"strings"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// camtReports are the elements that hold entries, by the message around them.
var camtReports = map[string]string{
	"BkToCstmrStmt":         "Stmt",   // camt.053
	"BkToCstmrAcctRpt":      "Rpt",    // camt.052
	"BkToCstmrDbtCdtNtfctn": "Ntfctn", // camt.054
}

// parseCAMT reads any version of the three messages: elements are known by
// their local names, because the namespace changes with each version.
func parseCAMT(r io.Reader) ([]Statement, error) {
	x := xmldoc.NewReader(r, xmldoc.Limits{})
	list, err := camtDocument(x)
	if err != nil {
		return nil, unreadable(err)
	}
	if err := x.End(); err != nil {
		return nil, unreadable(err)
	}
	return list, nil
}

func camtDocument(x *xmldoc.Reader) ([]Statement, error) {
	root, err := x.Root()
	if err != nil {
		return nil, err
	}
	notCAMT := fault.New(fault.Invalid, "statement_format", "The file is XML, but not a CAMT.053, .052 or .054 message (it starts with %.40q). Download the statement from the bank as CAMT.053.", root.Name.Local)
	if root.Name.Local != "Document" {
		return nil, notCAMT
	}
	format := strings.ToUpper(root.Name.Space[strings.LastIndexByte(root.Name.Space, ':')+1:])
	message, more, err := x.Child()
	if err != nil {
		return nil, err
	}
	report, known := camtReports[message.Name.Local]
	if !more || !known {
		return nil, notCAMT
	}
	var list []Statement
	for {
		start, more, err := x.Child()
		if err != nil || !more {
			return list, err
		}
		if start.Name.Local != report {
			if err := x.Skip(); err != nil {
				return nil, err
			}
			continue
		}
		s, err := camtStatement(x, format)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
}

// camtStatement reads one report, entry by entry.
func camtStatement(x *xmldoc.Reader, format string) (Statement, error) {
	s := Statement{Format: format}
	var balances []*xmldoc.Node
	for {
		start, more, err := x.Child()
		if err != nil {
			return Statement{}, err
		}
		if !more {
			break
		}
		n, err := x.Node(start)
		if err != nil {
			return Statement{}, err
		}
		switch n.Name {
		case "Id":
			s.ID = n.Text
		case "ElctrncSeqNb":
			s.Sequence = n.Text
		case "Acct":
			s.IBAN = account(n.Get("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id"))
			s.Currency = money.Currency(n.Get("Ccy"))
		case "Bal":
			balances = append(balances, n)
		case "Ntry":
			if err := s.camtEntry(n); err != nil {
				return Statement{}, err
			}
		}
	}
	if s.IBAN == "" {
		return Statement{}, fault.New(fault.Invalid, "statement_account", "Statement %s does not say which account it is of.", s.name())
	}
	if err := s.camtBalances(balances); err != nil {
		return Statement{}, err
	}
	if s.Currency == "" {
		s.Currency = s.Opening.Amount.Currency
	}
	if s.Currency == "" && len(s.Lines) > 0 {
		s.Currency = s.Lines[0].Amount.Currency
	}
	return s, nil
}

// camtBalances takes the booked opening and closing balance. A paged statement
// has interim ones (ITBD) first and last; PRCD is the closing balance before.
func (s *Statement) camtBalances(nodes []*xmldoc.Node) error {
	interim := false // the opening balance is an interim one
	for _, n := range nodes {
		code := n.Get("Tp/CdOrPrtry/Cd", "Tp/Cd")
		opening := code == "OPBD" || code == "PRCD" && !s.Opening.Known() || code == "ITBD" && !s.Opening.Known()
		closing := code == "CLBD" || code == "ITBD" && !opening
		if !opening && !closing {
			continue
		}
		amount, err := camtAmount(n)
		if err != nil {
			return err
		}
		b := Balance{Amount: amount, Date: camtDate(n.Child("Dt"))}
		if opening {
			s.Opening, interim = b, code == "ITBD"
		} else {
			s.Closing = b
		}
	}
	if interim && !s.Closing.Known() {
		s.Opening = Balance{}
	}
	return nil
}

// camtAmount reads Amt with the direction of CdtDbtInd beside it.
func camtAmount(n *xmldoc.Node) (money.Amount, error) {
	a, err := camtMoney(n.Child("Amt"))
	if err != nil {
		return money.Amount{}, err
	}
	return directed(a, n.Get("CdtDbtInd"))
}

func camtMoney(n *xmldoc.Node) (money.Amount, error) {
	if n == nil {
		return money.Amount{}, fault.New(fault.Invalid, "statement_amount", "The statement has an entry or a balance without an amount. Download it from the bank again.")
	}
	c, err := money.ParseCurrency(n.Attribute("Ccy"))
	if err != nil {
		return money.Amount{}, fault.New(fault.Invalid, "statement_currency", "The statement has an amount in %q, which is no currency.", n.Attribute("Ccy")).Because(err)
	}
	a, err := money.Parse(n.Text, c)
	if err != nil {
		return money.Amount{}, fault.New(fault.Invalid, "statement_amount", "The statement has an amount %.40q that cannot be read.", n.Text).Because(err)
	}
	return a, nil
}

func directed(a money.Amount, indicator string) (money.Amount, error) {
	switch indicator {
	case "CRDT":
		return a, nil
	case "DBIT":
		return a.Neg(), nil
	}
	return money.Amount{}, fault.New(fault.Invalid, "statement_direction", "The statement does not say of every amount whether it is a credit or a debit (CdtDbtInd is %.20q). Download it from the bank again.", indicator)
}

// camtDate reads a day from Dt or, in the account's own zone, from DtTm.
func camtDate(n *xmldoc.Node) date.Date {
	text := n.Get("Dt", "DtTm")
	d, err := date.Parse(text[:min(len(text), 10)])
	if err != nil {
		return date.Date{}
	}
	return d
}

// account removes the spaces that people put into account numbers.
func account(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}
