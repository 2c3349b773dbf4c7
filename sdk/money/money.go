// Package money holds exact amounts: whole minor units of one currency.
//
// An Amount never becomes a float. Text is parsed digit by digit, so a value
// with more decimals than its currency has is refused instead of rounded.
package money

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strings"
)

// Errors of parsing and arithmetic; test with errors.Is.
var (
	ErrSyntax    = errors.New("not a decimal amount")
	ErrPrecision = errors.New("more decimals than the currency has")
	ErrRange     = errors.New("amount does not fit")
	ErrCurrency  = errors.New("unknown currency")
	ErrMixed     = errors.New("amounts of different currencies")
)

// Amount is a number of minor units (cents for EUR) of Currency.
// The zero value is no money of no currency.
type Amount struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// Of returns an amount of minor units.
func Of(minor int64, c Currency) Amount { return Amount{Minor: minor, Currency: c} }

// EUR returns an amount of euro cents.
func EUR(cents int64) Amount { return Amount{Minor: cents, Currency: "EUR"} }

// Parse reads a plain decimal ("1210.0", "-3", "0.05") in major units.
// It returns ErrSyntax, ErrPrecision, ErrRange or ErrCurrency.
func Parse(text string, c Currency) (Amount, error) {
	exp, err := c.Exponent()
	if err != nil {
		return Amount{}, err
	}
	minor, err := parseScaled(text, exp)
	if err != nil {
		return Amount{}, fmt.Errorf("%q %s: %w", text, c, err)
	}
	return Amount{Minor: minor, Currency: c}, nil
}

func parseScaled(text string, exp int) (int64, error) {
	s, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	if !negative {
		s = strings.TrimPrefix(s, "+")
	}
	whole, frac, dotted := strings.Cut(s, ".")
	if whole == "" && frac == "" || dotted && frac == "" && whole == "" {
		return 0, ErrSyntax
	}
	for _, r := range whole + frac {
		if r < '0' || r > '9' {
			return 0, ErrSyntax
		}
	}
	if extra := len(frac) - exp; extra > 0 {
		if strings.Trim(frac[exp:], "0") != "" {
			return 0, ErrPrecision
		}
		frac = frac[:exp]
	}
	digits := strings.TrimLeft(whole+frac+strings.Repeat("0", exp-len(frac)), "0")
	if len(digits) > 18 {
		return 0, ErrRange
	}
	var n int64
	for _, r := range digits {
		n = n*10 + int64(r-'0')
	}
	if negative {
		n = -n
	}
	return n, nil
}

// Decimal returns the amount in major units with a point and all decimals of
// its currency, as "1210.00". It is the inverse of Parse.
func (a Amount) Decimal() string {
	exp, err := a.Currency.Exponent()
	if err != nil {
		exp = 2
	}
	sign, n := "", new(big.Int).SetInt64(a.Minor)
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	s := n.String()
	if exp == 0 {
		return sign + s
	}
	if len(s) <= exp {
		s = strings.Repeat("0", exp-len(s)+1) + s
	}
	return sign + s[:len(s)-exp] + "." + s[len(s)-exp:]
}

// String returns the currency and the decimal, as "EUR 1210.00".
func (a Amount) String() string { return string(a.Currency) + " " + a.Decimal() }

// IsZero reports whether there are no minor units.
func (a Amount) IsZero() bool { return a.Minor == 0 }

// Positive reports whether the amount is above zero.
func (a Amount) Positive() bool { return a.Minor > 0 }

// Neg returns the amount with its sign turned.
func (a Amount) Neg() Amount { return Amount{Minor: -a.Minor, Currency: a.Currency} }

// Add returns a+b. It returns ErrMixed for two currencies and ErrRange when the
// sum does not fit. A zero Amount without a currency is neutral.
func (a Amount) Add(b Amount) (Amount, error) {
	switch {
	case a == Amount{}:
		return b, nil
	case b == Amount{}:
		return a, nil
	case a.Currency != b.Currency:
		return Amount{}, fmt.Errorf("%s and %s: %w", a.Currency, b.Currency, ErrMixed)
	}
	if b.Minor > 0 && a.Minor > math.MaxInt64-b.Minor || b.Minor < 0 && a.Minor < math.MinInt64-b.Minor {
		return Amount{}, fmt.Errorf("%s + %s: %w", a, b, ErrRange)
	}
	return Amount{Minor: a.Minor + b.Minor, Currency: a.Currency}, nil
}

// Sub returns a-b with the errors of Add.
func (a Amount) Sub(b Amount) (Amount, error) { return a.Add(b.Neg()) }

// RoundHalfUp turns an exact number of minor units into a whole one, ties away
// from zero. It returns ErrRange when the result does not fit.
func RoundHalfUp(exact *big.Rat, c Currency) (Amount, error) {
	num, den := new(big.Int).Abs(exact.Num()), exact.Denom()
	num.Mul(num, big.NewInt(2)).Add(num, den)
	q := num.Quo(num, new(big.Int).Mul(den, big.NewInt(2)))
	if exact.Sign() < 0 {
		q.Neg(q)
	}
	if !q.IsInt64() {
		return Amount{}, ErrRange
	}
	return Amount{Minor: q.Int64(), Currency: c}, nil
}
