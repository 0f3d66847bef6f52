package demo

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"kyso/app/docsys/refserver"
)

const (
	serverStarts = 30 * time.Second // database upgrades included
	serverStops  = 25 * time.Second // a little more than the server takes to finish calls
)

// serverProcess is the document server as a child process.
type serverProcess struct {
	address string
	command *exec.Cmd
	stdin   io.WriteCloser
	ended   chan error
}

// startServer starts the server on a free port and waits for its address. The
// sessions go over its standard input, which also ends it with this process.
//
//nolint:revive // a program and its four arguments
func startServer(ctx context.Context, program, data, trust string, logins []refserver.LoginToken, log io.Writer) (*serverProcess, error) {
	// The server outlives the context of its start; Close ends it.
	cmd := exec.CommandContext(context.WithoutCancel(ctx), program, //nolint:gosec // the program's own
		"--data", data, "--trust", trust, "--listen", "127.0.0.1:0", "--sessions-stdin",
		"--allow-fetch", "127.0.0.0/8") // the demonstration's authority answers on this machine
	cmd.Stderr = log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the document server: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the document server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the document server: %w", err)
	}
	s := &serverProcess{command: cmd, stdin: in, ended: make(chan error, 1)}
	first := make(chan string, 1)
	go func() { s.ended <- s.follow(out, first) }()
	if err := json.NewEncoder(in).Encode(logins); err != nil {
		return nil, errors.Join(fmt.Errorf("start the document server: hand over the sessions: %w", err), s.Close())
	}
	timer := time.NewTimer(serverStarts)
	defer timer.Stop()
	select {
	case s.address = <-first:
	case <-timer.C:
	case <-ctx.Done():
	}
	if !strings.HasPrefix(s.address, "http") {
		return nil, errors.Join(errors.New("start the document server: it told no address"), ctx.Err(), s.Close())
	}
	return s, nil
}

// follow gives the first line, drops the rest, and waits for the process.
func (s *serverProcess) follow(out io.Reader, first chan<- string) error {
	r := bufio.NewReader(out)
	line, _ := r.ReadString('\n') // at its end the address is empty, which startServer reports
	first <- strings.TrimSpace(line)
	_, copied := io.Copy(io.Discard, r)
	return errors.Join(copied, s.command.Wait())
}

// Close asks the server to stop, waits, and ends it when it does not.
func (s *serverProcess) Close() error {
	closed := s.stdin.Close()
	timer := time.NewTimer(serverStops)
	defer timer.Stop()
	select {
	case err := <-s.ended:
		return errors.Join(closed, err)
	case <-timer.C:
		return errors.Join(errors.New("the document server did not stop"), s.command.Process.Kill(), <-s.ended)
	}
}
