package cms

// ToDER is toDER for its test.
func ToDER(in []byte) (der, rest []byte, err error) { return toDER(in) }
