package money_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/voldaan/voldaan/sdk/money"
	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text     string
		currency money.Currency
		minor    int64
		err      error
	}{
		{"1210.0", "EUR", 121000, nil},
		{"1210", "EUR", 121000, nil},
		{"-0.05", "EUR", -5, nil},
		{".5", "EUR", 50, nil},
		{"3.100", "EUR", 310, nil},
		{"3.005", "EUR", 0, money.ErrPrecision},
		{"12", "JPY", 12, nil},
		{"12.5", "JPY", 0, money.ErrPrecision},
		{"1.234", "KWD", 1234, nil},
		{"", "EUR", 0, money.ErrSyntax},
		{".", "EUR", 0, money.ErrSyntax},
		{"1e3", "EUR", 0, money.ErrSyntax},
		{"1,50", "EUR", 0, money.ErrSyntax},
		{"--1", "EUR", 0, money.ErrSyntax},
		{"99999999999999999999", "EUR", 0, money.ErrRange},
		{"1", "XXX", 0, money.ErrCurrency},
	} {
		got, err := money.Parse(tc.text, tc.currency)
		if !errors.Is(err, tc.err) || got.Minor != tc.minor {
			t.Errorf("Parse(%q, %s) = %v, %v; want %d, %v", tc.text, tc.currency, got, err, tc.minor, tc.err)
		}
	}
}

func TestDecimalIsTheInverseOfParse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]money.Currency{"EUR", "JPY", "KWD"}).Draw(t, "currency")
		a := money.Of(rapid.Int64Range(-1e17, 1e17).Draw(t, "minor"), c)
		back, err := money.Parse(a.Decimal(), c)
		if err != nil || back != a {
			t.Fatalf("%v -> %q -> %v, %v", a, a.Decimal(), back, err)
		}
	})
}

func TestAddRefusesMixedCurrenciesAndOverflow(t *testing.T) {
	t.Parallel()
	if _, err := money.EUR(1).Add(money.Of(1, "USD")); !errors.Is(err, money.ErrMixed) {
		t.Errorf("mixed currencies: %v", err)
	}
	if _, err := money.EUR(1 << 62).Add(money.EUR(1 << 62)); !errors.Is(err, money.ErrRange) {
		t.Errorf("overflow: %v", err)
	}
	if sum, err := (money.Amount{}).Add(money.EUR(7)); err != nil || sum != money.EUR(7) {
		t.Errorf("zero value is not neutral: %v, %v", sum, err)
	}
}

func TestRoundHalfUp(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"5/2": 3, "-5/2": -3, "249/100": 2, "0": 0, "8001/2": 4001} {
		exact, _ := new(big.Rat).SetString(in)
		if got, err := money.RoundHalfUp(exact, "EUR"); err != nil || got.Minor != want {
			t.Errorf("RoundHalfUp(%s) = %v, %v; want %d", in, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1", "-1.23", "000", "1e5", "٣"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := money.Parse(s, "EUR")
		if err != nil {
			return
		}
		if back, err := money.Parse(a.Decimal(), "EUR"); err != nil || back != a {
			t.Fatalf("%q -> %v -> %v, %v", s, a, back, err)
		}
	})
}
