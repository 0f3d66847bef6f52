// Command docserver runs the reference document server.
//
//	docserver --data DIR --trust DIR [--listen 127.0.0.1:8088] [--tls-cert FILE --tls-key FILE]
//	          [--postgres-file FILE] [--s3-file FILE] [--operations 127.0.0.1:8089]
//	          [--oidc-file FILE] [--allow-fetch NETWORK,…] [--close-day N] [--initials-apart]
//	          [--log-level info] [--sessions-stdin]
//	docserver check   --data DIR                    read everything and tell what does not fit
//	docserver backup  --data DIR --to FOLDER        while the server works
//	docserver restore --from FOLDER --data DIR      into an empty place
//	docserver migrate --data DIR --to postgres://…  from SQLite, every row compared
//	docserver blobs sync --data DIR --to-s3 FILE    every file read again
//
// It prints its address on the first line of standard output and, when it made
// its data, the administrator's one-time password. It stops on SIGINT and
// SIGTERM after the calls in flight. An address that is not a loopback address
// is refused without TLS.
//
// The database is SQLite, in the data folder. With --postgres-file it is the
// PostgreSQL whose URL (postgres://…) the file holds, with --s3-file the files
// are in the bucket that the file describes: both may hold a password, so they
// are no arguments. Several servers may share them; they share the key of the
// data folder, too. check, backup and restore take both options.
//
// --oidc-file names an identity provider (OpenID Connect) whose accounts log in,
// beside the local ones, once an administrator has linked them; docs/server.md has
// its fields.
//
// --operations serves /livez, /readyz and /metrics (Prometheus) on an address
// of their own, without log-in. Addresses that stand in certificates of uploaded
// files (OCSP, CRL) are reached only when they are public, unless --allow-fetch
// names their network, as 10.20.0.0/16.
//
// With --sessions-stdin a starting program hands sessions over on standard
// input, as one JSON list [{"login":"…","token":"…"}]; they are valid for this
// run. The server reads them before it prints its address, and a JSON "stop"
// after them, or the end of the input, stops it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/identity"
	"kyso/app/docsys/refserver/outgoing"
)

const (
	exitUsage     = 2
	exitFailure   = 1
	stopWithin    = 20 * time.Second
	headerWithin  = 10 * time.Second
	requestWithin = 11 * time.Minute // longer than the server's own limit for a transfer
	idleFor       = 2 * time.Minute
	maxHeader     = 32 << 10
	revocation    = 20 * time.Second // one request to an OCSP responder or for a CRL
)

// options are the command line.
type options struct {
	place

	trust, listen string
	cert, key     string
	operations    string
	oidc          string
	allow         string
	level         slog.Level
	initialsApart bool
	sessions      bool
	closeDay      int
}

// errUsage is told with exit code 2.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errUsage):
		fmt.Fprintln(os.Stderr, "docserver:", err)
		os.Exit(exitUsage)
	case err != nil:
		fmt.Fprintln(os.Stderr, "docserver:", err)
		os.Exit(exitFailure)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("docserver", flag.ContinueOnError)
	f.SetOutput(stderr)
	o.flags(f)
	f.StringVar(&o.trust, "trust", "", "folder of trusted certificates (.cer, .crt, .pem)")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8088", "address; another than loopback needs TLS; port 0 takes a free one")
	f.StringVar(&o.cert, "tls-cert", "", "certificate chain for TLS (PEM)")
	f.StringVar(&o.key, "tls-key", "", "private key for TLS (PEM)")
	f.StringVar(&o.operations, "operations", "", "address of /livez, /readyz and /metrics")
	f.StringVar(&o.oidc, "oidc-file", "", "file that describes an identity provider (JSON)")
	f.StringVar(&o.allow, "allow-fetch", "", "networks that are not public and may be asked for revocation, separated by commas")
	f.TextVar(&o.level, "log-level", slog.LevelWarn, "debug, info (a line for every call), warn, error")
	f.BoolVar(&o.initialsApart, "initials-apart", false, "somebody who submits a document and approves it initials it, too")
	f.IntVar(&o.closeDay, "close-day", 5, "day at whose end the figures of the month before are closed; -1 leaves it to an administrator")
	f.BoolVar(&o.sessions, "sessions-stdin", false, "read sessions for this run from standard input, stop at its end")
	if err := f.Parse(args); err != nil {
		return o, fmt.Errorf("%w: %w", errUsage, err)
	}
	if o.data == "" || o.trust == "" || f.NArg() > 0 {
		return o, fmt.Errorf("%w: docserver --data DIR --trust DIR [--listen ADDRESS]", errUsage)
	}
	if o.closeDay == 0 || o.closeDay < -1 || o.closeDay > 28 {
		return o, fmt.Errorf("%w: --close-day is 1 to 28, or -1", errUsage)
	}
	if (o.cert == "") != (o.key == "") {
		return o, fmt.Errorf("%w: --tls-cert and --tls-key belong together", errUsage)
	}
	return o, checkAddress(o.listen, o.cert != "")
}

