package ubl

import (
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/invoicefile"
	"github.com/voldaan/voldaan/sdk/xmldoc"
)

// party reads a cac:Party (BG-4 seller, BG-7 buyer).
func party(n *xmldoc.Node) sdk.Party {
	if n == nil {
		return sdk.Party{}
	}
	clean := func(most int, paths ...string) string { return invoicefile.Clean(n.Get(paths...), most) }
	p := sdk.Party{
		Name:         clean(200, "PartyLegalEntity/RegistrationName", "PartyName/Name", "Contact/Name"),
		Attention:    clean(200, "Contact/Name"),
		Email:        clean(254, "Contact/ElectronicMail"),
		Phone:        clean(50, "Contact/Telephone"),
		VATNumber:    vatNumber(n),
		Registration: clean(50, "PartyLegalEntity/CompanyID"),
		Address: sdk.Address{
			Line1:      clean(200, "PostalAddress/StreetName", "PostalAddress/AddressLine/Line"),
			Line2:      clean(200, "PostalAddress/AdditionalStreetName"),
			PostalCode: clean(20, "PostalAddress/PostalZone"),
			City:       clean(100, "PostalAddress/CityName"),
			Country:    strings.ToUpper(clean(2, "PostalAddress/Country/IdentificationCode")),
		},
		Kind: sdk.Unknown,
	}
	if number := clean(20, "PostalAddress/BuildingNumber"); number != "" {
		p.Address.Line1 = strings.TrimSpace(p.Address.Line1 + " " + number)
	}
	// EAS code EM: the electronic address is an e-mail address.
	if end := n.Child("EndpointID"); p.Email == "" && end.Attribute("schemeID") == "EM" {
		p.Email = invoicefile.Clean(end.Text, 254)
	}
	if p.VATNumber != "" || p.Registration != "" {
		p.Kind = sdk.Business
	}
	// An identifier without a scheme is the number that the seller's books give.
	var books string
	if id := n.Child("PartyIdentification/ID"); id.Attribute("schemeID") == "" {
		books = clean(100, "PartyIdentification/ID")
	}
	p.ID = invoicefile.PartyID(books, p)
	return p
}

// vatNumber takes the tax registration that is for VAT (BT-31, BT-48).
func vatNumber(n *xmldoc.Node) string {
	for _, scheme := range n.All("PartyTaxScheme") {
		if id := scheme.Get("TaxScheme/ID"); id == "VAT" || id == "" {
			if v := invoicefile.Clean(scheme.Get("CompanyID"), 30); v != "" {
				return v
			}
		}
	}
	return ""
}
