package demo

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	"kyso/signer/signertest"
)

// answersWithin bounds a call to the demonstration's own server.
const answersWithin = 10 * time.Second

// Services are the running parts of a demonstration: the authority and the
// document server. The caller closes them.
type Services struct {
	demo      *Demo
	tools     Tools
	module    string
	authority *authority
	server    *serverProcess
	sessions  map[string]string // bearer token by login, for this run only
	prints    map[string]string // fingerprint of the certificate by login
}

// Start starts the services. What the document server reports goes to log. An
// error is a *PortError when another program holds the authority's port.
func (d *Demo) Start(ctx context.Context, tools Tools, log io.Writer) (_ *Services, err error) {
	module, err := tools.check()
	if err != nil {
		return nil, fmt.Errorf("start the demonstration: %w", err)
	}
	if err := d.writeConfigs(); err != nil {
		return nil, fmt.Errorf("start the demonstration: %w", err)
	}
	s := &Services{demo: d, tools: tools, module: module, sessions: map[string]string{}, prints: map[string]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the demonstration: %w", err), s.Close())
		}
	}()
	var logins []refserver.LoginToken
	for _, p := range People() {
		c, err := readCertificate(d.CertificateFile(p))
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(c.Raw)
		s.prints[p.ID], s.sessions[p.ID] = hex.EncodeToString(sum[:]), rand.Text()
		logins = append(logins, refserver.LoginToken{Login: p.ID, Token: s.sessions[p.ID]})
	}
	if s.authority, err = d.startAuthority(ctx, tools, module); err != nil {
		return nil, err
	}
	if s.server, err = startServer(ctx, tools.Server, d.serverData(), d.Trust(), logins, log); err != nil {
		return nil, err
	}
	return s, nil
}

// Close stops the services and waits for them. It may be called more than once.
func (s *Services) Close() error {
	var errs []error
	if s.server != nil {
		errs = append(errs, s.server.Close())
		s.server = nil
	}
	if s.authority != nil {
		errs = append(errs, s.authority.Close())
		s.authority = nil
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop the demonstration: %w", err)
	}
	return nil
}

// Server is the document server's base address.
func (s *Services) Server() string { return s.server.address }

// TSA is the address of the time-stamping service.
func (s *Services) TSA() string { return "http://" + s.demo.address() + signertest.PathTSA }

// Handover is what the window of a person needs: the chairman's shows six
// letters. The people's tokens are all on one module, as on a shared desk. Who
// the person is says the server.
func (s *Services) Handover(ctx context.Context, p Person) (app.Handover, error) {
	h := app.Handover{
		Server: s.server.address, Token: s.sessions[p.ID],
		Modules: []string{s.module}, Helper: s.tools.Helper, SoftHSM: s.demo.SoftHSM(),
		Trust: s.demo.Trust(), Data: s.demo.Window(), Demonstration: true,
	}
	var err error
	if h.Person, err = docsys.NewClient(h.Server, h.Token, &http.Client{Timeout: answersWithin}).Whoami(ctx); err != nil {
		return h, fmt.Errorf("hand over to %s: %w", p.Name, err)
	}
	if p.hand != "" {
		h.SignatureImage, h.InitialsImage = s.demo.Signature(p), s.demo.Initials(p)
	}
	if p.Role == "clerk" {
		h.SealImage = s.demo.SealPicture()
	}
	for _, holder := range People() {
		h.Hints = append(h.Hints, app.Hint{CertificateSHA256: s.prints[holder.ID], Text: holder.hint()})
	}
	return h, nil
}