// checkAddress refuses to show passwords and documents to a network in the clear.
func checkAddress(listen string, tls bool) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("%w: --listen %s: %w", errUsage, listen, err)
	}
	ip := net.ParseIP(host)
	if tls || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%w: --listen %s is not a loopback address: give --tls-cert and --tls-key", errUsage, listen)
}

// run serves until ctx ends, the handover says stop, or serving fails.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 {
		if task, ok := tasks()[args[0]]; ok {
			return task(ctx, args[1:], stdout, stderr)
		}
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: o.level}))
	allow, err := networks(o.allow)
	if err != nil {
		return err
	}
	verifier, err := refserver.Trusting(o.trust, outgoing.Client(revocation, allow))
	if err != nil {
		return err
	}
	config, err := o.config(ctx)
	if err != nil {
		return err
	}
	config.Verifier, config.Logger, config.CloseDay, config.InitialsApart = verifier, log, o.closeDay, o.initialsApart
	if config.Provider, err = provider(o.oidc, config.Clock); err != nil {
		return err
	}
	server, err := refserver.Open(ctx, config)
	if err != nil {
		return err
	}
	err = serve(ctx, server, o, stdin, stdout)
	return errors.Join(err, server.Close())
}

// provider reads the identity provider; nil when no file is named.
func provider(file string, clock func() time.Time) (*identity.Provider, error) {
	if file == "" {
		return nil, nil //nolint:nilnil // no provider is a choice
	}
	c, err := identity.ReadConfig(file)
	if err != nil {
		return nil, err
	}
	return identity.New(c, transport(), clock)
}

// networks reads a list of prefixes.
func networks(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for text := range strings.SplitSeq(list, ",") {
		if text == "" {
			continue
		}
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w: --allow-fetch: %w", errUsage, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// readURL reads the address of a database from a file; "" when no file is named.
func readURL(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the address of the database: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

func serve(ctx context.Context, server *refserver.Server, o options, stdin io.Reader, stdout io.Writer) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if o.sessions {
		// The reader blocks in the system until the other side writes or ends;
		// it cannot be waited for, and has nothing to finish.
		rest, err := admit(ctx, server, stdin)
		if err != nil {
			return err
		}
		go func() {
			waitForStop(rest)
			cancel()
		}()
	}
	var config net.ListenConfig
	if o.operations != "" {
		ol, err := config.Listen(ctx, "tcp", o.operations)
		if err != nil {
			return fmt.Errorf("listen for operations: %w", err)
		}
		plain := options{}
		done := make(chan error, 1)
		go func() { done <- serveUntil(ctx, ol, plain, server.Operations()) }()
		defer func() {
			cancel()
			err = errors.Join(err, <-done)
		}()
	}
	l, err := config.Listen(ctx, "tcp", o.listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	scheme := "http"
	if o.cert != "" {
		scheme = "https"
	}
	_, _ = fmt.Fprintf(stdout, "%s://%s\n", scheme, l.Addr())
	if p := server.FirstPassword(); p != "" {
		_, _ = fmt.Fprintf(stdout, "Mật khẩu dùng một lần của tài khoản admin: %s\n", p)
	}
	waits := context.AfterFunc(ctx, server.EndWaits)
	defer waits()
	return serveUntil(ctx, l, o, server.Handler())
}

func serveUntil(ctx context.Context, l net.Listener, o options, h http.Handler) error {
	hs := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWithin, ReadTimeout: requestWithin, WriteTimeout: requestWithin,
		IdleTimeout: idleFor, MaxHeaderBytes: maxHeader,
	}
	done := make(chan error, 1)
	go func() {
		if o.cert != "" {
			done <- hs.ServeTLS(l, o.cert, o.key)
			return
		}
		done <- hs.Serve(l)
	}()
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err := hs.Shutdown(end)
	if err != nil {
		err = errors.Join(fmt.Errorf("stop: %w", err), hs.Close())
	}
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve: %w", served))
	}
	return err
}
