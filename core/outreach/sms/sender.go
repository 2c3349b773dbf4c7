package sms

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/voldaan/voldaan/core/fault"
)

var (
	isName  = regexp.MustCompile(`^[A-Za-z0-9 ]{1,11}$`).MatchString
	isPhone = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`).MatchString
	isShort = regexp.MustCompile(`^[0-9]{3,6}$`).MatchString
)

// CheckSender refuses a sender that networks do not take: it is a name of at most
// eleven letters, digits and spaces with a letter in it, a number in E.164, or a
// short code. Nobody can answer a name.
func CheckSender(sender string) error {
	switch {
	case isPhone(sender), isShort(sender):
		return nil
	case isName(sender) && strings.TrimSpace(sender) == sender && strings.ContainsFunc(sender, unicode.IsLetter):
		return nil
	}
	return fault.New(fault.Invalid, "sms_sender",
		"%q cannot be the sender of a text message. Use at most 11 letters, digits and spaces with a letter among them, or a number such as +31201234567.", sender)
}

// Sender makes a sender of a creditor's name: its first words, as far as they fit.
func Sender(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(ascii(name)) {
		if b.Len() > 0 && b.Len()+1+len(word) > 11 {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	s := b.String()
	s = strings.TrimSpace(s[:min(len(s), 11)])
	if CheckSender(s) != nil {
		return ""
	}
	return s
}

func ascii(s string) string {
	s = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "é", "e", "è", "e", "ñ", "n", "ß", "ss", "à", "a", "Ä", "A", "Ö", "O", "Ü", "U", "É", "E", "&", " ").Replace(Plain(s))
	return strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ') {
			return r
		}
		return -1
	}, s)
}
