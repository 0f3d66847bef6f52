package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"
)

// instance holds the claim to be the only window over one data folder. A second
// start hands its files to the first through a socket that only the person can
// reach (its folder has mode 0700).
type instance struct {
	listener net.Listener // nil where sockets cannot be had: then there is no claim
}

// maxHanded bounds what a second start may send.
const maxHanded = 1 << 20

// handLimit is how long a second start waits for the first to answer.
const handLimit = 3 * time.Second

// claim takes the claim, or hands files to whoever has it.
func claim(data string, files []string) (i *instance, handed bool) {
	path := socketPath(data)
	if hand(path, files) == nil {
		return nil, true
	}
	l, err := net.Listen("unix", path) //nolint:noctx // a socket of this machine: it is had at once or not
	if err != nil {
		// Left behind by a program that was killed: nobody answered above.
		if rerr := os.Remove(path); rerr == nil {
			l, err = net.Listen("unix", path) //nolint:noctx // as above
		}
	}
	if err != nil {
		return &instance{}, false // a folder without sockets: every start stands alone
	}
	return &instance{listener: l}, false
}

// socketPath is where the socket of a data folder lies: in the person's runtime
// folder where there is one, since the length of a socket's path is limited.
func socketPath(data string) string {
	const longest = 100
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		return socketIn(run, data)
	}
	path := filepath.Join(data, "window.sock")
	if len(path) <= longest {
		return path
	}
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(os.TempDir(), fmt.Sprintf("kyso-%d-%s.sock", os.Getuid(), hex.EncodeToString(sum[:6])))
}

// socketIn is socketPath in a runtime folder.
func socketIn(run, data string) string {
	sum := sha256.Sum256([]byte(data))
	return filepath.Join(run, "kyso-"+hex.EncodeToString(sum[:6])+".sock")
}

// hand sends files to the program that runs already.
func hand(path string, files []string) error {
	c, err := net.DialTimeout("unix", path, handLimit) //nolint:noctx // bounded by the limit
	if err != nil {
		return err //nolint:wrapcheck // only asked whether there is one
	}
	defer c.Close() //nolint:errcheck // the answer was read
	if err := c.SetDeadline(time.Now().Add(handLimit)); err != nil {
		return err //nolint:wrapcheck // as above
	}
	if err := json.NewEncoder(c).Encode(files); err != nil {
		return err //nolint:wrapcheck // as above
	}
	answer := make([]byte, 3)
	_, err = io.ReadFull(c, answer)
	return err //nolint:wrapcheck // as above
}

// serve gives opened what other starts hand over, until ctx ends.
func (i *instance) serve(ctx context.Context, opened func(paths []string)) {
	if i.listener == nil {
		return
	}
	context.AfterFunc(ctx, func() { i.Close() })
	go i.accept(opened) // it ends when ctx closes the listener
}

// accept takes what other starts hand over until the listener is closed.
func (i *instance) accept(opened func(paths []string)) {
	for {
		c, err := i.listener.Accept()
		if err != nil {
			return // closed
		}
		take(c, opened)
	}
}

// take reads one handing over.
func take(c net.Conn, opened func(paths []string)) {
	defer c.Close() //nolint:errcheck // answered, or not worth an answer
	if c.SetDeadline(time.Now().Add(handLimit)) != nil {
		return
	}
	var files []string
	if json.NewDecoder(io.LimitReader(c, maxHanded)).Decode(&files) != nil {
		return
	}
	opened(files)
	_, _ = io.WriteString(c, "ok\n") // the other side waits no longer than its limit
}

// Close gives the claim up.
func (i *instance) Close() {
	if i != nil && i.listener != nil {
		_ = i.listener.Close() // it also removes the socket
	}
}
