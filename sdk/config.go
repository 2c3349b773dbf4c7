package sdk

import (
	"encoding"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
)

// Decode fills a struct with the answers to the connection form. Fields name
// their question in connector.yaml; a field without an answer keeps the value it
// has, which is how to give a default:
//
//	cfg := Config{Days: 30}
//	err := s.Decode(&cfg)
//
//	type Config struct {
//		Server *url.URL `form:"server"`
//		Days   int      `form:"days"`
//		Region string   `form:"region"`
//	}
//
// Fields may be texts, numbers, truth values, *url.URL, and types that unmarshal
// from text such as date.Date. The error wraps ErrInvalid and names each answer
// that cannot be read and what was expected. Secret answers never reach a
// connector: they cannot be named. Package sdktest checks a struct against the
// form itself.
func (s *Session) Decode(into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		panic(fmt.Sprintf("sdk: Decode needs a pointer to a struct, not %T", into))
	}
	v = v.Elem()
	var wrong []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("form")
		answer := strings.TrimSpace(s.Config[name])
		if name == "" || answer == "" {
			continue
		}
		if expected := set(v.Field(i), answer); expected != "" {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not %s", name, answer, expected))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: the settings of the connection: %s", ErrInvalid, strings.Join(wrong, "; "))
	}
	return nil
}

// set puts an answer into a field, or says what was expected.
func set(field reflect.Value, answer string) (expected string) {
	if u, ok := field.Addr().Interface().(**url.URL); ok {
		parsed, err := url.Parse(answer)
		if err != nil || parsed.Scheme != "https" || parsed.Host == "" {
			return "an address that begins with https://"
		}
		*u = parsed
		return ""
	}
	if t, ok := field.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := t.UnmarshalText([]byte(answer)); err != nil {
			return "right: " + err.Error()
		}
		return ""
	}
	switch field.Kind() {
	case reflect.String:
		field.SetString(answer)
	case reflect.Bool:
		b, err := strconv.ParseBool(answer)
		if err != nil {
			return "true or false"
		}
		field.SetBool(b)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(answer, 10, 64)
		if err != nil || field.OverflowInt(n) {
			return "a whole number"
		}
		field.SetInt(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(answer, 64)
		if err != nil {
			return "a number"
		}
		field.SetFloat(n)
	default:
		panic(fmt.Sprintf("sdk: Decode cannot fill a %s", field.Type()))
	}
	return ""
}
