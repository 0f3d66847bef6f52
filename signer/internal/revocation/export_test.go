package revocation

// Scans is how often the entries of a list were read from the first to the last.
func (m *Memory) Scans() int { return m.scans }
