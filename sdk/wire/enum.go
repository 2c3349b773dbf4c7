package wire

import (
	"github.com/voldaan/voldaan/sdk"
	pb "github.com/voldaan/voldaan/sdk/wire/connectorv1"
)

// FromStream returns "" for a stream that is not known.
func FromStream(s pb.Stream) sdk.Stream {
	switch s {
	case pb.Stream_STREAM_PARTIES:
		return sdk.Parties
	case pb.Stream_STREAM_INVOICES:
		return sdk.Invoices
	case pb.Stream_STREAM_PAYMENTS:
		return sdk.Payments
	case pb.Stream_STREAM_MESSAGES:
		return sdk.Messages
	default:
		return ""
	}
}

// ToStream is the inverse of FromStream.
func ToStream(s sdk.Stream) pb.Stream {
	switch s {
	case sdk.Parties:
		return pb.Stream_STREAM_PARTIES
	case sdk.Invoices:
		return pb.Stream_STREAM_INVOICES
	case sdk.Payments:
		return pb.Stream_STREAM_PAYMENTS
	case sdk.Messages:
		return pb.Stream_STREAM_MESSAGES
	default:
		return pb.Stream_STREAM_UNSPECIFIED
	}
}

func fromPartyKind(k pb.PartyKind) sdk.PartyKind {
	switch k {
	case pb.PartyKind_PARTY_KIND_BUSINESS:
		return sdk.Business
	case pb.PartyKind_PARTY_KIND_CONSUMER:
		return sdk.Consumer
	default:
		return sdk.Unknown
	}
}

func toPartyKind(k sdk.PartyKind) pb.PartyKind {
	switch k {
	case sdk.Business:
		return pb.PartyKind_PARTY_KIND_BUSINESS
	case sdk.Consumer:
		return pb.PartyKind_PARTY_KIND_CONSUMER
	default:
		return pb.PartyKind_PARTY_KIND_UNSPECIFIED
	}
}

func fromInvoiceKind(k pb.InvoiceKind) sdk.InvoiceKind {
	switch k {
	case pb.InvoiceKind_INVOICE_KIND_INVOICE:
		return sdk.SalesInvoice
	case pb.InvoiceKind_INVOICE_KIND_CREDIT_NOTE:
		return sdk.CreditNote
	default:
		return ""
	}
}

func toInvoiceKind(k sdk.InvoiceKind) pb.InvoiceKind {
	switch k {
	case sdk.SalesInvoice:
		return pb.InvoiceKind_INVOICE_KIND_INVOICE
	case sdk.CreditNote:
		return pb.InvoiceKind_INVOICE_KIND_CREDIT_NOTE
	default:
		return pb.InvoiceKind_INVOICE_KIND_UNSPECIFIED
	}
}

func fromInvoiceStatus(s pb.InvoiceStatus) sdk.InvoiceStatus {
	switch s {
	case pb.InvoiceStatus_INVOICE_STATUS_DRAFT:
		return sdk.Draft
	case pb.InvoiceStatus_INVOICE_STATUS_OPEN:
		return sdk.Open
	case pb.InvoiceStatus_INVOICE_STATUS_PAID:
		return sdk.Paid
	case pb.InvoiceStatus_INVOICE_STATUS_VOID:
		return sdk.Void
	case pb.InvoiceStatus_INVOICE_STATUS_UNCOLLECTIBLE:
		return sdk.Uncollectible
	default:
		return ""
	}
}

func toInvoiceStatus(s sdk.InvoiceStatus) pb.InvoiceStatus {
	switch s {
	case sdk.Draft:
		return pb.InvoiceStatus_INVOICE_STATUS_DRAFT
	case sdk.Open:
		return pb.InvoiceStatus_INVOICE_STATUS_OPEN
	case sdk.Paid:
		return pb.InvoiceStatus_INVOICE_STATUS_PAID
	case sdk.Void:
		return pb.InvoiceStatus_INVOICE_STATUS_VOID
	case sdk.Uncollectible:
		return pb.InvoiceStatus_INVOICE_STATUS_UNCOLLECTIBLE
	default:
		return pb.InvoiceStatus_INVOICE_STATUS_UNSPECIFIED
	}
}

func fromFormat(f pb.DocumentFormat) sdk.DocumentFormat {
	switch f {
	case pb.DocumentFormat_DOCUMENT_FORMAT_PDF:
		return sdk.PDF
	case pb.DocumentFormat_DOCUMENT_FORMAT_UBL:
		return sdk.UBL
	default:
		return ""
	}
}

func toFormat(f sdk.DocumentFormat) pb.DocumentFormat {
	switch f {
	case sdk.PDF:
		return pb.DocumentFormat_DOCUMENT_FORMAT_PDF
	case sdk.UBL:
		return pb.DocumentFormat_DOCUMENT_FORMAT_UBL
	default:
		return pb.DocumentFormat_DOCUMENT_FORMAT_UNSPECIFIED
	}
}

func fromOutcomeState(s pb.OutcomeState) sdk.OutcomeState {
	switch s {
	case pb.OutcomeState_OUTCOME_STATE_APPLIED:
		return sdk.Applied
	case pb.OutcomeState_OUTCOME_STATE_REJECTED:
		return sdk.Rejected
	default:
		return sdk.Uncertain
	}
}

func toOutcomeState(s sdk.OutcomeState) pb.OutcomeState {
	switch s {
	case sdk.Applied:
		return pb.OutcomeState_OUTCOME_STATE_APPLIED
	case sdk.Rejected:
		return pb.OutcomeState_OUTCOME_STATE_REJECTED
	default:
		return pb.OutcomeState_OUTCOME_STATE_UNCERTAIN
	}
}

func toInvoiceHold(h sdk.InvoiceHold) pb.InvoiceHold {
	switch h {
	case sdk.Paused:
		return pb.InvoiceHold_INVOICE_HOLD_PAUSED
	case sdk.PaymentPending:
		return pb.InvoiceHold_INVOICE_HOLD_PAYMENT_PENDING
	case sdk.Disputed:
		return pb.InvoiceHold_INVOICE_HOLD_DISPUTED
	default:
		return pb.InvoiceHold_INVOICE_HOLD_UNSPECIFIED
	}
}

// fromInvoiceHold takes a reason that is newer than we are for a pause: to wait is
// the cautious reading.
func fromInvoiceHold(h pb.InvoiceHold) sdk.InvoiceHold {
	switch h {
	case pb.InvoiceHold_INVOICE_HOLD_UNSPECIFIED:
		return sdk.NoHold
	case pb.InvoiceHold_INVOICE_HOLD_PAYMENT_PENDING:
		return sdk.PaymentPending
	case pb.InvoiceHold_INVOICE_HOLD_DISPUTED:
		return sdk.Disputed
	default:
		return sdk.Paused
	}
}
