package locale

import (
	"maps"
	"slices"
	"strings"
)

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
	German = &Locale{
		Tag: "de", decimal: ",", group: ".", symbolAfter: true, dayMark: ".",
		months: strings.Fields("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
		days:   strings.Fields("So. Mo. Di. Mi. Do. Fr. Sa."),
		today:  "heute", tomorrow: "morgen", yesterday: "gestern",
		inDays: "in %d Tagen", ago: "vor %d Tagen",
		minutes: "vor %d Min.", hours: "vor %d Std.", justNow: "gerade eben",
	}
	French = &Locale{
		Tag: "fr", decimal: ",", group: nbsp, symbolAfter: true, firstDay: "1er",
		months: strings.Fields("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
		days:   strings.Fields("dim. lun. mar. mer. jeu. ven. sam."),
		today:  "aujourd’hui", tomorrow: "demain", yesterday: "hier",
		inDays: "dans %d jours", ago: "il y a %d jours",
		minutes: "il y a %d min", hours: "il y a %d h", justNow: "à l’instant",
	}
)

var languages = map[string]*Locale{"en": English, "nl": Dutch, "de": German, "fr": French}

// Languages lists the languages that there are, by their tags.
func Languages() []string { return slices.Sorted(maps.Keys(languages)) }
