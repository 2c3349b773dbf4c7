package emulator

import (
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Amounts are kept in hundredths of the currency, as Moneybird keeps them.

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// dec writes hundredths as Moneybird does: "300.0", "129.95", "-0.5".
func dec(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := strconv.FormatInt(n%100, 10)
	if n%100 < 10 {
		s = "0" + s
	}
	s = strings.TrimSuffix(s, "0")
	return sign + strconv.FormatInt(n/100, 10) + "." + s
}

var money = regexp.MustCompile(`^-?[0-9]+[,.]?[0-9]*$`)

var errNumber = errors.New("not a number")

// number reads a JSON number or a text with a point or a comma.
func number(raw json.RawMessage) (*big.Rat, error) {
	s := strings.TrimSpace(string(raw))
	if strings.HasPrefix(s, `"`) {
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, errNumber
		}
	}
	return parse(s)
}

func parse(s string) (*big.Rat, error) {
	s = strings.TrimSpace(s)
	if !money.MatchString(s) || len(s) > 30 {
		return nil, errNumber
	}
	r, ok := new(big.Rat).SetString(strings.TrimSuffix(strings.Replace(s, ",", ".", 1), "."))
	if !ok || r.Cmp(big.NewRat(1_000_000_000, 1)) > 0 || r.Cmp(big.NewRat(-1_000_000_000, 1)) < 0 {
		return nil, errNumber
	}
	return r, nil
}

// hundredths rounds half away from zero.
func hundredths(r *big.Rat) int64 {
	n := new(big.Rat).Mul(r, big.NewRat(100, 1))
	num := new(big.Int).Abs(n.Num())
	num.Mul(num, big.NewInt(2)).Add(num, n.Denom())
	q := num.Quo(num, new(big.Int).Mul(n.Denom(), big.NewInt(2))).Int64()
	if r.Sign() < 0 {
		return -q
	}
	return q
}

func cents(n int64) *big.Rat { return big.NewRat(n, 100) }

func sameNumber(a, b string) bool {
	x, err1 := parse(a)
	y, err2 := parse(b)
	return err1 == nil && err2 == nil && x.Cmp(y) == 0
}

var leading = regexp.MustCompile(`^\s*(-?[0-9]+(?:[.,][0-9]+)?)`)

// quantity reads the amount of a line: "2", "1,5 uur", "" (one).
func quantity(amount string) *big.Rat {
	if m := leading.FindStringSubmatch(amount); m != nil {
		if r, err := parse(m[1]); err == nil {
			return r
		}
	}
	return big.NewRat(1, 1)
}
