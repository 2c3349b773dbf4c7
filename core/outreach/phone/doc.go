// Package phone writes telephone numbers in E.164, by the numbering plan of the
// country they come from.
package phone
