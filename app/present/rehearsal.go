package present

import (
	"context"

	"kyso/app/docsys"
	"kyso/app/signing"
)

// Rehearsal is practice: the whole act with a key that is worth nothing.
type Rehearsal interface {
	// Begin makes a road with a fresh key for p; PIN is what opens it.
	Begin(p docsys.Person) (signing.Road, error)
	PIN() string
	// Sample writes a letter that p is to sign and gives its path.
	Sample(ctx context.Context, p docsys.Person) (string, error)
}
