package pdf

// HardenedHash is hardenedHash for its test.
func HardenedHash(in, data []byte) []byte { return hardenedHash(in, data) }
