package bailiff

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/connect/broker"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/email"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/store/db"
)

// Sealer keeps the secrets of bailiffs.
type Sealer interface {
	Seal(plain []byte, purpose string) ([]byte, error)
	Open(sealed []byte, purpose string) ([]byte, error)
}

// Office finds the way to each bailiff.
type Office struct {
	Sealer Sealer
	Mail   email.Server
	Log    DeliveryLog // of the mail provider, nil for none
	Keys   token.Keys  // of addresses that answers come to
	Signer *email.Signer
	Domain string
	// Networks of our own in which a bailiff may be, as in a demonstration; nothing
	// else inside is reached.
	Networks []netip.Prefix
}

func purpose(tenant, id uuid.UUID) string { return "bailiff/" + tenant.String() + "/" + id.String() }

// Seal seals the key or password of a bailiff.
func (o *Office) Seal(tenant, id uuid.UUID, plain string) ([]byte, error) {
	if plain == "" {
		return nil, nil
	}
	return o.Sealer.Seal([]byte(plain), purpose(tenant, id))
}

// To implements the ways of package casework.
func (o *Office) To(b db.Bailiff, adm db.Administration, now time.Time) (Transport, error) {
	secret := ""
	if len(b.SealedSecret) > 0 {
		plain, err := o.Sealer.Open(b.SealedSecret, purpose(b.TenantID, b.ID))
		if err != nil {
			return nil, fmt.Errorf("open the secret of bailiff %s: %w", b.ID, err)
		}
		secret = string(plain)
	}
	dialer := &net.Dialer{Timeout: 20 * time.Second, Control: o.guard}
	switch b.Transport {
	case "api":
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.DialContext, t.Proxy = dialer.DialContext, nil
		return API{Endpoint: b.Endpoint, Token: secret, Client: &http.Client{Transport: t, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
	case "sftp":
		auth, err := authOf(secret)
		if err != nil {
			return nil, err
		}
		return SFTP{Address: withPort(b.Endpoint, "22"), User: b.Username, Auth: auth, HostKey: b.HostKey, Folder: b.Folder, Now: now, Dial: dialer.DialContext}, nil
	}
	return o.mail(b, adm, now), nil
}

// Token is the secret part of the address where an archive is fetched.
func (o *Office) Token(handover uuid.UUID) string { return o.Keys.Text(token.Archive, handover) }

// Code sends a bailiff the code that opens the page of an archive.
func (o *Office) Code(ctx context.Context, b db.Bailiff, adm db.Administration, handover uuid.UUID, number, code string, now time.Time) error {
	return o.mail(b, adm, now).Code(ctx, handover, number, code)
}

func (o *Office) mail(b db.Bailiff, adm db.Administration, now time.Time) Mail {
	name := adm.LegalName
	if name == "" {
		name = adm.Name
	}
	return Mail{
		Server: o.Mail, Signer: o.Signer, Log: o.Log, Keys: o.Keys, Domain: o.Domain, To: mail.Address{Name: b.Name, Address: b.Email}, From: mail.Address{Name: name, Address: adm.SenderEmail}, Now: now, Subject: name,
	}
}

// Check refuses settings that lead nowhere, as a fault of kind Invalid.
func Check(b db.Bailiff) error {
	if strings.TrimSpace(b.Name) == "" {
		return fault.New(fault.Invalid, "bailiff_name", "Give the name of the bailiff.")
	}
	switch b.Transport {
	case "email":
		if _, err := mail.ParseAddress(b.Email); err != nil {
			return fault.New(fault.Invalid, "bailiff_email", "Give the e-mail address that cases go to.")
		}
	case "api":
		if u, err := url.Parse(b.Endpoint); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil {
			return fault.New(fault.Invalid, "bailiff_endpoint", "Give the web address of the bailiff's interface, beginning with https://.")
		}
	case "sftp":
		if b.Endpoint == "" || b.Username == "" || !strings.HasPrefix(b.HostKey, "SHA256:") {
			return fault.New(fault.Invalid, "bailiff_sftp", "Give the server, the name to sign in with, and the fingerprint of its key as SHA256:….")
		}
	default:
		return fault.New(fault.Invalid, "bailiff_transport", "Choose how cases reach the bailiff: e-mail, SFTP or the interface.")
	}
	if b.PaysTo != "creditor" && b.PaysTo != "bailiff" || b.Kind != "bailiff" && b.Kind != "collector" {
		return fault.New(fault.Invalid, "bailiff_terms", "Choose bailiff or collector, and to whom the debtor pays.")
	}
	return nil
}

func withPort(address, port string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(address, port)
}

// guard keeps an address that a tenant filled in out of our own network.
func (o *Office) guard(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial %s: %w", address, broker.ErrPrivate)
	}
	ip := ap.Addr().Unmap()
	for _, n := range o.Networks {
		if n.Contains(ip) {
			return nil
		}
	}
	if !broker.Public(ip) {
		return fmt.Errorf("dial %s: %w", ip, broker.ErrPrivate)
	}
	return nil
}
