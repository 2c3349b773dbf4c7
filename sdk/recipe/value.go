package recipe

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// TypeOf names the type of a JSON value, for messages.
func TypeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "nothing"
	case bool:
		return strconv.FormatBool(v)
	case string:
		return "the text " + strconv.Quote(Clip(v, 40))
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	default:
		s, _ := TextOf(v)
		return "the number " + s
	}
}

// TextOf returns a text, number or flag as text, and null as "". It returns
// false for lists and objects.
func TextOf(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case int:
		return strconv.Itoa(v), true
	case *big.Int:
		return v.String(), true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10), true
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	}
	return "", false
}

// rational reads an exact number. A float is refused: it is what is left of an
// exact number after arithmetic of jq.
func rational(v any) (*big.Rat, error) {
	if f, is := v.(float64); is && f != math.Trunc(f) {
		return nil, fmt.Errorf("%v went through jq's own arithmetic, which is not exact; use plus, minus, times or total", f)
	}
	s, ok := TextOf(v)
	if s = strings.TrimSpace(s); !ok || s == "" || len(s) > 64 {
		return nil, fmt.Errorf("expected a number, found %s", TypeOf(v))
	}
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	if strings.ContainsAny(s, "/xXpP_") || hugeExponent(s) {
		return nil, fmt.Errorf("expected a number, found %s", TypeOf(v))
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("expected a number, found %s", TypeOf(v))
	}
	return r, nil
}

func hugeExponent(s string) bool {
	i := strings.IndexAny(s, "eE")
	if i < 0 {
		return false
	}
	n, err := strconv.Atoi(s[i+1:])
	return err != nil || n > 30 || n < -30
}

// number writes an exact number with as many decimals as it has, at most 20.
func number(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	n, exact := r.FloatPrec()
	if !exact || n > 20 {
		n = 20
	}
	return json.Number(r.FloatString(n))
}

// Decimal returns a value as a plain decimal text without needless zeros behind
// the point: "1210.5". A comma counts as the point.
func Decimal(v any) (string, error) {
	if f, is := v.(float64); is {
		return "", fmt.Errorf("%v went through jq's own arithmetic, which is not exact; use plus, minus, times or total", f)
	}
	s, ok := TextOf(v)
	if !ok || s == "" {
		return "", fmt.Errorf("expected an amount, found %s", TypeOf(v))
	}
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, "eE") {
		r, err := rational(v)
		if err != nil {
			return "", err
		}
		s = number(r).String()
	}
	s = strings.Replace(s, ",", ".", 1)
	if whole, frac, dotted := strings.Cut(s, "."); dotted && len(frac) > 2 {
		if frac = strings.TrimRight(frac, "0"); len(frac) > 0 {
			return whole + "." + frac, nil
		}
		return whole, nil
	}
	return s, nil
}

// MaxText is far above any real field; what is longer is an accident.
const MaxText = 500

// Clean drops control characters that no field needs, and space around the text,
// and cuts it off at MaxText characters.
func Clean(s string) string {
	plain := len(s) <= MaxText
	for i := 0; plain && i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i == len(s)-1) {
			plain = false
		}
	}
	if plain {
		return s
	}
	if len(s) > 4*MaxText {
		s = strings.ToValidUTF8(s[:4*MaxText], "")
	}
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return ' '
		}
		return r
	}, s))
	return Clip(s, MaxText)
}

// Clip cuts a text off at n characters.
func Clip(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
