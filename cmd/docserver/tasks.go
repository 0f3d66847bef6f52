package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kyso/app/docsys/refserver"
	"kyso/app/docsys/refserver/bucket"
)

// place is where a server's data are, as all tasks name it.
type place struct{ data, postgres, s3 string }

func (p *place) flags(f *flag.FlagSet) {
	f.StringVar(&p.data, "data", "", "folder of the database, the files and the key")
	f.StringVar(&p.postgres, "postgres-file", "", "file with the URL of a PostgreSQL database, instead of SQLite")
	f.StringVar(&p.s3, "s3-file", "", "file with the settings of an S3 bucket (JSON), instead of a folder of files")
}

// config makes the configuration of a server that is there.
func (p *place) config(ctx context.Context) (refserver.Config, error) {
	c := refserver.Config{Data: p.data, Clock: time.Now}
	var err error
	if c.Postgres, err = readURL(p.postgres); err != nil {
		return c, err
	}
	if p.s3 == "" {
		return c, nil
	}
	c.Blobs, err = openBucket(ctx, p.s3, p.data)
	return c, err
}

// openBucket opens a bucket; what is on its way lies in a folder of this process.
func openBucket(ctx context.Context, file, data string) (refserver.Blobs, error) {
	settings, err := bucket.ReadConfig(file)
	if err != nil {
		return nil, err
	}
	spool := filepath.Join(data, fmt.Sprintf("spool-%d", os.Getpid()))
	return bucket.Open(ctx, settings, spool, transport())
}

// transport has time limits for connections; how long a file may take is said by the call.
func transport() *http.Transport {
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute, IdleConnTimeout: time.Minute, MaxIdleConnsPerHost: 16,
	}
}

// tasks are what the program does besides serving.
func tasks() map[string]func(context.Context, []string, io.Writer, io.Writer) error {
	return map[string]func(context.Context, []string, io.Writer, io.Writer) error{
		"check": runCheck, "backup": runBackup, "restore": runRestore, "migrate": runMigrate, "blobs": runBlobs,
	}
}

// parsed parses the flags of a task and holds them to what must be given.
func parsed(f *flag.FlagSet, args []string, stderr io.Writer, required ...string) error {
	f.SetOutput(stderr)
	if err := f.Parse(args); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	for _, name := range required {
		if f.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%w: docserver %s needs --%s", errUsage, f.Name(), name)
		}
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%w: docserver %s does not know %q", errUsage, f.Name(), f.Arg(0))
	}
	return nil
}

// errWrong is told with exit code 1, after the findings.
var errWrong = errors.New("the data are not sound")

// tell prints findings.
func tell(stdout io.Writer, f refserver.Findings, what string) error {
	for _, w := range f.Wrong {
		fmt.Fprintln(stdout, w)
	}
	fmt.Fprintf(stdout, "%s: %d entries of the log, %d files, %d faults\n", what, f.Entries, f.Files, len(f.Wrong))
	if len(f.Wrong) > 0 {
		return errWrong
	}
	return nil
}

// opened runs f on the data of a place, without serving and without verifying.
func opened(ctx context.Context, p place, f func(*refserver.Server) error) error {
	c, err := p.config(ctx)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(p.data, "audit.key")); err != nil {
		return fmt.Errorf("open the data: %w", err) // do not make new ones by a wrong name
	}
	s, err := refserver.OpenIdle(ctx, c)
	if err != nil {
		return err
	}
	return errors.Join(f(s), s.Close())
}

func runCheck(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var p place
	f := flag.NewFlagSet("check", flag.ContinueOnError)
	p.flags(f)
	if err := parsed(f, args, stderr, "data"); err != nil {
		return err
	}
	return opened(ctx, p, func(s *refserver.Server) error {
		found, err := s.Check(ctx)
		if err != nil {
			return err
		}
		return tell(stdout, found, "checked")
	})
}

func runBackup(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var p place
	f := flag.NewFlagSet("backup", flag.ContinueOnError)
	p.flags(f)
	to := f.String("to", "", "folder of the backup; only new files are copied into an earlier one")
	if err := parsed(f, args, stderr, "data", "to"); err != nil {
		return err
	}
	return opened(ctx, p, func(s *refserver.Server) error {
		found, err := s.Backup(ctx, p.data, *to)
		if err != nil {
			return err
		}
		return tell(stdout, found, "backed up")
	})
}

func runRestore(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var p place
	f := flag.NewFlagSet("restore", flag.ContinueOnError)
	p.flags(f)
	from := f.String("from", "", "folder of a backup")
	if err := parsed(f, args, stderr, "data", "from"); err != nil {
		return err
	}
	c, err := p.config(ctx)
	if err != nil {
		return err
	}
	found, err := refserver.Restore(ctx, *from, c)
	if err != nil {
		return err
	}
	return tell(stdout, found, "restored")
}

func runMigrate(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := flag.NewFlagSet("migrate", flag.ContinueOnError)
	data := f.String("data", "", "folder of the server, which must not run")
	to := f.String("to", "", "postgres://… without a password; one belongs into ~/.pgpass or a file")
	file := f.String("to-file", "", "file with the URL, where it has a password")
	if err := parsed(f, args, stderr, "data"); err != nil {
		return err
	}
	target, err := readURL(*file)
	if err != nil {
		return err
	}
	if *to != "" {
		if u, err := url.Parse(*to); err != nil || hasPassword(u) {
			return fmt.Errorf("%w: docserver migrate --to takes no password: arguments are seen by others; use --to-file", errUsage)
		}
		target = *to
	}
	if !strings.HasPrefix(target, "postgres://") && !strings.HasPrefix(target, "postgresql://") {
		return fmt.Errorf("%w: docserver migrate needs --to postgres://… or --to-file FILE", errUsage)
	}
	rows, err := refserver.Migrate(ctx, *data, target, time.Now)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "migrated: %d rows, every one compared\n", rows)
	return nil
}

func hasPassword(u *url.URL) bool {
	_, there := u.User.Password()
	return there || u.Query().Has("password")
}

func runBlobs(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "sync" {
		return fmt.Errorf("%w: docserver blobs sync --data DIR --to-s3 FILE", errUsage)
	}
	f := flag.NewFlagSet("blobs sync", flag.ContinueOnError)
	data := f.String("data", "", "folder of the server; it may run")
	to := f.String("to-s3", "", "file with the settings of an S3 bucket (JSON)")
	if err := parsed(f, args[1:], stderr, "data", "to-s3"); err != nil {
		return err
	}
	from, err := refserver.OpenFolder(*data, true, time.Now())
	if err != nil {
		return err
	}
	target, err := openBucket(ctx, *to, *data)
	if err != nil {
		return err
	}
	copied, same, err := refserver.SyncBlobs(ctx, from, target)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "synced: %d files copied, %d were there, every one read again\n", copied, same)
	return nil
}
