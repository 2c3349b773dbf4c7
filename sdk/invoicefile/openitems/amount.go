package openitems

import (
	"errors"
	"math/big"
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/money"
)

var errAmount = errors.New("not an amount")

var (
	commaShape = regexp.MustCompile(`^[0-9]{1,3}([. '][0-9]{3})+,[0-9]+$|^[0-9]+,([0-9]{1,2}|[0-9]{4,})$`)
	pointShape = regexp.MustCompile(`^[0-9]{1,3}([, '][0-9]{3})+\.[0-9]+$|^[0-9]+\.([0-9]{1,2}|[0-9]{4,})$`)
	commaMany  = regexp.MustCompile(`^[0-9]{1,3}(,[0-9]{3}){2,}$`) // thousands, so the decimal mark is a point
	pointMany  = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{3}){2,}$`)
	unclear    = regexp.MustCompile(`^[0-9]{1,3}[.,][0-9]{3}$`)
)

// detectDecimal finds the decimal mark that all amounts of a list agree on. An
// amount such as 1.210 decides nothing; when there are only such ones, or some
// of each kind, the person has to say.
func detectDecimal(amounts []string) (rune, *invoicefile.Problem) {
	comma, point, doubt := "", "", ""
	for _, text := range amounts {
		bare, _ := strip(text)
		switch {
		case commaShape.MatchString(bare), pointMany.MatchString(bare):
			comma = text
		case pointShape.MatchString(bare), commaMany.MatchString(bare):
			point = text
		case unclear.MatchString(bare):
			doubt = text
		}
	}
	switch {
	case comma != "" && point != "":
		return 0, invoicefile.Problemf("decimal", "The list writes amounts in two ways (%s and %s). Choose the decimal mark in the settings of the connection.", comma, point)
	case comma != "":
		return ',', nil
	case point != "":
		return '.', nil
	case doubt != "":
		return 0, invoicefile.Problemf("decimal", "It is not clear whether %s is more than a thousand or has three decimals. Choose the decimal mark in the settings of the connection.", doubt)
	}
	return '.', nil
}

// strip removes currency signs and spaces and finds the sign: a minus before or
// behind, parentheses, or the letters of debit and credit.
func strip(text string) (bare string, negative bool) {
	s := strings.TrimSpace(text)
	for _, sign := range []string{"€", "EUR", "$", "£", "\u00a0", "\u202f"} {
		s = strings.ReplaceAll(s, sign, "")
	}
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") {
		return strings.TrimSpace(s[1 : len(s)-1]), true
	}
	for _, minus := range []string{"-", "−", "–"} {
		if b, ok := strings.CutPrefix(s, minus); ok {
			return strings.TrimSpace(b), true
		}
		if b, ok := strings.CutSuffix(s, minus); ok {
			return strings.TrimSpace(b), true
		}
	}
	if b, ok := strings.CutSuffix(strings.ToUpper(s), "CR"); ok {
		return strings.TrimSpace(b), true
	}
	return strings.TrimPrefix(s, "+"), false
}

// parseAmount reads an amount exactly.
func parseAmount(c cell, decimal rune, currency money.Currency) (money.Amount, error) {
	if c.number {
		return workbookAmount(c.text, currency)
	}
	bare, negative := strip(c.text)
	thousands := "."
	if decimal == '.' {
		thousands = ","
	}
	if !grouped(bare, thousands, string(decimal)) {
		return money.Amount{}, errAmount
	}
	bare = strings.NewReplacer(thousands, "", " ", "", "'", "").Replace(bare)
	bare = strings.Replace(bare, string(decimal), ".", 1)
	a, err := money.Parse(bare, currency)
	if negative {
		a = a.Neg()
	}
	return a, err
}

// grouped reports whether marks of thousands stand before groups of three only.
func grouped(s, thousands, decimal string) bool {
	whole, fraction, _ := strings.Cut(s, decimal)
	if strings.Contains(fraction, thousands) || strings.Contains(fraction, " ") {
		return false
	}
	for _, mark := range []string{thousands, " ", "'"} {
		parts := strings.Split(whole, mark)
		for i, p := range parts {
			if len(parts) > 1 && (i > 0 && len(p) != 3 || i == 0 && (p == "" || len(p) > 3)) {
				return false
			}
		}
	}
	return s != ""
}

// workbookAmount reads a number of a workbook. It is stored as a binary float,
// so 149.95 can come as 149.94999999999999; what is that close to a whole
// number of minor units is one, anything else has too many decimals.
func workbookAmount(text string, currency money.Currency) (money.Amount, error) {
	exp, err := currency.Exponent()
	if err != nil {
		return money.Amount{}, err
	}
	if len(text) > 40 {
		return money.Amount{}, errAmount
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 4 {
		return money.Amount{}, errAmount
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return money.Amount{}, errAmount
	}
	exact.Mul(exact, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(exp)), nil)))
	a, err := money.RoundHalfUp(exact, currency)
	if err != nil {
		return money.Amount{}, err
	}
	off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(a.Minor))
	if off.Abs(off).Cmp(big.NewRat(1, 10_000)) > 0 {
		return money.Amount{}, money.ErrPrecision
	}
	return a, nil
}
