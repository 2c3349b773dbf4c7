package locale

import "strings"

// The languages there are.
var (
	English = &Locale{
		Tag: "en", decimal: ".", group: ",", symbolFirst: "",
		months: strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
		days:   strings.Fields("Sun Mon Tue Wed Thu Fri Sat"),
		today:  "today", tomorrow: "tomorrow", yesterday: "yesterday",
		inDays: "in %d days", ago: "%d days ago",
		minutes: "%d min ago", hours: "%d h ago", justNow: "just now",
	}
	Dutch = &Locale{
		Tag: "nl", decimal: ",", group: ".", symbolFirst: nbsp,
		months: strings.Fields("jan feb mrt apr mei jun jul aug sep okt nov dec"),
		days:   strings.Fields("zo ma di wo do vr za"),
		today:  "vandaag", tomorrow: "morgen", yesterday: "gisteren",
		inDays: "over %d dagen", ago: "%d dagen geleden",
		minutes: "%d min geleden", hours: "%d uur geleden", justNow: "zojuist",
	}
)

var languages = map[string]*Locale{"en": English, "nl": Dutch}
