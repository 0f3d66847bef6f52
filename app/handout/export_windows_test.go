package handout

// Living counts the objects that somebody holds.
func Living() int {
	living.mu.Lock()
	defer living.mu.Unlock()
	return len(living.all)
}
