package cassette

import "strings"

// kind is what a field says about somebody.
type kind int

const (
	nothing kind = iota
	wholeName
	firstName
	lastName
	email
	phone
	iban
	street
	postcode
	city
	number // of a register or for tax
	words  // written by people
	website
	birthday
	secret
)

// fields tells the kind of a field by its name, in lower case and without any
// dashes, underscores or spaces.
var fields = map[string]kind{}

func init() {
	for k, names := range map[kind]string{
		wholeName: `name fullname companyname company displayname contactname attention attn customername relationname debtorname contactperson owner ownername
			username accountname bankaccountname siaccountname accountholder naam bedrijf bedrijfsnaam contactpersoon tenaamstelling registrationname partnername
			partner partyname organisation organization organizationname legalname salesperson createdbyname modifiedbyname invoicetoname ordertoname delivertoname
			accountmanagerfullname initials payeename payername`,
		firstName: `firstname givenname voornaam middlename`,
		lastName:  `lastname surname familyname achternaam`,
		email:     `email emailaddress mail emailadres electronicmail sendinvoicestoemail`,
		phone:     `phone telephone mobile fax tel phonenumber mobilephone phonenumber1 telefoon mobiel telefax phoneextension`,
		iban:      `iban bankaccount bankaccountnumber siiban accountnumber rekeningnummer`,
		street:    `address address1 address2 address3 street street2 streetname streetaddress addressline addressline1 addressline2 addressline3 line1 line2 straat adres postaladdress buildingnumber additionalstreetname field2 field3`,
		postcode:  `zip zipcode postalcode postcode postalzone`,
		city:      `city town plaats woonplaats cityname addresscity`,
		number: `taxnumber vatnumber vat vatid btwnummer btwnumber chamberofcommerce kvk kvknumber cocnumber companyregistrationnumber registrationnumber
			bic swift sibic biccode taxid ssn bsn oldaccountnumber`,
		words: `note notes description remark remarks comment comments memo text body content message subject omschrijving opmerking details internalnote html
			reminderstext invoicetext intro closing salutation yourref hsnotebody`,
		website:  `website homepage url3 web siteurl`,
		birthday: `birthdate dateofbirth geboortedatum birthday`,
		secret:   `password passwd secret token accesstoken refreshtoken idtoken apikey clientsecret sessionid session sharedsecret webhooktoken authorization cookie signingkey`,
	} {
		for _, n := range strings.Fields(names) {
			fields[n] = k
		}
	}
}

// kindOf returns what a field is by its name.
func kindOf(name string) kind {
	if i := strings.LastIndexAny(name, ":."); i >= 0 {
		name = name[i+1:]
	}
	name = strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
	return fields[name]
}

// kindOfElement is kindOf for elements of XML, where invoices have names of their
// own for the numbers of companies.
func kindOfElement(name string) kind {
	switch strings.ToLower(name) {
	case "cbc:companyid", "cbc:endpointid", "companyid", "endpointid":
		return number
	}
	return kindOf(name)
}

// says reports whether a value of a kind tells something: not a code, a flag or
// the name of a table.
func (k kind) says(v string) bool {
	v = strings.TrimSpace(v)
	switch {
	case len(v) < 2, v == "true", v == "false", v == "null":
		return false
	case k == wholeName || k == words || k == city || k == street:
		// res.partner, sales_invoices, EUR, NL, 21% btw
		return strings.ContainsAny(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") && !(len(v) <= 4 && strings.ToUpper(v) == v) && !strings.Contains(v, "%")
	case k == iban:
		return isIBAN(v) || digits(v) >= 6
	case k == number: // and no amount of tax
		return digits(v) >= 6 && !strings.ContainsAny(v, ".,") || digits(v) < 3 && len(v) >= 8 && !strings.Contains(v, ".")
	case k == phone, k == postcode:
		return digits(v) >= 2
	}
	return true
}

func digits(s string) (n int) {
	for _, r := range s {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}
