package demo

import (
	"context"
	"errors"
	"fmt"
	"net"

	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/remote"
)

// PortError reports that another program holds the port that the certificates
// of the demonstration name.
type PortError struct {
	Port int
	Dir  string
	Err  error
}

func (e *PortError) Error() string {
	return fmt.Sprintf("port %d of the demonstration's authority is taken: %v", e.Port, e.Err)
}

func (e *PortError) Unwrap() error { return e.Err }

// ExplainCode names the message that a person reads (package explain).
func (e *PortError) ExplainCode() string { return "demo-port" }

// authority is the running authority: its servers, and the token with its keys.
type authority struct {
	server   *signertest.Server
	provider token.Provider
	session  token.Session
}

// startAuthority serves the authority with keys that stay in its token.
func (d *Demo) startAuthority(ctx context.Context, tools Tools, module string) (_ *authority, err error) {
	a := &authority{provider: remote.Start(remote.Options{
		Helper: tools.Helper, Module: module, Env: environment(d.authorityConfig()),
	})}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the authority: %w", err), a.Close())
		}
	}()
	tokens, err := a.provider.Tokens(ctx)
	if err != nil {
		return nil, err
	}
	if len(tokens) != 1 {
		return nil, fmt.Errorf("%d tokens, want one", len(tokens))
	}
	pin := []byte(authorityPIN)
	defer clear(pin)
	if a.session, err = a.provider.OpenSession(ctx, tokens[0].Slot, token.Login{PIN: pin}); err != nil {
		return nil, err
	}
	parts, err := d.authorityIdentities(context.WithoutCancel(ctx), a.session)
	if err != nil {
		return nil, err
	}
	pki, err := signertest.Open(parts, signertest.Options{BaseURL: "http://" + d.address()})
	if err != nil {
		return nil, err
	}
	a.server, err = pki.Serve(d.address())
	if _, refused := errors.AsType[*net.OpError](err); refused { // a high port on loopback: only another program is in the way
		return nil, &PortError{Port: d.record.Port, Dir: d.dir, Err: err}
	}
	return a, err
}

// authorityIdentities joins the authority's certificates to their keys in the token.
func (d *Demo) authorityIdentities(ctx context.Context, session token.Session) (map[string]certificateAndKey, error) {
	parts := map[string]certificateAndKey{}
	for i, name := range authorityParts() {
		c, err := readCertificate(d.partFile(name))
		if err != nil {
			return nil, err
		}
		key, err := token.CryptoSigner(ctx, session, token.Certificate{ID: []byte{byte(i + 1)}, Label: name, DER: c.Raw})
		if err != nil {
			return nil, fmt.Errorf("use the key of %s: %w", name, err)
		}
		parts[name] = certificateAndKey{Certificate: c, Signer: key}
	}
	return parts, nil
}

// Close stops the servers and logs out.
func (a *authority) Close() error {
	var errs []error
	if a.server != nil {
		errs = append(errs, a.server.Close())
	}
	if a.session != nil {
		errs = append(errs, a.session.Close(context.Background())) //nolint:forbidigo // closing needs no other
	}
	return errors.Join(append(errs, a.provider.Close())...)
}
