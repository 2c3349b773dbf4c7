// Package component holds what all pages share: the frame around them, icons,
// badges, form fields, flashes and empty states.
package component
