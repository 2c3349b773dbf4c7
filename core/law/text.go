package law

import (
	"html"
	"regexp"
	"strings"

	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

var (
	unseen     = regexp.MustCompile(`(?is)<!--.*?-->|<(style|script|head|title)\b.*?</(style|script|head|title)>`)
	lineTag    = regexp.MustCompile(`(?i)<br\s*/?>`)
	blockTag   = regexp.MustCompile(`(?i)</?(p|div|table|tr|td|th|ul|ol|li|h[1-6]|section|article|header|footer|blockquote|body)\b[^>]*>`)
	anyTag     = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
	paragraph  = regexp.MustCompile(`\n[ \t\r]*\n\s*`)
	space      = regexp.MustCompile(`\s+`)
	exoticText = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ", "\u00ad", "", "\u200b", "", "\ufeff", "", "’", "'")
)

// plain turns a rendered message, HTML or text, into lower-case paragraphs
// with single spaces, a line each, so that wording can be compared.
func plain(text string) string {
	if anyTag.MatchString(text) {
		text = unseen.ReplaceAllString(text, "")
		text = lineTag.ReplaceAllString(text, "\n")
		text = blockTag.ReplaceAllString(text, "\n\n")
		text = html.UnescapeString(anyTag.ReplaceAllString(text, ""))
	}
	text = exoticText.Replace(text)
	var lines []string
	for _, p := range paragraph.Split(text, -1) {
		if p = strings.TrimSpace(space.ReplaceAllString(p, " ")); p != "" {
			lines = append(lines, strings.ToLower(p))
		}
	}
	return strings.Join(lines, "\n")
}

// containsText reports whether wording occurs in a text, whatever the case,
// spacing and markup.
func containsText(text, wording string) bool { return strings.Contains(plain(text), plain(wording)) }

// abbreviations end with a full stop that does not end a sentence.
var abbreviations = map[string]bool{"art": true, "nr": true, "no": true, "incl": true, "excl": true, "dhr": true, "mevr": true, "bv": true, "o.a": true, "jo": true}

// sentences splits a plain text.
func sentences(text string) []string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		start := 0
		for i, r := range line {
			if r != '.' && r != '!' && r != '?' || i+1 < len(line) && line[i+1] != ' ' {
				continue
			}
			words := strings.Fields(line[start:i])
			if r == '.' && len(words) > 0 && abbreviations[words[len(words)-1]] {
				continue
			}
			out = append(out, strings.TrimSpace(line[start:i+1]))
			start = i + 1
		}
		if rest := strings.TrimSpace(line[start:]); rest != "" {
			out = append(out, rest)
		}
	}
	return out
}

// amountForms find the amounts of a currency in a plain text, with its sign
// before or after the number.
var amountForms = map[money.Currency]*regexp.Regexp{
	"EUR": amountForm(`€|\beur\b|\beuro\b`),
	"GBP": amountForm(`£|\bgbp\b`),
}

func amountForm(sign string) *regexp.Regexp {
	return regexp.MustCompile(`(?:` + sign + `) ?(-?[0-9](?:[0-9.,]*[0-9])?)|([0-9]{1,3}(?: [0-9]{3})+,[0-9]{2}|[0-9](?:[0-9.,]*[0-9])?)(?:,-)? ?(?:` + sign + `)`)
}

// amounts lists the amounts of the law's currency in a plain text. An amount
// that cannot be read comes back negative, which equals nothing that a letter
// may state.
func (c *Country) amounts(text string) []money.Amount {
	var out []money.Amount
	for _, m := range amountForms[c.file.Currency].FindAllStringSubmatch(text, -1) {
		a, err := money.Parse(decimalForm(m[1]+m[2]), c.file.Currency)
		if err != nil {
			a = c.amount(-1)
		}
		out = append(out, a)
	}
	return out
}

// decimalForm turns "1.234,56", "1,234.56", "1 234,56", "1.234" or "40" into a plain
// decimal: the last separator is the decimal one unless three digits follow.
func decimalForm(s string) string {
	i := strings.LastIndexAny(s, ".,")
	if i < 0 {
		return s
	}
	whole := strings.NewReplacer(".", "", ",", "", " ", "").Replace(s[:i])
	if len(s)-i-1 == 3 {
		return whole + s[i+1:]
	}
	return whole + "." + s[i+1:]
}

var months = map[string]int{
	"januari": 1, "februari": 2, "maart": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7, "augustus": 8,
	"september": 9, "oktober": 10, "november": 11, "december": 12,
	"january": 1, "february": 2, "march": 3, "may": 5, "june": 6, "july": 7, "august": 8, "october": 10,
	"janvier": 1, "février": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "août": 8, "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12,
	"januar": 1, "februar": 2, "märz": 3, "dezember": 12,
}

var payBy = regexp.MustCompile(`\b(uiterlijk(?: op)?|v[oó][oó]r|before|by|no later than|au plus tard(?: le)?|avant(?: le)?|spätestens(?: am| bis)?|bis(?: zum)?|vor dem)(?: [a-z]+dag| [a-z]+day,?| [a-z]+di| [a-z]+tag,?(?: dem)?)? (?:([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})(?:er)?\.?[-/. ]([0-9]{1,2}|\p{L}+)[-/. ]([0-9]{4}))`)

// excludesItsDay has the first words after which the day named is too late.
var excludesItsDay = map[string]bool{"voor": true, "vóór": true, "vóor": true, "voór": true, "before": true, "avant": true, "vor": true}

// lastDayNamed is a day that a text names to pay by.
type lastDayNamed struct {
	day    date.Date // last day that is still in time
	phrase string
}

// payByDays lists the days to pay by in a plain text.
func payByDays(text string) []lastDayNamed {
	var out []lastDayNamed
	for _, m := range payBy.FindAllStringSubmatch(text, -1) {
		iso := m[2] + "-" + m[3] + "-" + m[4]
		if m[2] == "" {
			month := m[6]
			if n, ok := months[month]; ok {
				month = string(rune('0'+n/10)) + string(rune('0'+n%10))
			}
			iso = m[7] + "-" + padded(month) + "-" + padded(m[5])
		}
		d, err := date.Parse(iso)
		if err != nil {
			continue
		}
		if excludesItsDay[strings.Fields(m[1])[0]] {
			d = d.AddDays(-1)
		}
		out = append(out, lastDayNamed{day: d, phrase: m[0]})
	}
	return out
}

func padded(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
