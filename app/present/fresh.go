package present

// fresh tells what was not there before. The first look only learns what is there.
type fresh struct{ known map[string]bool }

// look counts the names that are new since the last look.
func (f *fresh) look(names []string) int {
	now := make(map[string]bool, len(names))
	count := 0
	for _, n := range names {
		now[n] = true
		if f.known != nil && !f.known[n] {
			count++
		}
	}
	f.known = now
	return count
}
