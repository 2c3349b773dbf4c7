// Package mailsink is a mail server that delivers to nobody: it keeps every
// message it gets, shows them on a page, and misbehaves on request.
//
// It is for development, demonstrations and tests. A message is on disk before
// its sender hears "250", so a sink that is killed has every message it
// confirmed, and the copies per Message-ID can be counted.
package mailsink
