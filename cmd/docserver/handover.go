package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"kyso/app/docsys/refserver"
)

// maxSessions bounds the handover: a few sessions are some hundred bytes.
const maxSessions = 1 << 20

// admit reads the sessions of this run and gives the decoder of what follows.
func admit(ctx context.Context, server *refserver.Server, stdin io.Reader) (*json.Decoder, error) {
	dec := json.NewDecoder(io.LimitReader(stdin, maxSessions))
	dec.DisallowUnknownFields()
	var tokens []refserver.LoginToken
	if err := dec.Decode(&tokens); err != nil {
		return nil, fmt.Errorf("read the sessions: %w", err)
	}
	return dec, server.Admit(ctx, tokens)
}

// waitForStop returns at a JSON "stop" or at the end of the input.
func waitForStop(dec *json.Decoder) {
	for {
		var word string
		if err := dec.Decode(&word); err != nil || word == "stop" {
			return
		}
	}
}
