// Package contract checks exchanges of an emulator, or of a recorded vendor,
// against the vendor's OpenAPI 3.1 document.
//
// It checks what drifts in practice: undocumented paths and statuses, missing
// and unknown fields, types, enumerations, patterns and formats. It is no
// complete JSON Schema implementation.
package contract
