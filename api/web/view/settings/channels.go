package settings

import "github.com/voldaan/voldaan/api/web/view/component"

// ChannelsModel is GET /settings/channels.
type ChannelsModel struct {
	Frame       component.Frame
	Look        bool
	ID          string // of the administration
	Books       []component.Tab
	Error       string
	MailStopped string // why, "" while e-mail goes
	Channels    []Channel
}

// Channel is how one channel of an administration leaves.
type Channel struct {
	Name, Title, State   string
	Carriers             []component.Option
	Sender, Limit, Price component.TextInput
	Test                 component.TextInput // of a test message; without an ID there is none
	Href                 string
}
