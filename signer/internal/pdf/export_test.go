package pdf

// HardenedHash is hardenedHash for its test, for the empty password.
func HardenedHash(in, data []byte) []byte { return hardenedHash(in, nil, data) }
