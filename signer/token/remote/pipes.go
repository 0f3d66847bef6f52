package remote

import "errors"

// errNotStarted says that a person started the helper, not Provider.
var errNotStarted = errors.New("this program is started by Ký số, not by hand")
